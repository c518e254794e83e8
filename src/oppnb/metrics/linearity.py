"""Whether the amount won spreads over the quarter or piles up at its end."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, Floats, column_of, total
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask
from oppnb.periods import period_of

__all__ = ["LINEARITY", "gini"]

_NEEDS = {"snapshot": ("outcome", "closed_at", "amount_base")}
_N_WEEKS = 13


def _won(ask: Ask) -> pd.DataFrame:
    """Deals won in the period with `week` (0-12; the days after the thirteenth week belong to it)."""
    rows = ask.closed_deals("closed_at", "amount_base", outcome="won")
    start, _ = ask.inputs.moments()
    week = ((rows["closed_at"] - start) // pd.Timedelta(days=7)).clip(upper=_N_WEEKS - 1)
    last = period_of(ask.inputs.period.end, kind="month")
    from_there, _ = ask.inputs.moments(last)
    return rows.assign(week=week.astype("int64"), is_last_month=(rows["closed_at"] >= from_there).to_numpy())


def _usable(rows: pd.DataFrame) -> tuple[pd.DataFrame, Floats, int]:
    amount = column_of(rows, "amount_base")
    usable = amount >= 0
    return rows[usable], amount[usable], int((~usable).sum())


def _figure(value: float | None, n: int, n_missing: int, inputs: MetricInputs) -> Figure:
    if value is None:
        return Figure(None, n, n_missing=n_missing, note="no_won")
    return Figure(value, n, n_missing=n_missing, note=None if inputs.is_over else "period_not_over")


def _last_month(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    if inputs.period.kind != "quarter":
        return Figure(note="quarters_only")
    rows, amount, n_missing = _usable(rows)
    whole = total(amount)
    value = total(amount[rows["is_last_month"].to_numpy(dtype=bool)]) / whole if whole > 0 else None
    return _figure(value, len(rows), n_missing, inputs)


def gini(values: Floats) -> float | None:
    """Gini coefficient of amounts: 0 if all are equal, towards 1 if one has everything; None if they add to zero.

    Parameters
    ----------
    values : array of float, shape (n,)
        Amounts >= 0.

    References
    ----------
    .. [1] C. Gini, Variabilità e mutabilità, 1912; computed from the sorted values.

    Examples
    --------
    >>> gini(np.array([1.0, 1.0, 1.0, 1.0])), gini(np.array([0.0, 0.0, 0.0, 1.0]))
    (0.0, 0.75)
    """
    n, whole = len(values), total(values)
    if whole <= 0:
        return None
    ranks = np.arange(1, n + 1, dtype="float64")
    return max(total((2 * ranks - n - 1) * np.sort(values)) / (n * whole), 0.0)


def _gini_of_weeks(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    if inputs.period.kind != "quarter":
        return Figure(note="quarters_only")
    rows, amount, n_missing = _usable(rows)
    weeks = rows["week"].to_numpy()
    value = gini(np.array([total(amount[weeks == week]) for week in range(_N_WEEKS)]))
    return _figure(value, len(rows), n_missing, inputs)


LINEARITY = Metric(
    id="linearity",
    unit="share",
    better="lower",
    source="Share of the third month (common practice); Gini 1912",
    variants=(
        Variant(id="last_month", rows=_won, figure=_last_month, needs=_NEEDS),
        Variant(id="gini", rows=_won, figure=_gini_of_weeks, needs=_NEEDS, unit="ratio"),
    ),
)
