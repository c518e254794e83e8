"""How well a field alone tells won deals from lost ones, in a time it was not fitted on."""

import math

import numpy as np
import numpy.typing as npt

from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.levels import Levels, Values
from oppnb.scoring.leakage.sample import N_BLOCKS, Sample

__all__ = ["alone", "level_scores", "too_good", "weighted_auc"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

STRONGEST_HONEST = 0.90
TOO_GOOD = 0.95
TOO_GOOD_DATED = 0.99
LEAST_DATED = 50


def level_scores(levels: Levels, sample: Sample, mask: Flags) -> Floats:
    """Win rate of each level among the deals of `mask`, shrunk to the base rate by two deals."""
    won = np.bincount(levels.closed[mask], weights=sample.weight[mask] * sample.won[mask], minlength=levels.n)
    every = np.bincount(levels.closed[mask], weights=sample.weight[mask], minlength=levels.n)
    return np.asarray((won + 2.0 * sample.base) / (every + 2.0))


def alone(levels: Levels, sample: Sample) -> float:
    """AUC of the field alone: win rates by level of one half of the time, judged on the other, both ways.

    0.5 where nothing can be said; below 0.5 where what was seen in one half turned round in the other.
    """
    early = sample.block < N_BLOCKS // 2
    found = [_auc(level_scores(levels, sample, side), levels, sample, ~side) for side in (early, ~early)]
    known = [value for value in found if value is not None]
    return sum(known) / len(known) if known else 0.5


def _auc(scores: Floats, levels: Levels, sample: Sample, mask: Flags) -> float | None:
    every = np.bincount(levels.closed[mask], weights=sample.weight[mask], minlength=levels.n).astype("float64")
    won = np.bincount(levels.closed[mask], weights=sample.weight[mask] * sample.won[mask], minlength=levels.n)
    return weighted_auc(scores, won.astype("float64"), every - won)


def weighted_auc(scores: Floats, won: Floats, lost: Floats) -> float | None:
    """AUC of scores that stand for so many won and lost deals; None if there are none of one kind.

    Examples
    --------
    >>> weighted_auc(np.array([0.2, 0.8]), np.array([1.0, 3.0]), np.array([3.0, 1.0]))
    0.75
    """
    if won.sum() <= 0 or lost.sum() <= 0:
        return None
    _, place = np.unique(np.round(scores, 12), return_inverse=True)
    wins, losses = np.bincount(place, weights=won), np.bincount(place, weights=lost)
    below = np.concatenate([[0.0], np.cumsum(losses)[:-1]])
    return float((wins * (below + losses / 2)).sum() / (wins.sum() * losses.sum()))


def _ranked(values: Values, sample: Sample) -> tuple[float, float, float] | None:
    """AUC of a number as it stands, either way round, where it is filled; with the deals won and lost."""
    numbers = values.closed.to_numpy("float64")
    known = ~np.isnan(numbers)
    if values.kind != "number" or sample.weight[known].sum() < 0.2 * sample.n_deals:
        return None
    won = sample.weight[known] * sample.won[known]
    lost = sample.weight[known] * ~sample.won[known]
    auc = weighted_auc(numbers[known], won, lost)
    return None if auc is None else (max(auc, 1 - auc), float(won.sum()), float(lost.sum()))


def too_good(levels: Levels, values: Values, sample: Sample, *, is_dated: bool) -> Evidence | None:
    """Better alone than anything that could honestly be known early: far above 0.90, at least 0.95.

    The fewer deals, the nearer to perfect it has to be: with 10 won and 10 lost only a field without an error is out.
    """
    n_lost = sample.n_deals - sample.n_won
    found: list[tuple[float, float, float]] = [(alone(levels, sample), sample.n_won, n_lost)]
    if values.kind == "number":
        found += [ranked for ranked in [_ranked(values, sample)] if ranked is not None]
    for auc, n_won, n_not in found:
        if min(n_won, n_not) < 3 or (is_dated and n_won + n_not < LEAST_DATED):
            continue
        if auc >= _cut(n_won, n_not, is_dated=is_dated):
            return Evidence("too_good", {"auc": auc, "n": round(n_won + n_not)})
    return None


def _cut(n_won: float, n_lost: float, *, is_dated: bool) -> float:
    """0.90 and 2.33 standard errors (Hanley and McNeil 1982), within 0.95 and 0.995."""
    if is_dated:
        return TOO_GOOD_DATED
    a = STRONGEST_HONEST
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    variance = (a * (1 - a) + (n_won - 1) * (q1 - a * a) + (n_lost - 1) * (q2 - a * a)) / (n_won * n_lost)
    return min(max(a + 2.33 * math.sqrt(variance), TOO_GOOD), 0.995)
