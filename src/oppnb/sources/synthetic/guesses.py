"""What a seller believes: when a deal will close, and how sure it is."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from oppnb.periods import period_of
from oppnb.sources.synthetic.weeks import Weeks

__all__ = ["CATEGORIES", "Calendar", "guess_close", "guess_first_amount", "round_money"]

CATEGORIES = ("omitted", "pipeline", "best_case", "commit", "closed")
_WEEKS_A_STAGE = 2.6


class Calendar:
    """Ends of months and quarters by day, ready for looking up."""

    def __init__(self, weeks: Weeks) -> None:
        n_days = (weeks.n + 220) * 7
        days = [weeks.monday + timedelta(days=position) for position in range(n_days)]
        self.first = np.datetime64(weeks.monday, "D")
        self._ends = {kind: _ends(days, kind) for kind in ("month", "quarter")}

    def end(self, kind: str, day: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
        """The last day of the month or quarter that holds each day."""
        position = (day - self.first).astype("int64").clip(0, len(self._ends[kind]) - 1)
        return np.asarray(self._ends[kind][position])


def _ends(days: list[date], kind: str) -> NDArray[np.datetime64]:
    return np.array([period_of(day, kind=kind).end for day in days], dtype="datetime64[D]")


def guess_close(
    rng: np.random.Generator,
    calendar: Calendar,
    *,
    today: NDArray[np.datetime64],
    stages_left: NDArray[np.int64],
    optimism: NDArray[np.float64],
) -> NDArray[np.datetime64]:
    """The day on which sellers expect deals to close: often the end of a month or quarter, at least a week away."""
    n = len(today)
    weeks = _WEEKS_A_STAGE * stages_left * np.exp(optimism + rng.normal(0, 0.35, size=n))
    day = today + np.maximum(7, np.round(weeks * 7)).astype("int64")
    habit = rng.random(n)
    day = np.where(habit < 0.35, calendar.end("quarter", day), day)
    return np.where((habit >= 0.35) & (habit < 0.6), calendar.end("month", day), day)


def guess_first_amount(
    rng: np.random.Generator, quote: NDArray[np.float64], amount_bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The amount a seller first writes down: round, and mostly too high."""
    amount = quote * np.exp(amount_bias + rng.normal(0, 0.25, size=len(quote)))
    return round_money(amount)


def round_money(amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two and a bit significant digits, as people write amounts."""
    unit = 10.0 ** (np.floor(np.log10(np.maximum(amount, 100.0))) - 1) / 2
    return np.round(amount / unit) * unit
