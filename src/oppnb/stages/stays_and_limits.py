"""Time limits of stages beside how long deals stay there, and what becomes of those that stay longer."""

import math

import numpy as np
import pandas as pd

from oppnb.metrics import cumulative_incidence, median_survival
from oppnb.stages.configuration import open_stages
from oppnb.stages.entered_odds import entered_odds
from oppnb.stages.odds import first_entries
from oppnb.workspace import Workspace

__all__ = ["stays_and_limits"]

_COLUMNS = {
    "process": "str",
    "stage": "str",
    "position": "int64",
    "time_limit_days": "float64",
    **dict.fromkeys(["median_days", "median_low", "median_high"], "float64"),
    "n": "int64",
    "n_finished": "int64",
    **dict.fromkeys(["over_limit_share", "over_limit_low", "over_limit_high"], "float64"),
    "n_over_now": "int64",
    "observed_odds": "float64",
    **dict.fromkeys(["beyond_odds", "beyond_low", "beyond_high"], "float64"),
    "beyond_n": "int64",
    "beyond_n_entered": "int64",
}


def stays_and_limits(snapshot: pd.DataFrame, spells: pd.DataFrame, *, workspace: Workspace) -> pd.DataFrame:
    """How long deals stay in each open stage beside its time limit, and how many of the late ones are won.

    Parameters
    ----------
    snapshot, spells, workspace
        As in `oppnb.stages.observed_odds`; the stays also need `outcome`, `left_at`, `days`, `is_finished`, `spell`,
        `is_first_stage_known`. A stay whose beginning is not known does not count.

    Returns
    -------
    DataFrame
        One row an open stage: `process`, `stage`, `position`, `time_limit_days` (null: none is set), `median_days` with
        `median_low`, `median_high` (Kaplan-Meier, stays that last counted as unfinished), `n` (stays), `n_finished`,
        `over_limit_share` with `over_limit_low`, `over_limit_high` (share of stays that last longer than the limit),
        `n_over_now` (open deals that stand there longer), `observed_odds` (of all that entered), `beyond_odds` with
        `beyond_low`, `beyond_high` (of those whose first stay passed the limit, from that moment on),
        `beyond_n_entered` (how many these are), `beyond_n` (closed ones of them). What has no limit has
        null and 0 there.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, time_limit_days: 30}]}]")
    >>> day, days = pd.Timestamp("2025-01-01"), [10, 20, 40, 50]
    >>> left = [day + pd.Timedelta(days=n) for n in days]
    >>> spells = pd.DataFrame({"opportunity_id": list("abcd"), "process": "p", "stage": "Demo", "outcome": "open",
    ...     "entered_at": day, "left_at": left, "days": [float(n) for n in days], "is_finished": True, "spell": 1,
    ...     "is_first_stage_known": True})
    >>> snapshot = pd.DataFrame({"opportunity_id": list("abcd"), "outcome": ["won", "won", "lost", "lost"],
    ...     "closed_at": left, "as_of": left[-1]})
    >>> row = stays_and_limits(snapshot, spells, workspace=workspace).iloc[0]
    >>> float(row["over_limit_share"]), float(row["observed_odds"]), float(row["beyond_odds"])
    (0.5, 0.5, 0.0)
    """
    entries = first_entries(snapshot, spells, time_zone=workspace.calendar.time_zone)
    is_known = (spells["spell"] > 1) | spells["is_first_stage_known"].astype(bool)
    stays = spells[(spells["outcome"] == "open") & is_known & (spells["days"] >= 0)]
    rows = [
        [process.name, stage.name, position, stage.time_limit_days, *_stage(here, entered, stage.time_limit_days)]
        for process in workspace.processes
        for position, stage in open_stages(process)
        for here, entered in [(_at(stays, process.name, stage.name), _at(entries, process.name, stage.name))]
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _at(frame: pd.DataFrame, process: str, stage: str) -> pd.DataFrame:
    return frame[(frame["process"] == process) & (frame["stage"] == stage)]


def _stage(stays: pd.DataFrame, entered: pd.DataFrame, limit: float | None) -> list[object]:
    days = stays["days"].to_numpy(dtype="float64")
    is_over = stays["is_finished"].to_numpy(dtype=bool)
    told = [*(median_survival(days, is_over) if len(days) else (None, None, None)), len(days), int(is_over.sum())]
    all_odds = entered_odds(entered).value
    if limit is None:
        return [*told, None, None, None, 0, all_odds, None, None, None, 0, 0]
    late = entered_odds(_late(stays, entered, limit))
    n_now = int(((days > limit) & ~is_over).sum())
    odds = [late.value, late.low, late.high, late.n, late.n + late.n_open]
    return [*told, *_over(days, is_over, limit), n_now, all_odds, *odds]


def _over(days: np.ndarray, is_over: np.ndarray, limit: float) -> tuple[float, float, float]:
    """Share of stays that last longer than the limit."""
    found = cumulative_incidence(days, is_over.astype("int64"), horizon=limit) if len(days) else None
    return (math.nan, math.nan, math.nan) if found is None else (1 - found[0], 1 - found[2], 1 - found[1])


def _late(stays: pd.DataFrame, entered: pd.DataFrame, limit: float) -> pd.DataFrame:
    """Deals whose first stay passed the limit, followed from then on."""
    first = stays.sort_values(["opportunity_id", "entered_at"], kind="stable").drop_duplicates("opportunity_id")
    late = first.loc[first["days"] > limit, "opportunity_id"]
    found = entered[entered["opportunity_id"].isin(late)]
    return found.assign(days=(found["days"] - limit).clip(lower=0.0))
