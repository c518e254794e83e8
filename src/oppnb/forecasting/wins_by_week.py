"""When deals will be won: the forecast of each quarter, spread over days by the curves and by how young deals win."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.curves import won_within
from oppnb.forecasting.growth import Growth
from oppnb.forecasting.new_business import NewBusiness
from oppnb.forecasting.parts import ForecastParts, forecast_parts
from oppnb.forecasting.points import Point
from oppnb.forecasting.rush import learn_rush, rush_of
from oppnb.history.book import PipelineBook
from oppnb.periods import period_of

__all__ = ["ComingWins", "coming_wins", "next_weeks"]

Floats = npt.NDArray[np.float64]

_LONGEST = 730


@dataclass(frozen=True)
class ComingWins:
    """Wins after a day, by span of days.

    Attributes
    ----------
    day : date
        The day of knowledge.
    edges : array of int, shape (n_spans + 1,)
        Days after `day` between which the spans lie; a span holds the days after its first edge up to its second.
    deals : DataFrame
        The deals open on the day.
    chance : array, shape (n_deals, n_spans)
        Of being won inside each span; 0 where no curve says.
    is_known : array of bool, shape (n_deals,)
        Whether a deal has a curve and an amount.
    growth : Growth
        What becomes of amounts until they are won.
    new_wins : array, shape (n_spans,)
        Expected wins of deals that are not created yet.
    new : NewBusiness
        What those are won for, and how far their number strays.
    shock : float
        What deals share, standard deviation in log odds.
    """

    day: date
    edges: npt.NDArray[np.int64]
    deals: pd.DataFrame
    chance: Floats
    is_known: npt.NDArray[np.bool_]
    growth: Growth
    new_wins: Floats
    new: NewBusiness
    shock: float

    @property
    def amount(self) -> Floats:
        """Current amount of each deal; 0 where it is not known."""
        return np.asarray(np.nan_to_num(self.deals["amount_base"].to_numpy(dtype="float64")))


def next_weeks(weeks: int) -> npt.NDArray[np.int64]:
    """Edges of so many weeks from the day on."""
    return np.arange(weeks + 1, dtype="int64") * 7


def coming_wins(book: PipelineBook, day: date, edges: npt.NDArray[np.int64]) -> ComingWins:
    """Spread the forecasts of the quarters ahead over spans of days; whole quarters add up to `forecast_parts`.

    Parameters
    ----------
    book : PipelineBook
        With curves.
    day : date
        One of the book's days.
    edges : array of int
        Days after `day`, the first 0, rising.

    Raises
    ------
    ParameterError
        If the day is none of the book's.
    """
    if day not in book.days:
        nearest = min(book.days, key=lambda one: abs((one - day).days), default=None)
        raise ParameterError(f"{day} is not one of the {len(book.days)} days of the book; the nearest is {nearest}.")
    quarters = _quarters(book, day, int(edges[-1]))
    fine, quarter = _cut(day, edges, quarters)
    rush = learn_rush(book.known(day), quarters[0].point.period)
    factor = np.stack([rush_of(rush, parts.point, fine) for parts in quarters])[quarter, np.arange(len(quarter))]
    rows = quarters[0].deals
    stated = np.stack([won_within(rows, float(edge)) for edge in fine], axis=1)
    shape = np.maximum(np.nan_to_num(np.diff(stated, axis=1)), 0.0) * factor
    mass = _shared_out(shape, np.stack([parts.chance for parts in quarters], axis=1), quarter)
    # what is corrected quarter by quarter could add up to more than 1
    mass = mass / np.maximum(mass.sum(axis=1, keepdims=True), 1.0)
    grown = np.cumsum(won_since_birth(book.known(day)))
    born = np.diff(grown[np.minimum(fine, len(grown) - 1)]) * factor
    born = _shared_out(born[None, :], np.array([[parts.new.expected for parts in quarters]]), quarter)[0]
    into = _spans(fine, edges)
    is_known = ~np.isnan(stated[:, -1]) & rows["amount_base"].notna().to_numpy()
    first = quarters[0]
    new = max(quarters, key=lambda parts: (len(parts.new.amounts), parts.point.day)).new
    return ComingWins(day, edges, rows, mass @ into, is_known, first.growth, born @ into, new, first.level.shock)


def _quarters(book: PipelineBook, day: date, days: int) -> list[ForecastParts]:
    begins = book.workspace.calendar.fiscal_year_start
    period = period_of(day + timedelta(days=1), fiscal_year_start=begins)
    found = []
    while (period.start - day).days <= max(days, 1):
        found.append(forecast_parts(book, Point(day, period)))
        period = period.shift(1)
    return found


def _cut(
    day: date, edges: npt.NDArray[np.int64], quarters: list[ForecastParts]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The edges, the ends of quarters and weeks to the last of these together; the quarter of each span between."""
    ends = np.array([(parts.point.period.end - day).days for parts in quarters], dtype="int64")
    beyond = np.arange(int(edges[-1]), int(ends[-1]), 7)
    fine = np.unique(np.concatenate([edges, ends, beyond]))
    return fine, np.searchsorted(ends, fine[1:], side="left").astype("int64")


def _shared_out(shape: Floats, of_quarter: Floats, quarter: npt.NDArray[np.int64]) -> Floats:
    """What each row has of each quarter, shared out over the quarter's spans in the proportions of its shape."""
    member = (quarter[:, None] == np.arange(of_quarter.shape[1])[None, :]).astype("float64")
    whole = shape @ member
    scale = np.divide(of_quarter, whole, out=np.zeros_like(whole), where=whole > 0)
    found: Floats = shape * scale[:, quarter]
    return found


def _spans(fine: npt.NDArray[np.int64], edges: npt.NDArray[np.int64]) -> Floats:
    """Which fine spans lie in which wanted one, shape (n_fine, n_spans); those beyond the last edge lie in none."""
    of_span = np.searchsorted(edges, fine[1:], side="left") - 1
    found: Floats = (of_span[:, None] == np.arange(len(edges) - 1)[None, :]).astype("float64")
    return found


def won_since_birth(book: PipelineBook) -> Floats:
    """Probability of being won within 0, 1, ... days of creation, losses being the other end (Aalen-Johansen).

    Deals still open count for as long as they were watched.
    """
    deals = book.deals[book.deals["created_on"].notna()]
    end = deals["closed_on"].fillna(pd.Timestamp(book.known_on))
    days = np.clip((end - deals["created_on"]).dt.days.to_numpy(dtype="int64"), 0, _LONGEST)
    outcome = deals["outcome"].to_numpy(dtype=object)
    size = _LONGEST + 1
    won = np.bincount(days[outcome == "won"], minlength=size).astype("float64")
    lost = np.bincount(days[outcome == "lost"], minlength=size).astype("float64")
    at_risk = np.maximum(np.cumsum(np.bincount(days, minlength=size)[::-1])[::-1].astype("float64"), 1.0)
    still = np.concatenate([[1.0], np.cumprod(1 - (won + lost) / at_risk)[:-1]])
    found: Floats = np.cumsum(still * won / at_risk)
    return found
