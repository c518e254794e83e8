"""One row a stay of a deal in a stage."""

from typing import Any

import pandas as pd

from oppnb.history.changes import changes
from oppnb.history.coverage import Coverage, read_coverage
from oppnb.history.day_rows import day_rows
from oppnb.history.deals import exported_deals
from oppnb.history.fence import days_between, is_missing, is_there
from oppnb.history.moments import as_day, counting_from
from oppnb.history.rates import read_rates, with_base_amounts
from oppnb.history.snapshots import Data, Day
from oppnb.history.source import DEAL, Source, open_source
from oppnb.history.stage_map import with_stage_meaning
from oppnb.history.states import MEANING, known_states
from oppnb.history.told import told_on_days
from oppnb.workspace import Workspace

__all__ = ["SPELL_COLUMNS", "spells"]

SPELL_COLUMNS = (
    "opportunity_id",
    "process",
    "stage",
    "stage_position",
    "outcome",
    "spell",
    "entered_at",
    "left_at",
    "next_stage",
    "next_position",
    "next_outcome",
    "days",
    "is_finished",
    "is_first_stage_known",
    "amount_base",
)
STAY = {
    "entered_at": "timestamp(6)",
    "seq": "int64",
    "stage": "string",
    "stage_position": "float64",
    "outcome": "string",
    "amount": "float64",
}


def spells(tables: Data, *, known_on: Day | None = None, workspace: Workspace | None = None) -> pd.DataFrame:
    """One row a stay in a stage, as known at the end of `known_on`; consecutive rows of the same stage are one stay.

    A deal without a history of its stage has one row where its stage is known: the closed stage, entered at the close,
    or from the day of the export on the stage it stands in, entered at an unknown moment.

    Parameters
    ----------
    tables, workspace
        As in `as_of`.
    known_on : date, optional
        Nothing later is looked at; by default the day of the export.

    Returns
    -------
    DataFrame
        By `opportunity_id` and `spell` (1, 2, …): `process`, `stage`, `stage_position`, `outcome` (of the stage: open,
        won, lost), `entered_at` (null: unknown), `left_at` (null: still there, or unknown), `next_stage`,
        `next_position`, `next_outcome` (null: still there), `days` (to `left_at`, or so far; null if a moment is
        unknown), `is_finished`, `is_first_stage_known` (the history reaches back to the day the deal was created: else
        its first spell may have begun earlier, and stages before it are not told), `amount_base` (known at the entry,
        at the rate of that day).

    Raises
    ------
    CurrencyError
        If amounts are in several currencies without exchange rates.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    >>> history = pd.DataFrame({
    ...     "opportunity_id": ["1", "1"], "stage": ["Lead", "Demo"],
    ...     "changed_at": pd.to_datetime(["2024-01-01", "2024-01-11"])})
    >>> found = spells({"opportunities": deals, "opportunity_history": history}, known_on="2024-01-12")
    >>> found[["stage", "days", "is_finished"]].values.tolist()
    [['Lead', 10.0, True], ['Demo', 2.0, False]]
    """
    source, workspace = open_source(tables), workspace or Workspace()
    coverage = read_coverage(source, workspace)
    day = coverage.exported_on if known_on is None else as_day(known_on)
    calendar = day_rows([day], coverage=coverage, workspace=workspace)
    frame = source.frame(spell_expression(source, coverage, calendar, workspace))
    return _finish(frame, source, workspace)


def spell_expression(source: Source, coverage: Coverage, calendar: pd.DataFrame, workspace: Workspace) -> Any:
    """The spells as one Ibis expression, before amounts are turned into the base currency."""
    import ibis

    deals = exported_deals(source, coverage)
    ends = calendar["cutoff"].iloc[0]
    stays = None
    if coverage.first_at:
        rows = changes(source, coverage, before=ends, begins_at=counting_from(workspace))
        begins = rows.filter(is_there(rows.stage_since)).drop("stage_position", "stage_outcome")
        stays = _told_stays(with_stage_meaning(begins, coverage.stages, *MEANING))
    told = told_on_days(deals, known_states(source, coverage, deals, calendar, workspace), calendar, only_open=False)
    exported = _exported_stays(told)
    every = exported if stays is None else stays.union(exported)
    begins_at = counting_from(workspace)
    firsts = told.select(
        deal_id="opportunity_id",
        process="process",
        currency="currency",
        is_first_stage_known=_is_first_known(told, begins_at),
    )
    numbered = _in_sequence(every, ends)
    return (
        numbered.join(firsts, numbered.opportunity_id == firsts.deal_id)
        .mutate(as_of=ibis.literal(ends))
        .drop("deal_id")
    )


def _told_stays(begins: Any) -> Any:
    import ibis

    amount = begins.amount if "amount" in begins.columns else ibis.null().cast("float64")
    return begins.select(
        opportunity_id=begins[DEAL],
        place=ibis.literal(0).cast("int64"),
        entered_at=begins.changed_at,
        seq=begins.seq,
        stage=begins.known_stage,
        stage_position=begins.stage_position,
        outcome=begins.stage_outcome,
        amount=amount,
    )


def _exported_stays(told: Any) -> Any:
    """The stays that only the export tells: a close, or where a deal without history stands."""
    import ibis

    stands = told.is_export_known & is_missing(told.known_stage) & is_there(told.exported_stage)
    only = told.filter(told.takes_close | stands)
    return only.select(
        "opportunity_id",
        place=ibis.literal(1).cast("int64"),
        entered_at=ibis.ifelse(only.takes_close, only.exported_closed_at, ibis.null()),
        seq=ibis.literal(0).cast("int64"),
        stage=only.exported_stage,
        stage_position=only.exported_position,
        outcome=only.exported_outcome,
        amount=only.exported_amount if "exported_amount" in only.columns else ibis.null().cast("float64"),
    )


def _is_first_known(told: Any, begins_at: pd.Timestamp | None) -> Any:
    import ibis

    born = told.exported_created_at.fill_null(told.first_at)
    reaches_back = is_there(told.stage_outcome) & (days_between(born, told.first_at) <= 1.0)
    if begins_at is not None:
        reaches_back = reaches_back & (born >= ibis.literal(begins_at))
    return reaches_back.fill_null(False)


def _in_sequence(stays: Any, ends: pd.Timestamp) -> Any:
    import ibis

    order = ibis.window(group_by="opportunity_id", order_by=["place", "entered_at", "seq"])
    stays = stays.mutate(
        spell=ibis.row_number().over(order) + 1,
        left_at=stays.entered_at.lead().over(order),
        next_stage=stays.stage.lead().over(order),
        next_position=stays.stage_position.lead().over(order),
        next_outcome=stays.outcome.lead().over(order),
    )
    until = ibis.ifelse(is_missing(stays.next_outcome), ibis.literal(ends), stays.left_at)
    return stays.mutate(days=days_between(stays.entered_at, until), is_finished=is_there(stays.next_outcome))


def _finish(frame: pd.DataFrame, source: Source, workspace: Workspace) -> pd.DataFrame:
    frame = frame.sort_values(["opportunity_id", "spell"], ignore_index=True)
    # the rate of the day of the entry: for an amount, entering is what closing is for a deal
    priced = frame[["opportunity_id", "currency", "amount", "as_of"]].assign(closed_at=frame["entered_at"])
    frame["amount_base"] = with_base_amounts(priced, read_rates(source), workspace)["amount_base"]
    frame["days"] = frame["days"].round(6)
    frame["spell"] = frame["spell"].astype("int64")
    return frame[list(SPELL_COLUMNS)]
