"""The weeks in which a deal is alive: open, and not silent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import Chain
from oppnb.sources.synthetic.lives import IS_LOST, Lives
from oppnb.sources.synthetic.weeks import Weeks

__all__ = ["Span", "active_weeks"]


@dataclass(frozen=True)
class Span:
    """One entry a deal and week alive; what happens in it lies strictly between `after` and `before`."""

    deal: NDArray[np.int64]
    week: NDArray[np.int64]
    stage: NDArray[np.int64]
    after: NDArray[np.datetime64]
    before: NDArray[np.datetime64]


def active_weeks(weeks: Weeks, chain: Chain, lives: Lives) -> Span:
    """Every week of every deal from an arrival in an open stage to the next arrival, the silence or the end."""
    is_last = np.append(lives.deal[1:] != lives.deal[:-1], True)
    never = np.datetime64("9999-01-01", "m")
    next_week = np.where(is_last, weeks.n - 1, np.append(lives.week[1:], 0))
    next_moment = np.where(is_last, never, np.append(lives.moment[1:], never))
    silent = lives.silent_week[lives.deal]
    until = np.where((silent >= 0) & (silent < next_week), silent, next_week)
    is_open = (lives.stage != IS_LOST) & (lives.stage < chain.n_stages[lives.deal])
    keep = np.flatnonzero(is_open & (until >= lives.week))
    n_weeks = until[keep] - lives.week[keep] + 1
    offset = np.arange(n_weeks.sum()) - np.repeat(np.cumsum(n_weeks) - n_weeks, n_weeks)
    arrival = np.repeat(keep, n_weeks)
    return Span(
        deal=lives.deal[arrival],
        week=lives.week[arrival] + offset,
        stage=lives.stage[arrival],
        after=lives.moment[arrival],
        before=next_moment[arrival],
    )
