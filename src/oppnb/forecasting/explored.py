"""A forecast to be moved by hand: any node of the roll-up under any scenario, told as the forecast itself is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.coming import kept_of
from oppnb.forecasting.distribution import LEVELS, Distribution
from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.nodes import COMPANY
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.rollup import hierarchy_of, node_widths, tell_rolled, told_scale
from oppnb.forecasting.rollup_parts import RolledParts
from oppnb.forecasting.scenario_basis import FORECAST, ScenarioBasis, check_names
from oppnb.history.book import PipelineBook
from oppnb.workspace import Scenario, ScenarioChange

__all__ = ["AS_IS", "LEVERS", "ExploredForecast", "ToldPart"]

Floats = npt.NDArray[np.float64]

AS_IS = Scenario(name=FORECAST)
"""The scenario in which nothing changes."""

LEVERS = {
    "win_rate": ("win_odds", "win_rate_points"),
    "amount": ("amount",),
    "cycle_time": ("cycle_time",),
    "new_business": ("new_business",),
}
"""What a scenario can change, in the order in which a waterfall tells it, and the fields of a change that say so."""


@dataclass(frozen=True)
class ToldPart:
    """One node under one scenario, in the base currency.

    Attributes
    ----------
    distribution : Distribution
        As told: with the level and the width of the forecast.
    won, open_deals, new_business, expected : float
        Expected amounts; the last is the sum of the others.
    """

    distribution: Distribution
    won: float
    open_deals: float
    new_business: float
    expected: float


@dataclass(frozen=True)
class _Applied:
    parts: ForecastParts
    like: pd.DataFrame
    rolled: RolledParts
    expected: float


class ExploredForecast:
    """What takes time is done once; another scenario, node or target then takes milliseconds.

    The told forecast may be another than that of the deals alone (a mean with a baseline, an interval that its record
    widened). A scenario moves it as it moves the deals: the change of what is expected of them is multiplied by the
    factor of the told level, and their distances from the mean change by the factor of the told width, quantile by
    quantile. So under a scenario that changes nothing each node is exactly what the forecast and its roll-up say.

    Parameters
    ----------
    forecast : Forecast
        Of `oppnb.forecasting.forecast_period`.
    book : PipelineBook
        That it was made from.
    by : sequence of str, optional
        Columns to roll up by; by default the workspace's hierarchy.
    targets : DataFrame, optional
        The table `targets` of the period, for the quotas of nodes.

    Attributes
    ----------
    nodes : DataFrame
        As `oppnb.forecasting.roll_up` gives it.
    by : tuple of str
        The columns of the roll-up.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.forecasting import forecast_period
    >>> from oppnb.history.book import read_book
    >>> from oppnb.periods import parse_period
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "amount": [300.0, 100.0], "stage": ["Demo", "Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-03"]), "region": ["East", "West"]})
    >>> book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    >>> book = book.with_columns(book.open_rows[["opportunity_id", "as_of"]].assign(won_by_31=0.5))
    >>> explored = ExploredForecast(forecast_period(book, parse_period("2024Q1")), book, by=["region"])
    >>> up = Scenario(name="up", changes=[ScenarioChange(where={"region": "East"}, amount=1.1)])
    >>> [round(told.expected, 6) for told in (explored.told(), explored.told(up), explored.told(up, "East"))]
    [200.0, 215.0, 165.0]
    >>> explored.steps(up)["amount"].round(6).tolist()
    [200.0, 0.0, 15.0, 0.0, 0.0, 215.0]
    """

    def __init__(
        self,
        forecast: Forecast,
        book: PipelineBook,
        *,
        by: Sequence[str] | None = None,
        targets: pd.DataFrame | None = None,
    ) -> None:
        self.forecast = forecast
        self.book = book
        self._basis = ScenarioBasis(forecast.parts, book)
        self.by = hierarchy_of(forecast.parts, book, by)
        widths = node_widths(forecast, book, self.by)
        of_columns = {column: one.width for column, one in widths.items()}
        self._scale = replace(told_scale(forecast), of_columns=of_columns)
        kept = kept_of(book, forecast.point, self._basis.like, self.by)
        self._rolled = RolledParts(forecast.parts, self._basis.like, self.by, kept=kept)
        self.nodes = tell_rolled(forecast, self._rolled, widths=widths, targets=targets)
        expected = self.nodes[self.nodes["quantity"] == "expected"]
        self._place = {str(node): place for place, node in enumerate(expected["node"])}
        self._raw: dict[int, Distribution] = {}
        self._base: dict[int, ToldPart] = {}
        self._as_is = _Applied(forecast.parts, self._basis.like, self._rolled, forecast.distribution.mean)
        self._last = AS_IS, self._as_is
        self._told: tuple[Scenario, int, ToldPart] | None = None

    @property
    def parts(self) -> ForecastParts:
        """What our own forecast is made of."""
        return self.forecast.parts

    def place(self, node: str) -> int:
        """Position of a node, by its name; raises `ParameterError` with the nearest if there is none."""
        found = self._place.get(node)
        return self._rolled.place(node) if found is None else found

    def path(self, node: str) -> tuple[tuple[str, str | None], ...]:
        """Columns and values of a node from the highest down; a null value: not known; empty for the company."""
        return tuple(zip(self.by, self._rolled.tree.nodes[self.place(node)], strict=False))

    def target(self, node: str = COMPANY) -> float | None:
        """Quota of a node; None without one."""
        of = self.nodes[(self.nodes["node"] == node) & (self.nodes["quantity"] == "target")]["value"]
        return float(of.iloc[0]) if len(of) else None

    def deals(self, node: str = COMPANY, scenario: Scenario = AS_IS) -> ForecastParts:
        """The parts of one node under a scenario, before level and width."""
        return self._part(self._applied(scenario), self.place(node))

    def told(self, scenario: Scenario = AS_IS, node: str = COMPANY) -> ToldPart:
        """One node under a scenario.

        Raises
        ------
        ColumnMissingError, ParameterError
            As `oppnb.forecasting.apply_scenario`; also if there is no such node, with the nearest.
        """
        place, applied = self.place(node), self._applied(scenario)
        base = self._told_as_is(place)
        if applied.parts is self.parts:
            return base
        if self._told is not None and self._told[0] is scenario and self._told[1] == place:
            return self._told[2]
        won, open_deals, new, expected = self._amounts(applied, place)
        before, after = self._raw_of(place), self._part(applied, place).distribution().told()
        moved = (after.quantiles(LEVELS) - after.mean) - (before.quantiles(LEVELS) - before.mean)
        values = base.distribution.quantiles(LEVELS) + (expected - base.expected) + self._width(place) * moved
        held = np.maximum.accumulate(np.maximum(values, won))
        self._told = scenario, place, ToldPart(Distribution.of(held), won, open_deals, new, expected)
        return self._told[2]

    def steps(self, scenario: Scenario, node: str = COMPANY, *, by: str = "lever") -> pd.DataFrame:
        """What each part of a scenario changes, one after the other; for `oppnb.charts.bridge`.

        Parameters
        ----------
        scenario : Scenario
        node : str
        by : {'lever', 'change'}
            Win rates, amounts, cycle times and new business in turn; or each of the scenario's changes.

        Returns
        -------
        DataFrame
            `bar` (`start`, a lever or the position of a change, `end`), `amount` (expected, signed for changes), `n`
            (null). The changes add up from the start to the end.

        Raises
        ------
        ParameterError
            As `told`; also if `by` is neither.
        """
        upto = _upto(scenario, by)
        place = self.place(node)
        amounts = [self._amounts(self._applied(one), place)[3] for one in (AS_IS, *upto.values())]
        rows = [("start", amounts[0]), *zip(upto, np.diff(amounts).tolist(), strict=True), ("end", amounts[-1])]
        return pd.DataFrame(rows, columns=["bar", "amount"]).assign(n=np.nan)

    def amounts(self, scenario: Scenario = AS_IS) -> pd.DataFrame:
        """Every node under a scenario; money adds up to the cent at every level.

        Returns
        -------
        DataFrame
            `node`, `level`, `parent` as in `roll_up`; `won_already`, `from_open_deals`, `from_new_business`,
            `expected`.
        """
        applied = self._applied(scenario)
        amounts = applied.rolled.amounts(self._scale.level, applied.expected)
        names = ["won_already", "from_open_deals", "from_new_business", "expected"]
        frame = self._rolled.tree.frame()
        return frame.assign(**dict(zip(names, amounts.T, strict=True)))

    def compare(
        self, scenarios: Sequence[Scenario], node: str = COMPANY, *, target: float | None = None
    ) -> pd.DataFrame:
        """The forecast and scenarios side by side, of one node.

        Returns
        -------
        DataFrame
            `scenario` (`forecast` first), `won`, `open_deals`, `new_business`, `expected`, `quantile_10`,
            `quantile_50`, `quantile_90`, `chance_of_target` (null without a target), `change` and `change_share`
            against the forecast (the share is null where that is 0).

        Raises
        ------
        ColumnMissingError, ParameterError
            As `told`; also if two scenarios have one name.
        """
        check_names(scenarios)
        rows = []
        for one in (AS_IS, *scenarios):
            told = self.told(one, node)
            row: dict[str, object] = {"scenario": one.name, "won": told.won, "open_deals": told.open_deals}
            row |= {"new_business": told.new_business, "expected": told.expected}
            row |= {f"quantile_{100 * level:g}": told.distribution.quantile(level) for level in (0.1, 0.5, 0.9)}
            row["chance_of_target"] = np.nan if target is None else told.distribution.chance_of(target)
            rows.append(row)
        found = pd.DataFrame(rows)
        before = float(found["expected"].iloc[0])
        change = found["expected"] - before
        return found.assign(change=change, change_share=change / before if before else np.nan)

    def _applied(self, scenario: Scenario) -> _Applied:
        if self._last[0] is scenario:
            return self._last[1]
        parts, like = self._basis.applied(scenario)
        if parts is self.parts:
            return self._as_is
        expected = self._as_is.expected + self._scale.level * (parts.expected - self.parts.expected)
        found = _Applied(parts, like, self._rolled.under(parts, like), max(expected, parts.won_already))
        self._last = scenario, found
        return found

    def _part(self, applied: _Applied, place: int) -> ForecastParts:
        return applied.parts if place == 0 else applied.rolled.part(place)

    def _raw_of(self, place: int) -> Distribution:
        if place not in self._raw:
            self._raw[place] = self._part(self._applied(AS_IS), place).distribution().told()
        return self._raw[place]

    def _width(self, place: int) -> float:
        """Factor on distances of what deals alone say from their mean, level and all."""
        depth = len(self._rolled.tree.nodes[place])
        return self._scale.width if depth == 0 else self._scale.level * self._scale.width_of(self.by[depth - 1])

    def _amounts(self, applied: _Applied, place: int) -> tuple[float, float, float, float]:
        """Won, from open deals, from new business, expected; those of nodes are in whole cents, as rolled up."""
        if place > 0:
            won, open_deals, new, expected = applied.rolled.amounts(self._scale.level, applied.expected)[place].tolist()
            return won, open_deals, new, expected
        won = applied.parts.won_already
        open_deals = self._scale.level * float(applied.parts.expected_of_deals.sum())
        return won, open_deals, applied.expected - won - open_deals, applied.expected

    def _told_as_is(self, place: int) -> ToldPart:
        if place not in self._base:
            distribution = self.forecast.distribution
            if place > 0:
                distribution = Distribution.of(self._rolled.spread(self._scale, distribution, place, LEVELS))
            self._base[place] = ToldPart(distribution, *self._amounts(self._applied(AS_IS), place))
        return self._base[place]


def _upto(scenario: Scenario, by: str) -> dict[str, Scenario]:
    """The scenario bit by bit: each with all that comes before it."""
    if by == "change":
        return {
            str(place): scenario.model_copy(update={"changes": scenario.changes[: place + 1]})
            for place in range(len(scenario.changes))
        }
    if by != "lever":
        raise ParameterError(f"A scenario is taken apart by 'lever' or by 'change', not by '{by}'.")
    found, fields = {}, ["where"]
    for lever, names in LEVERS.items():
        fields += names
        changes = [_only(change, fields) for change in scenario.changes]
        found[lever] = scenario.model_copy(update={"changes": changes})
    return found


def _only(change: ScenarioChange, fields: Sequence[str]) -> ScenarioChange:
    said = {name: getattr(change, name) for name in fields}
    return ScenarioChange.model_construct(**{**ScenarioChange().__dict__, **said})
