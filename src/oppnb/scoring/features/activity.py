"""Contact: how much, how lately, which way, and what is planned."""

import numpy as np
import pandas as pd

from oppnb.scoring.features.declared import Known, declare


@declare("activity", can_change=True)
def n_activities_last_7_days(known: Known) -> pd.Series:
    """Activities of the last week."""
    return known.number("n_activities_last_7_days")


@declare("activity", can_change=True)
def n_activities_last_30_days(known: Known) -> pd.Series:
    """Activities of the last 30 days."""
    return known.number("n_activities_last_30_days")


@declare("activity", can_change=True)
def n_activities_last_90_days(known: Known) -> pd.Series:
    """Activities of the last 90 days."""
    return known.number("n_activities_last_90_days")


@declare("activity", can_change=True)
def days_since_last_activity(known: Known) -> pd.Series:
    """Days since the last activity; null if there never was one."""
    return known.number("days_since_last_activity")


@declare("activity", can_change=True)
def silence_over_limit(known: Known) -> pd.Series:
    """Days since the last activity as a multiple of the silence that the configuration allows in the stage."""
    return known.number("days_since_last_activity") / known.by_stage("silence_limit_days")


@declare("activity", can_change=True)
def activity_trend(known: Known) -> pd.Series:
    """Activities of the last 30 days against a third of those of the last 90; above 1: more than before."""
    return known.number("n_activities_last_30_days") / (known.number("n_activities_last_90_days") / 3.0 + 0.5)


@declare("activity", can_change=True)
def n_inbound_last_90_days(known: Known) -> pd.Series:
    """Activities of the last 90 days that came from the customer."""
    return known.number("n_inbound_last_90_days")


@declare("activity", can_change=True)
def inbound_share(known: Known) -> pd.Series:
    """Share of the last 90 days' activities with a direction that came from the customer."""
    return known.number("n_inbound_last_90_days") / known.number("n_directed_last_90_days")


@declare("activity", can_change=True)
def days_since_last_inbound(known: Known) -> pd.Series:
    """Days since the customer was last heard of; null if never."""
    return known.number("days_since_last_inbound")


@declare("activity", can_change=True)
def n_activities(known: Known) -> pd.Series:
    """Activities so far."""
    return known.number("n_activities")


@declare("activity", can_change=True)
def n_meetings_last_90_days(known: Known) -> pd.Series:
    """Meetings, visits and demos of the last 90 days."""
    return known.number("n_meetings_last_90_days")


@declare("activity", can_change=True)
def has_next_step(known: Known) -> pd.Series:
    """1 where a next step is noted; null where none is, or nobody knows."""
    return known.text("next_step").notna().astype("float64").replace(0.0, np.nan)


@declare("activity", can_change=True)
def days_to_next_step(known: Known) -> pd.Series:
    """Days until the next step is due; below 0 when overdue."""
    return known.days_until("next_step_due_on")
