"""What scenarios of one forecast have in common, worked out once: then another scenario takes milliseconds."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ColumnMissingError, ParameterError, nearest
from oppnb.forecasting.coming import coming, room_in
from oppnb.forecasting.levers import ever_won, with_cycle_time, with_win_rate
from oppnb.forecasting.parts import ADDED_TO_DEALS, ForecastParts
from oppnb.history.book import PipelineBook
from oppnb.tables import rows_where
from oppnb.workspace import Scenario, ScenarioChange, Where

__all__ = ["FORECAST", "ScenarioBasis", "check_names", "check_scenarios"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FORECAST = "forecast"
"""How the forecast as it is goes by among scenarios."""


def check_scenarios(scenarios: Sequence[Scenario], book: PipelineBook) -> None:
    """Refuse scenarios that `compare_scenarios` would refuse, from the book alone; raises as that does."""
    check_names(scenarios)
    known = _KnownValues(book)
    for one in scenarios:
        for change in one.changes:
            _check(change, one.name, [*book.open_rows.columns, *ADDED_TO_DEALS], known)


def check_names(scenarios: Sequence[Scenario]) -> None:
    """Refuse two scenarios of one name; raises `ParameterError`."""
    names = [FORECAST, *(scenario.name for scenario in scenarios)]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ParameterError(f"Two of the scenarios side by side are called '{name}': give each a name of its own.")


class ScenarioBasis:
    """A forecast's parts, and all that does not change from one scenario to the next.

    Parameters
    ----------
    parts : ForecastParts
        Of `oppnb.forecasting.forecast_parts`.
    book : PipelineBook
        That the parts were made from.
    """

    def __init__(self, parts: ForecastParts, book: PipelineBook) -> None:
        self.parts = parts
        self.book = book
        self._known = _KnownValues(book)
        self._masks: dict[tuple[str, str], Bools] = {}
        self._rates: dict[str, float] = {}

    @cached_property
    def like(self) -> pd.DataFrame:
        """Past wins as examples of new business: `oppnb.forecasting.coming.coming`."""
        return coming(self.book, self.parts.point)

    @cached_property
    def _closed(self) -> pd.DataFrame:
        deals = self.book.known(self.parts.point.day).deals
        return deals[deals["outcome"] != "open"]

    @cached_property
    def _ever(self) -> Floats:
        return ever_won(self.parts.deals)

    def applied(self, scenario: Scenario) -> tuple[ForecastParts, pd.DataFrame]:
        """The changed parts, and the past wins with the weights they then have; raises as `apply_scenario`."""
        for change in scenario.changes:
            _check(change, scenario.name, self.parts.deals.columns, self._known)
        changes = [change for change in scenario.changes if not change.is_nothing]
        like = self.like
        if not changes:
            return self.parts, like
        changed = self._changed_wins(changes)
        number = float(changed["weight"].sum()) / float(like["weight"].sum())
        money = float(changed["money"].sum()) / float(like["money"].sum())
        new = self.parts.new.scaled(number=number, amount=money / number if number else 1.0)
        return replace(self.parts, deals=self._changed_deals(changes), new=new), changed

    def _meant(self, name: str, frame: pd.DataFrame, where: Where) -> Bools:
        """Which rows of one of the frames kept here a change is for."""
        key = name, repr(where)
        if key not in self._masks:
            self._masks[key] = rows_where(frame, where, table="deals").to_numpy(dtype=bool)
        return self._masks[key]

    def _changed_deals(self, changes: Sequence[ScenarioChange]) -> pd.DataFrame:
        deals = self.parts.deals
        ones = np.ones(len(deals))
        odds, points, amount, cycle = ones.copy(), 0 * ones, ones.copy(), ones.copy()
        for change in changes:
            meant = self._meant("deals", deals, change.where)
            odds[meant] *= change.win_odds
            points[meant] += change.win_rate_points / 100
            amount[meant] *= change.amount
            cycle[meant] *= change.cycle_time
        timed = _timed(self.parts, cycle)
        chance = with_win_rate(timed, np.fmax(self._ever, timed), odds=odds, points=points)
        return deals.assign(chance=chance, amount_base=deals["amount_base"].to_numpy(dtype="float64") * amount)

    def _changed_wins(self, changes: Sequence[ScenarioChange]) -> pd.DataFrame:
        """The past wins with other weights: how many there would be of each, and for how much."""
        like = self.like
        ones = np.ones(len(like))
        number, amount, cycle = ones.copy(), ones.copy(), ones.copy()
        for change in changes:
            if not set(change.where) <= set(self._closed.columns):
                continue
            meant = self._meant("like", like, change.where)
            number[meant] *= change.new_business * self._more_wins(change)
            amount[meant] *= change.amount
            cycle[meant] *= change.cycle_time
        room = room_in(self.parts.point, like["days"].to_numpy() * cycle)
        weight = np.where(cycle != 1, room, like["weight"].to_numpy()) * number
        return like.assign(weight=weight, money=weight * like["amount_base"].to_numpy() * amount)

    def _more_wins(self, change: ScenarioChange) -> float:
        """By which factor more of the deals that are created are won."""
        key = repr(change.where)
        if key not in self._rates:
            closed = self._closed
            won = (closed["outcome"] == "won")[rows_where(closed, change.where, table="deals")]
            self._rates[key] = float(won.mean()) if len(won) else 0.0
        rate = np.array([self._rates[key]])
        odds, points = np.array([change.win_odds]), np.array([change.win_rate_points / 100])
        return float(with_win_rate(rate, rate, odds=odds, points=points)[0] / rate[0]) if rate[0] > 0 else 1.0


def _timed(parts: ForecastParts, cycle: Floats) -> Floats:
    """Chances with other cycle times; only deals that take another time are looked up on their curves."""
    moved = cycle != 1
    chance = parts.deals["chance"].to_numpy(dtype="float64", na_value=np.nan, copy=True)
    if moved.any():
        chance[moved] = with_cycle_time(parts.deals[moved], parts.point, cycle[moved])
    return np.asarray(chance)


class _KnownValues:
    """The values that deals of a book ever had, by column, looked up once."""

    def __init__(self, book: PipelineBook) -> None:
        self.book = book
        self._values: dict[str, set[str]] = {}

    def of(self, column: str) -> set[str]:
        if column not in self._values:
            frames = [frame[column] for frame in (self.book.deals, self.book.open_rows) if column in frame.columns]
            known = {str(value) for values in frames for value in values.dropna().unique()}
            if column == "stage":
                known |= {stage.name for process in self.book.workspace.processes for stage in process.stages}
            self._values[column] = known
        return self._values[column]


def _check(change: ScenarioChange, name: str, of_open: Collection[str], known: _KnownValues) -> None:
    """Refuse columns and values that no deal has."""
    of_all = set(known.book.deals.columns)
    for column in change.where:
        if column not in of_open:
            near = nearest(column, sorted(set(of_open)))
            hint = f" Did you mean '{near}'?" if near else ""
            raise ColumnMissingError(f"Scenario '{name}': deals have no column '{column}'.{hint}")
        if column not in of_all and change.new_business != 1:
            raise ParameterError(
                f"Scenario '{name}': 'new_business' cannot change by '{column}', which deals that are not created yet "
                "do not have. Say it in a change of its own, by region, product, source, owner_id or the like."
            )
    _check_values(change.where, name, known)


def _check_values(where: Where, name: str, known: _KnownValues) -> None:
    for column, condition in where.items():
        said = [str(value) for value in [*(condition.is_in or []), *(condition.not_in or [])]]
        unknown = [value for value in said if value not in known.of(column)]
        if unknown:
            near = nearest(unknown[0], sorted(known.of(column)))
            hint = f" Did you mean '{near}'?" if near else ""
            raise ParameterError(f"Scenario '{name}': no deal has the {column} '{unknown[0]}'.{hint}")
