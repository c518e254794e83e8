"""How long a stay in a stage lasts, as the law has it: the whole distribution, not a sample."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import SILENT, Chain
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks

__all__ = ["Dwell", "mean_and_survival"]

_HORIZON = 156
_SHOWN_WEEKS = 53
_OFFSETS = np.arange(-4, 5)
_OFFSET_SHARES = (5 - np.abs(_OFFSETS)) / 25


@dataclass(frozen=True)
class Dwell:
    """`mean_days` per stay; `survival` with `process`, `stage`, `days`, `survival`."""

    mean_days: NDArray[np.float64]
    survival: pd.DataFrame


def mean_and_survival(settings: SyntheticSettings, weeks: Weeks, *, chain: Chain, spells: pd.DataFrame) -> Dwell:
    """Follow the share of each stay that is active, and that is silent, week after week beyond the end of the data.

    Adds the column `left_by_end` to `spells`.
    """
    deal, stage, week = (spells[name].to_numpy() for name in ("deal", "position", "week"))
    rush = weeks.rush(settings, n=weeks.n + _HORIZON + 1)
    clean_up = settings.laws.clean_up_weekly
    falls_silent = chain.branches[deal, stage, SILENT]
    active, silent = np.ones(len(spells)), np.zeros(len(spells))
    total_weeks, left_by_end = np.zeros(len(spells)), np.zeros(len(spells))
    group = _groups(settings, chain, spells)
    seen = _seen(weeks)
    curves = [_group_means(settings, group, active + silent)]
    for step in range(1, _HORIZON + 1):
        total_weeks += active + silent
        factor = np.where(chain.is_rushed[deal, stage], rush[week + step], 1.0)
        leave = -np.expm1(-chain.total[deal, stage] * factor)
        leaves_now = active * leave * (1 - falls_silent) + silent * clean_up
        left_by_end += leaves_now * seen[week + step]
        silent = silent * (1 - clean_up) + active * leave * falls_silent
        active = active * (1 - leave)
        curves.append(_group_means(settings, group, active + silent))
    spells["left_by_end"] = left_by_end
    tail = silent / clean_up + active / np.maximum(leave, 1e-9)
    return Dwell(7 * (total_weeks + tail), _survival(settings, np.array(curves)))


def _seen(weeks: Weeks) -> NDArray[np.float64]:
    """Share of each week that lies within the data: 1, then part of the last week, then 0."""
    seen = np.zeros(weeks.n + _HORIZON + 1)
    seen[: weeks.n - 1] = 1.0
    seen[weeks.n - 1] = weeks.observed_share(weeks.n - 1)
    return seen


def _groups(settings: SyntheticSettings, chain: Chain, spells: pd.DataFrame) -> NDArray[np.int64]:
    """A number for each process and stage."""
    process = chain.process[spells["deal"].to_numpy()]
    return np.asarray(process * settings.n_stages + spells["position"].to_numpy())


def _group_means(
    settings: SyntheticSettings, group: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    n = len(settings.processes) * settings.n_stages
    count = np.bincount(group, minlength=n)
    return np.bincount(group, weights=values, minlength=n) / np.maximum(count, 1)


def _survival(settings: SyntheticSettings, curves: NDArray[np.float64]) -> pd.DataFrame:
    """From weeks to days: a stay of k weeks lasts 7 k days, plus the weekday of leaving, minus that of entering.

    Days are halves (3.5, 10.5, …): hours of the day do not matter there.
    """
    days = np.arange(0, 7 * _SHOWN_WEEKS, 7) + 3.5
    lengths = 7 * np.arange(1, len(curves))
    is_over = (lengths[None, :, None] + _OFFSETS[None, None, :]) > days[:, None, None]
    share_over = (is_over * _OFFSET_SHARES).sum(axis=2)
    survival = share_over @ -np.diff(curves, axis=0) + curves[-1]
    frames = [
        pd.DataFrame({"process": process.name, "stage": stage.name, "days": days, "survival": survival[:, position]})
        for row, process in enumerate(settings.processes)
        for column, stage in enumerate(process.stages)
        for position in [row * settings.n_stages + column]
    ]
    return pd.concat(frames, ignore_index=True).astype({"process": "str", "stage": "str"})
