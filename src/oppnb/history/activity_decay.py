"""How much contact there was by a day, where what lies further back counts less; and for how long there was none."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import UsageError
from oppnb.history.coverage import read_coverage
from oppnb.history.deals import exported_deals
from oppnb.history.fence import is_missing, is_there
from oppnb.history.moments import cutoff
from oppnb.history.snapshots import Data
from oppnb.history.source import Source, open_source
from oppnb.workspace import Workspace

__all__ = ["activity_decay"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
SECONDS_A_DAY = 86_400.0


def activity_decay(
    tables: Data,
    rows: pd.DataFrame,
    *,
    half_life_days: float | None = None,
    within_days: int | None = None,
    kinds: Sequence[str] = (),
    direction: str | None = None,
    workspace: Workspace | None = None,
) -> pd.DataFrame:
    """Activities known on each row's day, added up: each counts half as much after each half-life.

    Parameters
    ----------
    tables, workspace
        As in `as_of`.
    rows : DataFrame
        `opportunity_id` and `as_of` (day), deals that were open on the day; in any order.
    half_life_days : float, optional
        An activity t days before the end of the day counts 2 ** (-t / half_life_days).
    within_days : int, optional
        Instead: each activity of the last days counts 1. Without either, every activity counts 1.
    kinds : sequence of str
        Only these kinds, whatever their case; by default all.
    direction : {'in', 'out'}, optional
        Only this direction.

    Returns
    -------
    DataFrame
        The index and order of `rows`: `weight` (0 where there was none, null without a table `activities`) and
        `days_since_last` (from the last one to the end of the day; null where there was none). Which activities are a
        deal's is told as in `as_of`: its own, and those of its account that name no deal, from its creation on.

    Raises
    ------
    UsageError
        If both `half_life_days` and `within_days` are given.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    >>> calls = pd.DataFrame({"opportunity_id": ["1"], "kind": ["call"],
    ...                       "occurred_at": pd.to_datetime(["2024-01-01"])})
    >>> rows = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-01-14"])})
    >>> activity_decay({"opportunities": deals, "activities": calls}, rows, half_life_days=14)["weight"].tolist()
    [0.5]
    """
    if half_life_days is not None and within_days is not None:
        raise UsageError("Activities either fade (half_life_days) or count within a window (within_days), not both.")
    source, workspace = open_source(tables), workspace or Workspace()
    is_dated = rows["as_of"].notna().to_numpy() & rows["opportunity_id"].notna().to_numpy()
    if "activities" not in source or not is_dated.any():
        return pd.DataFrame(np.nan, index=rows.index, columns=["weight", "days_since_last"])
    wanted = rows[is_dated]
    deals = pd.Index(wanted["opportunity_id"].unique()).sort_values()
    ends = _seconds_of_days(wanted["as_of"], workspace, days_before=0)
    acts = _activities(source, workspace, deals, kinds=kinds, direction=direction)
    codes = np.asarray(deals.get_indexer(pd.Index(wanted["opportunity_id"])), dtype="int64")
    before = _n_before(acts, codes, ends)
    if within_days is not None:
        starts = _seconds_of_days(wanted["as_of"], workspace, days_before=within_days)
        weight = (before - _n_before(acts, codes, starts)).astype("float64")
    else:
        weight = _faded(acts, codes, before, ends, half_life_days)
    answer = np.full((len(rows), 2), np.nan)
    answer[is_dated] = np.column_stack([weight, _days_since(acts, codes, before, ends)])
    return pd.DataFrame(answer, index=rows.index, columns=["weight", "days_since_last"])


def _seconds_of_days(days: pd.Series, workspace: Workspace, *, days_before: int) -> Whole:
    """End of each day, `days_before` earlier, in whole seconds since 1970 (ends of days have no parts of one)."""
    known = {
        day: cutoff(day.date() - timedelta(days=days_before), workspace.calendar.time_zone)
        for day in pd.Series(days.unique())
    }
    return np.asarray(days.map(known).astype("datetime64[s]").astype("int64"), dtype="int64")


def _activities(
    source: Source, workspace: Workspace, deals: pd.Index, *, kinds: Sequence[str], direction: str | None
) -> tuple[Whole, Whole]:
    """Number of the deal and whole second of each activity, in this order; days end on whole seconds."""
    acts = source["activities"]
    acts = acts.filter(is_there(acts.occurred_at))
    if kinds:
        acts = acts.filter(acts.kind.lower().isin([kind.lower() for kind in kinds]))
    if direction is not None:
        acts = acts.filter(acts.direction.lower() == direction)
    own = acts.filter(is_there(acts.opportunity_id)).select("opportunity_id", "occurred_at")
    frames = [source.frame(own)]
    frames.append(_of_accounts(source, workspace, acts, deals))
    found = pd.concat(frames, ignore_index=True)
    codes = np.asarray(deals.get_indexer(pd.Index(found["opportunity_id"])), dtype="int64")
    seconds = found["occurred_at"].astype("datetime64[us]").dt.floor("s").astype("datetime64[s]").astype("int64")
    chosen = codes >= 0
    codes, moments = codes[chosen], np.asarray(seconds, dtype="int64")[chosen]
    order = np.lexsort((moments, codes))
    return codes[order], moments[order]


def _of_accounts(source: Source, workspace: Workspace, acts: Any, deals: pd.Index) -> pd.DataFrame:
    named = acts.filter(is_missing(acts.opportunity_id) & is_there(acts.account_id))
    named = source.frame(named.select("account_id", "occurred_at"))
    told = exported_deals(source, read_coverage(source, workspace))
    if named.empty or "account_id" not in told.columns:
        return pd.DataFrame({"opportunity_id": pd.Series(dtype="str"), "occurred_at": named["occurred_at"].iloc[:0]})
    known = source.frame(told.filter(is_there(told.account_id)).select("opportunity_id", "account_id", "created_at"))
    known = known[known["opportunity_id"].isin(deals)]
    born_at = pd.concat([known["created_at"], _first_changes(source, known["opportunity_id"])], axis="columns").min(
        axis="columns"
    )
    met = known.assign(born_at=born_at).merge(named, on="account_id")
    return met.loc[met["occurred_at"] >= met["born_at"], ["opportunity_id", "occurred_at"]]


def _first_changes(source: Source, deals: pd.Series) -> pd.Series:
    """The first moment that the history tells of each deal: it was there by then, whatever `created_at` says."""
    if "opportunity_history" not in source:
        return pd.Series(pd.NaT, index=deals.index, dtype="datetime64[us]")
    changes = source["opportunity_history"]
    first = source.frame(changes.group_by("opportunity_id").aggregate(first_at=changes.changed_at.min()))
    found = first.dropna().set_index("opportunity_id")["first_at"].reindex(deals)
    return found.set_axis(deals.index).astype("datetime64[us]")


def _n_before(acts: tuple[Whole, Whole], codes: Whole, ends: Whole) -> Whole:
    """How many activities, counted over all deals in order, lie before each row's moment."""
    if not len(acts[0]):
        return np.zeros(len(codes), dtype="int64")
    first = min(int(acts[1].min()), int(ends.min()))
    step = max(int(acts[1].max()), int(ends.max())) - first + 1
    keys = acts[0] * step + (acts[1] - first)
    return np.searchsorted(keys, codes * step + (ends - first), side="left").astype("int64")


def _has_one(acts: tuple[Whole, Whole], codes: Whole, before: Whole) -> npt.NDArray[np.bool_]:
    if not len(acts[0]):
        return np.zeros(len(codes), dtype=bool)
    return np.asarray((before > 0) & (acts[0][np.maximum(before - 1, 0)] == codes))


def _days_since(acts: tuple[Whole, Whole], codes: Whole, before: Whole, ends: Whole) -> Floats:
    days = np.full(len(codes), np.nan)
    has = _has_one(acts, codes, before)
    days[has] = np.round(np.divide(ends[has] - acts[1][before[has] - 1], SECONDS_A_DAY), 6)
    return days


def _faded(acts: tuple[Whole, Whole], codes: Whole, before: Whole, ends: Whole, half_life_days: float | None) -> Floats:
    rate = 0.0 if half_life_days is None else float(np.reciprocal(half_life_days * SECONDS_A_DAY))
    weight = np.zeros(len(codes))
    has = _has_one(acts, codes, before)
    last = before[has] - 1
    weight[has] = _sums(acts, rate)[last] * np.exp2(-rate * (ends[has] - acts[1][last]))
    return weight


def _sums(acts: tuple[Whole, Whole], rate: float) -> Floats:
    """The faded sum of a deal just after each of its activities: one step of all deals at a time."""
    codes, moments = acts
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    lengths = np.diff(starts, append=len(codes))
    sums = np.ones(len(codes))
    for place in range(1, int(lengths.max(initial=0))):
        now = starts[lengths > place] + place
        sums[now] += sums[now - 1] * np.exp2(-rate * (moments[now] - moments[now - 1]))
    return sums
