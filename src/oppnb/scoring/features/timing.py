"""When the deal is expected to close, how often that was moved, and how far the period's end is."""

import pandas as pd

from oppnb.periods import period_of
from oppnb.scoring.features.declared import Known, declare


@declare("timing", can_change=True)
def days_to_expected_close(known: Known) -> pd.Series:
    """Days to the expected close; below 0 when overdue."""
    return known.days_until("expected_close_on")


@declare("timing", can_change=True)
def is_overdue(known: Known) -> pd.Series:
    """1 where the expected close has passed, 0 where it has not, null without one."""
    days = known.days_until("expected_close_on")
    return (days < 0).astype("float64").where(days.notna())


@declare("timing", can_change=True)
def is_due_in_period(known: Known) -> pd.Series:
    """1 where the expected close lies on or before the last day of the quarter."""
    days = known.days_until("expected_close_on")
    return (days <= days_to_period_end(known)).astype("float64").where(days.notna())


@declare("timing")
def n_pushes(known: Known) -> pd.Series:
    """Times the expected close was moved later."""
    return known.number("n_pushes")


@declare("timing")
def days_pushed(known: Known) -> pd.Series:
    """Days by which those moves add up."""
    return known.number("days_pushed")


@declare("timing")
def n_pulls(known: Known) -> pd.Series:
    """Times the expected close was moved earlier."""
    return known.number("n_pulls")


@declare("timing")
def days_since_push(known: Known) -> pd.Series:
    """Days since the expected close was last moved later; null if never."""
    return known.number("days_since_push")


@declare("timing")
def weeks_to_period_end(known: Known) -> pd.Series:
    """Weeks to the last day of the quarter."""
    return days_to_period_end(known) / 7.0


def days_to_period_end(known: Known) -> pd.Series:
    """Days from the day of knowledge to the last day of its quarter, in the workspace's fiscal year."""
    as_of = known.rows["as_of"]
    first_month = known.workspace.calendar.fiscal_year_start
    last = {
        day: pd.Timestamp(period_of(day.date(), fiscal_year_start=first_month).end) for day in as_of.dropna().unique()
    }
    days: pd.Series = (as_of.map(last).astype("datetime64[us]") - as_of).dt.total_seconds() / 86_400.0
    return days
