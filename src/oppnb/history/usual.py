"""What was usual in the year before a day: how long deals stayed in a stage, how large they were."""

import numpy as np
import pandas as pd

from oppnb.history.tally import NEVER, Days, quantiles_then
from oppnb.history.told_rows import Past

__all__ = ["AT_LEAST", "usual_amount", "usual_days_in_stage"]

AT_LEAST = 10
"""Deals below which nothing is usual."""
_WINDOW_DAYS = 365
_STAGE = ["process", "stage"]


def usual_days_in_stage(rows: pd.DataFrame, past: Past, closed: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Days within which three of four deals had left the stage, of those that left it in the year before."""
    wanted = rows[_STAGE].assign(day=days).reset_index(drop=True)
    stays = _left_stages(past, closed)
    found = quantiles_then(stays, wanted, by=_STAGE, share=0.75, window_days=_WINDOW_DAYS, at_least=AT_LEAST)
    return pd.DataFrame({"usual_days_in_stage": found}, index=rows.index)


def _left_stages(past: Past, closed: pd.DataFrame) -> pd.DataFrame:
    told = past.told.dropna(subset=["stage"])
    deal, stage = (told[name].to_numpy(dtype=object) for name in ("opportunity_id", "stage"))
    begins = np.ones(len(told), dtype=bool)
    begins[1:] = (deal[1:] != deal[:-1]) | (stage[1:] != stage[:-1])
    stays = told[begins].reset_index(drop=True)
    follows = stays["opportunity_id"].eq(stays["opportunity_id"].shift(-1))
    left_at, left_day = stays["changed_at"].shift(-1).where(follows), stays["from_day"].shift(-1).where(follows)
    ended = _ended_by_export(stays[~follows], closed)
    stays = stays.assign(
        value=(left_at - stays["changed_at"]).dt.total_seconds() / 86_400.0,
        day=left_day.fillna(NEVER).astype("int64"),
        to_day=NEVER,
    )
    stays = stays[follows & (stays["outcome"] == "open")]
    kept = ["opportunity_id", *_STAGE, "value", "day", "to_day"]
    found = pd.concat([stays[kept].assign(from_day=stays["day"]), ended[[*kept, "from_day"]]], ignore_index=True)
    deal_process = past.deals.set_index("opportunity_id")["process"]
    return found.assign(process=deal_process.reindex(found["opportunity_id"]).to_numpy())


def _ended_by_export(last: pd.DataFrame, closed: pd.DataFrame) -> pd.DataFrame:
    """Last stays in an open stage that a close ended of which the history says nothing."""
    last = last.loc[last["outcome"] == "open", ["opportunity_id", *_STAGE, "changed_at"]]
    both = last.merge(
        closed[["opportunity_id", "closed_at", "day", "from_day", "to_day"]].dropna(), on="opportunity_id"
    )
    both = both[both["closed_at"] >= both["changed_at"]]
    return both.assign(value=(both["closed_at"] - both["changed_at"]).dt.total_seconds() / 86_400.0)


def usual_amount(rows: pd.DataFrame, closed: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Median amount (base currency) of the deals of the process that were won or lost in the year before."""
    priced = closed[closed["amount_base"] > 0].rename(columns={"amount_base": "value"})
    wanted = rows[["process"]].assign(day=days).reset_index(drop=True)
    found = quantiles_then(priced, wanted, by=["process"], share=0.5, window_days=_WINDOW_DAYS, at_least=AT_LEAST)
    return pd.DataFrame({"usual_amount": found}, index=rows.index)
