"""Deals that stand still: past their expected close, or never moved."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.row_rules import RowRule, find_breaches

__all__ = ["find_still_deals"]

_OLD_ENOUGH = pd.Timedelta(days=30)
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
    in_history, places, count = case.history_links
    stages, _ = pd.factorize(case.tables["opportunity_history"]["stage"])
    filled = (stages >= 0) & (in_history >= 0)
    deals, stages = in_history[filled], stages[filled]
    one_stage = np.full(count + 1, -1, dtype=np.intp)
    one_stage[deals] = stages
    has_several = np.zeros(count + 1, dtype=bool)
    has_several[deals[stages != one_stage[deals]]] = True
    created = case.local(case.tables["opportunities"]["created_at"])
    old = (created < case.after_export - pd.Timedelta(days=1) - _OLD_ENOUGH).to_numpy(dtype=bool)
    asked = case.is_open & old & (one_stage[places] >= 0)
    rows = asked & ~has_several[places]
    if rows.any():
        yield Breach("open_deal_older_than_30_days_has_moved", "opportunities", rows, int(asked.sum()))
