"""Columns that are filled, or not, because of how the deal ended."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import BoolArray, Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.findings import Note

__all__ = ["LEAST_DIFFERENCE", "MOST_CHANCE", "find_outcome_only_columns"]

LEAST_DIFFERENCE = 0.5
MOST_CHANCE = 0.001
_BY_NATURE = ("opportunity_id", "stage", "outcome", "closed_at", "lost_reason", "process")


def find_outcome_only_columns(case: Case) -> Iterator[Breach]:
    """Columns whose share filled tells won from lost, or closed from open, deals.

    A column is named if the shares differ by half or more and Fisher's exact test gives such a difference by chance
    less than once in a thousand, divided by the number of columns tried. In a column of money or numbers, 0 counts as
    not filled. Left out: what belongs to the close by nature (`closed_at`, `outcome`, `lost_reason`).
    """
    if not case.has("opportunities"):
        return
    frame = case.tables["opportunities"]
    outcomes = case.outcomes.to_numpy(dtype=object)
    groups = {name: outcomes == name for name in ("won", "lost", "open")}
    columns = sorted(str(name) for name in frame.columns if name not in _BY_NATURE)
    for column in columns:
        filled = _filled(frame[column])
        shares = {name: float(filled[rows].mean()) if rows.any() else float("nan") for name, rows in groups.items()}
        comparisons = (
            ("column_is_filled_alike_on_won_and_lost", groups["won"], groups["lost"]),
            ("column_is_filled_alike_on_open_and_closed", groups["won"] | groups["lost"], groups["open"]),
        )
        for rule, one, other in comparisons:
            if _differs(filled, one, other, chance=MOST_CHANCE / len(columns)):
                note = Note("audit_filled_by_outcome", {"column": column, **shares})
                asked = one | other
                yield Breach(rule, "opportunities", filled & asked, int(asked.sum()), note, column=column)


def _filled(values: pd.Series) -> BoolArray:
    filled = values.notna().to_numpy()
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        filled = filled & (values.fillna(0) != 0).to_numpy(dtype=bool)
    return filled


def _differs(filled: BoolArray, one: BoolArray, other: BoolArray, *, chance: float) -> bool:
    n_one, n_other = int(one.sum()), int(other.sum())
    if n_one == 0 or n_other == 0:
        return False
    k_one, k_other = int(np.count_nonzero(filled & one)), int(np.count_nonzero(filled & other))
    if abs(k_one / n_one - k_other / n_other) < LEAST_DIFFERENCE:
        return False
    from scipy.stats import fisher_exact

    return float(fisher_exact([[k_one, n_one - k_one], [k_other, n_other - k_other]]).pvalue) < chance
