"""Many draws of the lives of deals at once, week by week; only what leads to wins."""

import numpy as np
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import LOST, SILENT, STEP
from oppnb.sources.synthetic.herd import Herd
from oppnb.sources.synthetic.settings import Laws

__all__ = ["Walk"]


class Walk:
    """All deals of all draws while the weeks go by, as in `lives`, but for many draws at once."""

    def __init__(self, herd: Herd, laws: Laws, rng: np.random.Generator) -> None:
        self.herd, self.laws, self.rng = herd, laws, rng
        intensities = herd.chain.intensities
        self.up = intensities[:, :, :2].sum(axis=2)
        self.level = intensities[:, :, 2]
        self.down = intensities[:, :, 3:].sum(axis=2)
        self.stage = herd.stage.copy()
        self.active = np.zeros(0, dtype="int64")
        self.returning = np.flatnonzero(herd.is_returning)
        self.coming = np.flatnonzero(~herd.is_returning)
        self.won: list[tuple[NDArray[np.int64], int]] = []

    def begin(self, week: int) -> None:
        """Deals that begin in a week or before become active."""
        n = int(np.searchsorted(self.herd.begins[self.coming], week, side="right"))
        self.active = np.concatenate([self.active, self.coming[:n]])
        self.coming = self.coming[n:]

    def step(self, week: int, *, rush: float, shock: NDArray[np.float64]) -> None:
        """One week: moves of the active, then those who come back, then those who begin."""
        back = self.rng.random(len(self.returning)) < self.laws.return_weekly
        comes_back, self.returning = self.returning[back], self.returning[~back]
        self._move(week, rush, np.exp(shock / 2))
        self.active = np.concatenate([self.active, comes_back])
        self.begin(week)

    def _move(self, week: int, rush: float, lift: NDArray[np.float64]) -> None:
        """A deal leaves its state when an exponential time falls below its intensity."""
        row, stage, draw = self.herd.row[self.active], self.stage[self.active], self.herd.draw[self.active]
        up, down = self.up[row, stage] * lift[draw], self.down[row, stage] / lift[draw]
        rate = (up + self.level[row, stage] + down) * np.where(self.herd.chain.is_rushed[row, stage], rush, 1.0)
        leaves = self.rng.standard_exponential(len(rate)) < rate
        gone, staying = self.active[leaves], self.active[~leaves]
        cause = self._cause(gone, lift)
        lost = gone[cause == LOST]
        comes_back = self.rng.random(len(lost)) < self.laws.reopen_share
        self.returning = np.concatenate([self.returning, lost[comes_back]])
        moved = gone[cause < LOST]
        self.stage[moved] += STEP[cause[cause < LOST]]
        is_won = self.stage[moved] >= self.herd.chain.n_stages[self.herd.row[moved]]
        self.won.append((moved[is_won], week))
        self.active = np.concatenate([staying, moved[~is_won]])

    def _cause(self, gone: NDArray[np.int64], lift: NDArray[np.float64]) -> NDArray[np.int64]:
        raised = lift[self.herd.draw[gone]]
        effect = np.stack([raised, raised, np.ones(len(gone)), 1 / raised, 1 / raised], axis=1)
        edges = np.cumsum(self.herd.chain.intensities[self.herd.row[gone], self.stage[gone]] * effect, axis=1)
        chosen = (self.rng.random(len(gone)) * edges[:, -1])[:, None] >= edges
        return np.asarray(chosen.sum(axis=1).clip(max=SILENT))
