"""How deals ended that were open on a day, and how long that took; open ones are open, never lost."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.coverage import read_coverage
from oppnb.history.moments import as_day, cutoff
from oppnb.history.snapshots import Data, Day, as_of
from oppnb.history.source import open_source
from oppnb.workspace import Workspace

__all__ = ["deal_lives", "ends", "ends_known_on"]

_DAY = np.timedelta64(86_400_000_000, "us")


def ends(
    tables: Data, rows: pd.DataFrame, *, known_on: Day | None = None, workspace: Workspace | None = None
) -> pd.DataFrame:
    """The close of each deal that stands on `known_on`, counted from the end of the row's day.

    A loss that was taken back by `known_on` is not the end; one that is taken back later is.

    Parameters
    ----------
    tables, workspace
        As in `oppnb.history.as_of`.
    rows : DataFrame
        `opportunity_id` and `as_of`: deals that were open at the end of that day.
    known_on : date, optional
        Nothing later is looked at; by default the day of the export.

    Returns
    -------
    DataFrame
        The same rows in the same order and with the same index: `end` (won, lost, or open on `known_on`), `days_to_end`
        (float, from the end of `as_of` to the close, or to the end of `known_on` while open), `closed_at` (null while
        open). `days_to_end` is null where the close has no date, or a date before the row's day: then the source
        learnt of the close late, and nobody can say what was open when.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-02-11 12:00", None])})
    >>> rows = pd.DataFrame({"opportunity_id": ["1", "2"], "as_of": pd.to_datetime(["2024-01-31", "2024-01-31"])})
    >>> ends({"opportunities": deals}, rows, known_on="2024-03-01")[["end", "days_to_end"]].values.tolist()
    [['won', 10.5], ['open', 30.0]]
    """
    source, workspace = open_source(tables), workspace or Workspace()
    day = read_coverage(source, workspace).exported_on if known_on is None else as_day(known_on)
    return ends_of(deal_lives(source, day, workspace=workspace), rows, known_on=day, workspace=workspace)


def ends_of(lives: pd.DataFrame, rows: pd.DataFrame, *, known_on: date, workspace: Workspace) -> pd.DataFrame:
    """As `ends`, of lives that are known already."""
    zone = workspace.calendar.time_zone
    found = lives.set_index("opportunity_id")[["outcome", "closed_at"]].reindex(rows["opportunity_id"])
    outcome = found["outcome"].fillna("open").to_numpy(dtype=object)
    closed_at = found["closed_at"].to_numpy(dtype="datetime64[us]")
    begins = cutoffs_of(rows["as_of"], zone)
    is_open = outcome == "open"
    until = np.where(is_open, np.datetime64(cutoff(known_on, zone), "us"), closed_at)
    days = np.round((until - begins) / _DAY, 6)
    return pd.DataFrame(
        {
            "end": pd.Series(outcome, dtype="str").to_numpy(),
            "days_to_end": np.where(days < 0, np.nan, days),
            "closed_at": np.where(is_open, np.datetime64("NaT", "us"), closed_at),
        },
        index=rows.index,
    ).astype({"end": "str", "closed_at": "datetime64[us]"})


def ends_known_on(
    frame: pd.DataFrame, as_of: pd.Series, *, day: Day, time_zone: str = "UTC"
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """What of the ends was known on an earlier day: a close after it is not yet one.

    Parameters
    ----------
    frame : DataFrame
        `end` and `days_to_end`, of `ends`; other columns are kept as they are.
    as_of : Series of datetime64
        The day of each row.
    day : date
        The earlier day of knowledge.
    time_zone : str
        Where days end.

    Returns
    -------
    tuple of DataFrame and array of bool
        The frame with `end` open and `days_to_end` up to `day` where the close lies after it, and a mask of the rows
        that were there before `day` (the others say nothing: leave them out). A loss taken back later is told as it
        ended, not as it looked on `day`.

    Examples
    --------
    >>> frame = pd.DataFrame({"end": ["won", "lost"], "days_to_end": [5.0, 20.0]})
    >>> as_of = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-01"]))
    >>> known, is_there = ends_known_on(frame, as_of, day="2024-01-11")
    >>> known.values.tolist()
    [['won', 5.0], ['open', 10.0]]
    """
    left = (np.datetime64(cutoff(as_day(day), time_zone), "us") - cutoffs_of(as_of, time_zone)) / _DAY
    days = frame["days_to_end"].to_numpy(dtype="float64")
    is_later = ~(days < left)  # a close at the very end of the day is one of the next day
    known = frame.assign(
        end=frame["end"].where(~is_later, "open").astype("str"), days_to_end=np.where(is_later, left, days)
    )
    return known, np.asarray(left > 0)


def cutoffs_of(days: pd.Series, time_zone: str) -> npt.NDArray[np.datetime64]:
    """The end of each day, as a UTC moment."""
    codes, unique = pd.factorize(days)
    ends_at = np.array([cutoff(pd.Timestamp(day).date(), time_zone) for day in unique], dtype="datetime64[us]")
    found: npt.NDArray[np.datetime64] = np.append(ends_at, np.datetime64("NaT", "us"))[codes]
    return found


def deal_lives(tables: Data, day: Day, *, workspace: Workspace) -> pd.DataFrame:
    """One row a deal that existed on `day`: `born_at` (null if unknown), `outcome`, `closed_at`, as known then."""
    frame = as_of(tables, day, workspace=workspace)
    frame = frame[["opportunity_id", "outcome", "closed_at", "created_at"]].rename(columns={"created_at": "born_at"})
    moments = dict.fromkeys(("closed_at", "born_at"), "datetime64[us]")
    return frame.astype(moments)
