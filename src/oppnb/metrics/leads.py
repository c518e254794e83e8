"""How many leads become opportunities, and how long that takes."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import mean_of, rate_of
from oppnb.metrics.inputs import cutoff_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask, between
from oppnb.metrics.survival import incidence_within, kaplan_meier_median

__all__ = ["LEAD_CONVERSION", "LEAD_DAYS"]

_NEEDS = {"leads": ("lead_id", "created_at", "converted_at")}


def _known(ask: Ask) -> pd.DataFrame:
    """Leads known on the day, with `is_converted`, `days` so far, and `end` (0 still open, 1 converted)."""
    # By deal only converted leads could be told apart: slices must be columns of the leads themselves.
    leads = ask.frame("leads").drop(columns="opportunity_id", errors="ignore")
    now = cutoff_of(ask.inputs.as_of, time_zone=ask.inputs.time_zone)
    rows = ask.take(leads, leads["created_at"] < now, "lead_id", "created_at", "converted_at")
    is_converted = (rows["converted_at"] < now).to_numpy(dtype=bool)
    until = rows["converted_at"].where(is_converted, now)
    days = (until - rows["created_at"]).dt.total_seconds() / 86_400
    return rows.assign(
        is_converted=is_converted.astype("float64"),
        is_undecided=~is_converted,
        days=days,
        end=is_converted.astype("int64"),
    )


def _cohort(ask: Ask) -> pd.DataFrame:
    rows = _known(ask)
    return rows[between(rows["created_at"], *ask.inputs.moments())]


def _converted_in_period(ask: Ask) -> pd.DataFrame:
    rows = _known(ask)
    rows = rows[between(rows["converted_at"], *ask.inputs.moments())]
    return rows.assign(days=np.where(rows["days"] >= 0, rows["days"], np.nan))


LEAD_CONVERSION = Metric(
    id="lead_conversion",
    unit="share",
    better="higher",
    source="Wilson 1927 (interval); Kaplan & Meier 1958 (within 30 days)",
    variants=(
        Variant(id="cohort", rows=_cohort, figure=rate_of("is_converted"), needs=_NEEDS),
        Variant(id="within_30_days", rows=_known, figure=incidence_within("days", "end", horizon=30), needs=_NEEDS),
    ),
)
LEAD_DAYS = Metric(
    id="lead_days",
    unit="days",
    better="lower",
    source="Kaplan & Meier 1958; Brookmeyer & Crowley 1982 (interval)",
    variants=(
        Variant(id="mean_converted", rows=_converted_in_period, figure=mean_of("days"), needs=_NEEDS),
        Variant(id="median", rows=_known, figure=kaplan_meier_median("days", "end"), needs=_NEEDS),
    ),
)
