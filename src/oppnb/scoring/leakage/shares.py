"""How often each level occurs in closed and in open deals of the same age, and how sure a lack of it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.leakage.levels import Levels
from oppnb.scoring.leakage.sample import Sample

__all__ = ["ALPHA", "Shares", "lack", "level_shares"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]

ALPHA = 1e-4
"""A lack that chance would bring once in ten thousand fields."""


@dataclass(frozen=True)
class Shares:
    """Shares of the levels, each array of shape (n_levels,) adding up to 1.

    Closed rows count by row, as a look at the pipeline on a day in the past would have found them; each age band
    counts as it does among the open deals.

    Attributes
    ----------
    closed, cohort : array
        In all closed deals, in those that began when the open ones did.
    won, lost : array
        In those that were won, lost.
    open_now : array
        In open deals.
    n_closed, n_cohort, n_won, n_lost : float
        Effective numbers of deals.
    n_open : int
    """

    closed: Floats
    cohort: Floats
    won: Floats
    lost: Floats
    open_now: Floats
    n_closed: float
    n_cohort: float
    n_won: float
    n_lost: float
    n_open: int


def level_shares(levels: Levels, sample: Sample) -> Shares:
    """Shares of levels among closed and open deals, comparable by age."""
    usable = sample.open_band >= 0
    mix = np.bincount(sample.open_band[usable], minlength=int(sample.band.max(initial=0)) + 1).astype("float64")
    opened = np.bincount(levels.open_now[usable], minlength=levels.n) / max(usable.sum(), 1)
    everyone = np.ones(len(sample.won), dtype=bool)
    masks = (everyone, sample.is_cohort, sample.won, ~sample.won)
    closed, cohort, won, lost = (_standardised(levels, sample, mask, mix) for mask in masks)
    n_closed, n_cohort, n_won, n_lost = (_effective(sample.deal[mask], sample.presence[mask]) for mask in masks)
    return Shares(closed, cohort, won, lost, opened, n_closed, n_cohort, n_won, n_lost, int(usable.sum()))


def _standardised(levels: Levels, sample: Sample, mask: Flags, mix: Floats) -> Floats:
    table = np.zeros((len(mix), levels.n))
    np.add.at(table, (sample.band[mask], levels.closed[mask]), sample.presence[mask])
    totals = table.sum(axis=1)
    used = np.where(totals > 0, mix, 0.0)
    if used.sum() == 0:
        used = totals
    if used.sum() == 0:
        return np.zeros(levels.n)
    shares = table / np.where(totals > 0, totals, 1.0)[:, None]
    return np.asarray(used @ shares / used.sum())


def _effective(deal: Codes, presence: Floats) -> float:
    """Kish's effective number of deals where some stand for more rows than others."""
    rows = np.bincount(deal, weights=presence).astype("float64") if len(deal) else np.zeros(1)
    squares = float((rows**2).sum())
    return float(rows.sum()) ** 2 / squares if squares else 0.0


def lack(share: float, n: float, open_share: float, n_open: int) -> float:
    """Probability that open deals have as few by chance alone (hypergeometric, one-sided).

    Examples
    --------
    >>> lack(1.0, 20, 0.0, 10) < 1e-6, lack(0.5, 20, 0.4, 10) > 0.1
    (True, True)
    """
    from scipy.special import bdtr, gammaln

    size, hits, seen = max(round(n), 1), round(share * max(round(n), 1)), round(open_share * n_open)
    total, marked = size + n_open, hits + seen
    if n_open == 0 or seen >= n_open:
        return 1.0
    if total > 20_000:  # the binomial with the pooled share is as good there
        return float(bdtr(seen, n_open, marked / total))
    k = np.arange(max(0, n_open - (total - marked)), seen + 1)

    def choose(a: Floats | int, b: Floats) -> Floats:
        return np.asarray(gammaln(np.add(a, 1.0)) - gammaln(b + 1.0) - gammaln(a - b + 1.0))

    whole = choose(total, np.array(float(n_open)))
    logs = choose(marked, k.astype(float)) + choose(total - marked, (n_open - k).astype(float)) - whole
    return float(np.clip(np.exp(logs).sum(), 0.0, 1.0))
