"""How the open deals spread over their owners."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, Floats
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.linearity import gini
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["DEALS_PER_OWNER"]

_NEEDS = {"snapshot": ("outcome", "owner_id")}


def _open(ask: Ask) -> pd.DataFrame:
    return ask.open_deals("owner_id")


def _loads(rows: pd.DataFrame) -> tuple[Floats, int]:
    """Open deals of each owner who has any, and the deals that nobody owns."""
    counts = rows["owner_id"].dropna().value_counts(sort=False)
    return np.sort(counts.to_numpy(dtype="float64")), int(rows["owner_id"].isna().sum())


def _mean(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    loads, n_missing = _loads(rows)
    if not len(loads):
        return Figure(n_missing=n_missing, note="no_rows")
    return Figure(float(loads.sum() / len(loads)), len(loads), n_missing=n_missing)


def _largest(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    loads, n_missing = _loads(rows)
    if not len(loads):
        return Figure(n_missing=n_missing, note="no_rows")
    return Figure(float(loads[-1]), len(loads), n_missing=n_missing)


def _spread(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    loads, n_missing = _loads(rows)
    if not len(loads):
        return Figure(n_missing=n_missing, note="no_rows")
    return Figure(gini(loads), len(loads), n_missing=n_missing)


DEALS_PER_OWNER = Metric(
    id="deals_per_owner",
    unit="ratio",
    better="none",
    source="Gini 1912 (spread)",
    variants=(
        Variant(id="mean", rows=_open, figure=_mean, needs=_NEEDS),
        Variant(id="largest", rows=_open, figure=_largest, needs=_NEEDS, unit="count"),
        Variant(id="spread", rows=_open, figure=_spread, needs=_NEEDS, better="lower"),
    ),
)
