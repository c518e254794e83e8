"""In each week of a quarter as many deals are expected to end, and be won, as were seen to; a few deals move little."""

import numpy as np
import pytest

from oppnb.scoring.engine.margins import SeenCells, settled
from oppnb.scoring.engine.pairs import TableSum
from oppnb.scoring.engine.paths import logistic

END, WON = (0.1, 0.05, 0.3), (0.02, 0.04, 0.28)
"""Per level of the second column, the first of which is "not known": P(ends), P(ends and is won)."""


def cells(n: int, *, weight: float = 1.0) -> SeenCells:
    """As many cells as asked for in each of three levels, in which deals end and are won as often as the law says."""
    level = np.repeat([0, 1, 2], n)
    place = np.tile((np.arange(n) + 0.5) / n, 3)
    ended, won = place < np.array(END)[level], place < np.array(WON)[level]
    codes = np.stack([np.zeros_like(level), level], axis=1).astype("uint8")
    return SeenCells(codes, ended * 1.0, won * 1.0, np.zeros(3 * n), np.zeros(3 * n), np.full(3 * n, weight))


def tables(end: float, n_outputs: int = 1) -> TableSum:
    intercept = np.full(n_outputs, np.log(end / (1 - end)))
    return TableSum(intercept, (np.zeros((1, n_outputs)), np.zeros((3, n_outputs))), (), ())


def expected(end: TableSum, win: TableSum) -> tuple[np.ndarray, np.ndarray]:
    codes = np.array([[0, 0], [0, 1], [0, 2]], dtype="uint8")
    ends = logistic(end.score(codes)[:, 0])
    return ends, ends * logistic(win.score(codes)[:, 0])


def test_many_deals_bring_out_what_was_seen_and_what_is_not_known_stays():
    ends, won = expected(*settled(tables(0.15), tables(0.5), cells(20_000), 1))
    assert ends == pytest.approx([0.15, *END[1:]], rel=0.01)
    assert won == pytest.approx([0.075, *WON[1:]], rel=0.01)


def test_few_deals_move_little():
    before = expected(tables(0.15), tables(0.5))
    after = expected(*settled(tables(0.15), tables(0.5), cells(20_000, weight=1e-5), 1))
    assert np.concatenate(after) == pytest.approx(np.concatenate(before), rel=0.1)


def test_every_bag_is_shifted_as_the_mean_is_and_another_column_not_at_all():
    end, win = settled(tables(0.15), tables(0.5, n_outputs=3), cells(2_000), 1)
    assert np.ptp(win.mains[1], axis=1) == pytest.approx(0.0)
    assert not win.mains[0].any()
    assert not end.mains[0].any()
