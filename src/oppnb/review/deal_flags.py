"""What is wrong with an open deal: one flag a rule, with the number that says so."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from oppnb.review.key_tasks import overdue_tasks
from oppnb.review.scope import as_stamp, is_open
from oppnb.stages import find_stage, silence_limit
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["FLAGS", "flag_deals", "won_cycle_limit"]

FLAGS: Mapping[str, int] = MappingProxyType(
    {
        "overdue_close": 3,
        "zombie": 3,
        "stale": 2,
        "pushed_often": 2,
        "over_time_limit": 2,
        "key_task_overdue": 1,
        "next_step_overdue": 1,
        "single_contact": 1,
    }
)
"""Reason -> weight in the severity of a deal."""

OFTEN_PUSHED = 3
ZOMBIE_QUANTILE = 0.95
MIN_WON = 20


def flag_deals(snapshot: pd.DataFrame, *, workspace: Workspace, tables: Tables, as_of: date) -> pd.DataFrame:
    """Flag what is wrong with each open deal on a day.

    Rules
        `overdue_close`: expected to close before the day. `stale`: silent longer, in whole days, than the stage allows
        (`silence_limit_days`, else 14); without any activity ever, since it was created; only where there are
        activities at all. `zombie`: older than 95 % of all won deals were at their close (of at least 20), and stale as
        well; where there are no activities, as long in its stage instead. `pushed_often`: its expected close moved
        later three times or more. `over_time_limit`: longer in its stage than `time_limit_days`. `single_contact`: at
        most one person known, where contacts are recorded. `key_task_overdue`: a key task of its stage is past due and
        not done (see `overdue_tasks`). `next_step_overdue`: its next step was due before the day.

    Returns
    -------
    DataFrame
        One row an open deal: `opportunity_id`, `name`, `owner_id`, `process`, `stage`, `amount` (in the report's
        currency), `expected_close_on`, a flag a rule (null: cannot be told), and `fact_…` columns for the sentences.
    """
    deals = snapshot[is_open(snapshot)].copy()
    deals["amount"] = deals["amount_base"]
    limits = _limits(deals, workspace)
    silent_days = _silence(deals, tables)
    cycle_limit = won_cycle_limit(snapshot)
    today = as_stamp(as_of)
    tasks = overdue_tasks(deals, workspace=workspace, tables=tables, as_of=as_of)
    long_silent = np.floor(silent_days) > limits["silence"]  # whole days, as they are told
    stays = deals["days_in_stage"].fillna(deals["age_days"])  # of a stage not known it is only known that it is old
    stuck = long_silent if "activities" in tables else stays > cycle_limit
    flags = {
        "overdue_close": deals["expected_close_on"] < today,
        "zombie": (deals["age_days"] > cycle_limit) & stuck,
        "stale": long_silent,
        "pushed_often": deals["n_pushes"] >= OFTEN_PUSHED,
        "over_time_limit": deals["days_in_stage"] > limits["time"],
        "key_task_overdue": tasks.notna(),
        "next_step_overdue": deals["next_step_due_on"] < today,
        "single_contact": (deals["n_contacts"] <= 1) if "contacts" in tables else False,
    }
    facts = {
        "fact_days_overdue": (today - deals["expected_close_on"]).dt.days,
        "fact_expected_close": deals["expected_close_on"],
        "fact_silent_days": np.floor(silent_days),
        "fact_age": np.floor(deals["age_days"]),
        "fact_cycle_limit": np.ceil(cycle_limit),
        "fact_days_in_stage": np.floor(deals["days_in_stage"]),
        "fact_time_limit": limits["time"],
        "fact_n_pushes": deals["n_pushes"],
        "fact_n_contacts": deals["n_contacts"],
        "fact_task": tasks,
        "fact_next_step_due": deals["next_step_due_on"],
    }
    kept = ["opportunity_id", "name", "owner_id", "process", "stage", "amount", "expected_close_on"]
    flagged = {
        code: pd.Series(flag, index=deals.index).fillna(value=False).astype(bool) for code, flag in flags.items()
    }
    return deals[kept].assign(**flagged, **facts).reset_index(drop=True)


def won_cycle_limit(snapshot: pd.DataFrame, *, quantile: float = ZOMBIE_QUANTILE) -> float:
    """Days within which that share of all won deals was won; null with fewer than twenty won deals."""
    days = snapshot.loc[snapshot["outcome"] == "won", "age_days"].dropna()
    return float(days.quantile(quantile)) if len(days) >= MIN_WON else float("nan")


def _silence(deals: pd.DataFrame, tables: Tables) -> pd.Series:
    if "activities" not in tables:
        return pd.Series(np.nan, index=deals.index, dtype="float64")
    return deals["days_since_last_activity"].fillna(deals["age_days"]).astype("float64")


def _limits(deals: pd.DataFrame, workspace: Workspace) -> pd.DataFrame:
    """Days allowed in the stage (null: no limit) and of silence, for each deal."""
    places = deals[["process", "stage"]].drop_duplicates()
    rows = []
    for process, stage in places.itertuples(index=False, name=None):
        found = find_stage(workspace, process, stage if isinstance(stage, str) else None)
        rows.append([process, stage, found.time_limit_days if found else None, silence_limit(found)])
    limits = pd.DataFrame(rows, columns=["process", "stage", "time", "silence"])
    limits = limits.astype({"process": "str", "stage": "str", "time": "float64", "silence": "float64"})
    return deals[["process", "stage"]].merge(limits, on=["process", "stage"], how="left").set_axis(deals.index)
