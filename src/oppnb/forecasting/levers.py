"""What a change of win rates and cycle times does to the chances of open deals."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.curves import curve_columns, won_within
from oppnb.forecasting.points import Point

__all__ = ["ever_won", "with_cycle_time", "with_win_rate"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Shift:
    """From what the curves say to the chances as they are: a shift of the log odds; 0 where nothing can be said."""

    log_odds: Floats

    @classmethod
    def between(cls, stated: Floats, chance: Floats) -> "_Shift":
        inside = (stated > 0) & (stated < 1) & (chance > 0) & (chance < 1)
        return cls(np.where(inside, _logit(chance) - _logit(stated), 0.0))

    def of(self, stated: Floats) -> Floats:
        return np.where((stated > 0) & (stated < 1), _logistic(_logit(stated) + self.log_odds), stated)


def ever_won(deals: pd.DataFrame) -> Floats:
    """Chance of being won at all: where the curve ends, corrected as the chance inside the period is; never below it.

    Without a curve it is the chance inside the period; null where that is not known.
    """
    chance, stated = _numbers(deals, "chance"), _numbers(deals, "stated_chance")
    last = list(curve_columns(deals.columns))[-1:]
    if not last:
        return chance
    ever = _Shift.between(stated, chance).of(_numbers(deals, last[0]))
    return np.where(np.isnan(ever), chance, np.maximum(ever, chance))


def with_cycle_time(deals: pd.DataFrame, point: Point, factor: Floats) -> Floats:
    """Chance of each deal inside the period when what remains takes `factor` times as long: the curve at h / factor.

    Certain deals (0 and 1) stay so, and those without a curve stay as they are.
    """
    chance, stated = _numbers(deals, "chance"), _numbers(deals, "stated_chance")
    upto = won_within(deals, point.days_to_end / factor)
    anew: Floats = upto - won_within(deals, point.days_to_start / factor)
    moved = (factor != 1) & ~np.isnan(anew) & (chance > 0) & (chance < 1)
    return np.where(moved, _Shift.between(stated, chance).of(anew), chance)


def with_win_rate(chance: Floats, ever: Floats, *, odds: Floats, points: Floats) -> Floats:
    """Chance inside the period when the chance of being won at all changes and the time it takes does not.

    Parameters
    ----------
    chance, ever : array, shape (n,)
        Inside the period, and at all.
    odds : array, shape (n,)
        Factor on the odds of being won at all.
    points : array, shape (n,)
        Added to that chance after the factor, as a share; it is held in [0, 1].

    Examples
    --------
    >>> one = np.ones(1)
    >>> with_win_rate(0.2 * one, 0.5 * one, odds=3 * one, points=0 * one).round(6).tolist()
    [0.3]
    """
    moved = ((odds != 1) | (points != 0)) & (ever > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        anew = np.clip(np.where(ever < 1, odds * ever / (1 - ever + odds * ever), 1.0) + points, 0.0, 1.0)
        found: Floats = np.where(moved, chance * (anew / ever), chance)
    return found


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(frame[name].to_numpy(dtype="float64", na_value=np.nan))


def _logit(chance: Floats) -> Floats:
    held = np.clip(chance, 1e-12, 1 - 1e-12)
    found: Floats = np.log(held / (1 - held))
    return found


def _logistic(logit: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(logit, -40, 40)))
    return found
