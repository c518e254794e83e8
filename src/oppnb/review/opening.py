"""Open a review: read, audit, settle the days, propose stages where there are none."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from oppnb.errors import DataError, ParameterError
from oppnb.locale import Formats, Words
from oppnb.periods import Period, parse_day, parse_period, period_of
from oppnb.review.review import Review
from oppnb.stages import only_currency, open_data
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["open_review"]

DAYS_BETWEEN_REVIEWS = 7


def open_review(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    period: Period | str | None = None,
    compare_to: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    locale: str | None = None,
    currency: str | None = None,
    only: Mapping[str, str] | None = None,
) -> Review:
    """Open the review of a pipeline.

    Parameters
    ----------
    data : path or Tables
        An export (file, folder, archive), or tables already read.
    as_of : date or str, optional
        The day of knowledge, to its end; nothing later is looked at. By default the day of the export.
    period : Period or str, optional
        `2017Q3`, `2017-08` or `FY2017`; by default the quarter that holds `as_of`, in the workspace's fiscal year.
    compare_to : date or str, optional
        The day of the last review, before `as_of`; by default seven days earlier.
    workspace : Workspace or path, optional
        By default every default: the mapping and the stages are proposed from the data, and said in the notes.
    locale : str, optional
        `en` or `zh_CN`; by default the workspace's.
    currency : str, optional
        ISO 4217; by default the workspace's, else the one that all deals share.
    only : mapping of str to str, optional
        A slice, e.g. `{"region": "North"}`: the review is of its rows alone; see `oppnb.stages.open_data`.

    Returns
    -------
    Review

    Raises
    ------
    ParameterError
        If `compare_to` is not before `as_of`, or no deal has the column or value of the slice.
    PeriodError
        If a day or a period cannot be read.
    DataError
        If there is no day of the export and none is given, or no opportunity was known on the day; and whatever
        reading and the audit raise.
    """
    review = review_or_nothing(
        data,
        as_of=as_of,
        period=period,
        compare_to=compare_to,
        workspace=workspace,
        locale=locale,
        currency=currency,
        only=only,
    )
    _refuse_a_day_before_the_data(review)
    return review


def review_or_nothing(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    period: Period | str | None = None,
    compare_to: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    locale: str | None = None,
    currency: str | None = None,
    only: Mapping[str, str] | None = None,
) -> Review:
    """As `open_review`, but a day on which no opportunity was known is no error: for who says so himself."""
    opened = open_data(data, as_of=as_of, workspace=workspace, currency=currency, only=only)
    settled, day = opened.workspace, opened.as_of
    return Review(
        workspace=settled,
        tables=opened.tables,
        audit=opened.audit,
        reading=opened.reading,
        as_of=day,
        period=_period(period, day, settled),
        compare_to=_earlier_day(compare_to, day),
        words=Words(locale or settled.locale),
        formats=Formats(
            Words(locale or settled.locale).locale, currency=settled.currency or only_currency(opened.tables)
        ),
        opening_notes=opened.notes,
        only=opened.only,
        store_of_whole=opened.store_of_whole,
    )


def _refuse_a_day_before_the_data(review: Review) -> None:
    """A review of nothing would look like a review of a company without deals."""
    if len(review.snapshot):
        return
    if review.tables["opportunities"].empty:
        raise DataError("The export has no opportunities: there is nothing to review.")
    created = review.tables["opportunities"].get("created_at")
    first = None if created is None or created.isna().all() else created.min().date().isoformat()
    known = (
        f"The first one was created on {first}." if first else f"They are known from {review.tables.exported_on} on."
    )
    raise DataError(
        f"None of the {len(review.tables['opportunities']):,} opportunities was known on {review.as_of.isoformat()}. "
        f"{known} Choose a later day of knowledge (--as-of)."
    )


def _period(period: Period | str | None, day: date, workspace: Workspace) -> Period:
    first_month = workspace.calendar.fiscal_year_start
    if isinstance(period, Period):
        return period
    if period is None:
        return period_of(day, fiscal_year_start=first_month)
    return parse_period(period, fiscal_year_start=first_month)


def _earlier_day(compare_to: date | str | None, day: date) -> date:
    if compare_to is None:
        return day - timedelta(days=DAYS_BETWEEN_REVIEWS)
    earlier = parse_day(compare_to)
    if earlier >= day:
        raise ParameterError(
            f"The last review ({earlier.isoformat()}) must be before the day of knowledge ({day.isoformat()}). "
            "Give an earlier --compare-to, or leave it out for seven days before."
        )
    return earlier
