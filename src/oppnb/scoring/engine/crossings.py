"""Pairs of columns that say more together than apart: found by what a sum of single effects leaves over.

A crossing without effects of its own (the one source sells to the one industry, the other to the other) is invisible
to trees, whose first split has to pay for itself. What the plain part leaves over, added up in the cells of every pair
of columns at once, shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.engine.bins import ColumnBins
from oppnb.scoring.engine.pairs import TableSum

__all__ = ["Cells", "Crossings", "find_crossings"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]

_NUMBER_CELLS = 6
_TEXT_CELLS = 8
_SHRINK = 1.0
"""Weight (sum of p (1 - p)) that is added to every cell: empty ones say nothing."""
_CLEAR = 6.0
"""Standard deviations above chance: with two thousand pairs, chance alone reaches five where cells are thin."""


@dataclass(frozen=True)
class Cells:
    """The levels of each column taken together to a few cells of some weight.

    Attributes
    ----------
    maps : tuple of arrays of int, shape (n_levels,)
        Cell of each level, from 0.
    """

    maps: tuple[Ints, ...]

    @classmethod
    def of(cls, columns: Sequence[ColumnBins], masses: Sequence[Floats]) -> "Cells":
        """At most six cells of about equal weight for a number, eight for a text; "not known" apart if it occurs."""
        return cls(tuple(_cells(column, np.nan_to_num(mass)) for column, mass in zip(columns, masses, strict=True)))

    @property
    def counts(self) -> Ints:
        """Cells of each column."""
        return np.array([int(each.max()) + 1 for each in self.maps], dtype=np.int64)

    def of_rows(self, codes: Codes) -> npt.NDArray[np.uint8]:
        """Cell of each value, shape (n, n_columns)."""
        found = np.empty_like(codes)
        for column, cells in enumerate(self.maps):
            found[:, column] = cells.astype(np.uint8)[codes[:, column]]
        return found


def _cells(column: ColumnBins, mass: Floats) -> Ints:
    found = np.zeros(column.n_levels, dtype=np.int64)
    known = mass[1:]
    if column.is_number:
        # the middle of a level's weight says in which cell it falls
        middle = (np.cumsum(known) - known / 2) / max(known.sum(), 1e-12)
        raw = np.minimum((middle * _NUMBER_CELLS).astype(np.int64), _NUMBER_CELLS - 1)
    else:
        order = np.argsort(np.argsort(-known, kind="stable"), kind="stable")
        raw = np.minimum(order, _TEXT_CELLS - 1)
    found[1:] = np.unique(raw, return_inverse=True)[1]
    if mass[0] > 0:
        found[1:] += 1
    return found


@dataclass(frozen=True)
class Crossings:
    """Chosen pairs of columns, a constant for each of their cells.

    Attributes
    ----------
    cells : Cells
    pairs : tuple of (int, int)
        Columns, the smaller first, sorted.
    """

    cells: Cells
    pairs: tuple[tuple[int, int], ...]

    @property
    def blocks(self) -> Ints:
        """Pair of each term, from 0."""
        counts = self.cells.counts
        return np.repeat(np.arange(len(self.pairs)), [counts[first] * counts[second] for first, second in self.pairs])

    def design(self, codes: Codes) -> Floats:
        """1 where a row lies in the cell, shape (n, n_terms)."""
        counts = self.cells.counts
        parts = [np.zeros((len(codes), 0))]
        for first, second in self.pairs:
            part = np.zeros((len(codes), int(counts[first] * counts[second])))
            one, two = (self.cells.maps[column][codes[:, column]] for column in (first, second))
            part[np.arange(len(codes)), one * counts[second] + two] = 1.0
            parts.append(part)
        return np.concatenate(parts, axis=1)

    def tables(self, slopes: Floats) -> TableSum:
        """The score of `design`'s terms as tables over all levels."""
        tables, start, counts = [], 0, self.cells.counts
        for first, second in self.pairs:
            shape = (int(counts[first]), int(counts[second]))
            found = slopes[start : start + shape[0] * shape[1]].reshape(shape)
            tables.append(found[self.cells.maps[first]][:, self.cells.maps[second]][..., None])
            start += shape[0] * shape[1]
        mains = tuple(np.zeros((len(each), 1)) for each in self.cells.maps)
        return TableSum(np.zeros(1), mains, self.pairs, tuple(tables))


def find_crossings(
    cells: Cells, codes: Codes, rest: Floats, spread: Floats, *, most: int, left_out: Sequence[int] = ()
) -> Crossings:
    """The pairs whose cells are off by far more than chance.

    Parameters
    ----------
    cells : Cells
    codes : array, shape (n, n_columns)
    rest : array, shape (n,)
        Won less expected, weighed so that each deal counts once.
    spread : array, shape (n,)
        Variance of it: weight x p (1 - p).
    most : int
        Pairs at most.
    left_out : sequence of int
        Columns that are not crossed.

    Returns
    -------
    Crossings
        Those whose chi-square lies six standard deviations above what chance gives, the clearest first taken.
    """
    counts = cells.counts
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    left, mass = _by_cell(cells, codes, rest, spread)
    own = np.diag(left) / (np.diag(mass) + _SHRINK)
    left = left - mass * (own[:, None] + own[None, :])

    def by_pair(found: Floats) -> Floats:
        return np.asarray(np.add.reduceat(np.add.reduceat(found, starts, axis=0), starts, axis=1))

    filled = by_pair((mass > _SHRINK).astype("float64"))
    freedom = np.maximum(filled - counts[:, None] - counts[None, :] + 1, 1.0)
    above = by_pair(left**2 / (mass + _SHRINK)) - freedom
    clear = above / np.sqrt(2 * freedom)
    clear[np.tril_indices(len(counts))] = 0.0
    clear[list(left_out), :] = clear[:, list(left_out)] = 0.0
    order = np.argsort(-clear, axis=None, kind="stable")[:most]
    places = [divmod(int(place), len(counts)) for place in order if clear.flat[place] > _CLEAR]
    return Crossings(cells, tuple(sorted(places)))


def _by_cell(cells: Cells, codes: Codes, rest: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Sums of both over the rows of each pair of cells, of all columns at once."""
    counts = cells.counts
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    shown = np.zeros((len(codes), int(counts.sum())), dtype=np.float32)
    rows = np.arange(len(codes))
    for column, cell in enumerate(cells.of_rows(codes).T):
        shown[rows, starts[column] + cell] = 1.0
    left, mass = ((shown.T @ (shown * part.astype(np.float32)[:, None])).astype("float64") for part in (rest, spread))
    return left, mass
