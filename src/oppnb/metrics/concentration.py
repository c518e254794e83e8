"""How much of the open amount hangs on a few deals."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, Floats, column_of, total
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["CONCENTRATION"]

_NEEDS = {"snapshot": ("outcome", "amount_base")}


def _open(ask: Ask) -> pd.DataFrame:
    return ask.open_deals("amount_base")


def _shares(rows: pd.DataFrame) -> tuple[Floats | None, int, int]:
    """Shares of the amount, the largest first; amounts that are missing or negative are left out and counted."""
    amounts = column_of(rows, "amount_base")
    amounts = np.sort(amounts[amounts >= 0])[::-1]
    n, whole = len(amounts), total(amounts)
    return (amounts / whole if whole > 0 else None), n, len(rows) - n


def _why_not(n: int, n_missing: int) -> str:
    return "weights_are_zero" if n else "all_missing" if n_missing else "no_rows"


def _top(rows: pd.DataFrame, *, count: int) -> Figure:
    shares, n, n_missing = _shares(rows)
    if shares is None:
        return Figure(None, n, n_missing=n_missing, note=_why_not(n, n_missing))
    return Figure(min(total(shares[:count]), 1.0), n, n_missing=n_missing)


def _top_1(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    return _top(rows, count=1)


def _top_5(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    return _top(rows, count=5)


def _hhi(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    shares, n, n_missing = _shares(rows)
    if shares is None:
        return Figure(None, n, n_missing=n_missing, note=_why_not(n, n_missing))
    return Figure(min(total(shares**2), 1.0), n, n_missing=n_missing)


CONCENTRATION = Metric(
    id="concentration",
    unit="share",
    better="lower",
    source="Herfindahl 1950; Hirschman 1945 (HHI)",
    variants=(
        Variant(id="top_1", rows=_open, figure=_top_1, needs=_NEEDS),
        Variant(id="top_5", rows=_open, figure=_top_5, needs=_NEEDS),
        Variant(id="hhi", rows=_open, figure=_hhi, needs=_NEEDS),
    ),
)
