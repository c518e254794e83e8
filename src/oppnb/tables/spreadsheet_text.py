"""Text that a spreadsheet shows and does not work out."""

from typing import Any

import pandas as pd

__all__ = ["FORMULA_SIGNS", "without_formulas"]

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet takes for a formula."""


def without_formulas(values: pd.Series) -> pd.Series:
    """The values with an apostrophe before every text that a spreadsheet would take for a formula.

    Parameters
    ----------
    values : Series
        Of any kind; what is no text stays as it is, null too.

    Returns
    -------
    Series
        With the same index and type.

    Examples
    --------
    >>> without_formulas(pd.Series(["=1+1", "Demo", None], dtype="str")).tolist()[:2]
    ["'=1+1", 'Demo']
    """
    return values.map(_quoted, na_action="ignore").astype(values.dtype)


def _quoted(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
