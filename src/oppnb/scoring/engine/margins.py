"""Counts that must come out: in each week of a quarter, say, as many deals are won, and lost, as were seen to be."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from oppnb.scoring.engine.pairs import TableSum
from oppnb.scoring.engine.paths import logistic

__all__ = ["SeenCells", "settled"]

Floats = npt.NDArray[np.float64]
_ROUNDS = 3
_AGAINST_LUCK = 5.0
"""So much of what a level's deals could tell is held against a shift: few deals move little."""


@dataclass(frozen=True)
class SeenCells:
    """Deals in lead bins that were followed through the bin, or ended in it.

    Attributes
    ----------
    codes : array of int, shape (n, n_columns)
        Levels of the deal's columns and of those that change with the lead.
    ended, won : array of float, shape (n,)
        1 where it did in the bin, else 0.
    offset, win_offset : array of float, shape (n,)
        The scores of ending, and of being won then, to start from.
    weight : array of float, shape (n,)
        Those of the cells in which deals ended come to as many as deals that tell something.
    """

    codes: npt.NDArray[np.uint8]
    ended: Floats
    won: Floats
    offset: Floats
    win_offset: Floats
    weight: Floats


def settled(end: TableSum, win: TableSum, cells: SeenCells, column: int) -> tuple[TableSum, TableSum]:
    """Shift the levels of a column until as many end and are won there as were seen to, as far as it is not luck.

    Shrinkage and trees of few splits round off what happens at the end of a quarter: on a synthetic pipeline a quarter
    of the wins of its last three weeks went to other weeks, and 8 % too few were expected within 91 days. Of the deals
    in their first stage twice as many were expected to be won within five weeks as were.

    Parameters
    ----------
    end, win : TableSum
        Whether a deal ends in a bin, and whether it is won then. All outputs of `win` are shifted as the first.
    cells : SeenCells
    column : int
        Of `cells.codes`; its level 0, "not known", stays.

    Returns
    -------
    TableSum, TableSum

    Examples
    --------
    >>> flat = TableSum(np.zeros(1), (np.zeros((3, 1)),), (), ())
    >>> codes = np.repeat([1, 2], 4000)[:, None].astype("uint8")
    >>> ended, won = (np.tile(one, 2000) for one in ([1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]))
    >>> cells = SeenCells(codes, ended, won, np.zeros(8000), np.zeros(8000), np.ones(8000))
    >>> end, win = settled(flat, flat, cells, 0)
    >>> logistic(end.score(codes)[[0, -1], 0]).round(2).tolist(), bool(logistic(win.score(codes)).min() > 0.9)
    ([0.25, 0.25], True)
    """
    level, n_levels = cells.codes[:, column], len(end.mains[column])
    end_score = end.score(cells.codes)[:, 0] + cells.offset
    win_score = win.score(cells.codes)[:, 0] + cells.win_offset
    end_shift, win_shift = np.zeros(n_levels), np.zeros(n_levels)

    def step(off: Floats, slope: Floats) -> Floats:
        missed = np.bincount(level, cells.weight * off, minlength=n_levels)
        found: Floats = missed / (np.bincount(level, cells.weight * slope, minlength=n_levels) + _AGAINST_LUCK)
        found[0] = 0.0
        return found

    for _ in range(_ROUNDS):
        ends = logistic(end_score + end_shift[level])
        end_shift += step(cells.ended - ends, ends * (1 - ends))
        ends = logistic(end_score + end_shift[level])
        wins = logistic(win_score + win_shift[level])
        win_shift += step(cells.won - ends * wins, ends * wins * (1 - wins))
    return _shifted(end, column, end_shift), _shifted(win, column, win_shift)


def _shifted(tables: TableSum, column: int, shift: Floats) -> TableSum:
    mains = list(tables.mains)
    mains[column] = mains[column] + shift[:, None]
    return replace(tables, mains=tuple(mains))
