"""How many of the deals are won: of those closed, of those created, and within a number of days."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oppnb.metrics.closed_amounts import value_rate, without_empty_zeros
from oppnb.metrics.figure import rate_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask
from oppnb.metrics.survival import incidence_within

__all__ = ["HORIZONS", "WIN_RATE"]

HORIZONS = (30, 90, 180, 365)
"""Days of the time-boxed variants."""

_CLOSED = {"snapshot": ("outcome", "closed_at")}
_CREATED = {"snapshot": ("outcome", "created_at")}
_AGED = {"snapshot": ("outcome", "created_at", "age_days")}


def _with(needs: Mapping[str, tuple[str, ...]], *columns: str) -> dict[str, tuple[str, ...]]:
    return {name: (*wanted, *columns) for name, wanted in needs.items()}


def _closed(ask: Ask) -> pd.DataFrame:
    return ask.closed_deals("amount_base")


def _closed_by_value(ask: Ask) -> pd.DataFrame:
    return without_empty_zeros(_closed(ask), ask.snapshot)


def _created(ask: Ask) -> pd.DataFrame:
    rows = ask.created_deals("outcome", "amount_base")
    return rows.assign(
        is_won=(rows["outcome"] == "won").astype("float64"), is_undecided=(rows["outcome"] == "open").to_numpy()
    )


def _created_by_value(ask: Ask) -> pd.DataFrame:
    return without_empty_zeros(_created(ask), ask.snapshot)


def _followed(ask: Ask) -> pd.DataFrame:
    rows = ask.take(ask.snapshot, None, "outcome", "age_days")
    end = np.select([rows["outcome"] == "won", rows["outcome"] == "lost"], [1, 2], default=0)
    return rows.assign(end=end)


WIN_RATE = Metric(
    id="win_rate",
    unit="share",
    better="higher",
    source="Wilson 1927 (interval); Aalen & Johansen 1978 (within h days); Kish 1965 (by value)",
    variants=(
        Variant(id="closed", rows=_closed, figure=rate_of("is_won"), needs=_CLOSED),
        Variant(
            id="closed_value",
            rows=_closed_by_value,
            figure=value_rate,
            needs=_with(_CLOSED, "amount_base"),
        ),
        Variant(id="created", rows=_created, figure=rate_of("is_won"), needs=_CREATED),
        Variant(
            id="created_value",
            rows=_created_by_value,
            figure=value_rate,
            needs=_with(_CREATED, "amount_base"),
        ),
        *(
            Variant(
                id=f"within_{days}_days",
                rows=_followed,
                figure=incidence_within("age_days", "end", horizon=days),
                needs=_AGED,
            )
            for days in HORIZONS
        ),
    ),
)
