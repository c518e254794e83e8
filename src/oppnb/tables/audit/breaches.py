"""Rows that break a rule, before it is decided what to do with them."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.tables.findings import Note

__all__ = ["BoolArray", "Breach"]

BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Breach:
    """Rows of one table that break one rule.

    Attributes
    ----------
    rule, table : str
        Which rule, in which canonical table.
    rows : array of bool, shape (n_rows,)
        True where the row breaks it.
    n_checked : int
        Rows the rule speaks of.
    note : Note, optional
        More for the reader.
    mended : Series, optional
        The better values of the column it is named after; absent where oppnb knows none.
    column : str, optional
        The column a rule about a whole column speaks of; then `rows` are the rows that carry a value.
    """

    rule: str
    table: str
    rows: BoolArray
    n_checked: int
    note: Note | None = None
    mended: pd.Series | None = None
    column: str | None = None
