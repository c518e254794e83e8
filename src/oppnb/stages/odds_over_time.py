"""Observed odds by the quarter or year in which deals entered a stage, and whether they rise or fall."""

import math
from datetime import timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.moments import local_day
from oppnb.periods import Period, period_of
from oppnb.stages.configuration import open_stages
from oppnb.stages.entered_odds import beyond_noise, entered_odds
from oppnb.stages.odds import first_entries
from oppnb.workspace import Workspace

__all__ = ["odds_by_period", "odds_trends"]

Floats = npt.NDArray[np.float64]

MOST_OPEN = 0.1
"""Share of a period's deals that may still be open: what lingers is mostly lost, so the odds could only fall a bit."""
MIN_IN_PERIOD = 20
"""Deals a stage and quarter, at the median, below which whole years are looked at."""

_FEWEST = 3
_PERIODS = {
    "process": "str",
    "stage": "str",
    "position": "int64",
    "period": "str",
    "starts_on": "datetime64[us]",
    "observed_odds": "float64",
    "low": "float64",
    "high": "float64",
    "error": "float64",
    "n": "int64",
    "n_won": "int64",
    "n_open": "int64",
    "is_settled": "bool",
}
_TRENDS = {
    "process": "str",
    "stage": "str",
    "position": "int64",
    "n_periods": "int64",
    "change_per_year": "float64",
    "low": "float64",
    "high": "float64",
    "p_value": "float64",
    "stands_out": "bool",
}


def odds_by_period(
    snapshot: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    workspace: Workspace,
    kind: Literal["auto", "quarter", "year"] = "auto",
) -> pd.DataFrame:
    """Observed odds of the deals that entered a stage, by the period in which they did.

    A deal belongs to the period of its first entry, so a change shows where it began. Deals of late periods are still
    open: their odds are not settled until nine tenths of them are closed.

    Parameters
    ----------
    snapshot, spells, workspace
        As in `oppnb.stages.observed_odds`; the calendar says when a fiscal year begins.
    kind : {'auto', 'quarter', 'year'}
        By default quarters, or years where a stage and quarter has fewer than 20 deals at the median.

    Returns
    -------
    DataFrame
        One row an open stage and period in which a deal entered it, by process, position and period: `process`,
        `stage`, `position`, `period` (name), `starts_on`, `observed_odds` with `low`, `high` (95 %; null without a
        closed deal) and `error` (standard error), `n` (closed), `n_won`, `n_open`, `is_settled` (at least nine tenths
        are closed).
    """
    entries = first_entries(snapshot, spells, time_zone=workspace.calendar.time_zone)
    entries = entries[entries["entered_at"].notna() & (entries["days"] >= 0)]
    places = [
        (process.name, stage.name, position)
        for process in workspace.processes
        for position, stage in open_stages(process)
    ]
    if kind == "auto":
        quarters = _in_periods(entries, workspace, "quarter")
        counts = quarters.groupby(["process", "stage", "period"], sort=True).size()
        kind = "quarter" if len(counts) and counts.median() >= MIN_IN_PERIOD else "year"
    told = _in_periods(entries, workspace, kind)
    rows = []
    for process, stage, position in places:
        here = told[(told["process"] == process) & (told["stage"] == stage)]
        for (starts_on, name), part in here.groupby(["starts_on", "period"], sort=True):
            odds = entered_odds(part)
            is_settled = odds.n > 0 and odds.n_open <= MOST_OPEN * len(part)
            head = [process, stage, position, name, starts_on]
            figures = [odds.value, odds.low, odds.high, odds.error, odds.n, odds.n_won, odds.n_open]
            rows.append([*head, *figures, is_settled])
    return pd.DataFrame(rows, columns=list(_PERIODS)).astype(_PERIODS)


def _in_periods(entries: pd.DataFrame, workspace: Workspace, kind: str) -> pd.DataFrame:
    days = local_day(entries["entered_at"], workspace.calendar.time_zone)
    start = workspace.calendar.fiscal_year_start
    found: dict[pd.Timestamp, Period] = {
        day: period_of(day.date(), kind=kind, fiscal_year_start=start) for day in days.unique()
    }
    return entries.assign(
        period=[found[day].name for day in days],
        starts_on=pd.to_datetime(pd.Series([found[day].start for day in days], index=entries.index)),
    )


def odds_trends(periods: pd.DataFrame) -> pd.DataFrame:
    """Whether the observed odds of a stage rise or fall, over the periods that are settled.

    A straight line through the odds, each weighing by its precision; where periods differ by more than chance
    explains, the interval is as much wider.

    Parameters
    ----------
    periods : DataFrame
        From `odds_by_period`.

    Returns
    -------
    DataFrame
        One row a stage: `process`, `stage`, `position`, `n_periods` (settled ones), `change_per_year` (difference in
        odds, 0.05 is five points a year up; null with fewer than three periods) with `low`, `high` (95 %), `p_value`,
        `stands_out` (beyond noise, all stages looked at together).

    Examples
    --------
    >>> rows = pd.DataFrame({"process": "p", "stage": "Demo", "position": 1, "is_settled": True, "error": 0.02,
    ...     "starts_on": pd.to_datetime(["2022-01-01", "2023-01-01", "2024-01-01", "2025-01-01"]),
    ...     "observed_odds": [0.5, 0.4, 0.3, 0.2]})
    >>> odds_trends(rows)[["change_per_year", "n_periods"]].round(2).values.tolist()
    [[-0.1, 4.0]]
    """
    settled = periods[periods["is_settled"] & periods["observed_odds"].notna()]
    heads = periods[["process", "stage", "position"]].drop_duplicates()
    rows = []
    for process, stage, position in heads.itertuples(index=False, name=None):
        here = settled[(settled["process"] == process) & (settled["stage"] == stage)]
        rows.append([process, stage, position, len(here), *_slope(here)])
    columns = [name for name in _TRENDS if name != "stands_out"]
    frame = pd.DataFrame(rows, columns=columns)
    stands_out = beyond_noise(frame["p_value"].to_numpy(dtype="float64"))
    return frame.assign(stands_out=stands_out).astype(_TRENDS)


def _slope(here: pd.DataFrame) -> tuple[float, float, float, float]:
    """Change a year, its interval, and the chance of as much without any."""
    if len(here) < _FEWEST:
        return math.nan, math.nan, math.nan, math.nan
    from scipy.special import stdtr, stdtrit

    odds = here["observed_odds"].to_numpy(dtype="float64")
    weight = here["error"].to_numpy(dtype="float64") ** -2.0
    days = (here["starts_on"] - here["starts_on"].iloc[0]) / timedelta(days=1)
    years = days.to_numpy(dtype="float64") / 365.25
    centred = years - np.average(years, weights=weight)
    whole = float((weight * centred**2).sum())
    slope = float((weight * centred * odds).sum() / whole)
    rest = odds - np.average(odds, weights=weight) - slope * centred
    free = len(here) - 2
    spread = max(1.0, float((weight * rest**2).sum()) / free)
    error = math.sqrt(spread / whole)
    # Only where the periods themselves say how far they scatter is that scatter uncertain.
    if spread <= 1.0:
        reach, p_value = 1.959963984540054, math.erfc(abs(slope) / error / math.sqrt(2))
    else:
        reach, p_value = float(stdtrit(free, 0.975)), 2 * float(stdtr(free, -abs(slope) / error))
    return slope, slope - reach * error, slope + reach * error, p_value
