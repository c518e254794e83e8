"""What came into the pipeline in the period: how many deals, worth how much when they were created."""

import pandas as pd

from oppnb.metrics.figure import column_of, count_rows, sum_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["CREATED_AMOUNT", "CREATED_COUNT"]


def _created(ask: Ask) -> pd.DataFrame:
    return ask.created_deals("amount_base")


def _at_creation(ask: Ask) -> pd.DataFrame:
    """Created deals with the amount at the entry of their first known stay; it does not shrink as deals close."""
    spells = ask.frame("spells")
    first = spells[spells["spell"] == 1].drop_duplicates("opportunity_id")
    amount = pd.Series(column_of(first, "amount_base"), index=first["opportunity_id"])
    rows = ask.created_deals()
    return rows.assign(amount_base=amount.reindex(rows["opportunity_id"]).to_numpy())


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
            figure=sum_of("amount_base"),
            needs={
                "snapshot": ("opportunity_id", "created_at"),
                "spells": ("opportunity_id", "spell", "amount_base"),
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
