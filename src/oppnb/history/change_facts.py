"""How the deal's own figures moved: its first amount, its last push."""

import numpy as np
import pandas as pd

from oppnb.history.tally import Days, Tally
from oppnb.history.told_rows import Past

__all__ = ["change_facts"]


def change_facts(rows: pd.DataFrame, past: Past, days: Days) -> pd.DataFrame:
    """`first_amount` (as the history first named it) and `days_since_push` (null if never pushed)."""
    named = past.told.dropna(subset=["amount"]).drop_duplicates("opportunity_id").set_index("opportunity_id")
    first = named[["amount", "from_day"]].reindex(rows["opportunity_id"])
    is_known = first["from_day"].to_numpy(dtype="float64") <= days
    pushed = _pushes(past)
    last = Tally(pushed["opportunity_id"], pushed["from_day"].to_numpy()).last(rows["opportunity_id"], days)
    return pd.DataFrame(
        {
            "first_amount": np.where(is_known, first["amount"].to_numpy(dtype="float64"), np.nan),
            "days_since_push": days - last,
        },
        index=rows.index,
    )


def _pushes(past: Past) -> pd.DataFrame:
    """States in which the expected close is later than in the state before, the deal being open in both."""
    told = past.told.reset_index(drop=True)
    before = told.shift(1)
    is_open = (told["outcome"].fillna("open") == "open") & (before["outcome"].fillna("open") == "open")
    moved = told["expected_close_on"] > before["expected_close_on"]
    same = told["opportunity_id"].eq(before["opportunity_id"])
    return told[is_open & moved & same & (told["from_day"] >= past.counting_day)]
