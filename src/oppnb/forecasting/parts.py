"""What a period's amount is made of on a day: won already, deals open now, deals not created yet."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.growth import NO_GROWTH, Growth, learn_growth
from oppnb.forecasting.lattice import is_lumpy, on_lattice
from oppnb.forecasting.level import Level, learn_level
from oppnb.forecasting.mixture import SHOCKS, spread_out
from oppnb.forecasting.new_business import NewBusiness, learn_new_business
from oppnb.forecasting.points import Point, past_points
from oppnb.forecasting.seen import chance_in, followed, is_due
from oppnb.forecasting.simple_chances import without_curves
from oppnb.forecasting.sums import PowerSums, cumulants_at
from oppnb.forecasting.typical_amounts import with_typical_amounts
from oppnb.forecasting.win_pace import learn_pace
from oppnb.history.book import PipelineBook
from oppnb.periods import period_of
from oppnb.tables import Note

__all__ = ["ADDED_TO_DEALS", "ForecastParts", "forecast_parts"]

ADDED_TO_DEALS = ("stated_chance", "due", "chance")
"""Columns of a forecast's open deals beside those of the book."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ForecastParts:
    """The parts of a period's amount, as known on a day.

    Attributes
    ----------
    point : Point
        The day and the period.
    won : DataFrame
        Deals won in the period by the day, with `amount_base`.
    deals : DataFrame
        The deals open on the day, with `chance` (of being won inside the period, corrected; null: not known),
        `stated_chance` (before the correction), `due` (expected to close by its end); `amount_base` is filled with
        what such deals were won for where it was not known.
    level, growth, new : Level, Growth, NewBusiness
        The correction and the shock; what becomes of amounts; deals not created yet.
    """

    point: Point
    won: pd.DataFrame
    deals: pd.DataFrame
    level: Level
    growth: Growth
    new: NewBusiness

    @property
    def won_already(self) -> float:
        """Amount won in the period by the day."""
        return float(self.won["amount_base"].sum())

    @property
    def amount(self) -> Floats:
        """Current amount of each open deal; 0 where it is not known."""
        return np.asarray(np.nan_to_num(self.deals["amount_base"].to_numpy(dtype="float64")))

    @property
    def chance(self) -> Floats:
        """Chance of each open deal; 0 where it is not known."""
        return np.asarray(np.nan_to_num(self.deals["chance"].to_numpy(dtype="float64")))

    @property
    def expected_of_deals(self) -> Floats:
        """Expected amount of each open deal."""
        found: Floats = self.amount * self.chance * self.growth.moments[0]
        return found

    @property
    def swing_of_deals(self) -> Floats:
        """Standard deviation that each open deal brings, in money: what the period hangs on."""
        found: Floats = self.amount * self.growth.moments[0] * np.sqrt(self.chance * (1 - self.chance))
        return found

    @property
    def expected(self) -> float:
        """Expected amount of the period."""
        return self.won_already + float(self.expected_of_deals.sum()) + self.new.mean

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the amount leaves out, and which other period of the same days is told apart.

        Open deals that bring nothing because their chance, or what they are worth, is not known; the quarter, where a
        year or a month has as long to run.
        """
        n_open = len(self.deals)
        no_chance = int(self.deals["chance"].isna().sum())
        no_amount = int((self.deals["amount_base"].isna() & (self.deals["chance"] > 0)).sum())
        found = [Note("forecast_deals_without_chance", {"n": no_chance, "n_open": n_open})] if no_chance else []
        if no_amount:
            found.append(Note("forecast_deals_without_amount", {"n": no_amount, "n_open": n_open}))
        return (*found, *_told_apart(self.point))

    def distribution(self) -> Distribution:
        """The amount of the period: exact for few deals, else by cumulants."""
        amount, chance = self.amount, self.chance
        if is_lumpy(amount, chance):
            found = on_lattice(amount, chance, growth=self.growth, new=self.new, shock=self.level.shock)
            if found is not None:
                return found.shifted(self.won_already)
        return self.smooth(PowerSums.of(amount, chance), [self.new])[0].shifted(self.won_already)

    def smooth(self, sums: PowerSums, new: list[NewBusiness]) -> list[Distribution]:
        """Distributions of groups of open deals with their new business, by cumulants that add up."""
        shock = self.level.shock
        centre = shock**2 / 2 * sums.together().bend
        cumulants = cumulants_at(sums, self.growth.moments, shock * SHOCKS - centre)
        factor = np.exp(shock * SHOCKS - shock**2 / 2)
        return [spread_out(one + fresh.cumulants(factor)) for one, fresh in zip(cumulants, new, strict=True)]

    def with_deals(self, deals: pd.DataFrame) -> Self:
        """The same with other open deals."""
        return replace(self, deals=deals)


def _told_apart(point: Point) -> list[Note]:
    """The running quarter, if the period is another one that ends on the same day."""
    period = point.period
    quarter = period_of(period.end, fiscal_year_start=period.fiscal_year_start)
    if quarter.name == period.name or quarter.end != period.end or max(quarter.start, period.start) > point.day:
        return []
    return [Note("forecast_told_apart", {"period": period.name, "quarter": quarter.name})]


def forecast_parts(book: PipelineBook, point: Point) -> ForecastParts:
    """Work out the parts from what is known.

    Parameters
    ----------
    book : PipelineBook
        With curves, see `oppnb.forecasting.curves`; only what was known on the point's day is used.
    point : Point
        Its day is one of the book's.
    """
    book = book.known(point.day)
    rows = with_typical_amounts(book, book.on(point.day))
    around = past_points(point, [day for day in book.days if day < point.day], around=1)
    level = learn_level(followed(book, around))
    past = past_points(point, [day for day in book.days if day < point.day])
    pace = learn_pace(book, fiscal_year_start=point.period.fiscal_year_start)
    stated, due = chance_in(rows, point, pace), is_due(rows, point)
    chance = without_curves(book, rows, point, past, level.corrected(rows, stated, due))
    deals = rows.assign(stated_chance=stated, due=due, chance=chance)
    won = book.won_between(point.period.start, point.day)
    growth = learn_growth(book, days_ahead=max(point.days_to_end, 28)) if len(rows) else NO_GROWTH
    return ForecastParts(point, won, deals, level, growth, learn_new_business(book, point, past))
