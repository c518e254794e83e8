"""What was known of each deal on each day: its history up to then, and the export where that is all there is."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from oppnb.history.changes import COUNTS
from oppnb.history.deals import attribute_columns
from oppnb.history.fence import days_between, float_or_null, is_missing, is_there, small_table, when
from oppnb.history.source import Source
from oppnb.history.states import KEPT, day_number

__all__ = ["known_on_days", "told_on_days"]

STATE = (*KEPT, "first_at", "entered_stage_at", "outcome_at", *COUNTS)
TYPES = {
    **dict.fromkeys(KEPT, "string"),
    "stage_position": "float64",
    "amount": "float64",
    **dict.fromkeys(
        ("expected_close_on", "next_step_due_on", "first_at", "entered_stage_at", "outcome_at"), "timestamp(6)"
    ),
    **dict.fromkeys(COUNTS, "float64"),
}
AT_THE_CLOSE = ("lost_reason", "crm_score", "crm_score_kind")
AS_EXPORTED = ("name", "account_id", "process", "currency", "source", "product", "region", "competitor")


def known_on_days(source: Source, deals: Any, ranges: Any | None, days: pd.DataFrame, *, only_open: bool) -> Any:
    """One row a deal and day on which the deal existed, with the columns of a snapshot; parameters as `told_on_days`."""
    rows = told_on_days(deals, ranges, days, only_open=only_open)
    return _columns(rows, attribute_columns(source))


def told_on_days(deals: Any, ranges: Any | None, days: pd.DataFrame, *, only_open: bool) -> Any:
    """One row a deal and day on which the deal existed: what its history told, what the export says, and the outcome.

    Parameters
    ----------
    deals : ibis Table
        Of `exported_deals`.
    ranges : ibis Table or None
        Of `state_ranges`; None without a history.
    days : DataFrame
        Of `day_rows`.
    only_open : bool
        Leave out deals that were closed on the day.
    """
    calendar = small_table(days)
    n_days = len(days)
    spans = _before_history(deals, ranges, days)
    if ranges is not None:
        states = ranges.filter(ranges.stage_outcome.fill_null("open") == "open") if only_open else ranges
        spans = spans.union(_typed(states))
    if n_days == 1:
        dated = spans.filter(spans.from_day == 0).cross_join(calendar)
    else:
        dated = spans.join(calendar, [calendar.day_no >= spans.from_day, calendar.day_no < spans.to_day])
    exported = deals.rename(**{f"exported_{column}": column for column in _TRACKED if column in deals.columns})
    exported = exported.rename(
        deal_id="opportunity_id", exported_closed_at="closed_at", exported_created_at="created_at"
    )
    rows = dated.join(exported, dated.opportunity_id == exported.deal_id)
    rows = _with_outcome(rows)
    if only_open:
        rows = rows.filter(rows.outcome == "open")
    return rows


_TRACKED = ("amount", "expected_close_on", "owner_id", "forecast_category", "next_step", "next_step_due_on")


def _typed(ranges: Any) -> Any:
    import ibis

    columns = {
        name: ranges[name].cast(TYPES[name]) if name in ranges.columns else ibis.null().cast(TYPES[name])
        for name in STATE
    }
    return ranges.select("opportunity_id", "from_day", "to_day", **columns)


def _before_history(deals: Any, ranges: Any | None, days: pd.DataFrame) -> Any:
    import ibis

    n_days = len(days)
    cutoffs = list(days["cutoff"])
    from_export = int((~days["is_export_known"]).sum())
    born = deals.select(
        "opportunity_id",
        from_day=ibis.ifelse(
            is_missing(deals.created_at), ibis.literal(from_export).cast("int64"), day_number(deals.created_at, cutoffs)
        ),
    )
    if ranges is None:
        spans = born.mutate(to_day=ibis.literal(n_days).cast("int64"))
    else:
        firsts = ranges.group_by(told_id=ranges.opportunity_id).aggregate(told_from=ranges.from_day.min())
        joined = born.left_join(firsts, born.opportunity_id == firsts.told_id)
        spans = joined.select("opportunity_id", "from_day", to_day=joined.told_from.fill_null(n_days))
    spans = spans.filter(spans.from_day < spans.to_day)
    return spans.mutate(**{name: ibis.null().cast(TYPES[name]) for name in STATE})


def _with_outcome(rows: Any) -> Any:
    import ibis

    closed_at = rows.exported_closed_at
    in_time = ibis.ifelse(is_missing(closed_at), rows.is_export_known, closed_at < rows.cutoff)
    after_last_word = is_missing(closed_at) | is_missing(rows.entered_stage_at) | (closed_at >= rows.entered_stage_at)
    takes_close = (
        (rows.exported_outcome != "open")
        & (rows.stage_outcome.fill_null("open") == "open")
        & (rows.is_export_known | ~rows.is_closing_tracked)
        & in_time
        & after_last_word
    )
    rows = rows.mutate(takes_close=takes_close)
    outcome = ibis.ifelse(rows.takes_close, rows.exported_outcome, rows.stage_outcome.fill_null("open"))
    rows = rows.mutate(outcome=outcome)
    told = when(rows.outcome != "open", rows.outcome_at)
    return rows.mutate(
        closed_at=ibis.ifelse(rows.takes_close, rows.exported_closed_at, told),
        closes_later=(rows.exported_outcome != "open") & ~in_time,
    )


def _columns(rows: Any, attributes: Sequence[str]) -> Any:
    import ibis

    takes, known = rows.takes_close, rows.is_export_known
    told_stage = rows.known_stage.fill_null(when(known, rows.exported_stage))
    told_position = ibis.ifelse(is_missing(rows.known_stage) & known, rows.exported_position, rows.stage_position)
    close = when(known | (~rows.is_close_tracked & ~rows.closes_later), rows.exported_expected_close_on)
    created_at = ibis.ifelse(
        is_there(rows.first_at) & (is_missing(rows.exported_created_at) | (rows.first_at < rows.exported_created_at)),
        rows.first_at,
        rows.exported_created_at,
    )
    entered_at = ibis.ifelse(takes, rows.exported_closed_at, rows.entered_stage_at)
    ended_at = rows.closed_at.fill_null(rows.cutoff)
    counting = rows.is_counting & rows.is_stage_tracked & is_there(rows.n_stage_changes)
    counting_close = counting & rows.is_close_tracked
    at_close = known | (rows.outcome != "open")
    columns = {
        "opportunity_id": rows.opportunity_id,
        "as_of": rows.as_of,
        "name": rows.name,
        "account_id": rows.account_id,
        "owner_id": rows.owner_id.fill_null(when(known | ~rows.is_owner_tracked, rows.exported_owner_id)),
        "process": rows.process,
        "stage": ibis.ifelse(takes, rows.exported_stage, told_stage),
        "stage_position": ibis.ifelse(takes, rows.exported_position, told_position),
        "outcome": rows.outcome,
        "amount": rows.amount.fill_null(when(known | ~rows.is_amount_tracked, rows.exported_amount)),
        "currency": rows.currency,
        "expected_close_on": rows.expected_close_on.fill_null(close),
        "forecast_category": rows.forecast_category.fill_null(when(known, rows.exported_forecast_category)),
        "next_step": rows.next_step.fill_null(when(known, rows.exported_next_step)),
        "next_step_due_on": rows.next_step_due_on.fill_null(when(known, rows.exported_next_step_due_on)),
        **{name: rows[name] for name in ("source", "product", "region", "competitor")},
        "created_at": created_at,
        "closed_at": rows.closed_at,
        "entered_stage_at": entered_at,
        "days_in_stage": days_between(entered_at, rows.cutoff),
        "age_days": days_between(created_at, ended_at),
        "n_pushes": float_or_null(counting_close, rows.n_pushes),
        "days_pushed": float_or_null(counting_close, rows.seconds_pushed) / 86_400.0,
        "n_pulls": float_or_null(counting_close, rows.n_pulls),
        "n_stage_changes": float_or_null(counting, rows.n_stage_changes),
        "has_moved": when(counting, rows.n_stage_changes > 0),
        "n_stage_regressions": float_or_null(counting, rows.n_stage_regressions),
        **{name: when(at_close, rows[name]) for name in AT_THE_CLOSE},
        **{name: rows[name] for name in attributes},
        **{name: rows[name] for name in ("day_no", "cutoff", "since_7", "since_30", "since_90")},
    }
    return rows.select(**columns)
