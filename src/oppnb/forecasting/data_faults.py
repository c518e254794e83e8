"""Faults of the data that reach a forecast: amounts and dates of open and won deals that cannot be right."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.rollup import told_scale
from oppnb.history.book import PipelineBook
from oppnb.locale import Formats, Words
from oppnb.tables.audit.amounts import find_amount_faults
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.stillness import find_still_deals
from oppnb.tables.audit.time_order import find_time_faults
from oppnb.tables.bundle import Tables
from oppnb.workspace import Workspace

__all__ = ["DataFaults", "faults_json", "find_data_faults", "tell_data_faults"]

_RULES = (
    "amount_is_finite",
    "amount_is_not_negative",
    "amount_is_of_the_usual_size",
    "closed_at_is_not_before_created_at",
    "expected_close_on_is_not_before_created_at",
)
"""Rules of the audit on what a forecast adds up. A missing amount is told by the forecast itself; an overdue deal is no
fault of the data: models know what becomes of those."""
_FIRST_KEYS = 3
_TOLD = 4


@dataclass(frozen=True)
class DataFaults:
    """Deals of a forecast that break a rule of the audit, as known on its day.

    Attributes
    ----------
    frame : DataFrame
        One row a rule, those first whose rows carry most: `rule`, `n_open`, `n_won`, `first_keys` (a tuple, those that
        carry most), `expected` (what the rows carry of the told expected amount, base currency).
    n : int
        Deals in all, each counted once.
    expected : float
        What they carry, each counted once.
    share : float
        Of the told expected amount; null where that is 0.
    """

    frame: pd.DataFrame
    n: int
    expected: float
    share: float


def find_data_faults(forecast: Forecast, book: PipelineBook) -> DataFaults:
    """Look at the deals open on the day and those won by then, with the audit's own rules.

    Nothing that became known after the day is looked at, so what is found is the same from any later export.
    """
    rows = _deals(forecast, book)
    found: dict[str, np.ndarray[Any, Any]] = {}
    if len(rows):
        known = rows.drop(columns="carries")
        case = Case(Tables({"opportunities": known}, exported_on=forecast.point.day), Workspace())
        for search in (find_amount_faults, find_time_faults, find_still_deals):
            found |= {one.rule: one.rows for one in search(case) if one.rule in _RULES}
    told = [_row(rule, rows[marked]) for rule, marked in found.items()]
    frame = pd.DataFrame(told, columns=["rule", "n_open", "n_won", "first_keys", "expected"])
    frame = frame.assign(size=frame["expected"].abs()).sort_values(["size", "rule"], ascending=[False, True])
    together = rows[np.logical_or.reduce(list(found.values()))] if found else rows.iloc[:0]
    carried, expected = float(together["carries"].sum()), forecast.distribution.mean
    share = carried / expected if expected else float("nan")
    return DataFaults(frame.drop(columns="size").reset_index(drop=True), len(together), carried, share)


def _deals(forecast: Forecast, book: PipelineBook) -> pd.DataFrame:
    """Open and won deals as the audit reads opportunities, with what each carries of the expected amount."""
    day, parts = forecast.point.day, forecast.parts
    known = book.known(day)
    created = known.deals.set_index("opportunity_id")["created_on"]
    open_rows = known.on(day)  # not those of the parts, whose missing amounts are filled
    level = told_scale(forecast).level
    carried = pd.Series(level * parts.expected_of_deals, index=parts.deals["opportunity_id"])
    won = known.deals[known.deals["outcome"] == "won"]
    came = parts.won.set_index("opportunity_id")["amount_base"]
    blocks = [
        pd.DataFrame(
            {
                "opportunity_id": rows["opportunity_id"].astype("str"),
                "stage": outcome,
                "outcome": outcome,
                "amount": rows["amount_base"].astype("float64"),
                "currency": rows["currency"],
                "process": rows["process"],
                "created_at": rows["opportunity_id"].map(created),
                "closed_at": closed,
                "expected_close_on": due,
                "carries": rows["opportunity_id"].map(carries).fillna(0.0),
            }
        )
        for outcome, rows, closed, due, carries in (
            ("open", open_rows, pd.NaT, open_rows["expected_close_on"], carried),
            ("won", won, won["closed_on"], pd.NaT, came),
        )
    ]
    rows = pd.concat([block.astype(_TYPES) for block in blocks], ignore_index=True)
    return rows.dropna(axis="columns", how="all") if len(rows) else rows


_TYPES = {
    **dict.fromkeys(["stage", "outcome", "currency", "process"], "str"),
    **dict.fromkeys(["created_at", "closed_at", "expected_close_on"], "datetime64[us]"),
    "carries": "float64",
}


def _row(rule: str, rows: pd.DataFrame) -> tuple[object, ...]:
    is_open = rows["outcome"] == "open"
    most = rows.assign(size=rows["carries"].abs()).sort_values(["size", "opportunity_id"], ascending=[False, True])
    keys = tuple(most["opportunity_id"].head(_FIRST_KEYS))
    return rule, int(is_open.sum()), int((~is_open).sum()), keys, float(rows["carries"].sum())


def tell_data_faults(faults: DataFaults, *, words: Words, formats: Formats) -> list[str]:
    """How many deals, how much of the expected amount they carry, rule by rule, and what to do; empty without any."""
    if not faults.n:
        return []
    carried = {
        "amount": formats.money(faults.expected, short=True),
        "share": formats.share(faults.share, digits=1),
    }
    rules = [
        words(
            "forecasting.faults_rule",
            rule=words.get(f"rule.{row['rule']}", str(row["rule"])),
            n_open=formats.number(row["n_open"]),
            n_won=formats.number(row["n_won"]),
            keys=", ".join(row["first_keys"]),
            amount=formats.money(row["expected"], short=True),
        )
        for row in faults.frame.head(_TOLD).to_dict("records")
    ]
    return [words("forecasting.faults", n=formats.number(faults.n), **carried), *rules, words("forecasting.faults_do")]


def faults_json(faults: DataFaults) -> dict[str, Any]:
    """For machines: `data_faults` with `n`, `expected`, `share` and `rules`, as `oppnb audit` names them."""
    rows = [{str(name): value for name, value in row.items()} for row in faults.frame.to_dict("records")]
    rules = [{**row, "first_keys": list(row["first_keys"])} for row in rows]
    share = None if faults.share != faults.share else faults.share
    return {"data_faults": {"n": faults.n, "expected": faults.expected, "share": share, "rules": rules}}
