"""Every close of a deal with the days on which it stood: a loss that was taken back later stood until then."""

import numpy as np
import pandas as pd

from oppnb.history.rates import with_base_amounts
from oppnb.history.tally import NEVER, Days, Spans
from oppnb.history.told_rows import Past

__all__ = ["closings", "open_deals", "owned_spans"]

_OF_DEAL = ["account_id", "process", "currency"]
_COLUMNS = ["opportunity_id", "outcome", "closed_at", "owner_id", "amount", "day", "from_day", "to_day"]


def closings(past: Past) -> pd.DataFrame:
    """One row a close, of deals that the history closes and of those that only the export does.

    Returns
    -------
    DataFrame
        `opportunity_id`, `outcome` (won, lost), `closed_at`, `owner_id` and `amount` (as known at the close; the
        export's where the history had not begun to name them), `account_id`, `process`, `currency`, `amount_base`,
        `day` (of the close), `from_day`, `to_day` (numbers of the days on which it was known to stand).
    """
    found = pd.concat([_told_closings(past), _exported_closings(past)], ignore_index=True)
    found = found.merge(past.deals[["opportunity_id", *_OF_DEAL]], on="opportunity_id", how="left")
    found = found.sort_values(["from_day", "opportunity_id"], ignore_index=True)
    found["as_of"] = pd.Series(found["closed_at"].dt.normalize(), dtype="datetime64[us]")
    return with_base_amounts(found, past.rates, past.workspace).drop(columns=["as_of", "rate_to_base"])


def _told_closings(past: Past) -> pd.DataFrame:
    rows = past.told[["opportunity_id", "outcome", "changed_at", "owner_id", "amount", "from_day"]]
    rows = rows.dropna(subset=["outcome"])
    deal, outcome = (rows[name].to_numpy(dtype=object) for name in ("opportunity_id", "outcome"))
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (deal[1:] != deal[:-1]) | (outcome[1:] != outcome[:-1])
    runs = rows[begins].reset_index(drop=True)
    deal, from_day = runs["opportunity_id"].to_numpy(dtype=object), runs["from_day"].to_numpy()
    is_last = np.append(deal[1:] != deal[:-1], True)[: len(runs)]
    runs["to_day"] = np.where(is_last, NEVER, np.append(from_day[1:], NEVER)[: len(runs)])
    found = runs[runs["outcome"] != "open"].rename(columns={"changed_at": "closed_at"})
    exported = past.deals.set_index("opportunity_id")[["owner_id", "amount"]].reindex(found["opportunity_id"])
    for name in ("owner_id", "amount"):
        first_at = past.coverage.first_at.get(name)
        untold = pd.Series(True, index=found.index) if first_at is None else found["closed_at"] < first_at
        found[name] = found[name].fillna(exported[name].set_axis(found.index).where(untold))
    return found.assign(day=found["from_day"])[_COLUMNS]


def _exported_closings(past: Past) -> pd.DataFrame:
    """Closes that only the export tells, of deals whose history does not contradict them (as `told_on_days` has it)."""
    deals = past.deals[(past.deals["exported_outcome"] != "open") & past.deals["closed_at"].notna()]
    day = past.days_of(deals["closed_at"])
    contradicted = _first_later_stage(past, deals)
    tracked = NEVER if past.coverage.closings_at is None else int(_day_of(past, past.coverage.closings_at))
    early_end = np.minimum(np.minimum(contradicted, tracked), NEVER)
    late_start = np.maximum(day, past.export_day)
    frame = deals.rename(columns={"exported_outcome": "outcome"}).assign(day=day)
    existed = np.where(deals["first_day"] >= NEVER, past.export_day, deals["first_day"])
    early = frame.assign(from_day=np.maximum(day, existed), to_day=early_end)
    # on the export's own day it is taken whether closings are tracked or not; unless the history says otherwise
    stays = _ends_open(past, deals) & ~_is_contradicted_at_the_end(past, deals, contradicted)
    early_covers = (early_end >= NEVER) | ~stays
    late = frame.assign(from_day=np.maximum(late_start, np.where(early_end > day, early_end, existed)), to_day=NEVER)
    both = pd.concat([early, late[~early_covers]], ignore_index=True)
    both = both[both["from_day"] < both["to_day"]]
    both["to_day"] = np.minimum(both["to_day"], _closed_by_history_from(past, both))
    both = both.loc[both["from_day"] < both["to_day"], _COLUMNS]
    return pd.concat([both, _undated_closings(past)], ignore_index=True)


def _undated_closings(past: Past) -> pd.DataFrame:
    """Closes without a date: known from the day of the export on, and in no window of days."""
    deals = past.deals[(past.deals["exported_outcome"] != "open") & past.deals["closed_at"].isna()]
    deals = deals[_ends_open(past, deals)].rename(columns={"exported_outcome": "outcome"})
    return deals.assign(day=-NEVER, from_day=past.export_day, to_day=NEVER)[_COLUMNS]


def _day_of(past: Past, moment: pd.Timestamp) -> int:
    return int(past.days_of(pd.Series([moment], dtype="datetime64[us]"))[0])


def _stage_changes(past: Past) -> pd.DataFrame:
    rows = past.told.dropna(subset=["stage"])
    deal, stage = (rows[name].to_numpy(dtype=object) for name in ("opportunity_id", "stage"))
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (deal[1:] != deal[:-1]) | (stage[1:] != stage[:-1])
    return rows[begins]


def _first_later_stage(past: Past, deals: pd.DataFrame) -> Days:
    """Day from which the history names a stage that was entered after the exported close."""
    closed = deals.set_index("opportunity_id")["closed_at"]
    rows = _stage_changes(past)
    rows = rows[rows["changed_at"].to_numpy() > closed.reindex(rows["opportunity_id"]).to_numpy()]
    first = rows.groupby("opportunity_id", sort=False)["from_day"].min()
    return first.reindex(deals["opportunity_id"]).fillna(NEVER).to_numpy(dtype="int64")


def _is_contradicted_at_the_end(past: Past, deals: pd.DataFrame, contradicted: Days) -> pd.Series:
    last = past.told.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    last = last.reindex(deals["opportunity_id"])
    stands_there = (last["stage"].to_numpy(dtype=object) == deals["exported_stage"].to_numpy(dtype=object)) & last[
        "stage_position"
    ].isna().to_numpy()
    return pd.Series((contradicted < NEVER) & ~stands_there, index=deals.index)


def _ends_open(past: Past, deals: pd.DataFrame) -> pd.Series:
    last = past.told.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")["outcome"]
    return pd.Series((last.reindex(deals["opportunity_id"]).fillna("open") == "open").to_numpy(), index=deals.index)


def _closed_by_history_from(past: Past, found: pd.DataFrame) -> Days:
    rows = past.told[past.told["outcome"].isin(["won", "lost"])]
    first = rows.groupby("opportunity_id", sort=False)["from_day"].min()
    days = first.reindex(found["opportunity_id"]).fillna(NEVER).to_numpy(dtype="int64")
    return np.where(days >= found["from_day"].to_numpy(), days, NEVER)


def open_deals(past: Past, closed: pd.DataFrame, *, by: str) -> tuple[Spans, Spans]:
    """The deals that existed, and those of them that stood closed, by a column of the export."""
    first = np.where(past.deals["first_day"] >= NEVER, past.export_day, past.deals["first_day"])
    gone = past.deals["gone_day"].to_numpy()
    existed = Spans(past.deals[by], first, np.where(gone < NEVER, gone, NEVER + 1))
    return existed, Spans(closed[by], closed["from_day"].to_numpy(), closed["to_day"].to_numpy())


def owned_spans(past: Past, closed: pd.DataFrame) -> pd.DataFrame:
    """When which owner had which open deal: `owner_id`, `from_day`, `to_day`, `count` (-1 takes a part back)."""
    exported = past.deals.set_index("opportunity_id")["owner_id"]
    told = past.told[past.told["outcome"].fillna("open") == "open"]
    told = told[["opportunity_id", "owner_id", "from_day", "to_day"]]
    named, unnamed = told[told["owner_id"].notna()], told[told["owner_id"].isna()]
    silent = past.deals[~past.deals["opportunity_id"].isin(past.told["opportunity_id"])]
    first = np.where(silent["first_day"] >= NEVER, past.export_day, silent["first_day"])
    only_exported = pd.concat(
        [
            unnamed.assign(owner_id=exported.reindex(unnamed["opportunity_id"]).to_numpy()),
            silent[["opportunity_id", "owner_id"]].assign(from_day=first, to_day=NEVER),
        ]
    )
    only_exported["from_day"] = np.maximum(only_exported["from_day"], past.export_day)
    spans = pd.concat([named, only_exported], ignore_index=True).assign(count=1.0)
    return pd.concat([spans, _taken_back(spans, closed)], ignore_index=True)


def _taken_back(spans: pd.DataFrame, closed: pd.DataFrame) -> pd.DataFrame:
    """The parts of the spans during which the export had closed the deal."""
    stood = closed[["opportunity_id", "from_day", "to_day"]]
    both = spans.merge(stood, on="opportunity_id", suffixes=("", "_closed"))
    from_day = np.maximum(both["from_day"], both["from_day_closed"])
    to_day = np.minimum(both["to_day"], both["to_day_closed"])
    both = both.assign(from_day=from_day, to_day=to_day, count=-1.0)
    return both.loc[from_day < to_day, ["opportunity_id", "owner_id", "from_day", "to_day", "count"]]
