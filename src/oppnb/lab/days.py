"""Days of a form held against those that the export knows: what cannot be is wrong, what is merely odd is told."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from oppnb.errors import OppnbError
from oppnb.locale import Words
from oppnb.periods import parse_day, parse_period

__all__ = ["day_errors", "day_notes"]

_Told = dict[str, str]


def day_errors(values: Mapping[str, Any], known: Mapping[str, Any], *, words: Words, today: date) -> _Told:
    """By parameter, days of which there can be no report.

    Parameters
    ----------
    values : mapping
        Of a form, each of its type.
    known : mapping
        `first_day` and `last_day` of the export, as `oppnb.lab.facts.read_facts` gives them; any may be missing.
    words : Words
        Of the reader.
    today : date
        Of the clock. A day after it that the export does not know is a slip of the pen.

    Examples
    --------
    >>> day_errors({"as_of": "2019-01-01"}, {"first_day": "2023-01-04"}, words=Words("en"), today=date(2026, 1, 1))
    {'as_of': 'The first deal of the export was created on 2023-01-04: choose that day or a later one.'}
    """
    found: _Told = {}
    asked, last = _day(values.get("as_of")), _day(known.get("last_day"))
    first, earlier, day = _day(known.get("first_day")), _day(values.get("compare_to")), asked or last
    if asked and first and asked < first:
        found["as_of"] = words("lab.before_first_day", first=first)
    elif asked and last and asked > max(last, today + timedelta(days=1)):  # elsewhere it may be tomorrow
        found["as_of"] = words("lab.day_to_come", last=last, day=asked)
    if earlier and day and earlier >= day:
        found["compare_to"] = words("lab.review_not_before", day=day)
    return found


def day_notes(values: Mapping[str, Any], known: Mapping[str, Any], *, words: Words) -> _Told:
    """By parameter, what a report can be made of and a reader should know before.

    Examples
    --------
    >>> day_notes({"period": "2030Q1"}, {"last_day": "2025-12-31"}, words=Words("en"))
    {'period': '2030Q1 begins after 2025-12-31: nothing of it has happened yet.'}
    """
    found: _Told = {}
    asked, last = _day(values.get("as_of")), _day(known.get("last_day"))
    day, period = asked or last, values.get("period")
    if asked and last and asked > last:
        found["as_of"] = words("lab.after_last_day", last=last, day=asked)
    if period and day:
        begins = parse_period(str(period), fiscal_year_start=int(known.get("fiscal_year_start") or 1)).start
        if begins > day:
            found["period"] = words("lab.period_to_come", period=period, day=day)
    return found


def _day(value: Any) -> date | None:
    try:
        return parse_day(value) if value else None
    except OppnbError:
        return None
