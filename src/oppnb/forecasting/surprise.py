"""How surprising a result was, given what was said before."""

from dataclasses import dataclass, replace

import numpy as np

from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.parts import ForecastParts

__all__ = ["Surprise", "how_surprising", "sd_by_chance"]


@dataclass(frozen=True)
class Surprise:
    """Where a result lay in its forecast.

    Attributes
    ----------
    percentile : float
        Share of the forecast below the result, ties by half, in [0, 1]; near 0.5: as expected.
    low, high : float
        The interval that was to hold the result with 80 %.
    is_inside : bool
        Whether it did.
    sd_by_chance : float
        See `sd_by_chance`.
    share_by_chance : float
        Part of the gap that is usual by chance alone: `sd_by_chance` over the size of the gap, at most 1. Near 1 there
        is nothing to explain, near 0 chance explains next to nothing.
    """

    percentile: float
    low: float
    high: float
    is_inside: bool
    sd_by_chance: float
    share_by_chance: float


def how_surprising(parts: ForecastParts, actual: float, *, said: Distribution | None = None) -> Surprise:
    """Where the result of a period lay in the forecast of its opening.

    Parameters
    ----------
    parts : ForecastParts
        The forecast.
    actual : float
        Amount won in the period.
    said : Distribution, optional
        The forecast as it was told; by default what the parts say.
    """
    expected = parts.expected if said is None else said.mean
    said = parts.distribution() if said is None else said
    low, high = said.interval(0.8)
    by_chance, gap = sd_by_chance(parts), abs(actual - expected)
    share = min(by_chance / gap, 1.0) if gap > 0 else 1.0
    return Surprise(_percentile(said, actual), low, high, low <= actual <= high, by_chance, share)


def sd_by_chance(parts: ForecastParts) -> float:
    """Standard deviation of the period's amount if every chance is right and every deal falls by itself.

    Open deals are coins with their chances and the spread of what becomes of amounts; deals to come are as many as
    chance brings (Poisson) when their expected number is right.
    """
    first, second = parts.growth.moments[:2]
    amount, chance = parts.amount, parts.chance
    of_deals = float((amount**2 * (chance * second - (chance * first) ** 2)).sum())
    of_new = float(replace(parts.new, spread=0.0).cumulants(np.ones(1))[0, 1])
    return float(np.sqrt(max(of_deals + of_new, 0.0)))


def _percentile(said: Distribution, actual: float) -> float:
    near = 1e-9 * max(abs(actual), 1.0)
    below = float(said.shares[said.values < actual - near].sum())
    upto = float(said.shares[said.values <= actual + near].sum())
    return min(max((below + upto) / 2, 0.0), 1.0)
