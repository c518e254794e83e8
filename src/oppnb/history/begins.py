"""Since when the source keeps a history of its deals."""

from datetime import date, timedelta

import pandas as pd

from oppnb.history.coverage import Coverage, read_coverage
from oppnb.history.fence import count_if
from oppnb.history.moments import cutoff, local_day
from oppnb.history.snapshots import Data
from oppnb.history.source import Source, open_source
from oppnb.workspace import Workspace

__all__ = ["begins_on_of", "history_begins_on"]

SUBSTANTIAL = 0.05


def history_begins_on(tables: Data, *, workspace: Workspace | None = None) -> date | None:
    """The day on which the history begins, if deals are older than it.

    Returns
    -------
    date or None
        As the workspace says (`sources.history_begins_on`); else the day of the first row of the history, if more than
        one in twenty deals was created before that day; None if the history reaches back to the deals, or there is
        none.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Demo"], "created_at": pd.to_datetime(["2023-01-02"])})
    >>> history = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Demo"], "changed_at": pd.to_datetime(["2024-01-11"])})
    >>> history_begins_on({"opportunities": deals, "opportunity_history": history})
    datetime.date(2024, 1, 11)
    """
    workspace = workspace or Workspace()
    if workspace.sources.history_begins_on is not None:
        return workspace.sources.history_begins_on
    source = open_source(tables)
    return begins_on_of(source, read_coverage(source, workspace), workspace)


def begins_on_of(source: Source, coverage: Coverage, workspace: Workspace) -> date | None:
    """As `history_begins_on`, of a source that was looked at already."""
    if workspace.sources.history_begins_on is not None:
        return workspace.sources.history_begins_on
    first = coverage.history_from
    return None if first is None else _if_later(source, first, workspace)


def _if_later(source: Source, first: pd.Timestamp, workspace: Workspace) -> date | None:
    import ibis

    zone = workspace.calendar.time_zone
    day = local_day(pd.Series([first], dtype="datetime64[us]"), zone).iloc[0].date()
    deals = source["opportunities"]
    begins = ibis.literal(cutoff(day - timedelta(days=1), zone))
    counts = source.frame(
        deals.aggregate(earlier=count_if(deals.created_at < begins).sum(), dated=deals.created_at.count())
    ).iloc[0]
    is_later = counts["dated"] and counts["earlier"] > SUBSTANTIAL * counts["dated"]
    return day if is_later else None
