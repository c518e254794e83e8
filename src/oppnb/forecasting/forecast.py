"""The forecast of a period as it is told: the distribution, what it is made of, the baselines beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.backtest import ForecastBacktest, backtest_forecasts
from oppnb.forecasting.checks import check_period
from oppnb.forecasting.chosen import ChosenForecast, choose_forecast
from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.models import MODEL, PointForecasts, forecast_all
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.points import Point, nearest_past, past_points
from oppnb.history.book import PipelineBook
from oppnb.metrics.targets import targets_in
from oppnb.periods import Period

__all__ = ["TOLD_LEVELS", "Forecast", "forecast_frame", "forecast_period"]

TOLD_LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


@dataclass(frozen=True)
class Forecast:
    """What will be won in a period, as seen from a day.

    Attributes
    ----------
    point : Point
        The day and the period.
    said : PointForecasts
        What each model says, and what ours is made of.
    chosen : ChosenForecast
        Which one is told and why.
    backtest : ForecastBacktest
        The same point of earlier periods: what was said then, and what came.
    target : float or None
        Quota of the period, in the base currency; None without one.
    """

    point: Point
    said: PointForecasts
    chosen: ChosenForecast
    backtest: ForecastBacktest
    target: float | None

    @property
    def told_model(self) -> str:
        """Name of the forecast that is told: the chosen one, or ours where the data do not carry that today."""
        return self.chosen.model if self.chosen.model in self.said.forecasts else MODEL

    @property
    def distribution(self) -> Distribution:
        """The forecast that is told."""
        return self.said.forecasts[self.told_model]

    @property
    def parts(self) -> ForecastParts:
        """What our own forecast is made of."""
        return self.said.parts

    @property
    def is_unknown(self) -> bool:
        """Whether nothing can be said of the days to come.

        So it is where no forecast leaves any doubt (no open deal's chance is known or above 0, no new business was seen
        before) though the period is not over, and too few earlier periods speak for that. Only what is won is certain.
        """
        sure = not any(one.sd > 0 for one in self.said.forecasts.values())
        return sure and self.point.days_to_end > 0 and self.chosen.verdict == "too_few_periods"

    @property
    def chance_of_target(self) -> float | None:
        """Probability of reaching the target; None without one, or where it cannot be said."""
        if self.target is None or (self.is_unknown and self.target > self.parts.won_already):
            return None
        return self.distribution.chance_of(self.target)


def forecast_period(
    book: PipelineBook,
    period: Period,
    *,
    day: date | None = None,
    targets: pd.DataFrame | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Forecast a period, judge the forecast by the same point of earlier periods, and choose what is told.

    Parameters
    ----------
    book : PipelineBook
        With curves, see `oppnb.scoring.win_curves`.
    period : Period
        Running, or ahead.
    day : date, optional
        One of the book's days; by default the last.
    targets : DataFrame, optional
        The table `targets`.
    progress : callable, optional
        As in `backtest_forecasts`: of the earlier forecasts that it is told beside.

    Raises
    ------
    ParameterError
        If the period is over on the day, or the day is none of the book's.
    """
    day = book.days[-1] if day is None else day
    if day not in book.days:
        raise ParameterError(f"{day} is none of the days that were read ({book.days[0]} to {book.days[-1]}, weekly).")
    check_period(period, day)
    known, point = book.known(day), Point(day, period)
    past = past_points(point, [one for one in known.days if one < day], around=1)
    same = [past[place] for place in nearest_past(past, point)]
    backtest = backtest_forecasts(known, past, keep=same, progress=progress)
    near = backtest.frame[backtest.frame["weeks_left"].sub(point.weeks_left).abs() <= 1]
    said = forecast_all(known, point, backtest.record)
    return Forecast(point, said, choose_forecast(near), backtest, _target(targets, period))


def _target(targets: pd.DataFrame | None, period: Period) -> float | None:
    if targets is None or targets.empty:
        return None
    rows = targets_in(targets, period)
    return float(rows["amount_base"].sum()) if len(rows) else None


def forecast_frame(forecast: Forecast, *, levels: Sequence[float] = TOLD_LEVELS, node: str = "all") -> pd.DataFrame:
    """The forecast of every model as a long frame.

    Returns
    -------
    DataFrame
        `as_of`, `period`, `node`, `model`, `quantity` (`expected`, `won_already`, `quantile_0.1`, …,
        `chance_of_target`), `value` (money in the base currency, or a probability). Where nothing can be said
        (`Forecast.is_unknown`) only `won_already`.
    """
    rows = []
    for model, found in forecast.said.forecasts.items():
        values = {"expected": found.mean, "won_already": forecast.parts.won_already}
        values |= {f"quantile_{level:g}": found.quantile(level) for level in levels}
        if forecast.target is not None:
            values["chance_of_target"] = found.chance_of(forecast.target)
        if forecast.is_unknown:
            values = {"won_already": forecast.parts.won_already}
        rows += [(model, quantity, value) for quantity, value in values.items()]
    frame = pd.DataFrame(rows, columns=["model", "quantity", "value"])
    frame.insert(0, "as_of", pd.Timestamp(forecast.point.day))
    frame.insert(1, "period", forecast.point.period.name)
    frame.insert(2, "node", node)
    return frame
