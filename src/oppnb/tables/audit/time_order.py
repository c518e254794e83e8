"""Things that happened in an order in which they cannot have happened."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.row_rules import RowRule, find_breaches, is_not_before
from oppnb.tables.schema import CANONICAL

__all__ = ["find_time_faults"]

_FACTS = ("created_at", "closed_at", "changed_at", "occurred_at", "recorded_at", "opened_at", "converted_at", "paid_on")


def _moments_in_order(later: str, earlier: str, table: str) -> RowRule:
    return RowRule(
        f"{later}_is_not_before_{earlier}",
        table,
        (later, earlier),
        good=lambda frame, case: is_not_before(case.local(frame[later]), case.local(frame[earlier])),
    )


def _days_in_order(later: str, earlier: str, table: str) -> RowRule:
    return RowRule(
        f"{later}_is_not_before_{earlier}",
        table,
        (later, earlier),
        good=lambda frame, _: frame[later] >= frame[earlier],
    )


def _not_after_the_export(column: str, table: str) -> RowRule:
    is_day = CANONICAL[table].columns[column].kind == "day"
    return RowRule(
        f"{column}_is_not_after_the_export",
        table,
        (column,),
        good=lambda frame, case: (frame[column] if is_day else case.local(frame[column])) < case.after_export,
    )


_ORDER = (
    _moments_in_order("closed_at", "created_at", "opportunities"),
    RowRule(
        "expected_close_on_is_not_before_created_at",
        "opportunities",
        ("expected_close_on", "created_at"),
        good=lambda frame, case: frame["expected_close_on"] >= case.local(frame["created_at"]).dt.normalize(),
    ),
    _days_in_order("period_end", "period_start", "targets"),
    _days_in_order("ends_on", "starts_on", "subscriptions"),
    _moments_in_order("closed_at", "opened_at", "tickets"),
    _moments_in_order("converted_at", "created_at", "leads"),
)
_FUTURE = tuple(
    _not_after_the_export(column, table)
    for table in CANONICAL
    for column in _FACTS
    if column in CANONICAL[table].columns
)


def find_time_faults(case: Case) -> Iterator[Breach]:
    """Ends before beginnings, facts that lie after the export, and history of a deal before it was created."""
    yield from find_breaches(case, _ORDER)
    if case.exported_on is not None:
        yield from find_breaches(case, _FUTURE)
    if case.has("opportunities", "created_at") and case.has("opportunity_history", "changed_at"):
        yield from _history_before_creation(case)


def _history_before_creation(case: Case) -> Iterator[Breach]:
    in_history, deals, count = case.history_links
    created = np.full(count + 1, np.datetime64("NaT", "us"))
    moments = case.tables["opportunities"]["created_at"]
    # Of a key that is there twice the earliest creation counts: nothing is called too early that need not be.
    latest_first = np.argsort(-moments.to_numpy().astype("int64"), kind="stable")
    latest_first = latest_first[moments.notna().to_numpy()[latest_first] & (deals[latest_first] >= 0)]
    created[deals[latest_first]] = moments.to_numpy()[latest_first]
    begun = pd.Series(created[in_history])
    changed = case.tables["opportunity_history"]["changed_at"]
    asked = (changed.notna() & begun.notna()).to_numpy()
    rows = asked & ~is_not_before(case.local(changed), case.local(begun)).to_numpy(dtype=bool)
    if rows.any():
        yield Breach("history_is_not_before_created_at", "opportunity_history", rows, int(asked.sum()))
