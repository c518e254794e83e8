"""How often the expected close of open deals was moved later."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import column_of, mean_of, rate_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["DAYS_PUSHED", "PUSHES", "PUSH_RATE"]

_NEEDS = {"snapshot": ("outcome", "n_pushes")}


def _pushed(ask: Ask) -> pd.DataFrame:
    rows = ask.open_deals("n_pushes")
    count = column_of(rows, "n_pushes")
    missing = np.isnan(count)
    return rows.assign(
        was_pushed=np.where(missing, np.nan, count >= 1), was_pushed_often=np.where(missing, np.nan, count >= 3)
    )


def _pushed_in_period(ask: Ask) -> pd.DataFrame:
    """Deals open at opening with a day then, and whether a later day (or the close) came of it."""
    opening = ask.frame("opening")
    rows = ask.take(opening, opening["outcome"] == "open", "expected_close_on")
    now = ask.snapshot.set_index("opportunity_id")[["outcome", "expected_close_on"]]
    later = now.reindex(rows["opportunity_id"]).set_axis(rows.index)
    is_known = (later["outcome"] == "open") & later["expected_close_on"].notna() & rows["expected_close_on"].notna()
    moved = (later["expected_close_on"] > rows["expected_close_on"]).astype("float64")
    # A closed deal no longer says what was expected of it; it was not pushed out of reach either.
    is_closed = later["outcome"].isin(["won", "lost"])
    return rows.assign(was_pushed=np.select([is_closed, is_known], [0.0, moved], default=np.nan))


def _days(ask: Ask) -> pd.DataFrame:
    """Deals pushed, or not known to be: those have no days, and are counted as missing."""
    rows = ask.open_deals("days_pushed", "n_pushes")
    count = column_of(rows, "n_pushes")
    days = np.where(np.isnan(count), np.nan, column_of(rows, "days_pushed"))
    return rows.assign(days_pushed=days)[pd.Series(count != 0, index=rows.index)]


PUSH_RATE = Metric(
    id="push_rate",
    unit="share",
    better="lower",
    source="Wilson 1927 (interval)",
    variants=(
        Variant(id="ever", rows=_pushed, figure=rate_of("was_pushed"), needs=_NEEDS),
        Variant(id="three_times", rows=_pushed, figure=rate_of("was_pushed_often"), needs=_NEEDS),
        Variant(
            id="in_period",
            rows=_pushed_in_period,
            figure=rate_of("was_pushed"),
            needs={
                "opening": ("opportunity_id", "outcome", "expected_close_on"),
                "snapshot": ("opportunity_id", "outcome", "expected_close_on"),
            },
        ),
    ),
)
PUSHES = Metric(
    id="pushes",
    unit="ratio",
    better="lower",
    variants=(Variant(id="mean", rows=_pushed, figure=mean_of("n_pushes"), needs=_NEEDS),),
)
DAYS_PUSHED = Metric(
    id="days_pushed",
    unit="days",
    better="lower",
    variants=(
        Variant(
            id="mean_of_pushed",
            rows=_days,
            figure=mean_of("days_pushed"),
            needs={"snapshot": ("outcome", "n_pushes", "days_pushed")},
        ),
    ),
)
