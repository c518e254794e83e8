"""The third step of the ladder: stage rates and all features."""

import numpy as np

from oppnb.scoring.models.awaited import Awaited
from oppnb.scoring.models.offset_ridge import OffsetRidge
from oppnb.scoring.rows import ScoringRows

__all__ = ["Ridge", "await_ends"]


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


def await_ends(rows: ScoringRows) -> Awaited:
    """How deals ended, and how likely the open ones are to be won, as the ridge learns it from the same rows."""
    if rows.is_closed.all():
        return Awaited.of(rows, lambda some: np.zeros(len(some)))
    ridge = Ridge().fit(rows)
    return Awaited.of(rows, lambda some: ridge.predict(some).won_ever)
