"""The calendar in the weeks ahead: how much of what is won, and lost, is so in the days of each lead bin."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.close_pace import ClosePace, close_pace
from oppnb.scoring.prediction import LEAD_DAYS
from oppnb.scoring.rows import ScoringRows

__all__ = ["LeadPace"]

Floats = npt.NDArray[np.float64]

_EDGES = np.concatenate([[0], LEAD_DAYS]).astype(np.int64)
_LEAST_WEEKS = 1e-3


@dataclass(frozen=True, eq=False)
class LeadPace:
    """On which days deals are closed, and won, and lost.

    A bin of a week may hold the last day of a quarter, in which much is won, or the first of the next, in which little
    is; the whole weeks to the quarter's end are the same for both.

    Attributes
    ----------
    weekdays : array, shape (3, 7)
        Of closes, of wins, of losses: see `oppnb.history.close_pace.ClosePace`.
    weeks : array, shape (3, 14)
    fiscal_year_start : int
        Month (1-12).
    """

    weekdays: Floats
    weeks: Floats
    fiscal_year_start: int

    @classmethod
    def of(cls, rows: ScoringRows) -> Self:
        """Learn it from dated rows with ends; each deal counts once."""
        if rows.ends is None:
            raise ValueError("these rows are for scoring: their ends are not known")
        as_of = rows.keys["as_of"].to_numpy(dtype="datetime64[D]")
        # a moment on the n-th day after the row's day lies n - 1 and a part of days after its end
        whole = np.floor(rows.ends["days_to_end"].to_numpy(dtype="float64")).astype(np.int64)
        deals = pd.DataFrame({"deal": rows.keys["opportunity_id"].to_numpy(), "on": as_of + whole + 1})
        known_on = (as_of + whole).max().astype(object)
        start = rows.calendar.fiscal_year_start

        def pace(chosen: npt.NDArray[np.bool_]) -> ClosePace:
            days = pd.to_datetime(deals[chosen].drop_duplicates("deal")["on"])
            return close_pace(days, known_on=known_on, fiscal_year_start=start)

        found = [pace(chosen) for chosen in (rows.is_closed, rows.is_won, rows.is_lost)]
        return cls(np.stack([one.weekdays for one in found]), np.stack([one.weeks for one in found]), start)

    def at_leads(self, rows: ScoringRows) -> tuple[Floats, Floats]:
        """What the calendar says of each lead bin of each row, both of shape (n, 27).

        Returns
        -------
        closed : array
            Usual weeks that the bin is as good as.
        odds : array
            Log odds of a win that is closed in the bin, beside those of any day; 0 where wins and losses are closed at
            the same pace.
        """
        days, place = np.unique(rows.keys["as_of"].to_numpy(dtype="datetime64[D]"), return_inverse=True)
        closed, won, lost = (self._of_days(days, kind) for kind in range(3))
        return closed[place], (np.log(won) - np.log(lost))[place]

    def _of_days(self, days: npt.NDArray[np.datetime64], kind: int) -> Floats:
        pace = ClosePace(self.weekdays[kind], self.weeks[kind], self.fiscal_year_start)
        found = np.empty((len(days), len(LEAD_DAYS)))
        for row, day in enumerate(days):
            known: date = day.astype(object)
            found[row] = np.diff(pace.upto(known, int(_EDGES[-1]))[_EDGES])
        weeks: Floats = np.maximum(found / pace.weekdays.sum(), _LEAST_WEEKS)
        return weeks
