"""What to fix first, in words: what it is, what speaks for it, what would change."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.reports.columns import header
from oppnb.reports.fault_words import areas_in_words, rule_in_words
from oppnb.reports.quality_read import table_name
from oppnb.review.fault_grades import effect_of

__all__ = ["fixes_in_words"]

_DAYS = ("stage_dwell_long",)
_MONEY = ("odds",)


def fixes_in_words(fixes: pd.DataFrame, page: Any) -> pd.DataFrame:
    """Rows of `oppnb.review.fix_first` for a reader.

    Parameters
    ----------
    fixes : DataFrame
        Of `fix_first`.
    page : ReviewPage
        Its words, formats and labels.

    Returns
    -------
    DataFrame
        `rank`, `what`, `evidence`, `touched_amount`, `changes`, `n`, `total`, `weight`.
    """
    rows = []
    for place, row in enumerate(fixes.to_dict("records"), start=1):
        said = _values(row, page)
        rows.append(
            {
                "rank": place,
                "what": page.words(f"baseline.fix_{row['code']}", **said),
                "evidence": _evidence(row, said, page),
                "touched_amount": row["amount"],
                "changes": page.words(f"baseline.change_{row['code']}", **said),
                "n": row["n"],
                "total": row["total"],
                "weight": row["weight"],
            }
        )
    columns = ["rank", "what", "evidence", "touched_amount", "changes", "n", "total", "weight"]
    return pd.DataFrame(rows, columns=columns).astype({"touched_amount": "float64", "weight": "float64"})


def _evidence(row: Mapping[Any, Any], said: Mapping[str, str], page: Any) -> str:
    in_stage = "_in_stage" if row["by"] == "days_in_stage" else ""
    words: str = page.words(f"baseline.evidence_{row['code']}{in_stage}", **said)
    n_open = int((page.review.snapshot["outcome"] == "open").sum())
    if str(row["code"]).startswith("deal_") and row["total"] < n_open:
        untold = page.words("baseline.evidence_untold", n=page.formats.number(n_open - row["total"]))
        words = _with_more(words, untold, page)
    words = _with_more(words, _of_the_same(row, said, page), page)
    if row["gain"] is None or pd.isna(row["gain"]) or pd.isna(row["amount"]):
        return words
    return _with_more(words, page.words("baseline.gain_worth", **said), page)


def _with_more(words: str, more: str, page: Any) -> str:
    return str(page.words("quality.advice_more", advice=words, more=more)) if more else words


def _of_the_same(row: Mapping[Any, Any], said: Mapping[str, str], page: Any) -> str:
    """Which other lines the same deals would make, and how many of them stand in a line above."""
    number = page.formats.number
    told = [
        page.words("baseline.evidence_also", n=number(n), what=_also(code, subject, said, page))
        for code, subject, n in row["also"]
    ]
    if row["n_above"]:
        is_all = row["n_above"] == row["n"]
        told.append(page.words(f"baseline.evidence_above{'_all' if is_all else ''}", n=number(row["n_above"])))
    made = ""
    for one in told:
        made = _with_more(made, one, page) if made else one
    return made


def _also(code: str, subject: str | None, said: Mapping[str, str], page: Any) -> str:
    named = {**said, "subject": _subject({"code": code, "subject": subject, "by": None}, page)}
    return str(page.words(f"baseline.fix_{code}", **named))


def _values(row: Mapping[Any, Any], page: Any) -> dict[str, str]:
    number = page.formats.number
    code, share = row["code"], page.share
    write = page.short_money if code in _MONEY else (lambda days: number(days)) if code in _DAYS else share
    effect = effect_of(str(row["subject"]))
    is_fault = code == "fault"
    amount = "–" if pd.isna(row["whole"]) else page.short_money(row["whole"])
    return {
        "subject": _subject(row, page),
        "by": table_name(str(row["by"]), page.words) if is_fault else header(str(row["by"]), page.words),
        "n": number(row["n"]),
        "total": number(row["total"]),
        "share": share(row["n"] / row["total"]) if row["total"] else "–",
        "value": "–" if pd.isna(row["value"]) else write(row["value"]),
        "reference": "–" if pd.isna(row["reference"]) else write(row["reference"]),
        "gain": "–" if pd.isna(row["gain"]) else number(round(row["gain"])),
        "amount": amount,
        "areas": areas_in_words(list(effect.areas), page.words) if is_fault else "",
        "advice": page.words(f"fault_advice.{effect.advice}") if is_fault else "",
    }


def _subject(row: Mapping[Any, Any], page: Any) -> str:
    subject = row["subject"]
    if not isinstance(subject, str):
        return ""
    if row["code"] == "fault":
        return rule_in_words(subject, page.words)
    labels = page.labels.get("stage" if str(row["code"]).startswith("stage_") else str(row["by"]), {})
    return str(labels.get(subject, subject))
