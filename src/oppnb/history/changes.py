"""What each row of the history changed against the row before it."""

from typing import Any

import pandas as pd

from oppnb.history.coverage import STATE_COLUMNS, Coverage, history_texts
from oppnb.history.fence import count_if, is_missing, is_there, seconds_between, small_table, when
from oppnb.history.filled import fill_forward, in_order
from oppnb.history.source import Source

__all__ = ["COUNTS", "changes"]

COUNTS = ("n_pushes", "seconds_pushed", "n_pulls", "n_stage_changes", "n_stage_regressions")


def changes(
    source: Source,
    coverage: Coverage,
    *,
    before: pd.Timestamp,
    begins_at: pd.Timestamp | None,
    closed_before: pd.Timestamp | None = None,
) -> Any:
    """The history before a moment, one row a state, with what changed.

    A push is a later expected close while the deal was and stays open. A regression is a step to an earlier open stage.
    Only rows from `begins_at` on are counted: the first row after tracking began is no change.

    Returns
    -------
    ibis Table
        `opportunity_id`, `changed_at`, the state columns that the history names (filled forward; `known_stage`,
        `stage_no`, `stage_position`, `stage_outcome` for the stage), `next_at` (when the state ended; null for the last), `stage_since` and
        `outcome_since` (`changed_at` where a stage or outcome begins, else null) and the counts of this row.
    """
    import ibis

    history = history_texts(source, coverage.by_process)
    rows = history.filter(
        is_there(history.changed_at) & is_there(history.opportunity_id) & (history.changed_at < before)
    )
    named = [column for column in STATE_COLUMNS if column in coverage.first_at]
    rows = rows.select("opportunity_id", "changed_at", "seq", "process_text", *named)
    if closed_before is not None and "stage" in named:
        rows = _without_long_closed(rows, coverage, closed_before)
    rows = fill_forward(rows, [column for column in named if column in coverage.with_gaps])
    rows = _with_stage(rows, coverage, is_named="stage" in named)
    order = in_order()
    before_this = {"stage_no": "stage_no", "stage_position": "position", "stage_outcome": "outcome"}
    looked_back = {f"{name}_before": rows[column].lag().over(order) for column, name in before_this.items()}
    close = rows.expected_close_on if "expected_close_on" in named else ibis.null().cast("timestamp(6)")
    rows = rows.mutate(
        next_at=rows.changed_at.lead().over(order),
        close_before=close.lag().over(order) if "expected_close_on" in named else close,
        **looked_back,
    )
    return _count(rows, begins_at, has_close="expected_close_on" in named)


def _without_long_closed(rows: Any, coverage: Coverage, closed_before: pd.Timestamp) -> Any:
    """Leave out deals whose last named stage is a closed one, named before the first day that is asked about."""
    import ibis

    closed = coverage.stages.loc[coverage.stages["stage_outcome"] != "open", "stage_text"]
    always_closed = sorted(
        set(closed) - set(coverage.stages.loc[coverage.stages["stage_outcome"] == "open", "stage_text"])
    )
    is_closed = rows.stage.isin(always_closed)
    last = rows.group_by(closed_id=rows.opportunity_id).aggregate(
        closed_at=when(is_closed, rows.changed_at).max(), open_at=when(~is_closed, rows.changed_at).max()
    )
    is_long_closed = (last.closed_at < ibis.literal(closed_before)) & (
        is_missing(last.open_at) | (last.open_at < last.closed_at)
    )
    alive = last.filter(~is_long_closed.fill_null(False))
    return rows.semi_join(alive, rows.opportunity_id == alive.closed_id)


def _with_stage(rows: Any, coverage: Coverage, *, is_named: bool) -> Any:
    import ibis

    if not is_named:
        return rows.drop("process_text").mutate(
            known_stage=ibis.null().cast("string"),
            stage_no=ibis.null().cast("int64"),
            stage_position=ibis.null().cast("float64"),
            stage_outcome=ibis.null().cast("string"),
        )
    stages = small_table(coverage.stages).select(
        "process_text", "stage_text", "known_stage", "stage_no", "stage_position", "stage_outcome"
    )
    conditions = [rows.stage == stages.stage_text]
    if coverage.by_process:
        conditions.append(rows.process_text == stages.process_text)
    joined = (
        rows.drop("process_text").left_join(stages, conditions)
        if not coverage.by_process
        else rows.left_join(stages, conditions)
    )
    return joined.drop(
        *[c for c in ("stage", "stage_text", "process_text", "process_text_right") if c in joined.columns]
    )


def _count(rows: Any, begins_at: pd.Timestamp | None, *, has_close: bool) -> Any:
    import ibis

    counts = (rows.changed_at >= ibis.literal(begins_at)) if begins_at is not None else ibis.literal(True)
    is_open = (rows.stage_outcome.fill_null("open") == "open") & (rows.outcome_before.fill_null("open") == "open")
    moved = counts & (rows.stage_no != rows.stage_no_before)
    result = rows.mutate(
        n_stage_changes=count_if(moved),
        n_stage_regressions=count_if(moved & is_open & (rows.stage_position < rows.position_before)),
        stage_since=when(
            is_there(rows.stage_no) & (is_missing(rows.stage_no_before) | (rows.stage_no != rows.stage_no_before)),
            rows.changed_at,
        ),
        outcome_since=when(
            is_there(rows.stage_outcome)
            & (is_missing(rows.outcome_before) | (rows.stage_outcome != rows.outcome_before)),
            rows.changed_at,
        ),
    )
    if not has_close:
        nothing = ibis.literal(0).cast("int64")
        return result.mutate(n_pushes=nothing, seconds_pushed=nothing, n_pulls=nothing)
    close, close_before = result.expected_close_on, result.close_before
    pushed = counts & is_open & (close > close_before)
    return result.mutate(
        n_pushes=count_if(pushed),
        seconds_pushed=ibis.ifelse(pushed, seconds_between(close_before, close), 0),
        n_pulls=count_if(counts & is_open & (close < close_before)),
    )
