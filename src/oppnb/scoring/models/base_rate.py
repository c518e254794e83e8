"""The same number for every deal."""

from oppnb.scoring.models.pooled import PooledBaseline

__all__ = ["BaseRate"]


class BaseRate(PooledBaseline):
    """Share won of the closed rows, for every deal: what knows nothing of the deal says.

    Examples
    --------
    >>> BaseRate().name, BaseRate().is_baseline
    ('base_rate', True)
    """

    name = "base_rate"
