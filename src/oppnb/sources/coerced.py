"""A column brought to its kind, with what could not be read and what was decided."""

from dataclasses import dataclass

import pandas as pd

from oppnb.sources.problems import Problem

__all__ = ["Coerced"]


@dataclass(frozen=True, eq=False)
class Coerced:
    """A column brought to its kind.

    Attributes
    ----------
    values : pandas.Series
        With the index of the raw column; a value that breaks a rule is null.
    problems : tuple of Problem
        Rules that rows break.
    decided : str or None
        What was decided over the whole column, e.g. "D/M/Y over 3,114 values, 1,200 say so".
    """

    values: pd.Series
    problems: tuple[Problem, ...] = ()
    decided: str | None = None
