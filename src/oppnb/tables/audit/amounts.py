"""Amounts that are missing, negative, nothing, or far from all others."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.row_rules import RowRule, find_breaches
from oppnb.tables.findings import Note

__all__ = ["LEAST_FACTOR", "MOST_DEVIATIONS", "find_amount_faults"]

MOST_DEVIATIONS = 3.5
LEAST_FACTOR = 10.0
_LEAST_ROWS = 30
_NEARLY_ALL = 0.9
_ENOUGH_LOST = 10


def _has_amount(outcome: str) -> RowRule:
    return RowRule(
        f"{outcome}_deal_has_an_amount",
        "opportunities",
        ("amount",),
        good=lambda frame, _: frame["amount"].notna(),
        applies=lambda _, case: case.outcomes == outcome,
    )


_RULES = (
    *(
        RowRule("amount_is_finite", table, ("amount",), good=lambda frame, _: frame["amount"].abs() < np.inf)
        for table in ("opportunities", "payments", "targets", "subscriptions")
    ),
    *(
        RowRule("amount_is_not_negative", table, ("amount",), good=lambda frame, _: frame["amount"] >= 0)
        for table in ("opportunities", "targets", "subscriptions")
    ),
    RowRule("amount_is_not_zero", "opportunities", ("amount",), good=lambda frame, _: frame["amount"] != 0),
    _has_amount("open"),
    _has_amount("won"),
)


def find_amount_faults(case: Case) -> Iterator[Breach]:
    """Amounts no deal can have, amounts that are missing, and amounts of an unusual size."""
    for breach in find_breaches(case, _RULES):
        yield _with_zeros_of_lost(case, breach) if breach.rule == "amount_is_not_zero" else breach
    if case.has("opportunities", "amount"):
        yield from _unusual(case)


def _with_zeros_of_lost(case: Case, breach: Breach) -> Breach:
    """Says of a lost deal's zero that it is the CRM's way, where nearly all lost deals with an amount have it."""
    is_lost = (case.outcomes == "lost").to_numpy(dtype=bool) & case.tables["opportunities"]["amount"].notna().to_numpy()
    n_lost, n_zero = int(np.count_nonzero(is_lost)), int(np.count_nonzero(is_lost & breach.rows))
    if n_lost < _ENOUGH_LOST or n_zero < _NEARLY_ALL * n_lost:
        return breach
    n_others = int(np.count_nonzero(breach.rows)) - n_zero
    values = {"n_explained": n_zero, "n_lost": n_lost, "n_others": n_others}
    return replace(breach, note=Note("audit_zero_when_lost", values))


def _unusual(case: Case) -> Iterator[Breach]:
    """Amounts far from the median of their currency and process, by ten times or more and 3.5 robust deviations.

    The deviation is 1.4826 times the median absolute deviation of log10(amount), after Iglewicz and Hoaglin, *How to
    Detect and Handle Outliers* (1993). A group of fewer than 30 positive amounts is not judged.
    """
    frame = case.tables["opportunities"]
    amounts = frame["amount"].to_numpy()
    usable = np.isfinite(amounts) & (amounts > 0)
    groups = _groups(frame)[usable]
    sizes = pd.Series(np.log10(amounts[usable]))
    judged = (sizes.groupby(groups).transform("size") >= _LEAST_ROWS).to_numpy()
    far = (sizes - sizes.groupby(groups).transform("median")).abs()
    limit = np.maximum(MOST_DEVIATIONS * 1.4826 * far.groupby(groups).transform("median"), np.log10(LEAST_FACTOR))
    rows = np.zeros(len(frame), dtype=bool)
    rows[np.flatnonzero(usable)] = judged & (far > limit).to_numpy()
    if rows.any():
        note = Note("audit_unusual_size", {"factor": LEAST_FACTOR, "deviations": MOST_DEVIATIONS})
        yield Breach("amount_is_of_the_usual_size", "opportunities", rows, int(judged.sum()), note)


def _groups(frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    codes = np.zeros(len(frame), dtype=np.int64)
    for column in ("currency", "process"):
        if column in frame.columns:
            values, uniques = pd.factorize(frame[column])
            codes = codes * (len(uniques) + 1) + values + 1
    return codes
