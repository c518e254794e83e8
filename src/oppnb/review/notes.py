"""What a reader has to know to read a review rightly."""

from datetime import date, timedelta

import pandas as pd

from oppnb.periods import Period
from oppnb.review.months import first_close
from oppnb.review.scope import is_due, is_open
from oppnb.tables import Note

__all__ = ["review_notes"]


def review_notes(snapshot: pd.DataFrame, *, period: Period, as_of: date, time_zone: str = "UTC") -> tuple[Note, ...]:
    """Notes on the days, on closes known for less than a year, and on open deals that lack an amount or a date."""
    first = first_close(snapshot, time_zone=time_zone)
    return (*_on_the_days(period, as_of), *_on_the_closes(first, as_of), *_on_the_deals(snapshot, period))


def _on_the_days(period: Period, day: date) -> list[Note]:
    values = {"as_of": day.isoformat(), "period": period.name}
    if day > period.end:
        return [Note("review_period_is_over", {**values, "end": period.end.isoformat()})]
    if day < period.start:
        return [Note("review_period_not_begun", {**values, "start": period.start.isoformat()})]
    if day < period.end:
        return [Note("review_period_is_running", {**values, "end": period.end.isoformat()})]
    return []


def _on_the_closes(first: date | None, as_of: date) -> list[Note]:
    if first is None or first <= as_of - timedelta(days=365):
        return []
    return [Note("review_closes_known_from", {"first": first.isoformat()})]


def _on_the_deals(snapshot: pd.DataFrame, period: Period) -> list[Note]:
    deals = snapshot[is_open(snapshot)]
    notes = []
    counts = {
        "review_open_without_amount": deals["amount_base"].isna(),
        "review_open_without_expected_close": deals["expected_close_on"].isna(),
        "review_open_without_stage": deals["stage"].isna(),
    }
    for code, missing in counts.items():
        if missing.any():
            first = ", ".join(deals.loc[missing, "opportunity_id"].iloc[:3])
            notes.append(Note(code, {"n": int(missing.sum()), "total": len(deals), "first": first}))
    late = is_open(deals) & (deals["expected_close_on"] < snapshot["as_of"].iloc[:1].max())
    before = late & ~is_due(deals["expected_close_on"], period)
    if before.any():
        notes.append(Note("review_overdue_outside_period", {"n": int(before.sum()), "period": period.name}))
    return notes
