"""The row that a title speaks of: the first one with the largest or smallest value."""

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["lowest_row", "top_row"]


def top_row(frame: pd.DataFrame, values: "pd.Series[Any]") -> dict[str, Any]:
    """The row of `frame` where `values` (same order, at least one known) is largest.

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["Lead", "Demo"], "n": [1, 2]})
    >>> top_row(frame, frame["n"])["stage"]
    'Demo'
    """
    return _row(frame, int(np.nanargmax(values.to_numpy(dtype="float64", na_value=np.nan))))


def lowest_row(frame: pd.DataFrame, values: "pd.Series[Any]") -> dict[str, Any]:
    """The row of `frame` where `values` (same order, at least one known) is smallest."""
    return _row(frame, int(np.nanargmin(values.to_numpy(dtype="float64", na_value=np.nan))))


def _row(frame: pd.DataFrame, position: int) -> dict[str, Any]:
    return {str(key): value for key, value in frame.iloc[position].items()}
