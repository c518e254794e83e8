"""Deals that are not created yet: how many will be created and won in the period, and for how much."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.points import PAST_PERIODS, Point, since_first_close
from oppnb.history.book import PipelineBook

__all__ = ["NO_NEW_BUSINESS", "NewBusiness", "learn_new_business"]

Floats = npt.NDArray[np.float64]

_ARRIVAL_DAYS = 364
_ARRIVAL_HALF_LIFE = 56.0
_LEAST_DAYS = 14
_HALF_LIFE = 6.0
_MONTHS = 3
_MOST_AMOUNTS = 400
_PRIOR_SPREAD = 0.15
_PRIOR_PERIODS = 4.0
_PLACE_VARIANCE = 0.05


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
    """Learn it from the same stretch of earlier periods, and from how many deals are created nowadays.

    Of the deals created in the last so many days of an earlier period, how many were won inside it; times the number
    of deals that will be created in as many days at the pace of the last weeks. The first, second and third month of a
    quarter are told apart as far as they differ beyond what months do anyway. Where no earlier period is known from
    that point on, spans of the same length that end today are taken.

    Parameters
    ----------
    book : PipelineBook
        As known on the point's day.
    point : Point
        Where we stand.
    past : list of Point
        One a period; see `past_points`.
    """
    spans = _past_spans(book, point, past) or _recent_spans(book, point)
    if point.days_to_end <= 0 or not spans:
        return NO_NEW_BUSINESS
    won = [_won(book, span) for span in spans]
    counts = np.array([len(one) for one in won], dtype="float64")
    born = np.array([len(book.born_between(span.after, span.end)) for span in spans], dtype="float64")
    weight = 0.5 ** (np.arange(len(spans)) / _HALF_LIFE)
    rate = float((weight * counts).sum()) / max(float((weight * born).sum()), 1e-9)
    place = np.array([span.place for span in spans])
    factors = _of_places(counts, rate * born, place)
    expected = rate * factors.get(_place(point), 1.0) * _arrivals(book, point.day) * point.days_to_end
    amounts = pd.concat(won)["amount_base"].dropna().to_numpy(dtype="float64")[:_MOST_AMOUNTS]
    factor = np.array([factors.get(one, 1.0) for one in place])
    foreseen = np.array([_arrivals(book, span.after) * (span.end - span.after).days for span in spans])
    spread = _spread(counts, rate * factor * np.where(foreseen > 0, foreseen, born))
    return NewBusiness(expected if len(amounts) else 0.0, spread, amounts, len(past))


@dataclass(frozen=True)
class _Span:
    """Days after which deals were created, the period in which they were won, and the period's place in its quarter."""

    after: date
    start: date
    end: date
    place: int


def _past_spans(book: PipelineBook, point: Point, past: list[Point]) -> list[_Span]:
    """The same number of days up to the end of earlier periods, but for those before anything was ever closed."""
    ahead = timedelta(days=point.days_to_end)
    return [
        _Span(one.period.end - ahead, one.period.start, one.period.end, _place(one))
        for one in since_first_close(past, book)
    ]


def _place(point: Point) -> int:
    """Which month of its quarter a period is; 0 for quarters and years."""
    if point.period.kind != "month":
        return 0
    return (point.period.start.month - point.period.fiscal_year_start) % _MONTHS


def _won(book: PipelineBook, span: _Span) -> pd.DataFrame:
    """Deals created after a day and won inside a period, by its end."""
    born = book.born_between(span.after, span.end)
    inside = (born["closed_on"] >= pd.Timestamp(span.start)) & (born["closed_on"] <= pd.Timestamp(span.end))
    return born[(born["outcome"] == "won") & inside]


def _of_places(counts: Floats, expected: Floats, place: npt.NDArray[np.int64]) -> dict[int, float]:
    """How much more is won in a place than the mean says: log ratios, shrunk by how much they differ within a place.

    References
    ----------
    .. [1] B. Efron, C. Morris, "Data Analysis Using Stein's Estimator and its Generalizations", Journal of the American
       Statistical Association 70, 1975, pp. 311-319.
    """
    places = np.unique(place)
    if len(places) < 2:
        return {}
    ratio = np.log((counts + 0.5) / (expected + 0.5))
    sure = 1.0 / (1.0 / (expected + 0.5) + _PLACE_VARIANCE)
    off = ratio - float((ratio * sure).sum() / sure.sum())
    means = np.array([off[place == one].mean() for one in places])
    n = np.array([float((place == one).sum()) for one in places])
    within = sum(float(((off[place == one] - mean) ** 2).sum()) for one, mean in zip(places, means, strict=True))
    free = max(len(off) - len(places), 0)
    noise = (within + _PRIOR_PERIODS * _PRIOR_SPREAD**2) / (free + _PRIOR_PERIODS)
    between = max(float((n * means**2).sum() / n.sum()) - noise / float(n.mean()), 0.0)
    shrunk = means * between / (between + noise / n)
    return {int(one): float(np.exp(value)) for one, value in zip(places, shrunk, strict=True)}


def _arrivals(book: PipelineBook, day: date) -> float:
    """Deals created a day nowadays, by the last year, each eight weeks counting half of the next; 0 if not known."""
    created = book.deals["created_on"].dropna()
    known = 0 if created.empty else min((pd.Timestamp(day) - created.min()).days + 1, _ARRIVAL_DAYS)
    if known < _LEAST_DAYS:
        return 0.0
    ages = (pd.Timestamp(day) - created).dt.days.to_numpy()
    counts = np.bincount(ages[(ages >= 0) & (ages < known)], minlength=known)
    return float(np.average(counts, weights=0.5 ** (np.arange(known) / _ARRIVAL_HALF_LIFE)))


def _recent_spans(book: PipelineBook, point: Point) -> list[_Span]:
    first = book.deals["created_on"].min()
    found: list[_Span] = []
    length, lead = timedelta(days=max(point.days_to_end, 1)), timedelta(days=point.days_to_start)
    end = point.day
    while len(found) < PAST_PERIODS[point.period.kind] and pd.notna(first) and pd.Timestamp(end - length) >= first:
        found.append(_Span(end - length, end - length + lead + timedelta(days=1), end, 0))
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
