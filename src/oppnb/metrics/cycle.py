"""How long it takes from creation to the close."""

import pandas as pd

from oppnb.metrics.figure import mean_of, median_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask
from oppnb.metrics.survival import kaplan_meier_median

__all__ = ["CYCLE_LENGTH"]

_WON = {"snapshot": ("outcome", "closed_at", "age_days")}


def _won(ask: Ask) -> pd.DataFrame:
    rows = ask.closed_deals("age_days", outcome="won")
    return rows.assign(age_days=rows["age_days"].where(rows["age_days"] >= 0))


def _all(ask: Ask) -> pd.DataFrame:
    rows = ask.take(ask.snapshot, None, "outcome", "age_days")
    return rows.assign(is_closed=(rows["outcome"] != "open").to_numpy())


CYCLE_LENGTH = Metric(
    id="cycle_length",
    unit="days",
    better="lower",
    source="Conover 1999 (interval of the median); Kaplan & Meier 1958",
    variants=(
        Variant(id="won_median", rows=_won, figure=median_of("age_days"), needs=_WON),
        Variant(id="won_mean", rows=_won, figure=mean_of("age_days"), needs=_WON),
        Variant(
            id="close_median",
            rows=_all,
            figure=kaplan_meier_median("age_days", "is_closed"),
            needs={"snapshot": ("outcome", "age_days")},
        ),
    ),
)
