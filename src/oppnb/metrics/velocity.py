"""Sales velocity: what the pipeline earns a day at the present win rate, deal size and cycle."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, column_of, total
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask, stack

__all__ = ["VELOCITY"]

_CLOSED = ("outcome", "closed_at", "age_days", "amount_base")


def _stock(ask: Ask) -> pd.DataFrame:
    return stack(volume=ask.open_deals("amount_base"), closed=ask.closed_deals("age_days"))


def _flow(ask: Ask) -> pd.DataFrame:
    return stack(volume=ask.created_deals("amount_base"), closed=ask.closed_deals("age_days"))


def _velocity(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    """Number x mean value is their sum; times win rate, over the mean days of won deals."""
    amounts = column_of(rows[rows["part"] == "volume"], "amount_base")
    closed = rows[rows["part"] == "closed"]
    won = closed[closed["is_won"] == 1.0]
    days = column_of(won, "age_days")
    days = days[days >= 0]
    n_missing = int(np.isnan(amounts).sum())
    n = len(amounts) - n_missing
    if not len(days) or total(days) == 0:
        return Figure(None, n, n_missing=n_missing, note="no_won")
    if n == 0 and n_missing:
        return Figure(n_missing=n_missing, note="all_missing")
    win_rate, cycle = len(won) / len(closed), total(days) / len(days)
    return Figure(total(amounts) * win_rate / cycle, n, n_missing=n_missing)


VELOCITY = Metric(
    id="velocity",
    unit="money_per_day",
    better="higher",
    source="Number of deals x mean value x win rate / cycle length (common practice; stock and flow are both in use)",
    variants=(
        Variant(id="stock", rows=_stock, figure=_velocity, needs={"snapshot": _CLOSED}),
        Variant(id="flow", rows=_flow, figure=_velocity, needs={"snapshot": (*_CLOSED, "created_at")}),
    ),
)
