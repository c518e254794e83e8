"""How large a model the number of closed deals can carry."""

from oppnb.scoring.engine.boosted import BoostSettings

__all__ = ["closed_settings"]

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
