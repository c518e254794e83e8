"""A forecast of a past day rolled up by one column, where deals stood on that day."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.node_places import NodeDay
from oppnb.forecasting.nodes_of_new import still_coming
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.rollup_parts import RolledParts, Told

__all__ = ["RolledDay"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_POINTS = 1_024


@dataclass(frozen=True)
class RolledDay:
    """The parts of a past forecast by the nodes of a column.

    Attributes
    ----------
    rolled : RolledParts
    place : array of int, shape (n_nodes,)
        Of each node of the roll-up, its position among the column's; -1: the company.
    """

    rolled: RolledParts
    place: Ints

    @classmethod
    def of(cls, parts: ForecastParts, like: pd.DataFrame, born: pd.DataFrame, day: NodeDay) -> "RolledDay":
        """Open deals count where they stood on the day."""
        places = day.places
        parts = replace(parts, deals=parts.deals.assign(**{places.by: _names(day, parts.deals)}))
        kept = still_coming(like, born, hierarchy=day.known.workspace.forecast.hierarchy, by=[places.by])
        rolled = RolledParts(parts, like, [places.by], kept=kept, points=_POINTS)
        at = [places.nodes.index(node[0]) if node else -1 for node in rolled.tree.nodes]
        return cls(rolled, np.array(at, dtype=np.int64))

    def surprise(self, scale: Told, distribution: Distribution, came: Floats) -> tuple[Floats, Floats]:
        """Of the nodes below the company; `came`, after the day, is by the column's nodes."""
        below = self.place >= 0
        found = np.where(below, came[self.place], 0.0)
        squares, usual = self.rolled.surprise(scale, distribution, found)
        return squares[below], usual[below]


def _names(day: NodeDay, rows: pd.DataFrame) -> pd.Series:
    """The node's value of each row's deal on the day."""
    nodes = np.array([*day.places.nodes, None], dtype="object")  # the last for deals that are not known: code -1
    return pd.Series(nodes[day.of(rows)], index=rows.index, dtype="str")
