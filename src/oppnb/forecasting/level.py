"""The level of the chances, set right by what became of the same point of earlier periods."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Level", "learn_level"]

Floats = npt.NDArray[np.float64]

_SD = {"level": 0.2, "stage": 0.15, "due": 0.15, "slope": 0.05, "amount": 0.05}
"""Prior standard deviations of the corrections, in log odds."""
_SHOCK = 0.1
_SHOCK_PERIODS = 4.0
_MOST_SHOCK = 0.5
"""Beyond it sums of many deals cannot be followed, and the odds are no forecast any more: the record widens instead."""
_ROUNDS = 12
_STEPS = 25
_LONGEST_STEP = 1.0


@dataclass(frozen=True)
class Level:
    """A correction of chances in log odds, and how far all deals of a period go up and down together.

    Attributes
    ----------
    effects : mapping of str to float
        By name of the column of `_columns`; 0 for what was never seen.
    centre : tuple of float
        Mean log odds and mean log amount that slope and amount count from.
    shock : float
        Standard deviation, in log odds, of what all deals of a period share, and of the level's own doubt.
    n_periods : int
        Past periods it was learnt from.
    """

    effects: dict[str, float]
    centre: tuple[float, float]
    shock: float
    n_periods: int

    def corrected(self, rows: pd.DataFrame, chance: Floats, due: npt.NDArray[np.bool_]) -> Floats:
        """The chances, corrected; those of 0 stay 0, those that are not known stay so."""
        columns = _columns(rows, chance, due, self.centre)
        added = sum((self.effects.get(name, 0.0) * values for name, values in columns.items()), np.zeros(len(rows)))
        found: Floats = np.where(chance > 0, _logistic(_logit(chance) + added), chance)
        return found


def learn_level(past: pd.DataFrame) -> Level:
    """Learn the correction from deals whose period is over.

    A logistic regression with the stated chance as offset: level, stage, due or not, slope of the log odds, amount,
    each held near 0 by a prior, so that few periods change little. What the deals of one period share counts as one
    observation and not as many: each period has an effect of its own, and how far these stray is learnt as well [1]_.

    Parameters
    ----------
    past : DataFrame
        Of `oppnb.forecasting.seen.followed`; rows without a chance are left out.

    References
    ----------
    .. [1] N. E. Breslow, D. G. Clayton, "Approximate Inference in Generalized Linear Mixed Models", Journal of the
       American Statistical Association 88, 1993, pp. 9-25.
    """
    past = past[past["chance"] > 0].reset_index(drop=True)
    if past.empty:
        return Level({}, (0.0, 0.0), _SHOCK, 0)
    chance = past["chance"].to_numpy(dtype="float64")
    weight = past["weight"].to_numpy(dtype="float64")
    due = past["due"].to_numpy(dtype=bool)
    centre = (float(np.average(_logit(chance), weights=weight)), _centre_amount(past, weight))
    columns = _columns(past, chance, due, centre)
    design = np.stack(list(columns.values()), axis=1)
    spread = np.array([_SD[name.split(":")[0]] for name in columns])
    won = past["is_won"].to_numpy(dtype="float64")
    effects, covariance, shock = _fit_periods(past["period"], design, won, _logit(chance), weight, spread)
    level = dict(zip(columns, effects.tolist(), strict=True))
    fitted = _logistic(_logit(chance) + design @ effects)
    room = weight * fitted * (1 - fitted)
    typical = room @ design / max(float(room.sum()), 1e-9)
    doubt = float(typical @ covariance @ typical)
    told = min(float(np.sqrt(shock + doubt)), _MOST_SHOCK)
    return Level(level, centre, told, int(past["period"].nunique()))


def _fit_periods(
    period: pd.Series, design: Floats, won: Floats, offset: Floats, weight: Floats, spread: Floats
) -> tuple[Floats, Floats, float]:
    """Effects, their covariance, and the variance of the periods' own, with a prior of four periods."""
    codes, periods = pd.factorize(period, sort=True)
    n = design.shape[1]
    whole = np.concatenate([design, np.eye(len(periods))[codes]], axis=1)
    variance = _SHOCK**2
    effects: Floats = np.zeros(whole.shape[1])
    covariance: Floats = np.zeros((whole.shape[1], whole.shape[1]))
    for _ in range(_ROUNDS):
        prior = np.append(spread, np.full(len(periods), np.sqrt(variance)))
        effects, covariance = _fit(whole, won, offset, weight, prior, start=effects)
        strays = float((effects[n:] ** 2 + np.diag(covariance)[n:]).sum())
        found = (_SHOCK_PERIODS * _SHOCK**2 + strays) / (_SHOCK_PERIODS + len(periods))
        if abs(found - variance) < 1e-3 * variance:
            break
        variance = found
    return effects[:n], covariance[:n, :n], max(variance, 0.25 * _SHOCK**2)


def _columns(
    rows: pd.DataFrame, chance: Floats, due: npt.NDArray[np.bool_], centre: tuple[float, float]
) -> dict[str, Floats]:
    stage = rows["process"].fillna("").astype("str") + "/" + rows["stage"].fillna("").astype("str")
    found = {"level": np.ones(len(rows)), "slope": _logit(chance) - centre[0], "due": due.astype("float64") - 0.5}
    amount = np.log(np.maximum(rows["amount_base"].to_numpy(dtype="float64"), 1.0)) - centre[1]
    found["amount"] = np.nan_to_num(np.clip(amount, -3.0, 3.0))
    for name in sorted(stage.unique()):
        found[f"stage:{name}"] = np.asarray(stage == name, dtype="float64")
    return found


def _centre_amount(rows: pd.DataFrame, weight: Floats) -> float:
    amount = rows["amount_base"].to_numpy(dtype="float64")
    known = amount > 0
    return float(np.average(np.log(amount[known]), weights=weight[known])) if known.any() else 0.0


def _fit(
    design: Floats, won: Floats, offset: Floats, weight: Floats, spread: Floats, *, start: Floats
) -> tuple[Floats, Floats]:
    """Newton's method for the penalised likelihood; the effects and their covariance."""
    precision = np.diag(1.0 / spread**2)
    effects = start
    covariance: Floats = np.asarray(np.linalg.inv(precision), dtype="float64")
    for _ in range(_STEPS):
        fitted = _logistic(offset + design @ effects)
        slope = design.T @ (weight * (won - fitted)) - precision @ effects
        curvature = (design * (weight * fitted * (1 - fitted))[:, None]).T @ design + precision
        covariance = np.asarray(np.linalg.inv(curvature), dtype="float64")
        step = covariance @ slope
        effects = effects + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        if float(np.abs(step).max()) < 1e-9:
            break
    return effects, covariance


def _logit(chance: Floats) -> Floats:
    held = np.clip(chance, 1e-6, 1 - 1e-6)
    found: Floats = np.log(held / (1 - held))
    return found


def _logistic(logit: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(logit, -40, 40)))
    return found
