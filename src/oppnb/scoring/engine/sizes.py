"""How large a model the number of closed deals can carry."""

from oppnb.scoring.engine.boosted import BoostSettings

__all__ = ["closed_settings", "end_settings", "win_settings"]

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
        return BoostSettings(n_trees=400, learning_rate=0.07, n_pairs=24)
    return BoostSettings(n_trees=400, learning_rate=0.1, n_pairs=40, n_bags=4, choose=False, strengths=(0.5,))


def win_settings(n_deals: int) -> BoostSettings:
    """Settings for how deals end, as for closed deals: one row a deal-day."""
    return closed_settings(n_deals)


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
        choose=False,
        counts_hits=True,
    )
