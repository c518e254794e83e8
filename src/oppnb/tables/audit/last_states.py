"""Whether the last state in the history is the state in which the deal stands."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.stage_facts import configured_names

__all__ = ["find_stale_states"]

_CENT = 0.005


def find_stale_states(case: Case) -> Iterator[Breach]:
    """Deals whose last stage, amount, owner or expected close in the history is not the current one.

    Expected closes are compared on open deals only: a CRM overwrites the expected close with the day of the close.
    """
    if not case.has("opportunities", "opportunity_id") or not case.has("opportunity_history", "changed_at"):
        return
    order = _order(case)
    every = np.ones(len(case.tables["opportunities"]), dtype=bool)
    rules: tuple[tuple[str, str, Callable[[pd.Series, pd.Series], pd.Series], np.ndarray], ...] = (
        ("stage", "last_stage_in_history_is_the_current_one", lambda now, last: _same_stage(case, now, last), every),
        ("amount", "last_amount_in_history_is_the_current_one", lambda now, last: (now - last).abs() < _CENT, every),
        ("owner_id", "last_owner_in_history_is_the_current_one", lambda now, last: now == last, every),
        (
            "expected_close_on",
            "last_expected_close_in_history_is_the_current_one",
            lambda now, last: now == last,
            case.is_open,
        ),
    )
    for column, rule, same, applies in rules:
        if not case.has("opportunities", column) or not case.has("opportunity_history", column):
            continue
        now = case.tables["opportunities"][column]
        last = _last(case, column, order)
        asked = applies & now.notna().to_numpy() & last.notna().to_numpy()
        rows = asked.copy()
        rows[asked] = ~same(now[asked], last[asked]).to_numpy(dtype=bool)
        if rows.any():
            yield Breach(rule, "opportunities", rows, int(asked.sum()))


def _order(case: Case) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Places of the history rows by time; rows of one moment stay in the order of the file."""
    changed = case.tables["opportunity_history"]["changed_at"]
    order = np.argsort(changed.to_numpy(), kind="stable")
    return order[changed.notna().to_numpy()[order]]


def _last(case: Case, column: str, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> pd.Series:
    """The last filled value of each opportunity in the history; null where there is none."""
    in_history, places, count = case.history_links
    values = case.tables["opportunity_history"][column]
    filled = order[values.notna().to_numpy()[order] & (in_history[order] >= 0)]
    row_of = np.full(count + 1, len(values), dtype=np.intp)
    row_of[in_history[filled]] = filled
    taken = values.reindex(range(len(values) + 1)).take(row_of[places])
    return taken.set_axis(case.tables["opportunities"].index)


def _same_stage(case: Case, now: pd.Series, last: pd.Series) -> pd.Series:
    return configured_names(now, case.workspace) == configured_names(last, case.workspace)
