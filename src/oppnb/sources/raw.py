"""A file's rows as they are, before any column is understood."""

from dataclasses import dataclass

import pandas as pd

from oppnb.sources.problems import Problem

__all__ = ["Raw", "without_blank_rows"]


@dataclass(frozen=True)
class Raw:
    """The rows of a file and the rules that some of them break.

    Attributes
    ----------
    frame : pandas.DataFrame
        A row a record, numbered from 0.
    problems : tuple of Problem
        `row_has_a_cell_for_every_column`, `row_has_no_more_cells_than_the_header`, `text_is_whole`.
    """

    frame: pd.DataFrame
    problems: tuple[Problem, ...] = ()


def without_blank_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows without a single value and number the others from 0."""
    blank = None
    for name in frame.columns:
        missing = frame[name].isna().to_numpy()
        blank = missing if blank is None else blank & missing
        if not blank.any():
            return frame
    return frame if blank is None else frame[~blank].reset_index(drop=True)
