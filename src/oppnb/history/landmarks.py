"""Open deals on weekly days: the rows that a model of winning learns from."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.begins import begins_on_of
from oppnb.history.coverage import Coverage, read_coverage
from oppnb.history.ends import cutoffs_of, deal_lives, ends_of
from oppnb.history.fence import is_missing, small_table
from oppnb.history.moments import as_day, local_day
from oppnb.history.rates import Rates, read_rates
from oppnb.history.snapshots import Data, Day, finish, snapshot_expression
from oppnb.history.source import Source, open_source
from oppnb.workspace import Workspace

__all__ = ["Landmarks", "has_dates", "landmarks", "last_day"]

DAYS_TOGETHER = 112
DEALS_AT_ONCE = 20_000
"""Up to so many deals, all days in one query: to put it into words for the engine costs more than the answer."""
_DAY = np.timedelta64(86_400_000_000, "us")
Moments = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Landmarks:
    """Deals on days, and what became of them.

    Attributes
    ----------
    rows : DataFrame
        Of `oppnb.history.snapshots` with only open deals, by `as_of` and `opportunity_id`.
    ends : DataFrame
        Of `oppnb.history.ends`, with `weight` (0-1): how much of `every_weeks` weeks the row stands for.
    """

    rows: pd.DataFrame
    ends: pd.DataFrame


def landmarks(
    tables: Data,
    *,
    until: Day | None = None,
    weeks: int = 104,
    every_weeks: int = 4,
    workspace: Workspace | None = None,
) -> Landmarks:
    """Open deals on weekly days up to `until`, each deal every fourth week, with how they ended as known on `until`.

    Which of the four weeks is a deal's is told by a checksum of its id, so that each day sees a fair part of the deals.
    A deal that was open on some day and would have no row (it closed too soon) gets one: on the first weekly day on
    which it was open, or on its first day if it lived between two of them. To forget the quick ones would tell a
    company that its deals are slow. That holds for open deals as for closed ones.

    A model in which each deal counts the same (weights of 1 / rows of the deal) needs nothing more. One in which each
    row counts the same would hear too much of the quick deals: multiply by `weight`, which is the part of `every_weeks`
    weeks for which a deal was open, at most 1.

    Parameters
    ----------
    tables, workspace
        As in `oppnb.history.as_of`.
    until : date, optional
        Day of knowledge, and the last landmark; by default the day of the export.
    weeks : int
        How far back; not before the history begins or the first deal was created.
    every_weeks : int
        Each deal is looked at once in so many weeks.

    Returns
    -------
    Landmarks
        Without rows if no deal has dates.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Won"], "created_at": pd.to_datetime(["2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-01-05"])})
    >>> found = landmarks({"opportunities": deals}, until="2024-03-31")
    >>> found.rows["as_of"].astype(str).tolist(), found.ends["end"].tolist()
    (['2024-01-02'], ['won'])
    """
    source, workspace = open_source(tables), workspace or Workspace()
    maker = _maker(source, workspace)
    last = last_day(source, workspace=workspace) if until is None else as_day(until)
    lives = deal_lives(source, last, workspace=workspace)
    start = max(last - timedelta(weeks=weeks), _first_day(source, maker.coverage, lives, workspace) or last)
    days = _weekly(last, start) if lives["born_at"].notna().any() else []
    rows = _every_few_weeks(maker, lives, days, every_weeks)
    rows = _in_order([rows, *_of_the_quick(maker, lives, days, rows, start)])
    found = ends_of(lives, rows, known_on=last, workspace=workspace)
    found["weight"] = _weights(lives, rows, (start, last), every_weeks, workspace)
    told = (found["end"] == "open") | found["days_to_end"].notna()
    return Landmarks(rows[told].reset_index(drop=True), found[told].reset_index(drop=True))


@dataclass(frozen=True)
class _Maker:
    source: Source
    coverage: Coverage
    rates: Rates
    workspace: Workspace

    def rows(self, ids: pd.Series, days: Sequence[date]) -> pd.DataFrame:
        """The open ones of some deals on some days."""
        source = _only(self.source, ids, self.coverage)
        expression = snapshot_expression(source, self.coverage, days, self.workspace, only_open=True)
        return finish(source.frame(expression), source, self.rates, self.workspace)

    @property
    def zone(self) -> str:
        return self.workspace.calendar.time_zone


def _maker(source: Source, workspace: Workspace) -> _Maker:
    return _Maker(source, read_coverage(source, workspace), read_rates(source), workspace)


def _only(source: Source, ids: pd.Series, coverage: Coverage) -> Source:
    """The tables with the rows of some deals; the rates and what the source as a whole covers stay those of all."""
    wanted = small_table(pd.DataFrame({"wanted_id": ids.astype("str")}))
    tables = dict(source.tables)
    for name in ("opportunities", "opportunity_history", "activities", "contacts"):
        if name in tables:
            tables[name] = _rows_of(tables[name], wanted, keep_loose=coverage.has_account_activities)
    return replace(source, tables=tables)


def _rows_of(table: Any, wanted: Any, *, keep_loose: bool) -> Any:
    kept = table.semi_join(wanted, table.opportunity_id == wanted.wanted_id)
    if keep_loose and "occurred_at" in table.columns:
        return kept.union(table.filter(is_missing(table.opportunity_id)))
    return kept


def _first_day(source: Source, coverage: Coverage, lives: pd.DataFrame, workspace: Workspace) -> date | None:
    born = lives["born_at"].dropna()
    if born.empty:
        return None
    first: date = local_day(born.nsmallest(1), workspace.calendar.time_zone).iloc[0].date()
    begins = begins_on_of(source, coverage, workspace)
    return first if begins is None else max(first, begins)


def _weekly(last: date, start: date) -> list[date]:
    """The landmark days, the earliest first."""
    n_weeks = (last - start).days // 7
    return [last - timedelta(weeks=back) for back in range(n_weeks, -1, -1)]


def _every_few_weeks(maker: _Maker, lives: pd.DataFrame, days: Sequence[date], every: int) -> pd.DataFrame:
    ids = lives["opportunity_id"]
    phases = pd.Series([zlib.crc32(key.encode()) % every for key in ids], index=ids, dtype="int64")
    if len(ids) <= DEALS_AT_ONCE:
        asked = [(ids, days[start : start + DAYS_TOGETHER]) for start in range(0, len(days), DAYS_TOGETHER)]
    else:
        asked = [(ids[phases.to_numpy() == phase], _of_phase(days, phase, every)) for phase in range(every)]
    parts = [maker.rows(some[_was_there(maker, lives, together)[some.index]], together) for some, together in asked]
    rows = _in_order(parts) if parts else maker.rows(ids[:0], [date(1970, 1, 1)])
    weeks_back = (pd.Timestamp(days[-1]) - rows["as_of"]).dt.days // 7 if days else rows["as_of"].dt.day
    is_due = weeks_back.to_numpy() % every == phases.reindex(rows["opportunity_id"]).to_numpy()
    kept: pd.DataFrame = rows[is_due].reset_index(drop=True)
    return kept


def _of_phase(days: Sequence[date], phase: int, every: int) -> list[date]:
    return list(days[::-1][phase::every])[::-1]


def _was_there(maker: _Maker, lives: pd.DataFrame, days: Sequence[date]) -> npt.NDArray[np.bool_]:
    """Deals that may have been open on one of the days; a close without a date is checked by the snapshot."""
    ends_at = cutoffs_of(pd.Series(pd.to_datetime([days[0], days[-1]])), maker.zone)
    born, closed = _moments(lives["born_at"]), _moments(lives["closed_at"])
    return np.asarray((np.isnat(born) | (born < ends_at[1])) & (np.isnat(closed) | (closed >= ends_at[0])))


def _moments(values: pd.Series) -> Moments:
    return np.asarray(values.to_numpy(dtype="datetime64[us]"))


def _of_the_quick(
    maker: _Maker, lives: pd.DataFrame, days: Sequence[date], rows: pd.DataFrame, start: date
) -> list[pd.DataFrame]:
    """Rows of the deals that have none yet."""
    if not days:
        return []
    wanted = _first_days(maker, lives[~lives["opportunity_id"].isin(rows["opportunity_id"])], days, start)
    every_day = sorted(wanted["as_of"].unique())
    parts = []
    for place in range(0, len(every_day), DAYS_TOGETHER):
        together = every_day[place : place + DAYS_TOGETHER]
        mine = wanted[wanted["as_of"].isin(together)]
        found = maker.rows(mine["opportunity_id"], [pd.Timestamp(day).date() for day in together])
        parts.append(found.merge(mine, on=["opportunity_id", "as_of"]))
    return parts


def _first_days(maker: _Maker, lives: pd.DataFrame, days: Sequence[date], start: date) -> pd.DataFrame:
    """The first weekly day on which each deal was open, else its first day; deals that never saw a day's end: none."""
    lives = lives[lives["born_at"].notna() & ((lives["outcome"] == "open") | lives["closed_at"].notna())]
    closed = lives["closed_at"].fillna(pd.Timestamp.max.as_unit("us"))
    cutoffs = cutoffs_of(pd.Series(pd.to_datetime(list(days))), maker.zone)
    place = np.searchsorted(cutoffs, _moments(lives["born_at"]), side="right")
    weekly = np.append(cutoffs, np.datetime64("NaT", "us"))[np.minimum(place, len(days))]
    born_on = local_day(lives["born_at"], maker.zone)
    landmark = np.append(np.array(days, dtype="datetime64[us]"), np.datetime64("NaT", "us"))[
        np.minimum(place, len(days))
    ]
    is_weekly = ~np.isnat(weekly) & (closed.to_numpy() >= weekly)
    first = np.where(is_weekly, landmark, born_on.to_numpy(dtype="datetime64[us]"))
    sees_it = closed.to_numpy() >= cutoffs_of(pd.Series(first), maker.zone)
    in_time = first >= np.datetime64(start, "us")
    frame = pd.DataFrame({"opportunity_id": lives["opportunity_id"].to_numpy(), "as_of": first})
    return frame[sees_it & in_time].astype({"opportunity_id": "str", "as_of": "datetime64[us]"})


def _in_order(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    together = pd.concat(filled, ignore_index=True) if filled else parts[0]
    return together.sort_values(["as_of", "opportunity_id"], ignore_index=True)


def _weights(
    lives: pd.DataFrame, rows: pd.DataFrame, between: tuple[date, date], every: int, workspace: Workspace
) -> npt.NDArray[np.float64]:
    if rows.empty:
        return np.zeros(0)
    ends_at = cutoffs_of(pd.Series(pd.to_datetime(list(between))), workspace.calendar.time_zone)
    born, closed = _moments(lives["born_at"]), _moments(lives["closed_at"])
    from_at = np.where(np.isnat(born), ends_at[0], np.maximum(born, ends_at[0]))
    until_at = np.where(np.isnat(closed), ends_at[1], np.minimum(closed, ends_at[1]))
    share = np.clip((until_at - from_at) / _DAY, 1.0, 7.0 * every) / (7.0 * every)
    found = pd.Series(share, index=lives["opportunity_id"]).reindex(rows["opportunity_id"])
    return np.asarray(found.to_numpy(dtype="float64"))


def has_dates(tables: Data) -> bool:
    """Whether anything in the source says when a deal began.

    Examples
    --------
    >>> has_dates({"opportunities": pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})})
    False
    """
    source = open_source(tables)
    if "opportunity_history" in source:
        history = source["opportunity_history"]
        if int(source.frame(history.aggregate(n=history.changed_at.count()))["n"].iloc[0]):
            return True
    deals = source["opportunities"]
    return bool(source.frame(deals.aggregate(n=deals.created_at.count()))["n"].iloc[0])


def last_day(tables: Data, *, workspace: Workspace | None = None) -> date:
    """The day of the export: as the workspace or the data say, else that of the latest moment in the data.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Demo"], "created_at": pd.to_datetime(["2024-01-02"])})
    >>> last_day({"opportunities": deals})
    datetime.date(2024, 1, 2)
    """
    return max(read_coverage(open_source(tables), workspace or Workspace()).exported_on, date(1970, 1, 1))
