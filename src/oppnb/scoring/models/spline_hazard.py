"""Spline hazard: the same two sums of tables, each a smooth additive logit without trees."""

from oppnb.scoring.engine.boosted import BoostSettings
from oppnb.scoring.engine.sizes import end_settings, smooth, win_settings
from oppnb.scoring.models.boosted_hazard import BoostedHazard

__all__ = ["SplineHazard"]


class SplineHazard(BoostedHazard):
    """The challenger of `BoostedHazard`: size, rank and four bends of each number's rank, a constant for each text.

    It knows no combination of features, and needs more deals to bend rightly than trees need to be right; where the
    law is smooth it wins.

    Examples
    --------
    >>> SplineHazard().name
    'spline_hazard'
    """

    name = "spline_hazard"

    def _win_settings(self, n_deals: int) -> BoostSettings:
        return self.win or smooth(win_settings(n_deals))

    def _end_settings(self, n_deals: int) -> BoostSettings:
        return self.end or smooth(end_settings(n_deals))
