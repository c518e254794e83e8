"""What came into the pipeline in the period: how many deals, worth how much when they were created."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, column_of, count_rows, sum_of
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["CREATED_AMOUNT", "CREATED_COUNT"]

KNOWN_ENOUGH = 0.5
"""With less than this share of the amounts known, their sum is no amount of what was created."""
_SAME_DAY = pd.Timedelta(days=1)


def _created(ask: Ask) -> pd.DataFrame:
    return ask.created_deals("amount_base")


def _at_creation(ask: Ask) -> pd.DataFrame:
    """Created deals with the amount at the entry of their first stay; it does not shrink as deals close.

    Null where that stay did not begin with the deal: without a history the only stay known is the closed stage,
    entered at the close, and its amount is what the deal was closed for.
    """
    spells = ask.frame("spells")
    is_first = (spells["spell"] == 1) & spells["is_first_stage_known"].astype(bool)
    first = spells[is_first].drop_duplicates("opportunity_id").set_index("opportunity_id")
    rows = ask.created_deals("created_at")
    found = first[["entered_at", "amount_base"]].reindex(rows["opportunity_id"]).set_axis(rows.index)
    began_with_it = found["entered_at"] - rows["created_at"] <= _SAME_DAY
    return rows.assign(amount_base=np.where(began_with_it, column_of(found, "amount_base"), np.nan))


def _known_at_creation(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    """Sum of the amounts known; null where they are fewer than half, for that sum would pass for the whole."""
    found = sum_of("amount_base")(rows, inputs)
    detail = str(found.n_missing)
    if found.n < KNOWN_ENOUGH * len(rows):
        return Figure(None, found.n, n_missing=found.n_missing).noted("amounts_at_creation_unknown", detail=detail)
    return found.noted("amounts_at_creation_left_out", detail=detail) if found.n_missing else found


CREATED_COUNT = Metric(
    id="created_count",
    unit="count",
    better="higher",
    variants=(Variant(id="period", rows=_created, figure=count_rows, needs={"snapshot": ("created_at",)}),),
)
CREATED_AMOUNT = Metric(
    id="created_amount",
    unit="money",
    better="higher",
    variants=(
        Variant(
            id="at_creation",
            rows=_at_creation,
            figure=_known_at_creation,
            needs={
                "snapshot": ("opportunity_id", "created_at"),
                "spells": ("opportunity_id", "spell", "entered_at", "is_first_stage_known", "amount_base"),
            },
        ),
        Variant(
            id="current",
            rows=_created,
            figure=sum_of("amount_base"),
            needs={"snapshot": ("created_at", "amount_base")},
        ),
    ),
)
