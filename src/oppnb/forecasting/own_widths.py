"""At forecast time: the record of a column's nodes at the same point of earlier periods."""

from collections.abc import Sequence

from oppnb.forecasting.coming import born_lately, coming
from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.models import PointForecasts
from oppnb.forecasting.node_places import NodeDay, Places
from oppnb.forecasting.node_rolled import RolledDay
from oppnb.forecasting.node_widths import NodeWidth, WidthRecord
from oppnb.forecasting.rollup_parts import Told, scale_of
from oppnb.history.book import PipelineBook

__all__ = ["widths_of_nodes"]


def widths_of_nodes(forecast: Forecast, book: PipelineBook, by: Sequence[str], scale: Told) -> dict[str, NodeWidth]:
    """The width of each column's nodes, just as a backtest by these columns would have it.

    Parameters
    ----------
    forecast : Forecast
        With what was said at the same point of earlier periods.
    book : PipelineBook
    by : sequence of str
        Columns.
    scale : Told
        Of the forecast: the company's width, where nodes have no record.
    """
    known, model = book.known(forecast.point.day), forecast.told_model
    records = {column: WidthRecord() for column in by}
    places = {column: Places.of(known, column) for column in by}
    for said in forecast.backtest.said if by else ():
        if model in said.forecasts:
            _remember(said, model, known, places, records)
    return {column: one.width(model, forecast.point, scale.of_company) for column, one in records.items()}


def _remember(
    said: PointForecasts,
    model: str,
    known: PipelineBook,
    places: dict[str, Places],
    records: dict[str, WidthRecord],
) -> None:
    point, told = said.parts.point, said.forecasts[model]
    then, at_the_end = known.known(point.day), known.known(point.period.end)
    like, born = coming(then, point), born_lately(then, point)
    scale = scale_of(said.parts, told)
    for column, record in records.items():
        day, end = (NodeDay(one, places[column], point) for one in (then, at_the_end))
        came = day.booked(known, end)[0] - day.won_in(point.period)
        rolled = RolledDay.of(said.parts, like, born, day)
        record.add(model, point, rolled.surprise(scale, told, came))
