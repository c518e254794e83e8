"""One number a period, and how it is made up, without any distribution."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["PointForecast"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PointForecast:
    """A forecast without a distribution.

    Attributes
    ----------
    won_already : float
        Won in the period by the day.
    of_deals : array, shape (n,)
        From each deal open on the day, in the order of the rows; zeros where the forecast is not made of deals.
    new : float
        From all the rest.
    """

    won_already: float
    of_deals: Floats
    new: float

    @property
    def total(self) -> float:
        """The forecast."""
        return self.won_already + float(np.nansum(self.of_deals)) + self.new
