"""How much happened around each deal lately, and how long ago the last time was."""

from typing import Any

import pandas as pd

from oppnb.history.coverage import Coverage
from oppnb.history.fence import count_if, days_between, is_missing, is_there
from oppnb.history.moments import WINDOWS
from oppnb.history.source import Source

__all__ = ["ACTIVITY_COLUMNS", "with_activities"]

ACTIVITY_COLUMNS = (*(f"n_activities_last_{window}_days" for window in WINDOWS), "days_since_last_activity")


def with_activities(source: Source, coverage: Coverage, rows: Any, days: pd.DataFrame) -> Any:
    """Add the activity columns to rows of a deal and day.

    An activity with an opportunity counts for that one; one with an account only counts for each deal of the account that
    existed and was not closed when it happened. Without a table `activities` the columns are null, not 0.
    """
    if "activities" not in source:
        return rows
    found = _of_deals(source, rows, days)
    if coverage.has_account_activities:
        found = _together(found.union(_of_accounts(source, rows)))
    found = found.rename(active_id="opportunity_id", active_day="day_no")
    joined = rows.left_join(found, [rows.opportunity_id == found.active_id, rows.day_no == found.active_day])
    return joined.mutate(
        **{f"n_activities_last_{w}_days": joined[f"n_{w}"].fill_null(0).cast("float64") for w in WINDOWS},
        days_since_last_activity=days_between(joined.last_at, joined.cutoff),
    )


def _of_deals(source: Source, rows: Any, days: pd.DataFrame) -> Any:
    import ibis

    activities = source["activities"]
    acts = activities.filter(is_there(activities.opportunity_id) & is_there(activities.occurred_at))
    if len(days) == 1:
        day = days.iloc[0]
        acts = acts.filter(acts.occurred_at < ibis.literal(day["cutoff"]))
        dated = acts.select(
            "opportunity_id",
            "occurred_at",
            day_no=ibis.literal(0).cast("int64"),
            **{f"since_{w}": ibis.literal(day[f"since_{w}"]) for w in WINDOWS},
        )
        return _windows(dated)
    wanted = rows.select("opportunity_id", "day_no", "cutoff", *[f"since_{w}" for w in WINDOWS])
    acts = acts.select(acted_id="opportunity_id", occurred_at="occurred_at")
    return _windows(wanted.join(acts, [wanted.opportunity_id == acts.acted_id, acts.occurred_at < wanted.cutoff]))


def _of_accounts(source: Source, rows: Any) -> Any:
    activities = source["activities"]
    acts = activities.filter(
        is_missing(activities.opportunity_id) & is_there(activities.account_id) & is_there(activities.occurred_at)
    ).select(acted_for="account_id", occurred_at="occurred_at")
    wanted = rows.select(
        "opportunity_id", "account_id", "day_no", "created_at", "closed_at", "cutoff", *[f"since_{w}" for w in WINDOWS]
    )
    open_then = [
        wanted.account_id == acts.acted_for,
        acts.occurred_at < wanted.cutoff,
        acts.occurred_at >= wanted.created_at,
        is_missing(wanted.closed_at) | (acts.occurred_at <= wanted.closed_at),
    ]
    return _windows(wanted.join(acts, open_then))


def _windows(dated: Any) -> Any:
    return dated.group_by("opportunity_id", "day_no").aggregate(
        last_at=dated.occurred_at.max(),
        **{f"n_{w}": count_if(dated.occurred_at >= dated[f"since_{w}"]).sum() for w in WINDOWS},
    )


def _together(found: Any) -> Any:
    return found.group_by("opportunity_id", "day_no").aggregate(
        last_at=found.last_at.max(), **{f"n_{w}": found[f"n_{w}"].sum() for w in WINDOWS}
    )
