"""Values nearly always won, or nearly always lost: once the deal is closed everybody knows, while it is open nobody."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.levels import Levels
from oppnb.scoring.leakage.sample import N_BLOCKS, Sample
from oppnb.scoring.leakage.shares import ALPHA, Shares, lack

__all__ = ["decisive_values", "pure_values"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

PURE = 0.85
ODDS_RATIO = 6.0
RATIO = 0.35
LEAST_SHARE = 0.03
LEAST_COVER = 0.1
HONEST_PURE = 0.95
HONEST_ODDS_RATIO = 19.0


@dataclass(frozen=True)
class _Counts:
    """Deals by block of time and level that ended the way in question, and all of them."""

    hits: Floats
    all: Floats
    base: float

    @classmethod
    def of(cls, levels: Levels, sample: Sample, *, won: bool) -> "_Counts":
        place = sample.block * levels.n + levels.closed
        ended = sample.won == won
        size = N_BLOCKS * levels.n
        hits = np.bincount(place[ended], weights=sample.weight[ended], minlength=size).astype("float64")
        every = np.bincount(place, weights=sample.weight, minlength=size).astype("float64")
        base = sample.base if won else 1.0 - sample.base
        return cls(hits.reshape(N_BLOCKS, levels.n), every.reshape(N_BLOCKS, levels.n), base)

    def rates(self, blocks: slice, *, prior: float = 2.0) -> Floats:
        """Rate by level, shrunk to the base by `prior` deals."""
        hits, every = self.hits[blocks].sum(axis=0), self.all[blocks].sum(axis=0)
        return np.asarray((hits + prior * self.base) / (every + prior))


def decisive_values(levels: Levels, shares: Shares, sample: Sample) -> Evidence | None:
    """Values that decide among closed deals and that open deals do not have in proportion.

    Open deals are a mixture of those that will be won and will be lost, so an honest field, however strong, shows
    its decisive values among them too, at least about a third as often as among earlier deals of the same age.
    """
    if not sample.n_open:
        return None
    found = [_decisive(levels, shares, sample, won=won) for won in (True, False)]
    both = [evidence for evidence in found if evidence is not None]
    return max(both, key=lambda evidence: float(evidence.values["cover"])) if both else None


def _decisive(levels: Levels, shares: Shares, sample: Sample, *, won: bool) -> Evidence | None:
    counts = _Counts.of(levels, sample, won=won)
    chosen = np.flatnonzero(_is_decisive(counts, sample.n_deals))
    total = float(counts.hits.sum())
    if not len(chosen) or total == 0:
        return None
    cover = float(counts.hits[:, chosen].sum()) / total
    usual = min(float(shares.closed[chosen].sum()), float(shares.cohort[chosen].sum()))
    opened = float(shares.open_now[chosen].sum())
    if cover < LEAST_COVER or usual < LEAST_SHARE or opened > RATIO * usual:
        return None
    hits, every = float(counts.hits[:, chosen].sum()), float(counts.all[:, chosen].sum())
    unlikely = lack(usual, min(shares.n_closed, 4 * shares.n_cohort), opened, shares.n_open)
    if unlikely * _as_pure(hits, every, max(PURE, _times_odds(counts.base, ODDS_RATIO))) > ALPHA:
        return None
    rate = hits / every
    values = {"rate": rate, "cover": cover, "closed": float(shares.closed[chosen].sum()), "open": opened}
    return Evidence("decided_won" if won else "decided_lost", {**values, "n_open": shares.n_open})


def _is_decisive(counts: _Counts, n_deals: int) -> npt.NDArray[np.bool_]:
    """Decisive over all, and still so in each of the two latest quarters of the deals (chance does not last)."""
    rates = counts.rates(slice(None))
    decisive = (rates >= PURE) & (_odds(rates) >= ODDS_RATIO * _odds(np.array(counts.base)))
    least = 2.0 if n_deals >= 100 else 1.0
    for block in range(N_BLOCKS - 2, N_BLOCKS):
        seen = counts.all[block]
        decisive &= (seen >= least - 1e-9) & (counts.hits[block] >= 0.7 * seen)
    return np.asarray(decisive)


def _odds(rates: Floats) -> Floats:
    return np.asarray(rates / np.maximum(1.0 - rates, 1e-9))


def pure_values(levels: Levels, sample: Sample) -> Evidence | None:
    """Without open deals to compare with: values that decide too surely for too many deals.

    The values are chosen in one half of the time and judged in the other. No early knowledge is right nineteen
    times in twenty (or at nineteen times the usual odds) for a quarter of all won or lost deals.
    """
    if sample.n_open:
        return None
    found = [_pure(levels, sample, won=won) for won in (True, False)]
    both = [evidence for evidence in found if evidence is not None]
    return max(both, key=lambda evidence: float(evidence.values["cover"])) if both else None


def _pure(levels: Levels, sample: Sample, *, won: bool) -> Evidence | None:
    counts = _Counts.of(levels, sample, won=won)
    honest = max(HONEST_PURE, _times_odds(counts.base, HONEST_ODDS_RATIO))
    hits, every = 0.0, 0.0
    halves = (slice(0, N_BLOCKS // 2), slice(N_BLOCKS // 2, N_BLOCKS))
    for chosen_in, judged_in in (halves, halves[::-1]):
        chosen = counts.rates(chosen_in, prior=1.0) >= honest
        hits += float(counts.hits[judged_in][:, chosen].sum())
        every += float(counts.all[judged_in][:, chosen].sum())
    total = float(counts.hits.sum())
    if total == 0 or hits / total < 0.25 or hits < honest * every:
        return None
    if _as_pure(hits, every, honest) > 0.01:
        return None
    return Evidence("decides_too_much", {"rate": hits / every, "cover": hits / total, "n": round(every)})


def _as_pure(hits: float, every: float, rate: float) -> float:
    """Probability that values which truly decide at `rate` look at least so pure."""
    from scipy.special import bdtrc

    return float(bdtrc(math.floor(hits + 1e-6) - 1, max(round(every), 1), min(rate, 1.0))) if hits >= 1 else 1.0


def _times_odds(rate: float, ratio: float) -> float:
    odds = ratio * rate / max(1.0 - rate, 1e-9)
    return odds / (1.0 + odds)
