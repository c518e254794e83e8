"""What the history told of each deal on each day, beside what the export says of it, and the outcome that follows."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from oppnb.history.changes import COUNTS
from oppnb.history.day_rows import FACTS
from oppnb.history.deals import were_there
from oppnb.history.fence import is_missing, is_there, small_table, when
from oppnb.history.source import DEAL
from oppnb.history.states import TYPES, States, day_number

__all__ = ["TRACKED", "told_on_days"]

TRACKED = ("amount", "expected_close_on", "owner_id", "forecast_category", "next_step", "next_step_due_on")
MARKS = ("first_at", "entered_stage_at", "outcome_at")
ALWAYS_TOLD = ("known_stage", "stage_position", "stage_outcome", *MARKS, *COUNTS)


def told_on_days(deals: Any, states: States | None, days: pd.DataFrame, *, only_open: bool) -> Any:
    """One row a deal and day on which the deal existed: what its history told, what the export says, and the outcome.

    Parameters
    ----------
    deals : ibis Table
        Of `exported_deals`.
    states : States or None
        Of `known_states`; None without a history.
    days : DataFrame
        Of `day_rows`.
    only_open : bool
        Leave out deals that were closed on the day.

    Returns
    -------
    ibis Table
        The columns of `days` and of `deals` (those that change as `exported_…`), the state (`told_…` for columns of the
        same name), `takes_close` (the close is taken from the export), `outcome`, `closed_at`.
    """
    exported = _with_prefix(deals)
    if len(days) == 1:
        rows = _on_one_day(exported, states, days)
    else:
        rows = _on_many_days(exported, states, days, only_open=only_open)
    rows = _with_outcome(were_there(rows))
    return rows.filter(rows.outcome == "open") if only_open else rows


def _with_prefix(deals: Any) -> Any:
    changing = [name for name in (*TRACKED, "closed_at", "created_at") if name in deals.columns]
    return deals.rename(**{f"exported_{name}": name for name in changing})


def _state_columns(ranges: Any | None) -> list[str]:
    present = ALWAYS_TOLD if ranges is None else (*ALWAYS_TOLD, *(name for name in TRACKED if name in ranges.columns))
    return list(dict.fromkeys(present))


def _as_told(name: str) -> str:
    return f"told_{name}" if name in TRACKED else name


def _on_one_day(exported: Any, states: States | None, days: pd.DataFrame) -> Any:
    import ibis

    day = days.iloc[0]
    types = {"day_no": "int64", **dict.fromkeys(FACTS, "boolean")}
    facts = {name: ibis.literal(day[name], type=types.get(name, "timestamp(6)")) for name in days.columns}
    names = _state_columns(None if states is None else states.ranges)
    if states is None:
        rows, state = exported, {_as_told(name): ibis.null().cast(TYPES[name]) for name in names}
        has_history = ibis.literal(False)
    else:
        told = states.ranges.select(told_id=DEAL, **{_as_told(name): name for name in names})
        rows, state = exported.left_join(told, exported.opportunity_id == told.told_id).drop("told_id"), {}
        has_history = is_there(rows.first_at)
    exists = has_history | (rows.exported_created_at < facts["cutoff"])
    exists = exists | (is_missing(rows.exported_created_at) & facts["is_export_known"])
    return rows.filter(exists).mutate(**facts, **state)


def _on_many_days(exported: Any, states: States | None, days: pd.DataFrame, *, only_open: bool) -> Any:
    calendar = small_table(days)
    names = _state_columns(None if states is None else states.ranges)
    spans = _before_history(exported, states, days, names)
    if states is not None:
        told = states.ranges
        told = told.filter(told.stage_outcome.fill_null("open") == "open") if only_open else told
        spans = spans.union(told.select(told_id=DEAL, from_day="from_day", to_day="to_day", **_told(names)))
    dated = spans.join(calendar, [calendar.day_no >= spans.from_day, calendar.day_no < spans.to_day])
    return dated.drop("from_day", "to_day").join(exported, dated.told_id == exported[DEAL]).drop("told_id")


def _told(names: Sequence[str]) -> dict[str, str]:
    return {_as_told(name): name for name in names}


def _before_history(exported: Any, states: States | None, days: pd.DataFrame, names: Sequence[str]) -> Any:
    """The days on which a deal existed and its history told nothing yet."""
    import ibis

    cutoffs = list(days["cutoff"])
    from_export = int((~days["is_export_known"]).sum())
    deals = exported if states is None else states.marks
    created_at = deals.exported_created_at
    from_day = ibis.ifelse(
        is_missing(created_at), ibis.literal(from_export).cast("int64"), day_number(created_at, cutoffs)
    )
    to_day = ibis.literal(len(days)).cast("int64") if states is None else day_number(deals.first_row_at, cutoffs)
    spans = deals.select(DEAL, from_day=from_day, to_day=to_day)
    spans = spans.filter(spans.from_day < spans.to_day)
    nothing = {_as_told(name): ibis.null().cast(TYPES[name]) for name in names}
    return spans.select(told_id=DEAL, from_day="from_day", to_day="to_day", **nothing)


def _with_outcome(rows: Any) -> Any:
    import ibis

    closed_at, entered_at = rows.exported_closed_at, rows.entered_stage_at
    told = rows.stage_outcome.fill_null("open")
    is_closed = rows.exported_outcome != "open"
    in_time = ibis.ifelse(is_missing(closed_at), rows.is_export_known, closed_at < rows.cutoff)
    is_last_word = is_missing(closed_at) | is_missing(entered_at) | (closed_at >= entered_at)
    # a stage that nobody configured is as closed as the export says of the deals that stand in it
    stands_there = (rows.known_stage == rows.exported_stage).fill_null(False)
    is_last_word = is_last_word | (rows.is_export_known & is_missing(rows.stage_position) & stands_there)
    takes = is_closed & (told == "open") & (rows.is_export_known | ~rows.is_closing_tracked) & in_time & is_last_word
    return rows.mutate(
        takes_close=takes,
        outcome=ibis.ifelse(takes, rows.exported_outcome, told),
        closed_at=ibis.ifelse(takes, closed_at, when(told != "open", rows.outcome_at)),
    )
