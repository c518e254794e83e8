"""The nodes of a roll-up: company, then the values of each column below those of the column before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.checks import check_columns
from oppnb.forecasting.nodes import COMPANY
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.segments import known_columns

__all__ = ["NOT_KNOWN", "RollUpTree", "columns_of", "node_path"]

Ints = npt.NDArray[np.int64]
Path = tuple[str | None, ...]
Number = TypeVar("Number", np.float64, np.int64)

_BESIDE_A_SPACE = re.compile(r"(?:(?<= )|^)/|/(?= |$)")

NOT_KNOWN = "not known"
"""How a node of deals without a value is written."""


def node_path(values: Sequence[str | None]) -> str:
    r"""The node's name: its values from the highest down.

    A value that holds the sign between two values, or reads like a name that is taken, is marked by a backslash.

    Examples
    --------
    >>> node_path(["East", "North", None]), node_path([]), node_path(["A / B"])
    ('East / North / not known', 'company', 'A \\/ B')
    """
    return " / ".join(_written(value) for value in values) if values else COMPANY


def _written(value: str | None) -> str:
    if value is None:
        return NOT_KNOWN
    kept = _BESIDE_A_SPACE.sub(r"\\/", value.replace("\\", "\\\\"))
    return f"\\{kept}" if kept in (NOT_KNOWN, COMPANY) else kept


def columns_of(parts: ForecastParts, by: Sequence[str]) -> tuple[str, ...]:
    """The columns of a hierarchy, if deals have them.

    Raises
    ------
    ParameterError
        If one stands twice.
    ColumnMissingError
        If deals have no such column, with the nearest.
    """
    check_columns(by, known_columns(parts.deals, parts.won))
    return tuple(by)


@dataclass(frozen=True)
class RollUpTree:
    """Which deals belong to which node.

    Attributes
    ----------
    by : tuple of str
        Columns, the highest first.
    leaves : tuple of tuple
        Values of every combination that occurs, sorted; None (not known) last.
    nodes : tuple of tuple
        Values of every node from the highest down, each above those below it; the first, empty, is the company.
    places : array of int, shape (n_leaves, len(by) + 1)
        Of each leaf, the positions of the nodes it belongs to.
    """

    by: tuple[str, ...]
    leaves: tuple[Path, ...]
    nodes: tuple[Path, ...]
    places: Ints

    @classmethod
    def of(cls, frames: Sequence[pd.DataFrame], by: Sequence[str]) -> "RollUpTree":
        """The tree of all combinations in some frames."""
        found = {leaf for frame in frames for leaf in _paths(frame, by)} or {(None,) * len(by)}
        leaves = tuple(sorted(found, key=_order))
        nodes = sorted({leaf[:depth] for leaf in leaves for depth in range(len(by) + 1)}, key=_order)
        place = {node: position for position, node in enumerate(nodes)}
        places = np.array([[place[leaf[:depth]] for depth in range(len(by) + 1)] for leaf in leaves], dtype=np.int64)
        return cls(tuple(by), leaves, tuple(nodes), places)

    def codes(self, frame: pd.DataFrame) -> Ints:
        """Position of each row's leaf, shape (n_rows,); -1 where there is none."""
        place = {leaf: position for position, leaf in enumerate(self.leaves)}
        return np.array([place.get(leaf, -1) for leaf in _paths(frame, self.by)], dtype=np.int64)

    def rolled(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Sums of each node from those of the leaves, shape (n_nodes, ...); of whole numbers they are exact."""
        found = np.zeros((len(self.nodes), *values.shape[1:]), dtype=values.dtype)
        for depth in range(self.places.shape[1]):
            np.add.at(found, self.places[:, depth], values)
        return found

    def frame(self) -> pd.DataFrame:
        """The nodes in order: `node`, `level` (the column; `company` for all), `parent` (null for the company)."""
        levels = (COMPANY, *self.by)
        return pd.DataFrame(
            {
                "node": [node_path(node) for node in self.nodes],
                "level": [levels[len(node)] for node in self.nodes],
                "parent": [node_path(node[:-1]) if node else None for node in self.nodes],
            }
        ).astype("str")


def _paths(frame: pd.DataFrame, by: Sequence[str]) -> list[Path]:
    columns = [[None if missing else str(value) for value, missing in _pairs(frame[name])] for name in by]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


def _pairs(values: pd.Series) -> "zip[tuple[object, bool]]":
    return zip(values.tolist(), values.isna().tolist(), strict=True)


def _order(path: Path) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, value or "") for value in path)
