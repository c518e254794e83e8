"""The pipeline and its stays as reports have them: known on a day, open ones aged in whole days."""

from datetime import date

import pandas as pd

from oppnb.history.snapshots import as_of
from oppnb.history.source import Source
from oppnb.history.spells import spells
from oppnb.history.whole_days import in_whole_days, stays_in_whole_days
from oppnb.workspace import Workspace

__all__ = ["pipeline_on", "stays_on"]


def pipeline_on(source: Source, day: date, *, workspace: Workspace) -> pd.DataFrame:
    """The pipeline as known on a day, as `as_of` has it; open deals are as old as the calendar says.

    Examples
    --------
    >>> from oppnb.history import open_source
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"], "outcome": ["open"],
    ...     "created_at": pd.to_datetime(["2024-01-01"])})
    >>> source = open_source({"opportunities": deals})
    >>> pipeline_on(source, date(2024, 1, 30), workspace=Workspace())["age_days"].tolist()
    [29.0]
    """
    known = as_of(source, day, workspace=workspace)
    return in_whole_days(known, time_zone=workspace.calendar.time_zone)


def stays_on(source: Source, day: date, *, workspace: Workspace) -> pd.DataFrame:
    """The stays in stages as known on a day, as `spells` has them; those that last are counted in whole days."""
    known = spells(source, known_on=day, workspace=workspace)
    return stays_in_whole_days(known, day, time_zone=workspace.calendar.time_zone)
