"""The third step of the ladder: stage rates and all features."""

from oppnb.scoring.models.offset_ridge import OffsetRidge

__all__ = ["Ridge"]


class Ridge(OffsetRidge):
    """Stage rates, and what all features add.

    See `OffsetRidge`.

    Examples
    --------
    >>> Ridge().name
    'ridge'
    """

    name = "ridge"

    def __init__(self) -> None:
        super().__init__(None, penalty=20.0)
