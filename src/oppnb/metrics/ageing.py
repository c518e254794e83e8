"""How old the open deals are, how many stay too long in their stage, and how many are overdue."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import column_of, median_of, rate_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["OPEN_AGE", "OVERDUE", "OVER_LIMIT"]

_DUE = {"snapshot": ("outcome", "expected_close_on")}
_LIMIT = {
    "snapshot": ("outcome", "process", "stage", "days_in_stage"),
    "stage_rows": ("process", "stage", "time_limit_days"),
}


def _open(ask: Ask) -> pd.DataFrame:
    return ask.open_deals("age_days")


def _against_limit(ask: Ask) -> pd.DataFrame:
    """Open deals with `is_over_limit`; null where the stage has no limit or the days in it are not known."""
    rows = ask.open_deals("process", "stage", "days_in_stage", "amount_base")
    stages = ask.frame("stage_rows").drop_duplicates(["process", "stage"])
    limit = pd.Series(
        column_of(stages, "time_limit_days"), index=pd.MultiIndex.from_frame(stages[["process", "stage"]])
    )
    allowed = limit.reindex(pd.MultiIndex.from_frame(rows[["process", "stage"]])).to_numpy()
    days = column_of(rows, "days_in_stage")
    return rows.assign(is_over_limit=np.where(np.isnan(days) | np.isnan(allowed), np.nan, days > allowed))


def _against_won(ask: Ask) -> pd.DataFrame:
    """Open deals with `is_old`: older than three quarters of all won deals were at their close."""
    rows = ask.open_deals("age_days")
    won = column_of(ask.snapshot[ask.snapshot["outcome"] == "won"], "age_days")
    won = won[won >= 0]
    limit = np.quantile(won, 0.75) if len(won) else np.nan
    age = column_of(rows, "age_days")
    return rows.assign(is_old=np.where(np.isnan(age) | np.isnan(limit), np.nan, age > limit))


def _against_today(ask: Ask) -> pd.DataFrame:
    rows = ask.open_deals("expected_close_on", "amount_base")
    day = rows["expected_close_on"]
    late = (day < pd.Timestamp(ask.inputs.as_of)).astype("float64")
    return rows.assign(is_overdue=late.where(day.notna()))


OPEN_AGE = Metric(
    id="open_age",
    unit="days",
    better="lower",
    source="Conover 1999 (interval of the median)",
    variants=(
        Variant(id="median", rows=_open, figure=median_of("age_days"), needs={"snapshot": ("outcome", "age_days")}),
    ),
)
OVER_LIMIT = Metric(
    id="over_limit",
    unit="share",
    better="lower",
    source="Wilson 1927 (interval)",
    variants=(
        Variant(id="stage_limit", rows=_against_limit, figure=rate_of("is_over_limit"), needs=_LIMIT),
        Variant(
            id="won_three_quarters",
            rows=_against_won,
            figure=rate_of("is_old"),
            needs={"snapshot": ("outcome", "age_days")},
        ),
    ),
)
OVERDUE = Metric(
    id="overdue",
    unit="share",
    better="lower",
    source="Wilson 1927 (interval); Kish 1965 (by value)",
    variants=(
        Variant(id="count", rows=_against_today, figure=rate_of("is_overdue"), needs=_DUE),
        Variant(
            id="value",
            rows=_against_today,
            figure=rate_of("is_overdue", weight="amount_base"),
            needs={"snapshot": (*_DUE["snapshot"], "amount_base")},
        ),
    ),
)
