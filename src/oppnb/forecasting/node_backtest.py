"""A backtest node by node: what was said of each region, team or owner, and what came."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.baselines import BASELINES, PointForecast
from oppnb.forecasting.baselines.repeated import period_before
from oppnb.forecasting.coming import born_lately, coming
from oppnb.forecasting.models import COMBINATION, MODEL, PointForecasts
from oppnb.forecasting.node_places import NodeDay, Places
from oppnb.forecasting.node_record import NodeRecord, spread_at_nodes
from oppnb.forecasting.node_rolled import RolledDay
from oppnb.forecasting.node_widths import WidthRecord
from oppnb.forecasting.points import Point, past_points
from oppnb.forecasting.rollup_parts import scale_of
from oppnb.forecasting.rollup_tree import columns_of, node_path
from oppnb.history.book import PipelineBook

__all__ = ["NodeBacktest"]

Floats = npt.NDArray[np.float64]

_MIDDLES: Floats = (np.arange(40) + 0.5) / 40
_A_CENT = 0.01


@dataclass(frozen=True)
class _Said:
    """A model at every node: what is still to come, and quantiles of the whole; (n_nodes,), (n_nodes, n_levels)."""

    room: Floats
    quantiles: Floats


class NodeBacktest:
    """What was said at the nodes of some columns, each column apart; its nodes add up to the company on every day.

    Parameters
    ----------
    book : PipelineBook
        As of the day of knowledge of the figures.
    by : sequence of str
        Columns of the deals.
    told : sequence of float
        Levels of the quantiles that are kept.
    coverages : sequence of float
        Of the intervals; their ends are among the levels.
    """

    def __init__(
        self, book: PipelineBook, by: tuple[str, ...], *, told: tuple[float, ...], coverages: tuple[float, ...]
    ) -> None:
        self._book, self._by, self._told, self._coverages = book, by, told, coverages
        self._levels: Floats = np.unique(np.concatenate([_MIDDLES, told]))
        self._places: dict[str, Places] = {}
        self._records = {column: NodeRecord() for column in by}
        self._widths = {column: WidthRecord() for column in by}
        self._ends: dict[tuple[str, date], NodeDay] = {}
        self._frames: list[pd.DataFrame] = []

    def judge(self, said: PointForecasts, point: Point, *, is_reported: bool) -> None:
        """Take the forecasts of a point apart, hold them against what came, and remember both."""
        known = self._book.known(point.day)
        columns_of(said.parts, self._by)
        like, born = coming(known, point), born_lately(known, point)
        for column in self._by:
            places = self._places.setdefault(column, Places.of(self._book, column))
            day = NodeDay(known, places, point)
            won, record = day.won_in(point.period), self._records[column]
            actual, n_won = day.booked(self._book, self._end_of(places, point))
            rolled = RolledDay.of(said.parts, like, born, day)
            models = self._models(said, rolled, day, won, actual) | self._baselines(said.points, day, won, record)
            for name, one in models.items():
                if name in BASELINES:
                    record.add(name, point, said=one.room, came=np.maximum(actual - won, 0.0))
            if is_reported:
                self._frames.append(self._rows(models, day, won, actual, n_won))

    def frame(self) -> pd.DataFrame:
        """One row a day, column, node and model; see `ForecastBacktest`."""
        return pd.concat(self._frames, ignore_index=True) if self._frames else pd.DataFrame()

    def _end_of(self, places: Places, point: Point) -> NodeDay:
        key = places.by, point.period.end
        if key not in self._ends:
            self._ends[key] = NodeDay(self._book.known(point.period.end), places, point)
        return self._ends[key]

    def _models(
        self, said: PointForecasts, rolled: RolledDay, day: NodeDay, won: Floats, actual: Floats
    ) -> dict[str, _Said]:
        """Our own, rolled up as `roll_up` does; then remembered."""
        column, widths = day.places.by, self._widths[day.places.by]
        below, raw, found = rolled.place >= 0, said.parts.distribution(), {}
        for name in (MODEL, COMBINATION):
            if name not in said.forecasts:
                continue
            distribution = said.forecasts[name]
            scale = scale_of(said.parts, distribution, raw=raw)
            width = widths.width(name, day.point, scale.of_company).width
            told = rolled.rolled.told(replace(scale, of_columns={column: width}), distribution, self._levels)
            room, quantiles = np.zeros(len(won)), np.repeat(won[:, None], len(self._levels), axis=1)
            room[rolled.place[below]] = told.room[below]
            quantiles[rolled.place[below]] = told.quantiles[below]
            found[name] = _Said(room, quantiles)
            widths.add(name, day.point, rolled.surprise(scale, distribution, actual - won))
        return found

    def _baselines(
        self, told: Mapping[str, PointForecast], day: NodeDay, won: Floats, record: NodeRecord
    ) -> dict[str, _Said]:
        found, codes = {}, day.of(day.known.on(day.point.day))
        for name, one in told.items():
            room = _room(name, one, day, won, codes)
            if room is not None:
                miss = record.miss(name, day.point, len(won))
                found[name] = _Said(room, won[:, None] + spread_at_nodes(room, miss, self._levels))
        return found

    def _rows(
        self, models: Mapping[str, _Said], day: NodeDay, won: Floats, actual: Floats, n_won: Floats
    ) -> pd.DataFrame:
        told = np.any([one.room > 0 for one in models.values()], axis=0)
        kept = np.flatnonzero(day.present | told | (actual != 0) | (won != 0))
        names = [node_path([day.places.nodes[place]]) for place in kept]
        point, n = day.point, len(kept)
        frames = []
        for name, one in models.items():
            quantiles, came = one.quantiles[kept], actual[kept]
            columns: dict[str, object] = {
                "as_of": pd.Timestamp(point.day),
                "period": point.period.name,
                "period_kind": point.period.kind,
                "week": point.week,
                "weeks_left": point.weeks_left,
                "by": day.places.by,
                "node": pd.Series(names, dtype="str"),
                "model": name,
                "is_baseline": name in BASELINES,
                "forecast": won[kept] + one.room[kept],
                "actual": came,
                "won_already": won[kept],
                "n_won": n_won[kept],
                "crps": self._scores(quantiles, came),
            }
            columns |= {f"q_{level:g}": quantiles[:, self._at(level)] for level in self._told}
            for coverage in self._coverages:
                low, high = (quantiles[:, self._at(0.5 + side * coverage / 2)] for side in (-1, 1))
                columns[f"in_{round(100 * coverage)}"] = (low <= came + _A_CENT) & (came <= high + _A_CENT)
            frames.append(pd.DataFrame(columns, index=range(n)))
        return pd.concat(frames, ignore_index=True)

    def _at(self, level: float) -> int:
        return int(np.argmin(np.abs(self._levels - level)))

    def _scores(self, quantiles: Floats, actual: Floats) -> Floats:
        """Continuous ranked probability score, from the quantiles in the middles of 40 equal parts."""
        values = quantiles[:, np.searchsorted(self._levels, _MIDDLES - 1e-12)]
        upto = np.arange(1, len(_MIDDLES)) / len(_MIDDLES)
        far = np.abs(values - actual[:, None]).mean(axis=1)
        return np.asarray(far - np.diff(values, axis=1) @ (upto * (1 - upto)))


def _room(name: str, told: PointForecast, day: NodeDay, won: Floats, codes: npt.NDArray[np.int64]) -> Floats | None:
    """What a baseline says is still to come at each node; None where it says nothing below the company."""
    if name in ("last_period", "same_period_last_year"):
        before = period_before(day.point, years=name == "same_period_last_year")
        return np.maximum(day.won_in(before) - won, 0.0)
    if name == "top_down":
        return None
    room = day.places.sums(codes, told.of_deals)
    if name == "conversion_table":
        days = [one for one in day.known.days if one < day.point.day]
        room = room + day.won_of_new(past_points(day.point, days))
    return room
