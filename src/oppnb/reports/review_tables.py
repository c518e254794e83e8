"""Frames of a review in the reader's words: codes become sentences, keys become names."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.columns import written
from oppnb.reports.fault_words import rule_in_words
from oppnb.reports.quality_read import column_name, table_name

__all__ = ["bottlenecks_in_numbers", "bottlenecks_in_words", "bridge_in_words", "findings_in_words", "reasons_counted"]


def bridge_in_words(bars: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Bars with their names: `bar`, `n`, `amount` (if it is known); bars without deals are left out."""
    moved = bars[(bars["n"].fillna(0) > 0) | (bars["amount"].fillna(0) != 0) | bars["bar"].isin(["start", "end"])]
    names = [words.get(f"chart.bar_{bar}", str(bar)) for bar in moved["bar"]]
    columns = ["bar", "n", "amount"] if moved["amount"].notna().any() else ["bar", "n"]
    return moved.assign(bar=names)[columns].reset_index(drop=True)


_IN_DAYS = {"dwell_long": ("value", "reference"), "over_time_limit": ("reference",)}


def bottlenecks_in_words(frame: pd.DataFrame, words: Words, formats: Formats) -> pd.DataFrame:
    """Bottlenecks with `where`, stage and reason in one label, values in their unit; most money first."""
    reasons = [words.get(f"report.bottleneck_{code}", str(code).replace("_", " ")) for code in frame["reason"]]
    where = [
        words("report.where", stage=stage, reason=reason) for stage, reason in zip(frame["stage"], reasons, strict=True)
    ]
    units = {
        column: [_in_unit(row, column, words, formats) for row in frame.to_dict("records")] for column in _MEASURED
    }
    made = frame.assign(
        reason=reasons, where=where, **{name: pd.Series(text, frame.index, "str") for name, text in units.items()}
    )
    return made.sort_values(["amount", "where"], ascending=[False, True], ignore_index=True)


_MEASURED = ("value", "reference")


def bottlenecks_in_numbers(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The same rows for a workbook: reasons in words, `value` and `reference` as numbers with their units beside."""
    reasons = [words.get(f"report.bottleneck_{code}", str(code).replace("_", " ")) for code in frame["reason"]]
    units = {
        f"{column}_unit": ["days" if column in _IN_DAYS.get(str(code), ()) else "share" for code in frame["reason"]]
        for column in _MEASURED
    }
    made = frame.assign(reason=reasons, **{name: pd.Series(told, frame.index, "str") for name, told in units.items()})
    order = [*(name for name in frame.columns if name != "amount"), *units, "amount"]
    return made[order].sort_values(["amount", "reason"], ascending=[False, True], kind="stable", ignore_index=True)


def _in_unit(row: Mapping[Hashable, Any], column: str, words: Words, formats: Formats) -> str:
    """A share or a number of days, as the reason of the row says."""
    if column in _IN_DAYS.get(str(row["reason"]), ()):
        return words("report.days", n=written(row[column], "days", formats))
    return written(row[column], "share", formats)


def reasons_counted(attention: pd.DataFrame, words: Words) -> pd.DataFrame:
    """How many deals need a look for each reason: `reason`, `n`, `amount`; most deals first."""
    each = attention[["reasons", "amount"]].explode("reasons").dropna(subset=["reasons"])
    counted = each.groupby("reasons", sort=True).agg(n=("reasons", "size"), amount=("amount", "sum")).reset_index()
    names = [words.get(f"review_reason_short.{code}", str(code).replace("_", " ")) for code in counted["reasons"]]
    made = counted.assign(reason=names, n=counted["n"].astype("float64"))[["reason", "n", "amount"]]
    return made.sort_values(["n", "reason"], ascending=[False, True], ignore_index=True)


def findings_in_words(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Findings of the audit with the rule as its sentence and what was done as a word."""
    done = [words.get(f"report.done_{code}", str(code)) for code in frame["done"]]
    is_column = frame["rule"].str.startswith("column_is_filled_alike")
    pairs = zip(frame["first_keys"], is_column, strict=True)
    keys = [column_name(key, words) if named else key for key, named in pairs]
    is_shared = frame.duplicated(["rule", "table"], keep=False)
    rules = [
        rule_in_words(code, words) + (words("quality.of_rule", keys=key) if shared else "")
        for code, key, shared in zip(frame["rule"], keys, is_shared, strict=True)
    ]
    tables = [table_name(str(code), words) for code in frame["table"]]
    made = frame.assign(rule=rules, table=tables, done=done, first_keys=pd.Series(keys, index=frame.index, dtype="str"))
    return made[["rule", *[column for column in made.columns if column != "rule"]]]
