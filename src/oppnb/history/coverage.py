"""What the history table covers: since when it tracks which column, which texts it holds, where it has gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from oppnb.history.fence import is_missing, is_there, when
from oppnb.history.moments import local_day
from oppnb.history.source import Source
from oppnb.history.stage_map import stage_map
from oppnb.workspace import Workspace

__all__ = ["REMEMBERED", "STATE_COLUMNS", "Coverage", "read_coverage"]

REMEMBERED = "remembered_on"
"""Column of the history: the day of the export from which oppnb remembers the row; null for those of the data."""

STATE_COLUMNS = (
    "stage",
    "amount",
    "expected_close_on",
    "owner_id",
    "forecast_category",
    "next_step",
    "next_step_due_on",
)


@dataclass(frozen=True)
class Coverage:
    """What can be said from the history, found by looking once at each table.

    Attributes
    ----------
    first_at : mapping of str to Timestamp
        First moment at which the history names a value, by state column; a column it never names is not there.
    own_first_at : mapping of str to Timestamp
        The same of the rows of the data itself, without those that oppnb remembers.
    closings_at : Timestamp, optional
        First moment at which a history of the data shows a closed stage. What oppnb remembers does not count: it knows
        only closes of deals that it saw open.
    with_gaps : frozenset of str
        State columns that are named in some rows only: a null means 'as before'. None where all is remembered: such
        rows are whole.
    stages : DataFrame
        Of `stage_map`.
    by_process : bool
        Stage texts have to be read within the process of the deal.
    has_doubles : bool
        An opportunity appears more than once in `opportunities`.
    has_account_activities : bool
        Some activities name an account and no opportunity.
    exported_on : date
        From this day on, what `opportunities` says is what was known: as the workspace or the data say, else the day of
        the latest moment in the data.
    history_from : Timestamp, optional
        First moment in the history.
    """

    stages: pd.DataFrame
    by_process: bool
    first_at: Mapping[str, pd.Timestamp] = field(default_factory=dict)
    own_first_at: Mapping[str, pd.Timestamp] = field(default_factory=dict)
    closings_at: pd.Timestamp | None = None
    with_gaps: frozenset[str] = frozenset()
    has_doubles: bool = False
    has_account_activities: bool = False
    exported_on: date = date.max
    history_from: pd.Timestamp | None = None


def read_coverage(source: Source, workspace: Workspace) -> Coverage:
    """Look once at each table and say what it covers."""
    by_process = source.has("opportunities", "process") and len(workspace.processes) != 1
    found = _texts(source, by_process)
    stages = stage_map(found[["process_text", "stage_text"]], workspace)
    deals = source["opportunities"]
    counts = source.frame(deals.aggregate(rows=deals.count(), keys=deals.opportunity_id.nunique())).iloc[0]
    first_at, own_first_at, with_gaps = _columns_covered(source)
    return Coverage(
        stages,
        by_process,
        first_at=first_at,
        own_first_at=own_first_at,
        closings_at=_first_closing(found, stages),
        with_gaps=with_gaps,
        has_doubles=int(counts["rows"]) != int(counts["keys"]),
        has_account_activities=_has_account_activities(source),
        exported_on=workspace.sources.exported_on or source.exported_on or _latest_day(source, workspace),
        history_from=min(first_at.values(), default=None),
    )


def process_text(deals: Any, by_process: bool) -> Any:
    """The process a deal names, '' for none; '' throughout where it does not matter."""
    import ibis

    return deals.process.fill_null("") if by_process else ibis.literal("")


def history_texts(source: Source, by_process: bool) -> Any:
    """The history with the process text of each row's deal."""
    import ibis

    history = source["opportunity_history"]
    if not by_process:
        return history.mutate(process_text=ibis.literal(""))
    deals = source["opportunities"]
    processes = deals.group_by(deal_id=deals.opportunity_id).aggregate(
        process_text=process_text(deals, by_process).max()
    )
    joined = history.left_join(processes, history.opportunity_id == processes.deal_id).drop("deal_id")
    return joined.mutate(process_text=joined.process_text.fill_null(""))


def _texts(source: Source, by_process: bool) -> pd.DataFrame:
    deals = source["opportunities"]
    current = deals.select(process_text=process_text(deals, by_process), stage_text=deals.stage.fill_null(""))
    found = [source.frame(current.distinct())]
    if "opportunity_history" in source:
        rows = history_texts(source, by_process)
        named = rows.filter(is_there(rows.stage))
        told_at = when(is_missing(named[REMEMBERED]), named.changed_at) if REMEMBERED in named else named.changed_at
        found.append(
            source.frame(named.group_by("process_text", stage_text=named.stage).aggregate(first_at=told_at.min()))
        )
    return pd.concat(found, ignore_index=True).reindex(columns=["process_text", "stage_text", "first_at"])


Firsts = dict[str, pd.Timestamp]


def _columns_covered(source: Source) -> tuple[Firsts, Firsts, frozenset[str]]:
    if "opportunity_history" not in source:
        return {}, {}, frozenset()
    history = source["opportunity_history"]
    given = [column for column in STATE_COLUMNS if source.has("opportunity_history", column)]
    if not given:
        return {}, {}, frozenset()
    has_memory = source.has("opportunity_history", REMEMBERED)
    wanted = {"rows": history.count()}
    for column in given:
        is_named = is_there(history[column])
        wanted[f"{column}_n"] = history[column].count()
        wanted[f"{column}_at"] = when(is_named, history.changed_at).min()
        if has_memory:
            wanted[f"{column}_own"] = when(is_named & is_missing(history[REMEMBERED]), history.changed_at).min()
    if has_memory:
        wanted["remembered"] = history[REMEMBERED].count()
    row = source.frame(history.aggregate(**wanted)).iloc[0]
    first_at = _firsts(row, given, "at")
    own_first_at = _firsts(row, given, "own") if has_memory else first_at
    if has_memory and int(row["remembered"]) == int(row["rows"]):
        return first_at, own_first_at, frozenset()
    with_gaps = frozenset(column for column in first_at if int(row[f"{column}_n"]) < int(row["rows"]))
    return first_at, own_first_at, with_gaps


def _firsts(row: Any, given: list[str], ending: str) -> Firsts:
    moments = {column: row[f"{column}_{ending}"] for column in given}
    return {column: pd.Timestamp(moment) for column, moment in moments.items() if pd.notna(moment)}


def _first_closing(found: pd.DataFrame, stages: pd.DataFrame) -> pd.Timestamp | None:
    merged = found.merge(stages, on=["process_text", "stage_text"], how="left")
    first = merged.loc[merged["stage_outcome"].isin(["won", "lost"]), "first_at"].dropna()
    return None if first.empty else pd.Timestamp(first.min())


def _has_account_activities(source: Source) -> bool:
    if not (source.has("activities", "account_id") and source.has("opportunities", "account_id")):
        return False
    activities = source["activities"]
    loose = activities.filter(is_missing(activities.opportunity_id) & is_there(activities.account_id))
    return bool(source.frame(loose.aggregate(n=loose.count()))["n"].iloc[0])


MOMENTS = (
    ("opportunities", "created_at"),
    ("opportunities", "closed_at"),
    ("opportunity_history", "changed_at"),
    ("activities", "occurred_at"),
)


def _latest_day(source: Source, workspace: Workspace) -> date:
    latest = [
        source.frame(source[table].aggregate(latest=source[table][column].max()))["latest"].iloc[0]
        for table, column in MOMENTS
        if table in source and source.has(table, column)
    ]
    moments = pd.Series([moment for moment in latest if pd.notna(moment)], dtype="datetime64[us]")
    if moments.empty:
        return date.min
    day: pd.Timestamp = local_day(moments, workspace.calendar.time_zone).max()
    return day.date()
