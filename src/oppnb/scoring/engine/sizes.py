"""How large a model the number of closed deals can carry."""

from dataclasses import replace

from oppnb.scoring.engine.boosted import BoostSettings
from oppnb.scoring.engine.leads import LEAD_COLUMNS

__all__ = ["closed_settings", "end_settings", "smooth", "win_settings"]

_MANY = 20_000


def closed_settings(n_deals: int) -> BoostSettings:
    """Settings for boosting on `n_deals` closed deals.

    The number of trees is chosen by deals left out; among many deals it is plain: all of them.
    """
    if n_deals < 200:
        return BoostSettings(n_trees=150, learning_rate=0.04, n_pairs=6, min_weight=3.0, shrink=5.0)
    if n_deals < 2_000:
        return BoostSettings(n_trees=250, learning_rate=0.05, n_pairs=12, min_weight=3.0, shrink=3.0)
    if n_deals < _MANY:
        return BoostSettings(n_trees=500, learning_rate=0.1, n_pairs=24)
    # quick steps and many: a crossing without effects of its own is learned only through trees that begin elsewhere
    return BoostSettings(n_trees=500, learning_rate=0.2, n_pairs=40, n_bags=4, choose=False, strengths=(0.5,))


def win_settings(n_deals: int) -> BoostSettings:
    """Settings for how deals end, as for closed deals: one row a deal-day.

    The lead is for the trees alone. A straight effect of it would say of a deal that fell silent what is true of a
    young one: that those still open after months are often won.
    """
    return replace(closed_settings(n_deals), left_out=(LEAD_COLUMNS[0].name,))


def end_settings(n_deals: int) -> BoostSettings:
    """Settings for when deals end: many rows, so nothing is tried out; one fit, since the win share is what is doubted.

    Rows are weighed so that a deal's end counts once.
    """
    n_trees = 60 if n_deals < 200 else 120 if n_deals < 2_000 else 200
    return BoostSettings(
        n_trees=n_trees,
        learning_rate=0.07,
        n_pairs=12 if n_deals < 2_000 else 24,
        n_bags=1,
        min_weight=5.0,
        shrink=5.0,
        strengths=(0.1,),
        left_out=(LEAD_COLUMNS[0].name,),
        choose=False,
        counts_hits=True,
    )


def smooth(settings: BoostSettings) -> BoostSettings:
    """The same without trees: lines with bends, for every column and for the lead too."""
    return replace(settings, n_trees=0, n_knots=4, left_out=())
