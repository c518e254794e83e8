"""Two numbers a lead bin, P(ends in it) and P(won | ends in it), and what they come to: curves, P(won ever), slopes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.engine.paths import logistic, spread_rest

__all__ = ["Curves", "curves_of", "parts_along_curve", "won_ever"]

Floats = npt.NDArray[np.float64]

_TAIL_BINS = 3
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True)
class Curves:
    """Curves over the lead bins.

    Attributes
    ----------
    won, lost : array, shape (n, 27)
        By the end of each bin.
    won_ever : array, shape (n,)
        The last of `won`, and of what is open then the mean win share of the last three bins.
    """

    won: Floats
    lost: Floats
    won_ever: Floats


def curves_of(end_score: Floats, win_score: Floats) -> Curves:
    """Curves from the logits of both numbers, each of shape (n, 27)."""
    ends, wins = logistic(end_score), logistic(win_score)
    still = np.cumprod(1 - ends, axis=1)
    before = np.concatenate([np.ones((len(ends), 1)), still[:, :-1]], axis=1)
    ending = before * ends
    won = np.cumsum(ending * wins, axis=1)
    lost = np.cumsum(ending * (1 - wins), axis=1)
    return Curves(won, lost, won[:, -1] + still[:, -1] * wins[:, -_TAIL_BINS:].mean(axis=1))


def won_ever(end_score: Floats, win_score: Floats) -> Floats:
    """P(won ever) alone; `win_score` may have more axes behind, e.g. one of bags: shape (n, 27, ...)."""
    ends = logistic(end_score)
    still = np.cumprod(1 - ends, axis=1)
    before = np.concatenate([np.ones((len(ends), 1)), still[:, :-1]], axis=1)
    weight = before * ends
    weight[:, -_TAIL_BINS:] += still[:, -1:] / _TAIL_BINS
    found: Floats = np.einsum("nl,nl...->n...", weight, logistic(win_score))
    return found


def _slopes(end_score: Floats, win_score: Floats) -> tuple[Floats, Floats]:
    """How P(won ever) moves with each logit, both of shape (n, 27): backwards through the bins."""
    ends, wins = logistic(end_score), logistic(win_score)
    still = np.cumprod(1 - ends, axis=1)
    before = np.concatenate([np.ones((len(ends), 1)), still[:, :-1]], axis=1)
    weight = before * ends
    weight[:, -_TAIL_BINS:] += still[:, -1:] / _TAIL_BINS
    later = wins[:, -_TAIL_BINS:].mean(axis=1)
    end_slope = np.empty_like(ends)
    for lead in range(ends.shape[1] - 1, -1, -1):
        end, win = ends[:, lead], wins[:, lead]
        end_slope[:, lead] = before[:, lead] * end * (1 - end) * (win - later)
        later = end * win + (1 - end) * later
    return end_slope, weight * wins * (1 - wins)


def parts_along_curve(
    base_end: Floats, base_win: Floats, end_moves: Floats, win_moves: Floats
) -> tuple[Floats, Floats]:
    """Parts of P(won ever) by groups: slopes averaged over the straight path from the base to the deal.

    Eight Gauss-Legendre nodes; the rest they leave (below 1e-6) is spread by size, so that the sum is exact.

    Parameters
    ----------
    base_end, base_win : array, shape (n, 27)
        Logits of the typical deal.
    end_moves, win_moves : array, shape (n, 27, n_groups)
        What each group adds to them.

    Returns
    -------
    base : array, shape (n,)
    parts : array, shape (n, n_groups)
    """
    end_total, win_total = end_moves.sum(axis=2), win_moves.sum(axis=2)
    end_slope, win_slope = np.zeros_like(base_end), np.zeros_like(base_win)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        step = (node + 1) / 2
        by_end, by_win = _slopes(base_end + step * end_total, base_win + step * win_total)
        end_slope += weight / 2 * by_end
        win_slope += weight / 2 * by_win
    parts = np.einsum("nl,nlg->ng", end_slope, end_moves) + np.einsum("nl,nlg->ng", win_slope, win_moves)
    base = won_ever(base_end, base_win)
    return base, spread_rest(parts, won_ever(base_end + end_total, base_win + win_total) - base)
