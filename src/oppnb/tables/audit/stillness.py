"""Deals that stand still: past their expected close, or never moved."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import BoolArray, Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.row_rules import RowRule, find_breaches
from oppnb.tables.audit.stage_facts import stage_facts
from oppnb.tables.findings import Note

__all__ = ["find_still_deals"]

_OLD_ENOUGH = pd.Timedelta(days=30)
_ENOUGH_CLOSED = 10
_OVERDUE = (
    RowRule(
        "open_deal_is_not_past_its_expected_close",
        "opportunities",
        ("expected_close_on",),
        good=lambda frame, case: frame["expected_close_on"] >= case.exported_on,
        applies=lambda frame, case: frame["expected_close_on"].notna() & (case.outcomes == "open"),
    ),
)


def find_still_deals(case: Case) -> Iterator[Breach]:
    """Open deals past their expected close, and open deals that are in their first stage after more than 30 days."""
    if case.exported_on is None:
        return
    yield from find_breaches(case, _OVERDUE)
    if case.has("opportunities", "created_at") and case.has("opportunity_history", "stage"):
        yield from _never_moved(case)


def _never_moved(case: Case) -> Iterator[Breach]:
    """Deals whose history shows one stage only; a deal without any stage in its history is not judged."""
    has_stage, has_several = _stages_in_history(case, None)
    created = case.local(case.tables["opportunities"]["created_at"])
    old = (created < case.after_export - pd.Timedelta(days=1) - _OLD_ENOUGH).to_numpy(dtype=bool)
    asked = case.is_open & old & has_stage
    rows = asked & ~has_several
    if rows.any():
        n, n_asked = int(np.count_nonzero(rows)), int(np.count_nonzero(asked))
        n_closed = _closed_from_one_stage(case) if n == n_asked else 0
        note = Note("audit_one_stage", {"n_closed": n_closed, "n_explained": n}) if n_closed else None
        yield Breach("open_deal_older_than_30_days_has_moved", "opportunities", rows, n_asked, note)


def _stages_in_history(case: Case, counted: BoolArray | None) -> tuple[BoolArray, BoolArray]:
    """Of each opportunity: whether its history tells a stage, and whether it tells more than one.

    `counted` says which rows of the history are looked at; by default all.
    """
    in_history, places, count = case.history_links
    stages, _ = pd.factorize(case.tables["opportunity_history"]["stage"])
    filled = (stages >= 0) & (in_history >= 0)
    if counted is not None:
        filled &= counted
    deals, stages = in_history[filled], stages[filled]
    one_stage = np.full(count + 1, -1, dtype=np.intp)
    one_stage[deals] = stages
    has_several = np.zeros(count + 1, dtype=bool)
    has_several[deals[stages != one_stage[deals]]] = True
    return one_stage[places] >= 0, has_several[places]


def _closed_from_one_stage(case: Case) -> int:
    """How many closed deals have a history that tells one stage before the close; 0 if any tells two, or too few do.

    Where no deal was ever seen to go from one stage to the next, the export does not tell such changes: an open deal
    without one says nothing.
    """
    in_history, places, count = case.history_links
    history = case.tables["opportunity_history"][["stage"]]
    deals = case.tables["opportunities"]
    if "process" in deals:
        processes = np.full(count + 1, None, dtype=object)
        processes[places] = deals["process"].to_numpy(dtype=object)
        processes[-1] = None
        history = history.assign(process=pd.Series(processes[in_history], index=history.index, dtype="str"))
    is_before = (stage_facts(history, case.workspace)["outcome"] == "open").to_numpy(dtype=bool)
    has_stage, has_several = _stages_in_history(case, is_before)
    told = ~case.is_open & has_stage
    n = int(np.count_nonzero(told))
    return n if n >= _ENOUGH_CLOSED and not (told & has_several).any() else 0
