"""Of the deals that were due in the period when it began, how many did not close in it.

Rules. Due: open on the day before the period, with an expected close in it. Not slipped: won or lost in the period.
Slipped: still open when the period is over or, while it runs, expected after its end or no longer on any day. While
the period runs a deal that is open and still expected in it (or overdue) is undecided and not yet counted as slipped.
A deal that is gone from the snapshot is missing.
"""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import count_rows, rate_of, sum_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask, between, due_in

__all__ = ["SLIPPAGE", "SLIPPED_AMOUNT", "SLIPPED_COUNT"]

_NEEDS = {
    "opening": ("opportunity_id", "outcome", "expected_close_on", "amount_base"),
    "snapshot": ("opportunity_id", "outcome", "expected_close_on", "closed_at"),
}


def _due_at_opening(ask: Ask) -> pd.DataFrame:
    """Deals due at opening with their amount then, `is_slipped` (1, 0, null) and `is_undecided`."""
    opening, now, period = ask.frame("opening"), ask.snapshot, ask.inputs.period
    rows = ask.take(opening, (opening["outcome"] == "open") & due_in(opening, period), "amount_base")
    columns = ["outcome", "expected_close_on", "closed_at"]
    later = now.set_index("opportunity_id")[columns].reindex(rows["opportunity_id"]).set_axis(rows.index)
    is_open = later["outcome"] == "open"
    closed_inside = ~is_open & between(later["closed_at"], *ask.inputs.moments())
    still_expected = later["expected_close_on"] <= pd.Timestamp(period.end)
    undecided = is_open & still_expected & (not ask.inputs.is_over)
    is_slipped = np.where(later["outcome"].isna(), np.nan, (~closed_inside & ~undecided).astype("float64"))
    return rows.assign(is_slipped=is_slipped, is_undecided=undecided)


def _slipped(ask: Ask) -> pd.DataFrame:
    rows = _due_at_opening(ask)
    return rows[rows["is_slipped"] == 1.0]


SLIPPAGE = Metric(
    id="slippage",
    unit="share",
    better="lower",
    source="Due at opening and not closed in the period / due at opening (common practice); Wilson 1927 (interval)",
    variants=(
        Variant(id="count", rows=_due_at_opening, figure=rate_of("is_slipped"), needs=_NEEDS),
        Variant(id="value", rows=_due_at_opening, figure=rate_of("is_slipped", weight="amount_base"), needs=_NEEDS),
    ),
)
SLIPPED_COUNT = Metric(
    id="slipped_count",
    unit="count",
    better="lower",
    variants=(Variant(id="period", rows=_slipped, figure=count_rows, needs=_NEEDS),),
)
SLIPPED_AMOUNT = Metric(
    id="slipped_amount",
    unit="money",
    better="lower",
    variants=(Variant(id="period", rows=_slipped, figure=sum_of("amount_base"), needs=_NEEDS),),
)
