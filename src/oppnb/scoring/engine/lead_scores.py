"""Scores of deals at every lead bin from tables, some of whose columns change with the lead."""

import numpy as np
import numpy.typing as npt

from oppnb.scoring.engine.leads import N_LEADS
from oppnb.scoring.engine.pairs import TableSum, pair_values

__all__ = ["scores_at_leads", "scores_by_group"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]


def scores_at_leads(tables: TableSum, codes: Codes, leads: Codes) -> Floats:
    """All scores of each deal at each lead.

    Parameters
    ----------
    tables : TableSum
        Over the deal's columns, then those that change with the lead.
    codes : array, shape (n, n_columns)
    leads : array, shape (n, 27, n_lead_columns)

    Returns
    -------
    array, shape (n, 27, n_outputs)
    """
    one_group = np.zeros(codes.shape[1] + leads.shape[2], dtype=np.int64)
    at_all, at_each = _parts(tables, codes, leads, one_group, 1, slice(None))
    found: Floats = at_each[0] + at_all[0][:, None] + tables.intercept
    return found


def scores_by_group(tables: TableSum, codes: Codes, leads: Codes, groups: Ints, n_groups: int) -> Floats:
    """What each group adds to the first score, shape (n, 27, n_groups); the lead by itself is of no group.

    A pair of two groups is split half and half; what a column does at some leads more than at others is the column's.
    """
    at_all, at_each = _parts(tables, codes, leads, groups, n_groups + 1, slice(0, 1))
    return np.moveaxis(at_each[:n_groups, ..., 0] + at_all[:n_groups, :, None, 0], 0, 2)


def _parts(
    tables: TableSum, codes: Codes, leads: Codes, groups: Ints, n_groups: int, outputs: slice
) -> tuple[Floats, Floats]:
    """The same at all leads, shape (n_groups, n, n_outputs); at each, shape (n_groups, n, 27, n_outputs)."""
    n, n_columns = codes.shape
    chosen = tables.output(outputs)
    at_all = np.zeros((n_groups, n, chosen.n_outputs))
    at_each = np.zeros((n_groups, n, N_LEADS, chosen.n_outputs))

    def levels(column: int) -> Codes:
        return codes[:, column] if column < n_columns else leads[..., column - n_columns]

    for column, table in enumerate(chosen.mains):
        if table.any():
            target = at_all if column < n_columns else at_each
            target[groups[column]] += table.take(levels(column), axis=0)
    for (first, second), table in zip(chosen.pairs, chosen.pair_tables, strict=True):
        target = at_all if second < n_columns else at_each
        values = _look_up(table, levels(first), levels(second), is_lead=second == n_columns)
        one, other = _sharing(groups, first, second, lead=n_columns)
        if one == other:
            target[one] += values
        else:
            target[one] += values / 2
            target[other] += values / 2
    return at_all, at_each


def _look_up(table: Floats, first: Codes, second: Codes, *, is_lead: bool) -> Floats:
    if is_lead and first.ndim == 1 and len(second):
        return table[:, second[0]].take(first, axis=0)  # the lead's levels are the same for every deal
    if first.ndim < second.ndim:
        first = first[:, None]
    return pair_values(table, first, second)


def _sharing(groups: Ints, first: int, second: int, *, lead: int) -> tuple[int, int]:
    """Groups that share a pair table; with the lead itself, the other column has it alone."""
    one, other = int(groups[first]), int(groups[second])
    if first == lead:
        return other, other
    if second == lead:
        return one, one
    return one, other
