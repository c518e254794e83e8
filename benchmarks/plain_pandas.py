"""The same twelve snapshots in plain pandas: merge_asof for the state, groupby for what was counted."""

from pathlib import Path

import pandas as pd
from pipeline_data import LOST, STAGES, WON

POSITION = {name: place for place, name in enumerate([*STAGES, WON, LOST], start=1)}
WINDOWS = (7, 30, 90)


def snapshots(folder: Path, days: list[str]) -> pd.DataFrame:
    """Open deals on each day with every feature of the snapshot."""
    history = pd.read_parquet(folder / "opportunity_history.parquet")
    history = _with_counts(history)
    activities = pd.read_parquet(folder / "activities.parquet", columns=["opportunity_id", "occurred_at"])
    activities = activities.sort_values(["occurred_at"], kind="stable")
    deals = pd.read_parquet(
        folder / "opportunities.parquet",
        columns=["opportunity_id", "name", "account_id", "created_at", "region", "product"],
    )
    parts = [_snapshot(deals, history, activities, pd.Timestamp(day)) for day in days]
    return pd.concat(parts, ignore_index=True)


def _with_counts(history: pd.DataFrame) -> pd.DataFrame:
    history = history.sort_values(["opportunity_id", "changed_at"], kind="stable", ignore_index=True)
    deal = history["opportunity_id"]
    same = deal.eq(deal.shift())
    position = history["stage"].map(POSITION).astype("float64")
    before, close_before = position.shift().where(same), history["expected_close_on"].shift().where(same)
    both_open = (position <= len(STAGES)) & ~(before > len(STAGES))
    moved = same & position.ne(before)
    later = both_open & (history["expected_close_on"] > close_before)
    steps = pd.DataFrame(
        {
            "opportunity_id": deal,
            "n_pushes": later,
            "days_pushed": (history["expected_close_on"] - close_before).dt.days.where(later, 0),
            "n_pulls": both_open & (history["expected_close_on"] < close_before),
            "n_stage_changes": moved,
            "n_stage_regressions": both_open & (position < before),
        }
    )
    counts = steps.groupby("opportunity_id", sort=False).cumsum().astype("float64")
    entered = history["changed_at"].where(~same | moved)
    history["entered_stage_at"] = entered.groupby(deal, sort=False).ffill()
    history["stage_position"] = position
    return pd.concat([history, counts], axis="columns").sort_values("changed_at", kind="stable", ignore_index=True)


def _snapshot(deals: pd.DataFrame, history: pd.DataFrame, activities: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    cutoff = (day + pd.Timedelta(days=1)).as_unit("us")
    known = deals.loc[deals["created_at"] < cutoff].assign(
        as_of=day.as_unit("us"), before=cutoff - pd.Timedelta(1, "us")
    )
    state = pd.merge_asof(known, history, left_on="before", right_on="changed_at", by="opportunity_id")
    rows = state.loc[state["stage_position"] <= len(STAGES)].drop(columns=["before", "changed_at"])
    seen = activities.loc[activities["occurred_at"] < cutoff]
    last = seen.groupby("opportunity_id", sort=False)["occurred_at"].max().rename("last_at")
    rows = rows.join(last, on="opportunity_id")
    for window in WINDOWS:
        recent = seen.loc[seen["occurred_at"] >= cutoff - pd.Timedelta(days=window), "opportunity_id"]
        counted = recent.value_counts(sort=False).rename(f"n_activities_last_{window}_days")
        rows = rows.join(counted, on="opportunity_id")
        rows[counted.name] = rows[counted.name].fillna(0.0)
    rows["days_since_last_activity"] = (cutoff - rows.pop("last_at")).dt.total_seconds() / 86_400
    rows["days_in_stage"] = (cutoff - rows["entered_stage_at"]).dt.total_seconds() / 86_400
    rows["age_days"] = (cutoff - rows["created_at"]).dt.total_seconds() / 86_400
    rows["has_moved"] = rows["n_stage_changes"] > 0
    return rows.sort_values("opportunity_id", ignore_index=True)
