"""The record of a forecast: how far it was off at the same point of earlier periods, and how wide it should be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.distribution import LEVELS, Distribution
from oppnb.forecasting.points import Point, nearest_past

__all__ = ["Made", "Record"]

Floats = npt.NDArray[np.float64]

_PRIOR_FORECASTS = 4.0
_PRIOR_MISS = 0.25
_CERTAIN = 1e-6
_FURTHEST_MISS = 10.0
_LEAST_ROOM = 0.05


@dataclass(frozen=True)
class Made:
    """A forecast that was made, and what came.

    Attributes
    ----------
    model : str
        Its name.
    point : Point
        Where it was made.
    forecast : Distribution
        As it was made, before its record widened or narrowed it.
    actual : float
        What came; null while the period runs.
    won_already : float
        Of it, what had been won by then: certain, and no part of the error.
    """

    model: str
    point: Point
    forecast: Distribution
    actual: float
    won_already: float


class Record:
    """Forecasts that were made; what is asked of it looks only at periods that were over by then."""

    def __init__(self, made: Sequence[Made] = ()) -> None:
        self._made: list[Made] = list(made)

    def add(self, made: Made) -> None:
        """Remember one more."""
        self._made.append(made)

    def near(self, model: str, point: Point) -> list[Made]:
        """Of each of the last periods that were over by the point's day, the forecast made nearest to the same week."""
        mine = [one for one in self._made if one.model == model]
        return [mine[place] for place in nearest_past([one.point for one in mine], point)]

    def width(self, model: str, point: Point) -> float:
        """Factor on the distance from the mean that its own past asks for; 1 without a past.

        As if four more forecasts had been just as far off as they said. One that had nothing left to be unsure of says
        nothing, and a miss of more than ten standard deviations counts as ten.
        """
        scores = [_miss(one) for one in self.near(model, point) if not _was_certain(one.forecast)]
        squares = float(np.square(scores).sum())
        return float(np.sqrt((_PRIOR_FORECASTS + squares) / (_PRIOR_FORECASTS + len(scores))))

    def spread_of_point(self, model: str, point: Point, *, total: float, won_already: float) -> Distribution:
        """A distribution for a forecast that has none: as far around it as it was off before, normal.

        Errors count relative to what was still to be won by that forecast, or to a quarter of what still came where
        that is more: one that said nothing would come (a last period that is passed already) was not twenty times off.
        Without a past, by a quarter. Nothing lies below what is won already; the mean is the forecast itself, or what
        is won already where that is more.
        """
        squares = [((one.actual - one.forecast.mean) / _room(one)) ** 2 for one in self.near(model, point)]
        miss = np.sqrt((_PRIOR_FORECASTS * _PRIOR_MISS**2 + sum(squares)) / (_PRIOR_FORECASTS + len(squares)))
        room = max(total - won_already, 0.0)
        return Distribution.of(won_already + room * _above_zero(float(miss)))

    def skill_weights(self, models: Sequence[str], point: Point) -> Floats:
        """How much each of some forecasts counts in their mean: by the inverse square of its errors so far.

        As if four more forecasts had found them equally good.

        References
        ----------
        .. [1] J. M. Bates, C. W. J. Granger, "The Combination of Forecasts", Operational Research Quarterly 20, 1969,
           pp. 451-468.
        """
        losses = [[one.forecast.crps(one.actual) for one in self.near(model, point)] for model in models]
        n = min(len(one) for one in losses)
        if n == 0:
            return np.full(len(models), 1.0 / len(models))
        mean = np.array([float(np.mean(one[-n:])) for one in losses])
        common = float(mean.mean())
        held = (_PRIOR_FORECASTS * common + n * mean) / (_PRIOR_FORECASTS + n)
        weight = 1.0 / np.maximum(held, 1e-9 * max(common, 1e-9)) ** 2
        return np.asarray(weight / weight.sum())


def _room(one: Made) -> float:
    """What a past forecast's error is measured by."""
    expected, came = one.forecast.mean - one.won_already, one.actual - one.won_already
    return max(expected, came / 4, _LEAST_ROOM * abs(one.actual), 1e-9)


def _above_zero(sd: float) -> Floats:
    """Values of a normal that is cut off at zero and put there, with mean 1."""
    from scipy.optimize import brentq
    from scipy.special import ndtri

    moves = sd * np.asarray(ndtri(LEVELS), dtype="float64")

    def miss(centre: float) -> float:
        return float(np.maximum(centre + moves, 0.0).mean()) - 1.0

    centre = brentq(miss, -float(moves.max()), 1.0) if miss(1.0) > 0 else 1.0
    values: Floats = np.maximum(centre + moves, 0.0)
    return values / float(values.mean())


def _was_certain(forecast: Distribution) -> bool:
    """Whether all of it is one amount, but for rounding."""
    return forecast.sd <= max(_CERTAIN * abs(forecast.mean), _CERTAIN)


def _miss(one: Made) -> float:
    """How many of its own standard deviations a forecast was off."""
    score = (one.actual - one.forecast.mean) / one.forecast.sd
    return min(max(score, -_FURTHEST_MISS), _FURTHEST_MISS)
