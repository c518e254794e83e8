"""A ridge logistic regression as tables: the plain part of a score, which trees then only have to correct.

A number enters by its size and by its rank, "not known" by a constant of its own, a text by a constant each; so what
comes out is a sum of one table per column. Trees cannot tell a straight line from few deals; this can.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.engine.bins import ColumnBins
from oppnb.scoring.engine.pairs import TableSum
from oppnb.scoring.engine.paths import logistic

__all__ = ["Basis", "fit_additive", "learn_precision"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]

_LEVEL_SHRINK = 0.5
_MOST_STEPS = 15
_ROUNDS = 6


@dataclass(frozen=True)
class Basis:
    """How the levels of each column enter a linear score.

    Attributes
    ----------
    parts : tuple of arrays, shape (n_levels, n_terms of the column)
    """

    parts: tuple[Floats, ...]

    @classmethod
    def of(
        cls,
        columns: Sequence[ColumnBins],
        masses: Sequence[Floats],
        *,
        n_knots: int = 0,
        left_out: Sequence[str] = (),
    ) -> "Basis":
        """Size and rank of numbers, standardised over `masses`, with `n_knots` bends of the rank; texts one by one."""

        def terms(column: ColumnBins, mass: Floats) -> Floats:
            if column.name in left_out:
                return np.zeros((column.n_levels, 0))
            return _number_terms(column, np.nan_to_num(mass), n_knots) if column.is_number else _text_terms(column)

        return cls(tuple(terms(column, mass) for column, mass in zip(columns, masses, strict=True)))

    @property
    def left_out(self) -> list[int]:
        """Columns without terms."""
        return [column for column, part in enumerate(self.parts) if part.shape[1] == 0]

    @property
    def blocks(self) -> Ints:
        """Column of each term, numbered from 0 among those with terms."""
        sizes = [part.shape[1] for part in self.parts if part.shape[1]]
        return np.repeat(np.arange(len(sizes)), sizes)

    def design(self, codes: Codes) -> Floats:
        """Terms of each row, shape (n, n_terms)."""
        found = np.empty((len(codes), sum(part.shape[1] for part in self.parts)))
        start = 0
        for column, part in enumerate(self.parts):
            found[:, start : start + part.shape[1]] = part[codes[:, column]]
            start += part.shape[1]
        return found

    def tables(self, found: Floats) -> TableSum:
        """The linear score of `fit_additive` as tables."""
        slopes, intercept = found[:-1], float(found[-1])
        mains, start = [], 0
        for part in self.parts:
            mains.append((part @ slopes[start : start + part.shape[1]])[:, None])
            start += part.shape[1]
        return TableSum(np.array([intercept]), tuple(mains), (), ())


def _number_terms(column: ColumnBins, mass: Floats, n_knots: int) -> Floats:
    """Size, rank, bends of the rank, and whether it is not known; each of mean 0 over the known, of size about 1."""
    ranks = np.zeros(column.n_levels)
    ranks[1:] = np.arange(column.n_levels - 1)
    sizes = np.zeros(column.n_levels)
    sizes[1:] = column.centres
    knots = ranks[-1] * np.arange(1, n_knots + 1) / (n_knots + 1)
    terms = [sizes, ranks, *(np.maximum(ranks - knot, 0.0) for knot in knots)]
    known = mass.copy()
    known[0] = 0.0
    scaled = [_standard(term, known) for term in terms]
    missing = np.zeros(column.n_levels)
    missing[0] = 1.0
    return np.stack([*scaled, missing], axis=1)


def _standard(term: Floats, mass: Floats) -> Floats:
    if mass.sum() <= 0:
        return np.zeros(len(term))
    mean = np.average(term, weights=mass)
    sd = np.sqrt(np.average((term - mean) ** 2, weights=mass))
    scaled = np.clip((term - mean) / sd, -4.0, 4.0) if sd > 0 else np.zeros(len(term))
    scaled[0] = 0.0
    return scaled


def _text_terms(column: ColumnBins) -> Floats:
    return np.eye(column.n_levels)


def fit_additive(
    design: Floats, won: Floats, weight: Floats, offset: Floats, *, precision: Floats, start: Floats | None = None
) -> Floats:
    """Fit the linear score: least weighted log loss + half the sum of `precision` x squared slopes.

    Parameters
    ----------
    design : array, shape (n, n_terms)
        From `Basis.design`.
    won, weight, offset : array, shape (n,)
        The weights sum to the number of deals.
    precision : array, shape (n_terms,)
        Above 0; how firmly each slope is held at 0.
    start : array, shape (n_terms + 1,), optional
        Slopes of nearly the same rows, from which three steps lead close enough.

    Returns
    -------
    array, shape (n_terms + 1,)
        Slopes, then the intercept.
    """
    penalty = np.append(precision, _LEVEL_SHRINK)
    found = np.zeros(len(penalty)) if start is None else start.copy()
    loss = _loss(found, design, won, weight, offset, penalty)
    for _ in range(_MOST_STEPS if start is None else 3):
        step = _newton_step(found, design, won, weight, offset, penalty)
        for halving in range(8):
            tried = found + step * 0.5**halving
            lower = _loss(tried, design, won, weight, offset, penalty)
            if lower <= loss:
                break
        else:
            break
        gain, found, loss = loss - lower, tried, lower
        if gain <= 1e-7 * (1 + abs(loss)):
            break
    return found


def learn_precision(
    design: Floats, blocks: Ints, won: Floats, weight: Floats, offset: Floats, *, strength: float
) -> tuple[Floats, Floats]:
    """How firmly the slopes of each column are to be held at 0, as the rows themselves say.

    Most columns of a CRM say nothing, a few say much: one firmness for all is too firm for these and lets those
    speak. The slopes of a column are held to be normal with a variance of their own, which is the one that explains
    the rows best (empirical Bayes), `strength` being believed before as if one slope had been seen.

    Parameters
    ----------
    design : array, shape (n, n_terms)
    blocks : array of int, shape (n_terms,)
        Column of each term, from 0.
    won, weight, offset : array, shape (n,)
        The weights sum to the number of deals that tell as much.
    strength : float
        Variance of a slope that is believed before.

    Returns
    -------
    precision : array, shape (n_terms,)
    found : array, shape (n_terms + 1,)
        The slopes, and the intercept, with which it ended.

    References
    ----------
    .. [1] D. J. C. MacKay, "Bayesian interpolation", Neural Computation 4(3), 1992, pp. 415-447.
    """
    own = np.full(int(blocks.max(initial=-1)) + 1, 1 / strength)
    found: Floats | None = None
    for _ in range(_ROUNDS):
        found = fit_additive(design, won, weight, offset, precision=own[blocks], start=found)
        penalty = np.append(own[blocks], _LEVEL_SHRINK)
        variance: Floats = np.diag(np.linalg.inv(_curvature(found, design, weight, offset, penalty)))[:-1]
        free = np.bincount(blocks, weights=1 - own[blocks] * variance, minlength=len(own))
        squares = np.bincount(blocks, weights=found[:-1] ** 2, minlength=len(own))
        own = (np.maximum(free, 0.0) + 1.0) / (squares + strength)
    precision: Floats = np.asarray(own[blocks], dtype="float64")
    return precision, fit_additive(design, won, weight, offset, precision=precision, start=found)


def _loss(found: Floats, design: Floats, won: Floats, weight: Floats, offset: Floats, penalty: Floats) -> float:
    score = design @ found[:-1] + found[-1] + offset
    return float(weight @ (np.logaddexp(0.0, score) - won * score)) + float(penalty @ found**2) / 2


def _newton_step(found: Floats, design: Floats, won: Floats, weight: Floats, offset: Floats, penalty: Floats) -> Floats:
    share = logistic(design @ found[:-1] + found[-1] + offset)
    rest = weight * (won - share)
    slope = np.append(design.T @ rest, rest.sum()) - penalty * found
    return np.asarray(np.linalg.solve(_curvature(found, design, weight, offset, penalty), slope), dtype="float64")


def _curvature(found: Floats, design: Floats, weight: Floats, offset: Floats, penalty: Floats) -> Floats:
    share = logistic(design @ found[:-1] + found[-1] + offset)
    # in single precision: it only says where to step, the slope says when to stop
    root = np.sqrt(weight * share * (1 - share)).astype(np.float32)
    scaled = np.empty((len(design), design.shape[1] + 1), dtype=np.float32)
    np.multiply(design, root[:, None], out=scaled[:, :-1], casting="unsafe")
    scaled[:, -1] = root
    curvature: Floats = (scaled.T @ scaled).astype("float64") + np.diag(penalty)
    return curvature
