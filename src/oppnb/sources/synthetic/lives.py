"""Deals live week by week: they move, fall silent, are won, lost, cleaned up, reopened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import LOST, SILENT, STEP, Chain
from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["IS_LOST", "Lives", "live"]

IS_LOST = -1
_WAITING, _ACTIVE, _SILENT, _RETURNING, _CLOSED = range(5)


@dataclass(frozen=True)
class Lives:
    """Every arrival in a stage, sorted by deal and week; the first of a deal is its creation.

    Attributes
    ----------
    deal, week, stage : array of int, shape (n_arrivals,)
        `stage` is the position of an open stage, the number of open stages for won, `IS_LOST` for lost.
    moment : array of datetime64, shape (n_arrivals,)
        UTC.
    silent_week : array of int, shape (n_deals,)
        When the deal fell silent for good; -1 if it has not.
    """

    deal: NDArray[np.int64]
    week: NDArray[np.int64]
    stage: NDArray[np.int64]
    moment: NDArray[np.datetime64]
    silent_week: NDArray[np.int64]

    @property
    def last(self) -> NDArray[np.int64]:
        """Position of each deal's last arrival."""
        return np.flatnonzero(np.append(self.deal[1:] != self.deal[:-1], True))


class _World:
    """The state of all deals while the weeks go by."""

    def __init__(self, chain: Chain, created_week: NDArray[np.int64], rng: np.random.Generator) -> None:
        n = len(created_week)
        self.chain, self.created_week, self.rng = chain, created_week, rng
        self.stage = np.zeros(n, dtype="int64")
        self.mode = np.full(n, _WAITING)
        self.silent_week = np.full(n, -1)
        self.log: list[tuple[NDArray[np.int64], int, NDArray[np.int64]]] = []

    def step(self, week: int, *, rush: float, observed: float) -> None:
        laws = self.chain.laws
        active, silent, returning = (np.flatnonzero(self.mode == mode) for mode in (_ACTIVE, _SILENT, _RETURNING))
        self._move(active, week, rush=rush, observed=observed)
        cleaned = silent[self.rng.random(len(silent)) < laws.clean_up_weekly * observed]
        self.mode[cleaned] = _CLOSED
        self._note(cleaned, week, np.full(len(cleaned), IS_LOST))
        back = returning[self.rng.random(len(returning)) < laws.return_weekly * observed]
        self.mode[back] = _ACTIVE
        self._note(back, week, self.stage[back])
        born = np.flatnonzero(self.created_week == week)
        self.mode[born] = _ACTIVE
        self._note(born, week, self.stage[born])

    def _move(self, rows: NDArray[np.int64], week: int, *, rush: float, observed: float) -> None:
        leaves = self.rng.random(len(rows)) < self.chain.leave_probability(rows, self.stage[rows], rush) * observed
        rows = rows[leaves]
        edges = np.cumsum(self.chain.branches[rows, self.stage[rows]], axis=1)
        cause = (self.rng.random(len(rows))[:, None] >= edges).sum(axis=1).clip(max=SILENT)
        self._fall_silent(rows[cause == SILENT], week)
        self._lose(rows[cause == LOST], week)
        moved, step = rows[cause < LOST], STEP[cause[cause < LOST]]
        self.stage[moved] = np.minimum(self.stage[moved] + step, self.chain.n_stages[moved])
        self.mode[moved[self.stage[moved] == self.chain.n_stages[moved]]] = _CLOSED
        self._note(moved, week, self.stage[moved])

    def _fall_silent(self, rows: NDArray[np.int64], week: int) -> None:
        self.mode[rows] = _SILENT
        self.silent_week[rows] = week

    def _lose(self, rows: NDArray[np.int64], week: int) -> None:
        comes_back = self.rng.random(len(rows)) < self.chain.laws.reopen_share
        self.mode[rows] = np.where(comes_back, _RETURNING, _CLOSED)
        self._note(rows, week, np.full(len(rows), IS_LOST))

    def _note(self, rows: NDArray[np.int64], week: int, stage: NDArray[np.int64]) -> None:
        self.log.append((rows, week, stage.copy()))


def live(settings: SyntheticSettings, weeks: Weeks, deals: Deals, chain: Chain) -> Lives:
    """Let every deal live from its creation to the end of the data."""
    rng = stream(settings, "lives")
    world = _World(chain, deals.created_week, rng)
    before = 0.0
    for week, (rush, shock) in enumerate(zip(weeks.rush(settings), weeks.shock(settings), strict=True)):
        if shock != before:
            world.chain, before = chain.shaken(float(shock)), shock
        world.step(week, rush=float(rush), observed=weeks.observed_share(week))
    deal = np.concatenate([rows for rows, _, _ in world.log])
    week_of = np.concatenate([np.full(len(rows), week) for rows, week, _ in world.log])
    stage = np.concatenate([stages for _, _, stages in world.log])
    order = np.lexsort((week_of, deal))
    deal, week_of, stage = deal[order], week_of[order], stage[order]
    moment = weeks.moments(rng, week_of)
    is_first = np.append(True, deal[1:] != deal[:-1])
    moment[is_first] = deals.created_at
    return Lives(deal, week_of, stage, moment, world.silent_week)
