"""Odds by stage, as they were set and as they were observed: what a CRM shows."""

import numpy as np
import numpy.typing as npt

from oppnb.scoring.models.cells import cell_names, places, set_odds_of
from oppnb.scoring.models.pooled import PooledBaseline, share_won
from oppnb.scoring.models.weighing import row_weights
from oppnb.scoring.rows import ScoringRows

__all__ = ["ObservedStageOdds", "SetStageOdds"]

Floats = npt.NDArray[np.float64]


class SetStageOdds(PooledBaseline):
    """The odds that somebody set for the stage; the base rate where none are set.

    Examples
    --------
    >>> SetStageOdds().name
    'set_stage_odds'
    """

    name = "set_stage_odds"

    def win_rate(self, rows: ScoringRows) -> Floats:
        """Set odds of each row's stage, between 0.5 % and 99.5 %."""
        odds = set_odds_of(rows)
        found: Floats = np.where(np.isnan(odds), self.base_rate_, odds)
        return found


class ObservedStageOdds(PooledBaseline):
    """Share won of the closed rows of the stage, nothing shrunk and open deals left out; else the base rate.

    Attributes
    ----------
    cells_ : dict of str to int
        Place of each process and stage in `odds_`.
    odds_ : array, shape (n_cells,)
        Between 1 % and 99 %.

    Examples
    --------
    >>> ObservedStageOdds().name
    'observed_stage_odds'
    """

    name = "observed_stage_odds"

    def _learn(self, rows: ScoringRows) -> None:
        closed = rows.take(rows.is_closed)
        names, weight = cell_names(closed), row_weights(closed)
        self.cells_ = {name: place for place, name in enumerate(sorted(set(names)))}
        place = places(names, self.cells_)
        n = np.bincount(place, weights=weight, minlength=len(self.cells_))
        won = np.bincount(place, weights=weight * closed.is_won, minlength=len(self.cells_))
        pairs = zip(won.tolist(), n.tolist(), strict=True)
        self.odds_ = np.array([share_won(*pair) for pair in pairs], dtype="float64")

    def win_rate(self, rows: ScoringRows) -> Floats:
        """Observed odds of each row's stage."""
        place = places(cell_names(rows), self.cells_)
        odds = np.append(self.odds_, self.base_rate_)
        return odds[np.where(place >= 0, place, len(self.odds_))]
