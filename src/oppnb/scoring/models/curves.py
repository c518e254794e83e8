"""When deals end: the share won and lost by each day while the other end may come first, and what lies beyond."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.prediction import LEAD_DAYS

__all__ = ["EndShares", "TimeCurve", "end_shares", "shrunk_curve", "time_curve"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEAST_DEALS = 5.0
"""Deals that must still be followed for a day to be believed: the last few of a curve are chance."""
_LEAST_SHARE = 0.2
"""The same as a share of all deals, where there are fewer than 25."""
_TAIL_WEIGHT = 2.0
"""Deals with which the share won of earlier ends weighs in that of later ones."""
_FIRST_GUESS_DAYS = 90.0
"""Before anything has closed: one close in 90 days of an open deal, counted as one deal."""


@dataclass(frozen=True)
class EndShares:
    """What became of rows: Aalen-Johansen as far as enough deals were followed, and a guess beyond.

    Attributes
    ----------
    days : array, shape (n_times,)
        Days on which something ended, rising.
    won, lost : array, shape (n_times,)
        Share of all rows won, lost by then.
    tail_won : float
        Of the rows still open after the last day, the share that is won in the end: what lingers is won less often.
    daily_rate : float
        Ends a day and open row, over all that was followed: how quickly the tail empties.
    """

    days: Floats
    won: Floats
    lost: Floats
    tail_won: float
    daily_rate: float

    @property
    def open_share(self) -> float:
        """Share of the rows still open after the last day."""
        return max(1.0 - float(self.won[-1] + self.lost[-1]), 0.0) if len(self.days) else 1.0

    @property
    def won_ever(self) -> float:
        """Share won in the end."""
        won = float(self.won[-1]) if len(self.days) else 0.0
        return min(won + self.open_share * self.tail_won, 1.0)

    def won_after(self, day: float) -> float:
        """Of the rows still open after a day, the share that is won in the end."""
        place = int(np.searchsorted(self.days, day, side="right"))
        won, lost = (0.0, 0.0) if place == 0 else (float(self.won[place - 1]), float(self.lost[place - 1]))
        still = 1.0 - won - lost
        return min(max((self.won_ever - won) / still, 0.0), 1.0) if still > 1e-9 else self.tail_won


def end_shares(
    days: Floats, end: Ints, *, weight: Floats, deal_weight: Floats, like: EndShares | None = None
) -> EndShares:
    """How rows ended, those still open being censored.

    Parameters
    ----------
    days : array of float, shape (n,)
        Days to the end, or followed so far.
    end : array of int, shape (n,)
        0 still open, 1 won, 2 lost.
    weight : array of float, shape (n,)
        How much each row counts.
    deal_weight : array of float, shape (n,)
        1 / rows of the deal: tells how many deals, not rows, are still followed.
    like : EndShares, optional
        Of a larger group, that was followed for longer: what is open here after the last day is won as it was there.
        By default the tail is like the late ends here.

    Returns
    -------
    EndShares
        Followed to the last end at which five deals (of few: a fifth) were at risk, or to the very end if nothing is
        open beyond.

    References
    ----------
    .. [1] O. O. Aalen, S. Johansen, "An empirical transition matrix for nonhomogeneous Markov chains based on
       censored observations", Scandinavian Journal of Statistics 5, 1978, pp. 141-150.

    Examples
    --------
    >>> shares = end_shares(np.array([1.0, 2.0, 3.0]), np.array([1, 0, 2]), weight=np.ones(3), deal_weight=np.ones(3))
    >>> round(shares.won_ever, 3), shares.open_share  # one of two thirds is won: all that follows is followed
    (0.333, 0.0)
    """
    rate = (float(deal_weight[end > 0].sum()) + 1.0) / (float((deal_weight * days).sum()) + _FIRST_GUESS_DAYS)
    late = _late_won(days, end, deal_weight)
    times, at = np.unique(days[end > 0], return_inverse=True)
    if not len(times):
        return EndShares(times, times, times, late if like is None else like.won_after(0.0), rate)
    order = np.argsort(days, kind="stable")
    before = np.searchsorted(days[order], times, side="left")
    at_risk = _from(weight[order])[before]
    won = np.bincount(at, weights=(weight * (end == 1))[end > 0], minlength=len(times))
    ended = np.bincount(at, weights=weight[end > 0], minlength=len(times))
    at_risk = np.maximum(at_risk, ended)
    still = np.concatenate([[1.0], np.cumprod(1 - ended / at_risk)])[:-1]
    least = min(_LEAST_DEALS, _LEAST_SHARE * float(deal_weight.sum()))
    is_believed = (_from(deal_weight[order])[before] >= least) | (not (days[end == 0] >= times[-1]).any())
    n = int(np.flatnonzero(is_believed)[-1]) + 1 if is_believed.any() else 0
    won_by, ended_by = np.cumsum(still * won / at_risk)[:n], np.cumsum(still * ended / at_risk)[:n]
    tail = late if like is None else like.won_after(float(times[n - 1]) if n else 0.0)
    return EndShares(times[:n], won_by, np.maximum(ended_by - won_by, 0.0), tail, rate)


def _from(weight: Floats) -> Floats:
    """Sum of the weights from each place on, and 0 after the last."""
    sums: Floats = np.concatenate([np.cumsum(weight[::-1])[::-1], [0.0]])
    return sums


def _late_won(days: Floats, end: Ints, deal_weight: Floats) -> float:
    """Share won of the late ends.

    Who is still open late is another kind of deal: often nobody works on it any more. The share of all ends is the
    first guess, and those beyond a third, half and two thirds of the time each move it.
    """
    over = end > 0
    last = float(days[over].max()) if over.any() else 0.0
    found = 0.5
    for cut in (-1.0, 1 / 3, 1 / 2, 2 / 3):
        late = over & (days > cut * last)
        won, n = float(deal_weight[late & (end == 1)].sum()), float(deal_weight[late].sum())
        found = (won + _TAIL_WEIGHT * found) / (n + _TAIL_WEIGHT)
    return found


@dataclass(frozen=True)
class TimeCurve:
    """Given that a deal is won (lost), the probability that it is by each of `LEAD_DAYS`.

    Attributes
    ----------
    won, lost : array, shape (27,)
        Rising, in [0, 1].
    n_won, n_lost : float
        Deals they were learned from.
    """

    won: Floats
    lost: Floats
    n_won: float
    n_lost: float


def time_curve(shares: EndShares, *, n_won: float, n_lost: float) -> TimeCurve:
    """The curve of each end by itself.

    Examples
    --------
    >>> shares = end_shares(np.array([7.0, 70.0]), np.array([1, 1]), weight=np.ones(2), deal_weight=np.ones(2))
    >>> time_curve(shares, n_won=2, n_lost=0).won[[0, 9]].tolist()
    [0.5, 1.0]
    """
    last = float(shares.days[-1]) if len(shares.days) else 0.0
    place = np.searchsorted(shares.days, LEAD_DAYS, side="right")
    gone = -np.expm1(-shares.daily_rate * np.maximum(LEAD_DAYS - last, 0.0)) * shares.open_share
    won_ever = shares.won_ever
    curves = []
    for reached, tail, ever in (
        (shares.won, shares.tail_won, won_ever),
        (shares.lost, 1 - shares.tail_won, 1 - won_ever),
    ):
        by = np.concatenate([[0.0], reached])[place] + gone * tail
        curves.append(np.clip(by / ever, 0.0, 1.0) if ever > 1e-9 else -np.expm1(-shares.daily_rate * LEAD_DAYS))
    return TimeCurve(curves[0], curves[1], n_won, n_lost)


def shrunk_curve(own: TimeCurve, every: TimeCurve, *, weight: float) -> TimeCurve:
    """A curve of few deals drawn to that of all, which counts as `weight` deals.

    Examples
    --------
    >>> few = TimeCurve(np.ones(27), np.ones(27), n_won=20.0, n_lost=0.0)
    >>> many = TimeCurve(np.zeros(27), np.zeros(27), n_won=500.0, n_lost=500.0)
    >>> mixed = shrunk_curve(few, many, weight=20)
    >>> float(mixed.won[0]), float(mixed.lost[0])
    (0.5, 0.0)
    """
    won = (own.n_won * own.won + weight * every.won) / (own.n_won + weight)
    lost = (own.n_lost * own.lost + weight * every.lost) / (own.n_lost + weight)
    return TimeCurve(won, lost, own.n_won, own.n_lost)
