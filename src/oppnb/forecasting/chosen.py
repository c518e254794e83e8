"""Which forecast is told: our own, its mean with the conversion table, or a baseline that nothing of ours beats."""

from dataclasses import dataclass

import pandas as pd

from oppnb.forecasting.baselines import BASELINES
from oppnb.forecasting.measures import compare_forecasts
from oppnb.forecasting.models import COMBINATION, MODEL

__all__ = ["ChosenForecast", "choose_forecast"]

_FEW_PERIODS = 4


@dataclass(frozen=True)
class ChosenForecast:
    """The forecast that is told, and why.

    Attributes
    ----------
    model : str
    verdict : str
        `too_few_periods` (fewer than four to judge by: the mean of two, which was safest elsewhere),
        `baseline_is_better` (beyond noise), `no_better_than` (a baseline equals it within noise), or
        `better_than_baselines`.
    against : str or None
        The baseline that comes nearest, or is better.
    comparisons : DataFrame
        Of `compare_forecasts`, by score.
    """

    model: str
    verdict: str
    against: str | None
    comparisons: pd.DataFrame


def choose_forecast(frame: pd.DataFrame) -> ChosenForecast:
    """Choose by the backtest's own score.

    Parameters
    ----------
    frame : DataFrame
        Of `ForecastBacktest`.
    """
    present = set(frame["model"]) if len(frame) else set()
    own = [name for name in (MODEL, COMBINATION) if name in present]
    if not own:
        return ChosenForecast(MODEL, "too_few_periods", None, compare_forecasts(frame, MODEL))
    if frame["period"].nunique() < _FEW_PERIODS:
        name = COMBINATION if COMBINATION in present else MODEL
        return ChosenForecast(name, "too_few_periods", None, compare_forecasts(frame, name))
    scores = frame[frame["model"].isin(own)].groupby("model")["crps"].mean()
    best = min(own, key=lambda name: float(scores[name]))
    comparisons = compare_forecasts(frame, best)
    of_baselines = comparisons[comparisons["against"].isin(list(BASELINES))]
    if of_baselines.empty:
        return ChosenForecast(best, "too_few_periods", None, comparisons)
    ranked = of_baselines.sort_values("difference", ascending=False, kind="stable")
    better = ranked.loc[ranked["is_worse"].astype(bool), "against"]
    if len(better):
        return ChosenForecast(str(better.iloc[0]), "baseline_is_better", best, comparisons)
    against = str(ranked["against"].iloc[0])
    every = bool(of_baselines["is_better"].all())
    return ChosenForecast(best, "better_than_baselines" if every else "no_better_than", against, comparisons)
