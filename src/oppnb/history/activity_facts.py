"""Which way contact went, and with how many people."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from oppnb.history.tally import Days, Tally
from oppnb.history.told_rows import Past
from oppnb.tables import fold

__all__ = ["activity_facts"]

FROM_THE_CUSTOMER = frozenset(
    {"in", "inbound", "incoming", "received", "from customer", "来电", "呼入", "接收", "客户"}
)
IN_PERSON = ("meeting", "visit", "demo", "会议", "拜访", "演示", "面谈")
COLUMNS = (
    "n_activities",
    "n_inbound_last_90_days",
    "n_directed_last_90_days",
    "n_meetings_last_90_days",
    "days_since_last_inbound",
    "n_people_met",
)


def activity_facts(rows: pd.DataFrame, activities: pd.DataFrame | None, past: Past, days: Days) -> pd.DataFrame:
    """Counts of the deal's own activities; null without the table, or without the column that would tell."""
    found = pd.DataFrame(np.nan, index=rows.index, columns=list(COLUMNS))
    if activities is None:
        return found
    of_deals = activities["opportunity_id"].isin(rows["opportunity_id"].unique()) & activities["occurred_at"].notna()
    acts = activities[of_deals].reset_index(drop=True)
    keys, on, ids = acts["opportunity_id"], past.days_of(acts["occurred_at"]), rows["opportunity_id"]
    found["n_activities"] = Tally(keys, on).up_to(ids, days)
    in_person = _says(acts["kind"], lambda text: any(word in text for word in IN_PERSON))
    found["n_meetings_last_90_days"] = Tally(keys[in_person], on[in_person]).within(ids, days, last=90)
    if acts["direction"].notna().any():
        directed, inbound = acts["direction"].notna(), _says(acts["direction"], FROM_THE_CUSTOMER.__contains__)
        found["n_directed_last_90_days"] = Tally(keys[directed], on[directed]).within(ids, days, last=90)
        heard = Tally(keys[inbound], on[inbound])
        found["n_inbound_last_90_days"] = heard.within(ids, days, last=90)
        found["days_since_last_inbound"] = days - heard.last(ids, days)
    if acts["contact_id"].notna().any():
        met = acts.assign(day=on).dropna(subset=["contact_id"])
        met = met.groupby(["opportunity_id", "contact_id"], sort=False)["day"].min().reset_index()
        found["n_people_met"] = Tally(met["opportunity_id"], met["day"].to_numpy()).up_to(ids, days)
    return found


def _says(texts: pd.Series, is_meant: Callable[[str], bool]) -> pd.Series:
    meant = [text for text in texts.dropna().unique() if is_meant(fold(text))]
    return texts.isin(meant)
