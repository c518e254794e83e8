"""A correction on top of a model, only where its own past says that it needs one."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.backtest import Backtest
from oppnb.scoring.judged import judged, logit, sigmoid
from oppnb.scoring.measures import limits, recalibration
from oppnb.scoring.prediction import Contributions, Prediction, WinModel, with_timing
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.spread import logit_sd

__all__ = ["CalibratedModel", "CalibrationMap", "calibration_map"]

Floats = npt.NDArray[np.float64]

_FINE = (0.8, 1.2)


@dataclass(frozen=True)
class CalibrationMap:
    """Log odds = intercept + slope x log odds stated.

    Attributes
    ----------
    intercept, slope : float
        The slope is at least 0, so that the order of deals stays.
    slope_low, slope_high : float
        The 90 % interval of the slope that asked for the map.
    """

    intercept: float
    slope: float
    slope_low: float
    slope_high: float

    def __call__(self, p: Floats) -> Floats:
        """The corrected probability.

        Examples
        --------
        >>> CalibrationMap(0.0, 0.5, 0.4, 0.6)(np.array([0.5, 0.9])).round(3).tolist()
        [0.5, 0.75]
        """
        return sigmoid(self.intercept + self.slope * logit(p))


def calibration_map(backtest: Backtest, model: str, *, level: float = 0.9) -> CalibrationMap | None:
    """The map for a model, or None where the model needs none.

    It is needed where the whole 90 % interval of the calibration slope lies below 0.8 or above 1.2: where few deals are
    known the interval is wide, and no map is made from noise. Nor is one made where how deals end has hardly been seen
    (`Backtest.is_young`), nor for a model that says the same of all deals: its slope is only how its level went with
    the days of training. It is smooth (logistic), and fitted on rows out of time of all deals that were open, not of
    the latest closed ones, which are the quick ones.

    References
    ----------
    .. [1] J. Platt, "Probabilistic outputs for support vector machines", Advances in Large Margin Classifiers, MIT
       Press, 1999, pp. 61-74.
    """
    rows = backtest.of(model)
    told = judged(rows["is_won"], rows["p_ever"], cluster=rows["opportunity_id"], weight=rows["weight"])
    if len(told.p) == 0 or backtest.is_young or _is_constant(rows):
        return None
    intercept, slope = recalibration(told)
    low, high = limits("calibration_slope", slope, told, level=level)
    if not (high < _FINE[0] or low > _FINE[1]):
        return None
    if slope.value <= 0:  # the order says nothing: the same win rate for all
        rate = np.average(told.won, weights=told.weight)
        return CalibrationMap(float(logit(np.array([rate]))[0]), 0.0, low, high)
    return CalibrationMap(intercept.value, slope.value, low, high)


def _is_constant(rows: pd.DataFrame) -> bool:
    """Whether every day of training gave one number for all deals."""
    spread = rows.groupby("fold")["p_ever"].agg(["min", "max"])
    return bool((spread["max"] - spread["min"] < 1e-9).all())


@dataclass
class CalibratedModel:
    """A model whose probability is corrected by a map; its curves and reasons follow.

    Attributes
    ----------
    model : WinModel
        The model below.
    map : CalibrationMap
        What is done to P(won ever); the spread over time, given how the deal ends, stays.
    """

    model: WinModel
    map: CalibrationMap

    @property
    def name(self) -> str:
        """That of the model below."""
        return self.model.name

    @property
    def is_baseline(self) -> bool:
        """That of the model below."""
        return self.model.is_baseline

    def fit(self, rows: ScoringRows) -> Self:
        """Fit the model below; the map stays."""
        self.model = self.model.fit(rows)
        return self

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves whose end is the corrected probability."""
        return self._mapped(self.model.predict(rows))

    def _mapped(self, raw: Prediction) -> Prediction:
        ever = Prediction(raw.lead_days, raw.won, raw.lost, self.map(raw.won_ever))
        return with_timing(ever, raw)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """Parts of the corrected probability: those of the model, all stretched by the same factor per deal.

        The factor is the slope of the map between the base and the deal, so the parts add up to the corrected
        probability less the corrected base.
        """
        raw = self.model.contributions(rows)
        total = raw.values.sum(axis=1)
        stated = np.clip(raw.base + total, 0.0, 1.0)
        base, wanted = self.map(raw.base), self.map(stated)
        steep = self.map.slope * base * (1 - base) / np.maximum(raw.base * (1 - raw.base), 1e-12)
        is_far = np.abs(total) > 1e-9
        factor = np.where(is_far, (wanted - base) / np.where(is_far, total, 1.0), steep)
        return Contributions(base, raw.values * factor[:, None], raw.groups)

    def logit_sd(self, rows: ScoringRows) -> Floats:
        """Doubt of the model below, stretched by the slope."""
        return self.map.slope * logit_sd(self.model, rows)
