"""How far baselines were off at each node before, and the spread that follows."""

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.points import Point, nearest_past

__all__ = ["NodeRecord", "spread_at_nodes"]

Floats = npt.NDArray[np.float64]

_PRIOR_FORECASTS = 4.0
_PRIOR_MISS = 0.25
_FURTHEST_MISS = 2.0


class NodeRecord:
    """What was said to be still to come at each node, and what came; only periods that were over are asked."""

    def __init__(self) -> None:
        self._points: dict[str, list[Point]] = {}
        self._rows: dict[str, list[tuple[Floats, Floats]]] = {}

    def add(self, model: str, point: Point, *, said: Floats, came: Floats) -> None:
        """Remember a forecast beyond what was won already; both shape (n_nodes,)."""
        self._points.setdefault(model, []).append(point)
        self._rows.setdefault(model, []).append((said, came))

    def miss(self, model: str, point: Point, n_nodes: int) -> Floats:
        """Usual miss of each node at the same point of earlier periods, relative to what was to come.

        Held near the miss of all nodes, as if four more forecasts had been that far off, and this near a quarter; a
        miss counts as twice what was to come at most, and where nothing was said and nothing came there is nothing to
        learn.
        """
        squares, counts = np.zeros(n_nodes), np.zeros(n_nodes)
        for place in nearest_past(self._points.get(model, []), point):
            said, came = self._rows[model][place]
            off = np.abs(came - said) / np.maximum(said, 1e-9)
            told = (said > 0) | (came > 0)
            squares += np.where(told, np.minimum(off, _FURTHEST_MISS) ** 2, 0.0)
            counts += told
        of_all = (_PRIOR_FORECASTS * _PRIOR_MISS**2 + squares.sum()) / (_PRIOR_FORECASTS + counts.sum())
        return np.asarray(np.sqrt((_PRIOR_FORECASTS * of_all + squares) / (_PRIOR_FORECASTS + counts)))


def spread_at_nodes(room: Floats, miss: Floats, levels: Floats) -> Floats:
    """Quantiles around numbers that have none: a gamma curve with the number as its mean, never below 0.

    Parameters
    ----------
    room : array, shape (n_nodes,)
        What is said to be still to come.
    miss : array, shape (n_nodes,)
        Its standard deviation, relative.
    levels : array, shape (n_levels,)

    Returns
    -------
    array, shape (n_nodes, n_levels)

    Examples
    --------
    >>> spread_at_nodes(np.array([100.0, 0.0]), np.array([0.1, 0.5]), np.array([0.1, 0.9])).round(1).tolist()
    [[87.4, 113.0], [0.0, 0.0]]
    """
    from scipy.special import gammaincinv

    shape = 1.0 / np.maximum(miss, 1e-3) ** 2
    found: Floats = room[:, None] * gammaincinv(shape[:, None], levels) / shape[:, None]
    return found
