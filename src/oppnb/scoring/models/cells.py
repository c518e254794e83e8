"""Rows grouped by process and stage."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.rows import ScoringRows

__all__ = ["cell_names", "places", "process_names", "set_odds_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BETWEEN = "\x1f"


def process_names(rows: ScoringRows) -> list[str]:
    """The process of each row; an empty text where it is not known."""
    return _texts(rows.keys["process"])


def cell_names(rows: ScoringRows) -> list[str]:
    """Process and stage of each row as one text; the stage is empty where it is not known."""
    stages = _texts(rows.keys["stage"])
    return [f"{process}{_BETWEEN}{stage}" for process, stage in zip(process_names(rows), stages, strict=True)]


def _texts(column: pd.Series) -> list[str]:
    values = column.to_numpy(dtype=object)
    return [value if isinstance(value, str) else "" for value in values]


def places(names: list[str], known: dict[str, int]) -> Ints:
    """Where each name stands among the known ones; -1 for one that was never seen."""
    return np.array([known.get(name, -1) for name in names], dtype="int64")


def set_odds_of(rows: ScoringRows) -> Floats:
    """The set odds of each row's stage, kept inside (0, 1); null where none are set."""
    odds = pd.to_numeric(rows.keys["set_odds"]).to_numpy(dtype="float64", na_value=np.nan)
    inside: Floats = np.clip(odds, 0.005, 0.995)
    return inside
