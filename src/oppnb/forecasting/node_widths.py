"""How wide the nodes of a column are told: by their own record at the same point of earlier periods."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.points import Point, nearest_past

__all__ = ["NodeWidth", "WidthRecord"]

Floats = npt.NDArray[np.float64]

_PRIOR_FORECASTS = 20.0
_LEAST_PERIODS = 2


@dataclass(frozen=True)
class NodeWidth:
    """The width of a column's nodes.

    Attributes
    ----------
    width : float
        How much wider than what deals alone say; below 1: narrower.
    n_periods, n_forecasts : int
        Earlier periods, and forecasts of nodes in them, that it was learnt from.
    is_own : bool
        False with fewer than two periods: then it is the company's.
    """

    width: float
    n_periods: int
    n_forecasts: int
    is_own: bool


@dataclass(frozen=True)
class _Judged:
    point: Point
    squares: float
    usual: float
    n: int


class WidthRecord:
    """What came at the nodes of a column, beside what was said; only periods that were over are asked."""

    def __init__(self) -> None:
        self._judged: dict[str, list[_Judged]] = {}

    def add(self, model: str, point: Point, surprise: tuple[Floats, Floats]) -> None:
        """Remember the surprises of the nodes below the company; see `RolledParts.surprise`."""
        squares, usual = surprise
        n = int((usual > 0).sum())
        self._judged.setdefault(model, []).append(_Judged(point, float(squares.sum()), float(usual.sum()), n))

    def width(self, model: str, point: Point, of_company: float) -> NodeWidth:
        """Pooled over nodes, of which each has few deals, at the same point of the last periods.

        As if twenty more forecasts of nodes had been as far off as they said, or as the company's were if that is
        more: what made the company's too wide, a shock that all deals share, weighs little at a node.
        """
        mine = self._judged.get(model, [])
        near = [mine[place] for place in nearest_past([one.point for one in mine], point)]
        near = [one for one in near if one.usual > 0]
        n = sum(one.n for one in near)
        if len(near) < _LEAST_PERIODS:
            return NodeWidth(of_company, len(near), n, is_own=False)
        squares, usual = (sum(values) for values in zip(*((one.squares, one.usual) for one in near), strict=True))
        found = (_PRIOR_FORECASTS * max(of_company, 1.0) ** 2 + squares) / (_PRIOR_FORECASTS + usual)
        return NodeWidth(float(np.sqrt(found)), len(near), n, is_own=True)
