"""What a reader has to know to read a review rightly."""

from typing import TYPE_CHECKING

from oppnb.review.scope import is_due, is_open
from oppnb.tables import Note

if TYPE_CHECKING:
    from oppnb.review.review import Review

__all__ = ["review_notes"]


def review_notes(review: "Review") -> tuple[Note, ...]:
    """Notes on the days, and on open deals that lack an amount or an expected close."""
    return (*_on_the_days(review), *_on_the_deals(review))


def _on_the_days(review: "Review") -> list[Note]:
    period, day = review.period, review.as_of
    values = {"as_of": day.isoformat(), "period": period.name}
    if day > period.end:
        return [Note("review_period_is_over", {**values, "end": period.end.isoformat()})]
    if day < period.start:
        return [Note("review_period_not_begun", {**values, "start": period.start.isoformat()})]
    if day < period.end:
        return [Note("review_period_is_running", {**values, "end": period.end.isoformat()})]
    return []


def _on_the_deals(review: "Review") -> list[Note]:
    deals = review.snapshot[is_open(review.snapshot)]
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
    late = is_open(deals) & (deals["expected_close_on"] < review.snapshot["as_of"].iloc[:1].max())
    before = late & ~is_due(deals["expected_close_on"], review.period)
    if before.any():
        notes.append(Note("review_overdue_outside_period", {"n": int(before.sum()), "period": review.period.name}))
    return notes
