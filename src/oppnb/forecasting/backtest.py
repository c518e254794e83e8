"""Stand on past days, forecast with what was known then, and compare with what came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from oppnb.forecasting.baselines import BASELINES
from oppnb.forecasting.baselines.repeated import won_in
from oppnb.forecasting.models import PointForecasts, forecast_all
from oppnb.forecasting.points import Point
from oppnb.forecasting.record import Record
from oppnb.history.book import PipelineBook
from oppnb.periods import period_of

__all__ = ["ForecastBacktest", "backtest_forecasts", "points_of"]

COVERAGES = (0.5, 0.8, 0.95)
_TOLD = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)


@dataclass(frozen=True)
class ForecastBacktest:
    """Forecasts of past days beside what came.

    Attributes
    ----------
    frame : DataFrame
        One row a day and model, in that order: `as_of`, `period`, `period_kind`, `week` (of the period, from 0),
        `weeks_left`, `model`, `is_baseline`, `forecast` (expected amount), `actual`, `won_already`, `crps`, the
        quantiles `q_0.025` to `q_0.975`, `in_50`, `in_80`, `in_95` (whether the interval held the figure).
    record : Record
        The forecasts as they were made: what sets the width of the next one.
    known_until : date
        Day of knowledge of the figures.
    """

    frame: pd.DataFrame
    record: Record
    known_until: date


def points_of(
    book: PipelineBook, *, kind: str = "quarter", first: date | None = None, last: date | None = None
) -> list[Point]:
    """Every day of the book in the period that holds the day after it, where that period is over."""
    start = book.workspace.calendar.fiscal_year_start
    found = []
    for day in book.days:
        if (first is not None and day < first) or (last is not None and day > last):
            continue
        period = period_of(day + timedelta(days=1), kind=kind, fiscal_year_start=start)
        if period.end <= book.known_on:
            found.append(Point(day, period))
    return found


def backtest_forecasts(
    book: PipelineBook, points: Sequence[Point], *, report_from: date | None = None
) -> ForecastBacktest:
    """Forecast each point with what was known on its day, in the order of time, and compare.

    Parameters
    ----------
    book : PipelineBook
        With curves that are themselves out of time: those of a day by a model that learnt before it.
    points : sequence of Point
        See `points_of`; their periods are over.
    report_from : date, optional
        Points before it only make up the record that later widths are learnt from.
    """
    record, rows = Record(), []
    for point in sorted(points, key=lambda one: one.day):
        actual = won_in(book, point.period)
        if actual is None or book.on(point.day).empty:
            continue
        said = forecast_all(book, point, record)
        for made in said.made:
            record.add(replace(made, actual=actual))
        if report_from is None or point.day >= report_from:
            rows += _rows(said, point, actual)
    return ForecastBacktest(pd.DataFrame(rows, columns=_columns()), record, book.known_on)


def _rows(said: PointForecasts, point: Point, actual: float) -> list[dict[str, object]]:
    found = []
    for name, forecast in said.forecasts.items():
        row: dict[str, object] = {
            "as_of": pd.Timestamp(point.day),
            "period": point.period.name,
            "period_kind": point.period.kind,
            "week": point.week,
            "weeks_left": point.weeks_left,
            "model": name,
            "is_baseline": name in BASELINES,
            "forecast": forecast.mean,
            "actual": actual,
            "won_already": said.parts.won_already,
            "crps": forecast.crps(actual),
        }
        row |= {f"q_{level:g}": forecast.quantile(level) for level in _TOLD}
        for coverage in COVERAGES:
            low, high = forecast.interval(coverage)
            row[f"in_{round(100 * coverage)}"] = bool(low <= actual <= high)
        found.append(row)
    return found


def _columns() -> list[str]:
    told = ["as_of", "period", "period_kind", "week", "weeks_left", "model", "is_baseline", "forecast", "actual"]
    told += ["won_already", "crps", *(f"q_{level:g}" for level in _TOLD)]
    return [*told, *(f"in_{round(100 * coverage)}" for coverage in COVERAGES)]
