"""Deals that are not created yet: how many will be created and won in the period, and for how much."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.points import PAST_PERIODS, Point
from oppnb.history.book import PipelineBook

__all__ = ["NO_NEW_BUSINESS", "NewBusiness", "learn_new_business"]

Floats = npt.NDArray[np.float64]

_ARRIVAL_DAYS = 182
_HALF_LIFE = 6.0
_MOST_AMOUNTS = 400
_PRIOR_SPREAD = 0.15
_PRIOR_PERIODS = 4.0


@dataclass(frozen=True)
class NewBusiness:
    """A number of deals, overdispersed (negative binomial), times amounts seen before.

    Attributes
    ----------
    expected : float
        Number of deals.
    spread : float
        Variance of the number beyond chance, as a share of the square of the expected one; at least 0.
    amounts : array, shape (n,)
        What such deals were won for.
    n_periods : int
        Past periods it was learnt from.
    """

    expected: float
    spread: float
    amounts: Floats
    n_periods: int

    @property
    def mean(self) -> float:
        """Expected amount."""
        return self.expected * float(self.amounts.mean()) if len(self.amounts) else 0.0

    def scaled(self, *, number: float = 1.0, amount: float = 1.0) -> "NewBusiness":
        """More or fewer deals, larger or smaller ones."""
        return NewBusiness(self.expected * number, self.spread, self.amounts * amount, self.n_periods)

    def cumulants(self, factor: Floats) -> Floats:
        """First four cumulants of the amount, the expected number times each factor; shape (n_factors, 4)."""
        if not len(self.amounts) or self.expected <= 0:
            return np.zeros((len(factor), 4))
        moments = np.array([float((self.amounts**power).mean()) for power in range(1, 5)])
        return _compound(self.expected * factor, self.spread, moments)


NO_NEW_BUSINESS = NewBusiness(0.0, 0.0, np.zeros(0), 0)


def _compound(expected: Floats, spread: float, moments: Floats) -> Floats:
    """Cumulants of a negative binomial number of amounts: coefficients of log of its moment generating function.

    With u = M(t) - 1 it is n u + c n^2 u^2 / 2 + c^2 n^3 u^3 / 3 + c^3 n^4 u^4 / 4 + ..., c the spread.
    """
    series = np.array([0.0, *(moments / np.array([1.0, 2.0, 6.0, 24.0]))])
    found = np.zeros((len(expected), 5))
    power = np.array([1.0, 0, 0, 0, 0])
    for order in range(1, 5):
        power = np.convolve(power, series)[:5]
        found += (spread ** (order - 1) * expected**order / order)[:, None] * power
    cumulants: Floats = found[:, 1:] * np.array([1.0, 2.0, 6.0, 24.0])
    return cumulants


def learn_new_business(book: PipelineBook, point: Point, past: list[Point]) -> NewBusiness:
    """Learn it from the same point of earlier periods, scaled by how many deals are created nowadays.

    Where no earlier period is known from that point on, spans of the same length that end today are taken.

    Parameters
    ----------
    book : PipelineBook
        As known on the point's day.
    point : Point
        Where we stand.
    past : list of Point
        One a period; see `past_points`.
    """
    spans = [(one.day, one.period.start, one.period.end) for one in past] or _recent_spans(book, point)
    if point.days_to_end <= 0 or not spans:
        return NO_NEW_BUSINESS
    won = [_won(book, *span) for span in spans]
    counts = np.array([len(one) for one in won], dtype="float64")
    now = _arrivals(book, point.day)
    then = np.array([_arrivals(book, span[0]) for span in spans])
    weight = 0.5 ** (np.arange(len(spans)) / _HALF_LIFE)
    rate = float((weight * counts).sum()) / max(float((weight * then).sum()), 1e-9) if then.sum() else 0.0
    scaled = rate * now if now and then.sum() else float(np.average(counts, weights=weight))
    amounts = pd.concat(won)["amount_base"].dropna().to_numpy(dtype="float64")[:_MOST_AMOUNTS]
    spread = _spread(counts, rate * then if then.sum() else np.full(len(counts), scaled))
    return NewBusiness(scaled if len(amounts) else 0.0, spread, amounts, len(past))


def _won(book: PipelineBook, day: object, start: object, end: object) -> pd.DataFrame:
    """Deals created after a day and won inside a period, by its end."""
    born = book.born_between(pd.Timestamp(day).date(), pd.Timestamp(end).date())  # type: ignore[arg-type]
    inside = (born["closed_on"] >= pd.Timestamp(start)) & (born["closed_on"] <= pd.Timestamp(end))  # type: ignore[arg-type]
    return born[(born["outcome"] == "won") & inside]


def _arrivals(book: PipelineBook, day: object) -> float:
    """Deals created in the half year up to a day, by day of the time that is known."""
    last = pd.Timestamp(day)  # type: ignore[arg-type]
    first = book.deals["created_on"].min()
    days = min(_ARRIVAL_DAYS, (last - first).days) if pd.notna(first) else 0
    if days < 28:
        return 0.0
    return len(book.born_between((last - timedelta(days=days)).date(), last.date())) / days


def _recent_spans(book: PipelineBook, point: Point) -> list[tuple[object, object, object]]:
    first = book.deals["created_on"].min()
    found: list[tuple[object, object, object]] = []
    length, lead = timedelta(days=max(point.days_to_end, 1)), timedelta(days=point.days_to_start)
    end = point.day
    while len(found) < PAST_PERIODS[point.period.kind] and pd.notna(first) and pd.Timestamp(end - length) >= first:
        found.append((end - length, end - length + lead + timedelta(days=1), end))
        end -= length
    return found


def _spread(counts: Floats, expected: Floats) -> float:
    """Variance beyond chance over the square of the mean, with a prior of four periods; and the mean's own doubt."""
    if not len(counts) or expected.sum() <= 0:
        return _PRIOR_SPREAD**2
    beyond = (counts - expected) ** 2 - expected
    found = float(beyond.sum()) / float((expected**2).sum())
    shrunk = (_PRIOR_PERIODS * _PRIOR_SPREAD**2 + len(counts) * max(found, 0.0)) / (_PRIOR_PERIODS + len(counts))
    return shrunk + 1.0 / max(float(counts.sum()), 1.0)
