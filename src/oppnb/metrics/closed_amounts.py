"""What the amounts of closed deals tell: many a CRM writes 0 when a deal is lost, and that 0 is no amount.

A deal that was lost for 40,000 and stands at 0 would make the win rate by value 100 % and the lost amount nothing.
"""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, column_of, rate_of, sum_of
from oppnb.metrics.inputs import MetricInputs

__all__ = ["NEARLY_ALL", "sum_of_lost", "value_rate", "without_empty_zeros"]

NEARLY_ALL = 0.9
"""From this share of zeros and gaps on, a 0 of such deals says nothing."""
KNOWN_ENOUGH = 0.5
"""With less than this share of the won or of the lost amounts known, a rate by value says nothing."""
_ENDS = ("won", "lost")


def without_empty_zeros(rows: pd.DataFrame, snapshot: pd.DataFrame) -> pd.DataFrame:
    """Rows with `amount_base` null where it is a 0 that says nothing.

    A 0 of lost deals says nothing if nearly all lost deals of the whole snapshot have 0 or no amount while won ones
    have amounts, and the other way round. The whole snapshot decides, so that every slice and period is told alike.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost", "open"], "amount_base": [5.0, 0.0, 0.0]})
    >>> without_empty_zeros(deals, deals)["amount_base"].tolist()
    [5.0, nan, 0.0]
    """
    empty = _ends_with_empty_zeros(snapshot)
    amounts = column_of(rows, "amount_base")
    says_nothing = rows["outcome"].isin(empty).to_numpy() & (amounts == 0)
    return rows.assign(amount_base=np.where(says_nothing, np.nan, amounts))


def _ends_with_empty_zeros(snapshot: pd.DataFrame) -> list[str]:
    amounts = np.nan_to_num(column_of(snapshot, "amount_base"))
    shares = {end: amounts[(snapshot["outcome"] == end).to_numpy(dtype=bool, na_value=False)] == 0 for end in _ENDS}
    is_empty = {end: len(zeros) > 0 and float(zeros.mean()) >= NEARLY_ALL for end, zeros in shares.items()}
    has_amounts = {end: len(zeros) > 0 and not is_empty[end] for end, zeros in shares.items()}
    return [end for end, other in zip(_ENDS, reversed(_ENDS), strict=True) if is_empty[end] and has_amounts[other]]


def value_rate(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    """Share of the amount that was won; null where most of the won or most of the lost deals have no known amount."""
    found = rate_of("is_won", weight="amount_base")(rows, inputs)
    for end in _ENDS:
        of_end = column_of(rows[rows["outcome"] == end], "amount_base")
        if len(of_end) and float((of_end >= 0).mean()) < KNOWN_ENOUGH:  # NaN >= 0 is false
            return Figure(None, found.n, n_missing=found.n_missing, note=f"{end}_amounts_unknown")
    return found


def sum_of_lost(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    """Sum of the known amounts; null where none is known, and a note where most are not."""
    found = sum_of("amount_base")(rows, inputs)
    return found.noted("lost_amounts_unknown") if found.n < KNOWN_ENOUGH * len(rows) else found
