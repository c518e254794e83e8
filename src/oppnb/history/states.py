"""The state of each deal over the days: from which day to which it was valid, and what had been counted by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oppnb.history.changes import COUNTS, changes, deal_marks, not_closed_before
from oppnb.history.coverage import Coverage
from oppnb.history.fence import is_missing, when
from oppnb.history.moments import counting_from
from oppnb.history.source import DEAL, Keep, Source, as_it_is
from oppnb.history.stage_map import with_stage_meaning
from oppnb.workspace import Workspace

__all__ = ["KEPT", "TYPES", "States", "day_number", "known_states", "state_ranges"]

MEANING = ("known_stage", "stage_position", "stage_outcome")
KEPT = (
    "text_no",
    "amount",
    "expected_close_on",
    "owner_id",
    "forecast_category",
    "next_step",
    "next_step_due_on",
)
MOMENTS = ("expected_close_on", "next_step_due_on", "first_at", "entered_stage_at", "outcome_at")
TYPES = {
    **dict.fromkeys((*KEPT, *MEANING), "string"),
    "text_no": "int64",
    **dict.fromkeys(MOMENTS, "timestamp(6)"),
    **dict.fromkeys(("stage_position", "amount", *COUNTS), "float64"),
}


@dataclass(frozen=True)
class States:
    """What the history tells.

    Attributes
    ----------
    ranges : ibis Table
        Of `state_ranges`, with `known_stage`, `stage_position`, `stage_outcome`.
    marks : ibis Table
        One row a deal of the export: `told_id` (its opportunity_id), `deal_`, `exported_created_at`, and what
        `deal_marks` says of it; None for a single day, which has no need of it.
    """

    ranges: Any
    marks: Any


def known_states(
    source: Source,
    coverage: Coverage,
    deals: Any,
    days: pd.DataFrame,
    workspace: Workspace,
    *,
    only_open: bool = False,
    keep: Keep = as_it_is,
) -> States | None:
    """The states that the history tells of `exported_deals` on the days of `day_rows`; None without a history.

    With `only_open` and several days, deals that were closed on all of them have no ranges: a closer look is not
    needed.
    """
    if not coverage.first_at:
        return None
    cutoffs = list(days["cutoff"])
    if len(cutoffs) == 1:
        # all deals are wanted, each once: to number their rows first would cost what it saves
        marks, wanted = None, None
    else:
        marks = keep(_marked(deals, deal_marks(source, coverage, cutoffs[-1])))
        wanted = not_closed_before(marks, cutoffs[0]) if only_open and "stage" in coverage.first_at else marks
        wanted = wanted.select(DEAL, "told_id")
    rows = changes(source, coverage, before=cutoffs[-1], begins_at=counting_from(workspace), of=wanted)
    return States(with_stage_meaning(state_ranges(rows, cutoffs), coverage.stages, *MEANING), marks)


def _marked(deals: Any, marks: Any) -> Any:
    joined = deals.left_join(marks, deals.opportunity_id == marks.marked_id)
    return joined.select(
        DEAL,
        "first_row_at",
        "closed_row_at",
        "open_row_at",
        told_id="opportunity_id",
        exported_created_at="created_at",
    )


def day_number(moment: Any, cutoffs: Sequence[pd.Timestamp]) -> Any:
    """Number of the first day on which the moment was known; the number of days if on none (also for null)."""
    import ibis

    number = ibis.literal(0).cast("int64")
    for ends in cutoffs:
        number = number + ibis.ifelse(moment < ibis.literal(ends), 0, 1).cast("int64")
    return number


def state_ranges(rows: Any, cutoffs: Sequence[pd.Timestamp]) -> Any:
    """One row a deal and run of days on which the same state was the last known.

    The rows between two days are folded into one first: its state is that of the last of them, its counts are sums.

    Returns
    -------
    ibis Table
        `deal_`, `from_day`, `to_day` (numbers; valid on from_day <= day < to_day; left out for a single day),
        the state, `first_at`, `entered_stage_at`, `outcome_at`, and the counts up to then.
    """
    kept = [column for column in KEPT if column in rows.columns]
    if len(cutoffs) == 1:
        return _folded(rows, [DEAL], is_missing(rows.next_at), kept)
    rows = rows.mutate(from_day=day_number(rows.changed_at, cutoffs), next_day=day_number(rows.next_at, cutoffs))
    folded = _folded(rows, [DEAL, "from_day"], rows.from_day < rows.next_day, kept)
    return _carried(folded, kept, n_days=len(cutoffs))


def _folded(rows: Any, keys: Sequence[str], is_last: Any, kept: Sequence[str]) -> Any:
    return rows.group_by(*keys).aggregate(
        first_at=rows.changed_at.min(),
        entered_stage_at=rows.stage_since.max(),
        outcome_at=rows.outcome_since.max(),
        **{column: when(is_last, rows[column]).max() for column in kept},
        **{name: rows[name].sum().cast("float64") for name in COUNTS},
    )


def _carried(folded: Any, kept: Sequence[str], *, n_days: int) -> Any:
    import ibis

    order = ibis.window(group_by=DEAL, order_by="from_day")
    until_now = ibis.window(group_by=DEAL, order_by="from_day", preceding=None, following=0)
    return folded.select(
        DEAL,
        "from_day",
        *kept,
        to_day=folded.from_day.lead().over(order).fill_null(n_days),
        first_at=folded.first_at.min().over(until_now),
        entered_stage_at=folded.entered_stage_at.max().over(until_now),
        outcome_at=folded.outcome_at.max().over(until_now),
        **{name: folded[name].sum().over(until_now) for name in COUNTS},
    )
