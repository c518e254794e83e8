"""Rows grouped by process and stage."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.rows import ScoringRows

__all__ = ["cell_names", "places", "process_names", "set_odds_of", "tests_stages"]

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


def set_odds_of(rows: ScoringRows, *, with_guesses: bool = True) -> Floats:
    """The set odds of each row's stage, kept inside (0, 1); null where none are set.

    Without guesses, odds that nobody stated (a preset's that looked like the data) are null, too.
    """
    odds = pd.to_numeric(rows.keys["set_odds"]).to_numpy(dtype="float64", na_value=np.nan)
    if not with_guesses and "odds_are_guessed" in rows.keys:
        odds = np.where(rows.keys["odds_are_guessed"].eq(True).to_numpy(dtype=bool), np.nan, odds)
    inside: Floats = np.clip(odds, 0.005, 0.995)
    return inside


def tests_stages(rows: ScoringRows) -> bool:
    """Whether any closed deal was seen in a stage: else nothing here can say what a stage is worth.

    With no closed deal at all there is nothing to test anything on, and a guess is all there is.
    """
    is_closed = rows.is_closed
    return not is_closed.any() or bool(rows.keys["stage"][is_closed].notna().any())
