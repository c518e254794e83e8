"""The columns of rows as levels: which features carry anything, and the level of each value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.engine.bins import MAX_BINS, ColumnBins, bins_of_numbers, bins_of_texts
from oppnb.scoring.engine.windows import features_with_full_windows
from oppnb.scoring.rows import ScoringRows

__all__ = ["RowBins", "group_indices", "level_masses", "positions_by_target"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

_TARGET_WEIGHT = 10.0
"""Deals of the average with which a text's win share is mixed before texts are ordered by it."""


@dataclass(frozen=True)
class RowBins:
    """The levels of every feature that takes at least two.

    Attributes
    ----------
    columns : tuple of ColumnBins
        In the order of the rows' features; then `process`, where deals are of several and no feature says it.
    """

    columns: tuple[ColumnBins, ...]

    @classmethod
    def of(cls, rows: ScoringRows, *, weight: Floats, max_bins: int = MAX_BINS, least_deals: float = 5.0) -> "RowBins":
        """Look at the values of training rows.

        Parameters
        ----------
        rows : ScoringRows
        weight : array, shape (n,)
            1 / rows of the deal, so that bins hold equally many deals.
        least_deals : float
            A text of fewer deals is taken together with the other rare ones.
        """
        found = [
            bins_of_numbers(feature.name, feature.group, rows.values[feature.name], weight=weight, max_bins=max_bins)
            if feature.kind == "number"
            else _texts(feature.name, feature.group, rows.values[feature.name], weight, max_bins, least_deals)
            for feature in features_with_full_windows(rows)
        ]
        if "process" not in rows.values.columns:
            found.append(_texts("process", "stage", rows.keys["process"], weight, max_bins, least_deals))
        table = _values(rows)
        return cls(tuple(column for column in found if len(np.unique(column.codes(table[column.name]))) > 1))

    def codes(self, rows: ScoringRows) -> Codes:
        """Level of each value, shape (n, n_columns)."""
        table = _values(rows)
        codes = np.empty((len(rows), len(self.columns)), dtype=np.uint8, order="F")
        for place, column in enumerate(self.columns):
            # a column that this export lacks is one that is not known
            codes[:, place] = column.codes(table[column.name]) if column.name in table else 0
        return codes


def _texts(name: str, group: str, values: pd.Series, weight: Floats, max_bins: int, least_deals: float) -> ColumnBins:
    return bins_of_texts(name, group, values, weight=weight, max_bins=max_bins, min_weight=least_deals)


def _values(rows: ScoringRows) -> dict[str, pd.Series]:
    return {"process": rows.keys["process"], **{str(name): rows.values[name] for name in rows.values.columns}}


def group_indices(columns: Sequence[ColumnBins], groups: Sequence[str]) -> npt.NDArray[np.int64]:
    """Place of each column's group among `groups`."""
    return np.array([list(groups).index(column.group) for column in columns], dtype=np.int64)


def positions_by_target(columns: Sequence[ColumnBins], codes: Codes, target: Floats, weight: Floats) -> list[Floats]:
    """Where levels stand on a line: numbers by size, texts by their share of the target; NaN for "not known".

    Parameters
    ----------
    codes : array, shape (n, n_columns)
    target : array, shape (n,)
        1 or 0.
    weight : array, shape (n,)

    Returns
    -------
    list of arrays, shape (n_levels,)
    """
    share = float(np.average(target, weights=weight)) if weight.sum() > 0 else 0.5
    found = []
    for place, column in enumerate(columns):
        levels = np.arange(column.n_levels, dtype="float64")
        if not column.is_number:
            mass = np.bincount(codes[:, place], weights=weight, minlength=column.n_levels)
            hits = np.bincount(codes[:, place], weights=weight * target, minlength=column.n_levels)
            rate = (hits + _TARGET_WEIGHT * share) / (mass + _TARGET_WEIGHT)
            levels[1:] = 1 + np.argsort(np.argsort(rate[1:], kind="stable"), kind="stable")
        levels[0] = np.nan
        found.append(levels)
    return found


def level_masses(columns: Sequence[ColumnBins], codes: Codes, weight: Floats) -> list[Floats]:
    """Weight of each level of each column; NaN for one without order that was never seen ("not known", other texts)."""
    found = []
    for place, column in enumerate(columns):
        mass = np.bincount(codes[:, place], weights=weight, minlength=column.n_levels).astype("float64")
        has_order = np.arange(column.n_levels) > 0 if column.is_number else np.zeros(column.n_levels, dtype=bool)
        found.append(np.where((mass == 0) & ~has_order, np.nan, mass))
    return found
