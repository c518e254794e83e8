"""Boosted tables of closed deals: P(won ever) from what was known of deals that have ended since."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.engine.bags import clusters_of, equal_weights, pooled_sd
from oppnb.scoring.engine.boosted import BoostSettings, Sample, fit_tables
from oppnb.scoring.engine.columns import RowBins, group_indices, level_masses, positions_by_target
from oppnb.scoring.engine.drivers import main_effects, pair_effects
from oppnb.scoring.engine.levels import first_level
from oppnb.scoring.engine.pairs import group_scores, with_level
from oppnb.scoring.engine.paths import logistic, parts_along_logit
from oppnb.scoring.engine.profile import Profiles, is_recent, some_recent
from oppnb.scoring.engine.sizes import FEW_DEALS, closed_settings
from oppnb.scoring.models.awaited import Awaited
from oppnb.scoring.models.ridge import await_ends
from oppnb.scoring.models.stage_rates import StageRates
from oppnb.scoring.models.weighing import effective_deals, row_weights
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction, with_timing
from oppnb.scoring.rows import GROUPS, ScoringRows
from oppnb.scoring.threads import limited_threads

__all__ = ["BoostedClosed"]

Floats = npt.NDArray[np.float64]


class BoostedClosed:
    """P(won ever) as a sum of tables of one and two features, boosted on closed deals; dates from the stage's curve.

    Rows weigh equally, as days on which a deal will be asked about do; together they weigh as many deals of
    equal weight as the closed ones tell of (`effective_deals`). Rows of open deals, which would else be forgotten, tell
    what the ridge says of the deal's latest row (`Awaited`): the deals closed so far are the quick ones.
    What a table does not know ("not known", a text never seen) adds the average. Undated rows are taken as they are;
    then there are no curves, only `won_ever`.

    Parameters
    ----------
    settings : BoostSettings, optional
        By default chosen by the number of closed deals.

    Examples
    --------
    >>> BoostedClosed().name
    'boosted_closed'
    """

    name = "boosted_closed"
    is_baseline = False

    def __init__(self, settings: BoostSettings | None = None) -> None:
        self.settings = settings

    def fit(self, rows: ScoringRows) -> Self:
        """Learn from closed rows, and from what has become of the open ones.

        Raises
        ------
        ExtraMissingError
            If LightGBM is not installed.
        """
        deals = clusters_of(rows.keys["opportunity_id"].to_numpy(dtype=object))
        weight = equal_weights(deals)
        self.bins_ = RowBins.of(rows, weight=weight)
        codes = self.bins_.codes(rows)
        sample, base = _sample(rows, await_ends(rows), self.bins_, codes, deals)
        n_closed = len(np.unique(deals[rows.is_closed]))
        settings = self.settings or closed_settings(n_closed)
        self.masses_ = level_masses(self.bins_.columns, codes, weight)
        with limited_threads(1 if n_closed < FEW_DEALS else None):
            self.tables_ = with_level(fit_tables(sample, self.bins_.columns, self.masses_, settings), base)
        recent = is_recent(rows)
        self.profiles_ = Profiles.of(self._groups(codes[recent]), rows.keys["process"][recent])
        some = some_recent(rows)
        self.feature_profiles_ = Profiles.of(self._features(self.bins_.codes(some)), some.keys["process"])
        self.timing_ = StageRates().fit(rows)
        return self

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`: P(won ever) spread as deals of the stage end; NaN if it was fitted without dates."""
        ever = logistic(self.tables_.output(slice(0, 1)).score(self.bins_.codes(rows))[:, 0])
        curves = np.full((len(rows), len(LEAD_DAYS)), np.nan)
        return with_timing(Prediction(LEAD_DAYS, curves, curves, ever), self.timing_.predict(rows))

    def contributions(self, rows: ScoringRows) -> Contributions:
        """Exact parts of `won_ever`, from the typical recent deal of the same process."""
        typical = self.profiles_.means[self.profiles_.place(rows.keys["process"])]
        moves = self._groups(self.bins_.codes(rows)) - typical
        base, parts = parts_along_logit(self.tables_.intercept[0] + typical.sum(axis=1), moves)
        return Contributions(base, parts, tuple(GROUPS))

    def feature_parts(self, rows: ScoringRows) -> tuple[tuple[str, ...], Floats]:
        """Features, and what each adds to `won_ever`, shape (n, n_features); see `oppnb.scoring.feature_parts`."""
        typical = self.feature_profiles_.means[self.feature_profiles_.place(rows.keys["process"])]
        moves = self._features(self.bins_.codes(rows)) - typical
        parts = parts_along_logit(self.tables_.intercept[0] + typical.sum(axis=1), moves)[1]
        return tuple(column.name for column in self.bins_.columns), parts

    def logit_sd(self, rows: ScoringRows) -> Floats:
        """Standard deviation of the logit of `won_ever` for want of deals, shape (n,); 0 with a single bag."""
        if self.tables_.n_outputs == 1:
            return np.zeros(len(rows))
        return pooled_sd(self.tables_.output(slice(1, None)).score(self.bins_.codes(rows)))

    def drivers(self) -> pd.DataFrame:
        """What each level of each feature adds to P(won ever), in points; see `main_effects`."""
        return main_effects(self.tables_, self.bins_.columns, self.masses_)

    def pairs(self) -> pd.DataFrame:
        """The pairs of features that say more together than apart, the strongest first; see `pair_effects`."""
        return pair_effects(self.tables_, self.bins_.columns, self.masses_)

    def _groups(self, codes: npt.NDArray[np.uint8]) -> Floats:
        groups = group_indices(self.bins_.columns, GROUPS)
        return group_scores(self.tables_, codes, groups, len(GROUPS))

    def _features(self, codes: npt.NDArray[np.uint8]) -> Floats:
        n = len(self.bins_.columns)
        return group_scores(self.tables_, codes, np.arange(n), n)


def _sample(
    rows: ScoringRows, awaited: Awaited, bins: RowBins, codes: npt.NDArray[np.uint8], deals: npt.NDArray[np.int64]
) -> tuple[Sample, float]:
    """Rows that tell of an end, those of open deals twice: won as much as they are likely to be, and lost."""
    row, won, weight = awaited.outcomes(row_weights(rows))
    told = effective_deals(deals[rows.is_closed], row_weights(rows)[rows.is_closed])
    weight = weight * (told / weight.sum()) if weight.sum() > 0 else weight
    base = first_level(rows, won, weight)
    clusters = np.unique(deals[row], return_inverse=True)[1].astype(np.int64)
    positions = positions_by_target(bins.columns, codes[row], won, weight)
    return Sample(codes[row], positions, won, weight, np.full(len(won), base), clusters), base
