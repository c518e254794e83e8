"""A figure with what it rests on, and the ways rows become one."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.intervals import mean_interval, median_interval, weighted_share, wilson

__all__ = [
    "Figure",
    "FigureOf",
    "count_rows",
    "mean_of",
    "median_of",
    "note_of",
    "notes_of",
    "rate_of",
    "sum_of",
    "total",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A value and how far it can be trusted.

    Attributes
    ----------
    value : float, optional
        Null where it cannot be worked out; `note` says why.
    n : int
        Rows it rests on.
    low, high : float, optional
        95 % interval, `low <= value <= high`; null where none makes sense.
    n_missing : int
        Rows that belong to it but lack what is needed (an amount, a date); they are left out, not taken as zero.
    n_open : int
        Rows among `n` that are not decided yet.
    note : str, optional
        A code of the catalogue (`metric_note.<code>`), with details after a bar: `stages_without_odds|Demo, Trial`.
        Several stand on a line each.
    """

    value: float | None = None
    n: int = 0
    low: float | None = None
    high: float | None = None
    n_missing: int = 0
    n_open: int = 0
    note: str | None = None

    def noted(self, code: str, *, detail: str | None = None) -> "Figure":
        """The same figure with a note."""
        return replace(self, note=note_of(code, detail=detail))


FigureOf = Callable[[pd.DataFrame, MetricInputs], Figure]


def note_of(code: str, *, detail: str | None = None) -> str:
    """Write a note as one text."""
    return f"{code}|{detail}" if detail else code


def notes_of(**notes: str) -> str | None:
    """Write several notes with their details as one text, one a line; those without details are left out.

    Examples
    --------
    >>> notes_of(stages_without_odds="", stages_at_entered_odds="Demo")
    'stages_at_entered_odds|Demo'
    """
    return "\n".join(note_of(code, detail=detail) for code, detail in notes.items() if detail) or None


def total(values: Floats) -> float:
    """Sum that does not depend on the order; nulls are left out.

    Examples
    --------
    >>> total(np.array([0.1] * 10 + [np.nan]))
    1.0
    """
    return math.fsum(values[~np.isnan(values)].tolist())


def column_of(rows: pd.DataFrame, name: str) -> Floats:
    """A column as floats, nulls as NaN."""
    return np.asarray(rows[name].to_numpy(dtype="float64", na_value=np.nan), dtype="float64")


def n_undecided(rows: pd.DataFrame) -> int:
    """Rows that say they are not decided yet."""
    return int(rows["is_undecided"].sum()) if "is_undecided" in rows else 0


def count_rows(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    """How many rows."""
    return Figure(float(len(rows)), len(rows))


def sum_of(column: str) -> FigureOf:
    """Make a figure that adds a column; 0 without rows, null when every row lacks it."""

    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        values = column_of(rows, column)
        n_missing = int(np.isnan(values).sum())
        n = len(values) - n_missing
        if n == 0 and n_missing:
            return Figure(None, 0, n_missing=n_missing, note="all_missing")
        return Figure(total(values), n, n_missing=n_missing)

    return figure


def rate_of(flag: str, *, weight: str | None = None) -> FigureOf:
    """Make a figure for the share of rows whose `flag` is true, by count or by a weight.

    Rows without a flag, without a weight or with a negative one are counted as missing.
    By count the interval is Wilson's; by weight Wilson's with the effective number of rows.
    """

    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        flags = column_of(rows, flag)
        weights = column_of(rows, weight) if weight else np.ones(len(flags))
        usable = ~np.isnan(flags) & (weights >= 0)  # NaN >= 0 is false
        n, n_missing = int(usable.sum()), int((~usable).sum())
        if n == 0:
            return Figure(n_missing=n_missing, note="all_missing" if n_missing else "no_rows")
        share = (
            weighted_share(flags[usable], weights[usable])
            if weight
            else (flags[usable].sum() / n, *wilson(flags[usable].sum(), n))
        )
        if share is None:
            return Figure(None, n, n_missing=n_missing, note="weights_are_zero")
        value, low, high = share
        return Figure(float(value), n, low, high, n_missing, n_undecided(rows[usable]))

    return figure


def mean_of(column: str) -> FigureOf:
    """Make a figure for the mean of a column, with Student's interval from two rows on."""

    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        values, n_missing = _present(rows, column)
        if not len(values):
            return Figure(n_missing=n_missing, note="all_missing" if n_missing else "no_rows")
        low, high = mean_interval(values)
        return Figure(total(values) / len(values), len(values), low, high, n_missing)

    return figure


def median_of(column: str) -> FigureOf:
    """Make a figure for the median of a column, with the interval of the order statistics."""

    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        values, n_missing = _present(rows, column)
        if not len(values):
            return Figure(n_missing=n_missing, note="all_missing" if n_missing else "no_rows")
        low, high = median_interval(values)
        return Figure(float(np.median(values)), len(values), low, high, n_missing)

    return figure


def _present(rows: pd.DataFrame, column: str) -> tuple[Floats, int]:
    values = column_of(rows, column)
    missing = np.isnan(values)
    return values[~missing], int(missing.sum())
