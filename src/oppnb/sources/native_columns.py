"""Cells of workbooks and JSON as columns that keep their own kind: an integer stays one beside an empty cell."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

__all__ = ["native_column", "native_frame"]

_SIMPLE: tuple[tuple[tuple[type, ...], str], ...] = (
    ((str,), "str"),
    ((bool,), "boolean"),
    ((int,), "Int64"),
    ((int, float), "float64"),
)


def native_frame(columns: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Put columns of Python values into a frame, each as `native_column` makes it."""
    return pd.DataFrame({name: native_column(cells) for name, cells in columns.items()})


def native_column(cells: Sequence[object]) -> pd.Series:
    """Make a column of the narrowest kind that holds all cells as they are.

    Parameters
    ----------
    cells : sequence
        Python values; None and the empty text are null.

    Returns
    -------
    pandas.Series
        `str`, `boolean`, `Int64`, `float64`, `datetime64[us]`, or `object` for a mixture (an id column with numbers
        and texts) and for whole numbers too large for 64 bits.

    Examples
    --------
    >>> native_column([1, None, 3]).dtype, native_column([1, "x"]).dtype
    (Int64Dtype(), dtype('O'))
    """
    filled = [None if cell == "" else cell for cell in cells]
    kinds = {type(cell) for cell in filled if cell is not None}
    if not kinds:
        return pd.Series(filled, dtype="str")
    if kinds <= {datetime, date} and _all_without_zone(filled):
        return pd.Series(np.array(filled, dtype="datetime64[us]"))
    for simple, dtype in _SIMPLE:
        if kinds <= set(simple):
            try:
                return pd.Series(filled, dtype=dtype)
            except OverflowError:
                break
            except UnicodeEncodeError:
                # Half of a surrogate pair, as JSON may spell it, is no character.
                whole = [None if cell is None else str(cell).encode("utf-8", "replace").decode() for cell in filled]
                return pd.Series(whole, dtype="str")
    return pd.Series(filled, dtype="object")


def _all_without_zone(cells: Sequence[object]) -> bool:
    return all(getattr(cell, "tzinfo", None) is None for cell in cells)
