"""The weeks in which the synthetic deals live, and the moments inside them."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from oppnb.periods import Period, period_of
from oppnb.sources.synthetic.settings import Laws, SyntheticSettings

__all__ = ["TIME_ZONE", "Weeks", "next_shock", "stream"]

Shock = TypeVar("Shock", float, NDArray[np.float64])

TIME_ZONE = "Asia/Shanghai"
_UTC_OFFSET_MINUTES = 8 * 60
_OPENS, _SHUTS = 9 * 60, 18 * 60


def stream(settings: SyntheticSettings, part: str) -> np.random.Generator:
    """The random numbers of one part, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([settings.seed, *part.encode()])


def next_shock(laws: Laws, shock: Shock, fresh: Shock) -> Shock:
    """The shock of the quarter after one of `shock`; `fresh` has the stationary standard deviation, and so it stays."""
    return laws.shock_carry * shock + math.sqrt(1 - laws.shock_carry**2) * fresh


@dataclass(frozen=True)
class Weeks:
    """Weeks from Monday to Sunday; things happen from Monday to Friday in office hours.

    Attributes
    ----------
    monday : date
        First day of week 0.
    end : date
        The last day anything is known of; it lies in week `n - 1`.
    """

    monday: date
    end: date

    @classmethod
    def of(cls, settings: SyntheticSettings) -> "Weeks":
        """The weeks from the first Monday on or after the start to the end."""
        return cls(settings.start + timedelta(days=-settings.start.weekday() % 7), settings.end)

    @property
    def n(self) -> int:
        """Number of weeks, the last one perhaps cut."""
        return (self.end - self.monday).days // 7 + 1

    @property
    def n_days_in_last(self) -> int:
        """Working days of the last week that lie within the data, 1-5."""
        return min(self.end.weekday() + 1, 5)

    def day_of(self, week: int) -> date:
        """The Monday of a week."""
        return self.monday + timedelta(weeks=week)

    def week_of(self, day: date) -> int:
        """The week that holds a day."""
        return (day - self.monday).days // 7

    def mondays(self, week: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """The Mondays of weeks, as days."""
        return np.asarray(np.datetime64(self.monday, "D") + np.asarray(week, dtype="int64") * 7)

    def observed_share(self, week: int) -> float:
        """Share of the week's working days that lie within the data: 1 but for the last week."""
        return self.n_days_in_last / 5 if week == self.n - 1 else 1.0

    def quarter_of(self, week: int) -> Period:
        """The calendar quarter a week belongs to: that of its Wednesday."""
        return period_of(self._middle(week))

    def _middle(self, week: int) -> date:
        return self.day_of(week) + timedelta(days=2)

    def rush(self, settings: SyntheticSettings, *, n: int | None = None) -> NDArray[np.float64]:
        """The factor on decisions in each week: high in the last weeks of a quarter, else low."""
        laws = settings.laws
        factors = []
        for week in range(self.n if n is None else n):
            weeks_left = (self.quarter_of(week).end - self._middle(week)).days // 7
            factors.append(laws.rush[weeks_left] if weeks_left < len(laws.rush) else laws.rush_else)
        return np.array(factors)

    def shock(self, settings: SyntheticSettings) -> NDArray[np.float64]:
        """What each week adds to every score: one value a quarter, an AR(1); zero if the laws know no shocks."""
        laws = settings.laws
        quarters = [self.quarter_of(week).start for week in range(self.n)]
        number = np.cumsum([first != second for first, second in pairwise([quarters[0], *quarters])])
        values = stream(settings, "shock").normal(0, laws.shock_sd, size=int(number[-1]) + 1)
        for later in range(1, len(values)):
            values[later] = next_shock(laws, values[later - 1], values[later])
        return np.asarray(values[number])

    def moments(self, rng: np.random.Generator, week: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """Draw a moment (UTC, to the minute) in each of the weeks."""
        n_days = np.where(np.asarray(week) == self.n - 1, self.n_days_in_last, 5)
        day = np.floor(rng.random(len(week)) * n_days).astype("int64")
        minute = rng.integers(_OPENS, _SHUTS, size=len(week)) - _UTC_OFFSET_MINUTES
        return np.asarray((self.mondays(week) + day).astype("datetime64[m]") + minute)
