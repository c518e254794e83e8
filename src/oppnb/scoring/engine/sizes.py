"""How large a model the number of closed deals can carry."""

from dataclasses import replace

from oppnb.scoring.engine.boosted import BoostSettings
from oppnb.scoring.engine.leads import LEAD_COLUMNS
from oppnb.scoring.engine.stage_leads import STAGE_THEN

__all__ = ["FEW_DEALS", "closed_settings", "end_settings", "smooth", "win_settings"]

FEW_DEALS = 20_000
"""Closed deals below which a fit is better off on one thread."""


def closed_settings(n_deals: int) -> BoostSettings:
    """Settings for boosting on `n_deals` closed deals.

    Below a thousand deals trees find nothing that the plain part with its crossings does not. Above, their number is
    chosen by deals left out; among many deals it is plain: all of them.
    """
    if n_deals < 1_000:
        return BoostSettings(n_trees=0, n_crossings=0 if n_deals < 300 else 4)
    if n_deals < 4_000:
        return BoostSettings(n_trees=100, learning_rate=0.08, n_pairs=12, n_crossings=6, min_weight=4.0, shrink=5.0)
    if n_deals < FEW_DEALS:
        return BoostSettings(n_trees=300, learning_rate=0.1, n_pairs=24, n_crossings=8)
    # quick steps and many: a crossing without effects of its own is learned only through trees that begin elsewhere
    return BoostSettings(
        n_trees=500, learning_rate=0.2, n_pairs=40, n_crossings=8, n_bags=4, choose=False, strength=0.5
    )


def win_settings(n_deals: int) -> BoostSettings:
    """Settings for how deals end, as for closed deals: one row a deal-day.

    The lead, and the stage seen from it, are for the trees alone. A straight effect of it would say of a deal that fell
    silent what is true of a young one: that those still open after months are often won.
    """
    return replace(closed_settings(n_deals), left_out=(LEAD_COLUMNS[0].name, STAGE_THEN))


def end_settings(n_deals: int) -> BoostSettings:
    """Settings for when deals end: many rows, so nothing is tried out; one fit, since the win share is what is doubted.

    Rows are weighed so that a deal's end counts once.
    """
    n_trees = 40 if n_deals < 200 else 80 if n_deals < 800 else 200
    return BoostSettings(
        n_trees=n_trees,
        learning_rate=0.07,
        n_pairs=12 if n_deals < 800 else 24,
        n_bags=1,
        min_weight=5.0,
        shrink=5.0,
        strength=0.1,
        left_out=(LEAD_COLUMNS[0].name,),
        choose=False,
        counts_hits=True,
        most_rows=80_000 if n_deals < 4_000 else 600_000,
    )


def smooth(settings: BoostSettings) -> BoostSettings:
    """The same without trees: lines with bends, for every column and for the lead too."""
    return replace(settings, n_trees=0, n_crossings=0, n_knots=4, left_out=())
