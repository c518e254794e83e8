"""What each row of the history changed against the row before it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from oppnb.history.coverage import STATE_COLUMNS, Coverage, history_texts
from oppnb.history.fence import count_if, is_missing, is_there, seconds_between, small_table, when
from oppnb.history.filled import fill_forward, in_order
from oppnb.history.source import DEAL, Source
from oppnb.history.stage_map import with_stage_meaning

__all__ = ["COUNTS", "changes", "deal_marks", "not_closed_before"]

COUNTS = ("n_pushes", "seconds_pushed", "n_pulls", "n_stage_changes", "n_stage_regressions")


def changes(
    source: Source,
    coverage: Coverage,
    *,
    before: pd.Timestamp,
    begins_at: pd.Timestamp | None,
    of: Any | None = None,
) -> Any:
    """The history before a moment (of the deals `of`: `told_id`, `deal_`; else of all), one row a state, with changes.

    A push is a later expected close while the deal was and stays open. A regression is a step to an earlier open stage.
    Only rows from `begins_at` on are counted: the first row after tracking began is no change.

    Returns
    -------
    ibis Table
        `deal_` (the opportunity_id without `of`), `changed_at`, `seq`, the state columns that the history names (filled
        forward; for the stage `text_no` of `stage_map`), `next_at` (when the state ended; null for the last),
        `stage_since` and `outcome_since` (`changed_at` where a stage or outcome begins, else null) and the counts of
        this row.
    """
    named = [column for column in STATE_COLUMNS if column in coverage.first_at]
    rows = _rows_before(source, coverage, before, named)
    if of is None:
        rows = rows.rename(**{DEAL: "opportunity_id"})
    else:
        rows = rows.join(of, rows.opportunity_id == of.told_id).drop("opportunity_id", "told_id")
    gaps = ["text_no" if column == "stage" else column for column in named if column in coverage.with_gaps]
    rows = fill_forward(rows, gaps)
    order = in_order()
    has_close = "expected_close_on" in named
    rows = rows.mutate(
        next_at=rows.changed_at.lead().over(order),
        text_no_before=rows.text_no.lag().over(order),
        **({"close_before": rows.expected_close_on.lag().over(order)} if has_close else {}),
    )
    meaning = ("stage_no", "stage_position", "stage_outcome")
    rows = with_stage_meaning(rows, coverage.stages, *meaning)
    rows = with_stage_meaning(rows, coverage.stages, *meaning, of="text_no_before")
    return _count(rows, begins_at, has_close=has_close)


def _rows_before(source: Source, coverage: Coverage, before: pd.Timestamp, named: Sequence[str]) -> Any:
    import ibis

    history = history_texts(source, coverage.by_process)
    is_known = is_there(history.changed_at) & is_there(history.opportunity_id) & (history.changed_at < before)
    rows = history.filter(is_known)
    kept = ["opportunity_id", "changed_at", "seq", *(column for column in named if column != "stage")]
    if "stage" not in named:
        return rows.select(*kept, text_no=ibis.null().cast("int64"))
    texts = small_table(coverage.stages[["text_no", "process_text", "stage_text"]])
    texts = texts.rename(text_process="process_text")
    same = [rows.stage == texts.stage_text]
    if coverage.by_process:
        same.append(rows.process_text == texts.text_process)
    return rows.left_join(texts, same).select(*kept, "text_no")


def deal_marks(source: Source, coverage: Coverage, before: pd.Timestamp) -> Any:
    """One row a deal that the history knows before a moment.

    Returns
    -------
    ibis Table
        `marked_id`, `first_row_at`, and the last moment at which a stage was named that is closed in every process
        (`closed_row_at`) or any other (`open_row_at`); null if never.
    """
    import ibis

    is_open = coverage.stages["stage_outcome"] == "open"
    closed = set(coverage.stages.loc[~is_open, "stage_text"]) - set(coverage.stages.loc[is_open, "stage_text"])
    history = source["opportunity_history"]
    rows = history.filter(history.changed_at < before)
    is_closed = rows.stage.isin(sorted(closed)) if closed else ibis.literal(False)
    return rows.group_by(marked_id=rows.opportunity_id).aggregate(
        first_row_at=rows.changed_at.min(),
        closed_row_at=when(is_closed, rows.changed_at).max(),
        open_row_at=when(~is_closed, rows.changed_at).max(),
    )


def not_closed_before(marks: Any, moment: pd.Timestamp) -> Any:
    """The deals whose last named stage is an open one, or was named after the moment."""
    import ibis

    is_final = is_missing(marks.open_row_at) | (marks.open_row_at < marks.closed_row_at)
    is_long_closed = (marks.closed_row_at < ibis.literal(moment)) & is_final
    return marks.filter(~is_long_closed.fill_null(False))


def _count(rows: Any, begins_at: pd.Timestamp | None, *, has_close: bool) -> Any:
    import ibis

    counts = (rows.changed_at >= ibis.literal(begins_at)) if begins_at is not None else ibis.literal(True)
    is_open = (rows.stage_outcome.fill_null("open") == "open") & (rows.stage_outcome_before.fill_null("open") == "open")
    moved = counts & (rows.stage_no != rows.stage_no_before)
    result = rows.mutate(
        n_stage_changes=count_if(moved),
        n_stage_regressions=count_if(moved & is_open & (rows.stage_position < rows.stage_position_before)),
        stage_since=when(
            is_there(rows.stage_no) & (is_missing(rows.stage_no_before) | (rows.stage_no != rows.stage_no_before)),
            rows.changed_at,
        ),
        outcome_since=when(
            is_there(rows.stage_outcome)
            & (is_missing(rows.stage_outcome_before) | (rows.stage_outcome != rows.stage_outcome_before)),
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
