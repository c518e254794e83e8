"""How much happened around each deal lately, and how long ago the last time was."""

from typing import Any

import pandas as pd

from oppnb.history.coverage import Coverage
from oppnb.history.fence import count_if, days_between, is_missing, is_there
from oppnb.history.moments import WINDOWS
from oppnb.history.source import Source
from oppnb.history.states import day_number

__all__ = ["ACTIVITY_COLUMNS", "with_activities"]

MANY = 12
ACTIVITY_COLUMNS = (*(f"n_activities_last_{window}_days" for window in WINDOWS), "days_since_last_activity")


def with_activities(source: Source, coverage: Coverage, rows: Any, days: pd.DataFrame) -> Any:
    """Add the activity columns to rows of a deal and day.

    An activity with an opportunity counts for that one; one with an account only counts for each deal of the account
    that existed and was not closed when it happened. Without a table `activities` the columns are null, not 0.
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
    steps = _steps(days)
    if len(steps) <= MANY:
        return _folded_by_day(acts, rows, days, steps)
    wanted = rows.select("opportunity_id", "day_no", "cutoff", *[f"since_{w}" for w in WINDOWS])
    acts = acts.select(acted_id="opportunity_id", occurred_at="occurred_at")
    return _windows(wanted.join(acts, [wanted.opportunity_id == acts.acted_id, acts.occurred_at < wanted.cutoff]))


def _steps(days: pd.DataFrame) -> list[tuple[int, int]]:
    """Window and number of days later on which an activity can still be in it; few where the days lie far apart."""
    return [
        (window, later)
        for window in WINDOWS
        for later in range(len(days))
        if (days[f"since_{window}"].shift(-later) < days["cutoff"]).any()
    ]


def _folded_by_day(acts: Any, rows: Any, days: pd.DataFrame, steps: list[tuple[int, int]]) -> Any:
    """Activities between two days are folded into one row before they meet the days: far fewer pairs."""
    cutoffs = list(days["cutoff"])
    wanted = rows.select("opportunity_id", "day_no")
    deals = rows.select(wanted_id="opportunity_id").distinct()
    acts = acts.filter(acts.occurred_at < cutoffs[-1])
    acts = acts.semi_join(deals, acts.opportunity_id == deals.wanted_id)
    acts = acts.select(
        "opportunity_id",
        "occurred_at",
        from_day=day_number(acts.occurred_at, cutoffs),
        **{f"until_{w}": day_number(acts.occurred_at, list(days[f"since_{w}"])) for w in WINDOWS},
    )
    folded = acts.group_by(acted_id=acts.opportunity_id, from_day=acts.from_day).aggregate(
        last_at=acts.occurred_at.max(),
        **{f"n_{w}_{k}": count_if(acts[f"until_{w}"] > acts.from_day + k).sum() for w, k in steps},
    )
    met = wanted.join(folded, [wanted.opportunity_id == folded.acted_id, folded.from_day <= wanted.day_no])
    seen = {window: _sum_of(met, window, steps) for window in WINDOWS}
    return met.group_by("opportunity_id", "day_no").aggregate(
        last_at=met.last_at.max(), **{f"n_{w}": count.sum() for w, count in seen.items()}
    )


def _sum_of(met: Any, window: int, steps: list[tuple[int, int]]) -> Any:
    import ibis

    count = ibis.literal(0).cast("int64")
    for w, later in steps:
        if w == window:
            count = count + ibis.ifelse(met.day_no == met.from_day + later, met[f"n_{w}_{later}"], 0)
    return count


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
