"""Stand on past days, forecast with what was known then, and compare with what came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from oppnb.forecasting.baselines import BASELINES
from oppnb.forecasting.baselines.repeated import won_in
from oppnb.forecasting.models import PointForecasts, forecast_all
from oppnb.forecasting.node_backtest import NodeBacktest
from oppnb.forecasting.points import Point, points_of
from oppnb.forecasting.record import Record
from oppnb.history.book import PipelineBook

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
    nodes : DataFrame
        The same by the nodes of columns, where asked for: one row a day, column, node and model, with `by`, `node`
        (`not known` where deals have no value) and `n_won` (deals that were won in the period) beside the columns of
        `frame`.
    said : tuple of PointForecasts
        Those of the points that were to be kept.
    """

    frame: pd.DataFrame
    record: Record
    known_until: date
    nodes: pd.DataFrame = field(default_factory=pd.DataFrame)
    said: tuple[PointForecasts, ...] = ()


def backtest_forecasts(
    book: PipelineBook,
    points: Sequence[Point],
    *,
    report_from: date | None = None,
    by: Sequence[str] = (),
    keep: Sequence[Point] = (),
    progress: Callable[[int, int], None] | None = None,
) -> ForecastBacktest:
    """Forecast each point with what was known on its day, in the order of time, and compare.

    With `by`, node by node, too: our forecasts as `roll_up` tells them, and the baselines that can be taken apart. Open
    deals count for the node in which they stood on the day of standing, by the owners known then, and what they bring
    is booked there, too: a deal that moves to another region before it is won is counted in the old one on both sides,
    and a node is never judged by deals that were handed to it. What was won before the day is booked where it stood
    on the day, and deals that came later where they stand at the end of the period. So forecasts and results of a
    column's nodes add up to those of the company on every day. Exceptions: last period and same period last year are
    never less than what a node has won already, and so may add up to more than the company's; the top-down model says
    nothing of nodes. The conversion table has the company's cells, the node's deals, and the node's own new business.

    Parameters
    ----------
    book : PipelineBook
        With curves that are themselves out of time: those of a day by a model that learnt before it.
    points : sequence of Point
        See `points_of`; their periods are over.
    report_from : date, optional
        Points before it only make up the record that later widths are learnt from.
    by : sequence of str
        Columns of the deals, such as `region` or `owner_id`, each judged apart.
    keep : sequence of Point
        Of these what was said is kept in full: roll-ups learn from it how wide nodes are told.
    progress : callable, optional
        Called with the number of points that are done, and of all; what it raises ends the work.
    """
    record, rows, kept = Record(), [], []
    columns = tuple([by] if isinstance(by, str) else by)
    nodes = NodeBacktest(book, columns, told=_TOLD, coverages=COVERAGES)
    for n_done, point in enumerate(sorted(points, key=lambda one: one.day)):
        if progress is not None:
            progress(n_done, len(points))
        actual = won_in(book, point.period)
        if actual is None or book.on(point.day).empty:
            continue
        said = forecast_all(book, point, record)
        for made in said.made:
            record.add(replace(made, actual=actual))
        if point in keep:
            kept.append(said)
        is_reported = report_from is None or point.day >= report_from
        if columns:
            nodes.judge(said, point, is_reported=is_reported)
        if is_reported:
            rows += _rows(said, point, actual)
    return ForecastBacktest(pd.DataFrame(rows, columns=_columns()), record, book.known_on, nodes.frame(), tuple(kept))


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
