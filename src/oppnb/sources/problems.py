"""A rule that some rows of a column or file break, by the sentence that is true of a good row."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Problem", "problem_where"]


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows that break a rule while a file is read or a column is coerced.

    Attributes
    ----------
    rule : str
        The sentence that is true of a good row, e.g. `date_is_possible`; words under `rule` in the catalogue.
    rows : pandas.Index
        Index labels of the rows that break it, in the order of the table.
    """

    rule: str
    rows: pd.Index


def problem_where(rule: str, index: pd.Index, broken: np.ndarray) -> tuple[Problem, ...]:
    """Make the problem for the rows where `broken` holds, or nothing if there are none.

    Examples
    --------
    >>> problem_where("date_is_possible", pd.RangeIndex(3), np.array([False, True, False]))[0].rows.tolist()
    [1]
    >>> problem_where("date_is_possible", pd.RangeIndex(3), np.zeros(3, bool))
    ()
    """
    return (Problem(rule, index[broken]),) if broken.any() else ()
