"""What a model says of deals: P(won by a day), P(lost by a day), P(won ever); and the parts of that number."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from oppnb.scoring.rows import ScoringRows

__all__ = ["LEAD_DAYS", "Contributions", "Prediction", "WinModel", "with_timing"]

Floats = npt.NDArray[np.float64]

LEAD_DAYS: Floats = 7.0 * np.cumsum([1] * 13 + [4] * 10 + [13] * 4)
"""Ends of the 27 lead bins in days after the day of knowledge: 13 weeks, then 10 x 4 weeks, then 4 x 13 weeks."""


@dataclass(frozen=True)
class Prediction:
    """Curves by date for n deals.

    Attributes
    ----------
    lead_days : array, shape (n_points,)
        Days after the day of knowledge, rising, the first above 0.
    won, lost : array, shape (n, n_points)
        Probability of being won, lost by then, in [0, 1]; never falls along a row; won + lost <= 1.
    won_ever : array, shape (n,)
        Probability of being won at all, at least the last of `won`; 1 - won_ever is that of being lost at all.
    """

    lead_days: Floats
    won: Floats
    lost: Floats
    won_ever: Floats

    def won_by(self, days: float | Floats) -> Floats:
        """Probability of being won within `days` (one for all, or one a deal), linear between the points."""
        return _at(self.lead_days, self.won, days)

    def lost_by(self, days: float | Floats) -> Floats:
        """Probability of being lost within `days`."""
        return _at(self.lead_days, self.lost, days)


def _at(points: Floats, curves: Floats, days: float | Floats) -> Floats:
    wanted = np.clip(np.broadcast_to(np.asarray(days, dtype="float64"), (len(curves),)), 0.0, points[-1])
    edges = np.concatenate([[0.0], points])
    padded = np.concatenate([np.zeros((len(curves), 1)), curves], axis=1)
    right = np.clip(np.searchsorted(edges, wanted, side="left"), 1, len(points))
    share = (wanted - edges[right - 1]) / (edges[right] - edges[right - 1])
    rows = np.arange(len(curves))
    found: Floats = padded[rows, right - 1] + share * (padded[rows, right] - padded[rows, right - 1])
    return found


def with_timing(ever: Prediction, timing: Prediction) -> Prediction:
    """The probability of one model spread over time as another one says: won_ever of `ever`, shape of `timing`.

    Given that a deal is won, when; given that it is lost, when: both from `timing`. So the curves rise, and with the
    share still open they add up to 1.
    """
    won = timing.won * _ratio(ever.won_ever, timing.won_ever)[:, None]
    lost = timing.lost * _ratio(1 - ever.won_ever, 1 - timing.won_ever)[:, None]
    return Prediction(timing.lead_days, won, lost, ever.won_ever)


def _ratio(wanted: Floats, has: Floats) -> Floats:
    found: Floats = np.divide(wanted, has, out=np.zeros_like(wanted), where=has > 0)
    return found


@dataclass(frozen=True)
class Contributions:
    """How much each idea adds to the probability shown: base + sum over groups = probability, exactly.

    Attributes
    ----------
    base : array, shape (n,)
        Probability of the typical recent deal of the same segment, 0-1.
    values : array, shape (n, n_groups)
        Added by each group, in probability (0.14 is 14 points), signed.
    groups : tuple of str
        Names of the columns of `values`, from `oppnb.scoring.rows.GROUPS`.
    """

    base: Floats
    values: Floats
    groups: tuple[str, ...]


class WinModel(Protocol):
    """What every model, baseline or not, can do.

    `name` is an identifier (`stage_rates`); its title for readers is `scoring.model_<name>` in the catalogue.
    """

    @property
    def name(self) -> str:
        """Identifier."""
        ...

    @property
    def is_baseline(self) -> bool:
        """Only there to be compared with."""
        ...

    def fit(self, rows: ScoringRows) -> Self:
        """Learn from rows with ends; open rows are censored, never lost. Works with 0 closed deals."""
        ...

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`, one row a row."""
        ...

    def contributions(self, rows: ScoringRows) -> Contributions:
        """Parts of `predict(rows).won_ever`."""
        ...
