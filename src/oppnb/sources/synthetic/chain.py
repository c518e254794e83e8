"""The law of each deal's life: a Markov chain over its stages, with the probabilities that follow from it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.settings import Laws, StageSettings, SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks

__all__ = ["BACK", "FORWARD", "LOST", "SILENT", "SKIP", "STEP", "Chain", "make_chain"]

FORWARD, SKIP, BACK, LOST, SILENT = range(5)
STEP = np.array([1, 2, -1, 0, 0])


@dataclass(frozen=True)
class Chain:
    """Weekly competing risks of every deal in every stage.

    In a week, a deal leaves its state with probability `1 - exp(-total x rush)`, to one of five causes in proportion to
    their intensities. Rush multiplies all causes alike: it moves decisions in time and changes no odds. A silent
    deal stays in its stage until somebody cleans up. A lost deal may come back to the stage it was lost from.

    Attributes
    ----------
    intensities : array of float, shape (n_deals, n_stages, 5)
        Forward, skip, back, lost, silent; stages beyond a deal's process are empty.
    process, n_stages : array of int, shape (n_deals,)
        Position of the deal's process, and its number of open stages; that number stands for won.
    is_rushed : array of bool, shape (n_deals, n_stages)
        Whether quarter ends act.
    """

    intensities: NDArray[np.float64]
    process: NDArray[np.int64]
    n_stages: NDArray[np.int64]
    is_rushed: NDArray[np.bool_]
    laws: Laws

    @cached_property
    def total(self) -> NDArray[np.float64]:
        """Sum of the intensities, shape (n_deals, n_stages)."""
        return np.asarray(self.intensities.sum(axis=2))

    @cached_property
    def branches(self) -> NDArray[np.float64]:
        """Probability of each cause when the deal leaves, shape (n_deals, n_stages, 5); adds up to 1."""
        total = np.where(self.total > 0, self.total, 1.0)
        return self.intensities / total[:, :, None]

    def shaken(self, shock: float) -> "Chain":
        """The law in a quarter whose shock is added to every score."""
        return self if shock == 0 else replace(self, intensities=self.intensities * _shock_effect(shock))

    def leave_probability(self, rows: NDArray[np.int64], stage: NDArray[np.int64], rush: float) -> NDArray[np.float64]:
        """Probability that deals in a stage leave their state within a week with that rush."""
        factor = np.where(self.is_rushed[rows, stage], rush, 1.0)
        return -np.expm1(-self.total[rows, stage] * factor)

    def reach(self, target: NDArray[np.int64]) -> NDArray[np.float64]:
        """Probability of ever reaching position `target` or beyond, from each stage, still active.

        Parameters
        ----------
        target : array of int, shape (n_deals,)
            `n_stages` asks for the win probability.

        Returns
        -------
        array of float, shape (n_deals, n_stages)
            1 from the target on.
        """
        n, width = self.total.shape
        matrix = np.zeros((n, width, width))
        right = np.zeros((n, width))
        for stage in range(width):
            matrix[:, stage, stage] = 1.0
            is_there = stage >= target
            right[:, stage] = is_there
            share = np.where(is_there[:, None], 0.0, self.branches[:, stage, :])
            matrix[:, stage, stage] -= share[:, LOST] * self.laws.reopen_share
            for cause in (FORWARD, SKIP, BACK):
                to = stage + int(STEP[cause])
                arrives = to >= target
                right[:, stage] += np.where(arrives, share[:, cause], 0.0)
                if 0 <= to < width:
                    matrix[:, stage, to] -= np.where(arrives, 0.0, share[:, cause])
        return np.asarray(np.linalg.solve(matrix, right[:, :, None])[:, :, 0])

    def reach_by_end(
        self, target: NDArray[np.int64], weeks: Weeks, rush: NDArray[np.float64]
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Probability of reaching `target` by the end of the data, from each stage at the end of each week.

        Yields
        ------
        tuple of int and array of float, shape (n_deals, n_stages)
            From the last week back to week 0; the array holds for deals that are active in the stage then.
        """
        width = self.total.shape[1]
        is_there = np.arange(width)[None, :] >= target[:, None]
        value = is_there.astype("float64")
        returning = np.zeros_like(value)
        yield weeks.n - 1, value
        for week in range(weeks.n - 2, -1, -1):
            seen = weeks.observed_share(week + 1)
            factor = np.where(self.is_rushed, rush[week + 1], 1.0)
            leave = -np.expm1(-self.total * factor) * seen
            after = self._one_move(value, returning, target)
            come_back = self.laws.return_weekly * seen
            returning = (1 - come_back) * returning + come_back * value
            value = np.where(is_there, 1.0, (1 - leave) * value + leave * after)
            yield week, value

    def _one_move(
        self, value: NDArray[np.float64], returning: NDArray[np.float64], target: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        width = value.shape[1]
        after = self.branches[:, :, LOST] * self.laws.reopen_share * returning
        for cause in (FORWARD, SKIP, BACK):
            for stage in range(width):
                to = stage + int(STEP[cause])
                if to < 0:
                    continue
                there = value[:, to] if to < width else 1.0
                worth = np.where(to >= target, 1.0, there)
                after[:, stage] += self.branches[:, stage, cause] * worth
        return after


def _shock_effect(score: float) -> NDArray[np.float64]:
    """Factors on forward, skip, back, lost and silent intensities of what is added to a score."""
    up, down = math.exp(score / 2), math.exp(-score / 2)
    return np.array([up, up, 1.0, down, down])


def make_chain(settings: SyntheticSettings, deals: Deals) -> Chain:
    """The chain of every deal, from the baseline of its process and its own effects."""
    laws = settings.laws
    base = np.zeros((len(settings.processes), settings.n_stages, 5))
    is_rushed = np.zeros((len(settings.processes), settings.n_stages), dtype=bool)
    for row, process in enumerate(settings.processes):
        for column, stage in enumerate(process.stages):
            base[row, column] = _intensities(stage)
            is_rushed[row, column] = stage.is_rushed
    up, down, none = np.exp(deals.score / 2), np.exp(-deals.score / 2), np.ones(deals.n)
    effect = np.stack([up, up, none, down, down], axis=1) * np.exp(-laws.slowness * deals.size)[:, None]
    n_stages = np.array([len(process.stages) for process in settings.processes])[deals.process]
    return Chain(base[deals.process] * effect[:, None, :], deals.process, n_stages, is_rushed[deals.process], laws)


def _intensities(stage: StageSettings) -> tuple[float, ...]:
    return (stage.forward, stage.skip, stage.back, stage.lost, stage.silent)
