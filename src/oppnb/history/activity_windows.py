"""How much happened around each deal lately, and how long ago the last time was."""

from typing import Any

import pandas as pd

from oppnb.history.coverage import Coverage
from oppnb.history.fence import days_between, is_missing, is_there, when
from oppnb.history.moments import WINDOWS
from oppnb.history.source import DEAL, Source

__all__ = ["ACTIVITY_COLUMNS", "with_activities"]

FOUND = ("last_at", *(f"n_{window}" for window in WINDOWS))
ACTIVITY_COLUMNS = (*(f"n_activities_last_{window}_days" for window in WINDOWS), "days_since_last_activity")


def with_activities(source: Source, coverage: Coverage, rows: Any, days: pd.DataFrame) -> Any:
    """Add the activity columns to rows of a deal and day.

    An activity with an opportunity counts for that one; one with an account only counts for each deal of the account
    that existed and was not closed when it happened. Without a table `activities` the columns are null, not 0.
    """
    if "activities" not in source:
        return rows
    found = _of_deals(source, rows, days)
    # on one day the rows are most of the deals: no need to look first which activities are theirs
    joined = rows.left_join(found, rows["opportunity_id" if len(days) == 1 else DEAL] == found.active_id)
    joined = joined.select(*rows.columns, **_on_the_day(joined, days))
    if coverage.has_account_activities:
        joined = _with_accounts(joined, _of_accounts(source, rows))
    return joined.mutate(
        **{f"n_activities_last_{w}_days": joined[f"n_{w}"].fill_null(0).cast("float64") for w in WINDOWS},
        days_since_last_activity=days_between(joined.last_at, joined.cutoff),
    )


def _of_deals(source: Source, rows: Any, days: pd.DataFrame) -> Any:
    """One row a deal: of each day, the activities in each window and the last since the day before.

    A deal's activities are gone through once for all days together. The engines do that much faster than they bring
    each day together with the activities before it.
    """
    activities = source["activities"]
    acts = activities.filter(is_there(activities.opportunity_id) & (activities.occurred_at < days["cutoff"].iloc[-1]))
    if len(days) == 1:
        return acts.group_by(active_id=acts.opportunity_id).aggregate(**_by_day(acts, days))
    deals = rows.select(DEAL, wanted_id="opportunity_id").distinct()
    acts = acts.join(deals, acts.opportunity_id == deals.wanted_id).select(DEAL, "occurred_at")
    return acts.group_by(active_id=acts[DEAL]).aggregate(**_by_day(acts, days))


def _by_day(acts: Any, days: pd.DataFrame) -> dict[str, Any]:
    at, found, before = acts.occurred_at, {}, None
    for day in days.to_dict("records"):
        number, is_past = day["day_no"], at < day["cutoff"]
        is_new = is_past if before is None else is_past & (at >= before)
        found[f"last_at_{number}"] = when(is_new, at).max()
        for window in WINDOWS:
            found[f"n_{window}_{number}"] = _how_many(is_past & (at >= day[f"since_{window}"]))
        before = day["cutoff"]
    return found


def _on_the_day(rows: Any, days: pd.DataFrame) -> dict[str, Any]:
    """Of what `_of_deals` found for all days, that of the day of each row."""
    import ibis

    numbers = list(days["day_no"])
    counts = {
        f"n_{window}": ibis.cases(*[(rows.day_no == number, rows[f"n_{window}_{number}"]) for number in numbers])
        for window in WINDOWS
    }
    last = [when(rows.day_no >= number, rows[f"last_at_{number}"]) for number in reversed(numbers)]
    return {"last_at": ibis.coalesce(*last), **counts}


def _of_accounts(source: Source, rows: Any) -> Any:
    activities = source["activities"]
    acts = activities.filter(
        is_missing(activities.opportunity_id) & is_there(activities.account_id) & is_there(activities.occurred_at)
    ).select(acted_for="account_id", occurred_at="occurred_at")
    wanted = rows.select(
        DEAL, "account_id", "day_no", "created_at", "closed_at", "cutoff", *[f"since_{w}" for w in WINDOWS]
    )
    open_then = [
        wanted.account_id == acts.acted_for,
        acts.occurred_at < wanted.cutoff,
        acts.occurred_at >= wanted.created_at,
        is_missing(wanted.closed_at) | (acts.occurred_at <= wanted.closed_at),
    ]
    return _windows(wanted.join(acts, open_then))


def _windows(dated: Any) -> Any:
    return dated.group_by(DEAL, "day_no").aggregate(
        last_at=dated.occurred_at.max(),
        **{f"n_{w}": _how_many(dated.occurred_at >= dated[f"since_{w}"]) for w in WINDOWS},
    )


def _how_many(condition: Any) -> Any:
    # DuckDB counts faster than it adds: a sum of whole numbers is kept in 128 bits
    return when(condition, 1).count()


def _with_accounts(rows: Any, found: Any) -> Any:
    import ibis

    found = found.rename(account_deal=DEAL, account_day="day_no", account_last_at="last_at")
    found = found.rename(**{f"account_n_{w}": f"n_{w}" for w in WINDOWS})
    both = rows.left_join(found, [rows[DEAL] == found.account_deal, rows.day_no == found.account_day])
    is_later = is_missing(both.last_at) | (both.account_last_at > both.last_at)
    return both.select(
        *[name for name in rows.columns if name not in FOUND],
        last_at=ibis.ifelse(is_later, both.account_last_at, both.last_at),
        **{f"n_{w}": both[f"n_{w}"].fill_null(0) + both[f"account_n_{w}"].fill_null(0) for w in WINDOWS},
    )
