"""Columns of days and moments: read, decided, checked, brought to UTC."""

from typing import Literal

import numpy as np
import pandas as pd

from oppnb.sources.coerced import Coerced, Decision, decision
from oppnb.sources.date_order import DateOrder, Order, decide_order
from oppnb.sources.date_texts import DateParts, read_parts
from oppnb.sources.problems import problem_where
from oppnb.sources.texts import trimmed
from oppnb.sources.time_zones import days_in_zone, moments_in_utc

__all__ = ["coerce_dates"]

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_PLACEHOLDERS = ("1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2999-12-31", "3999-12-31")
_PLACEHOLDER_YEARS = (0, 1, 4712, 9999)
_EXCEL_DAY_0 = np.datetime64("1899-12-30", "us")


def coerce_dates(
    values: pd.Series, kind: Literal["day", "moment"], *, date_order: DateOrder | None = None, time_zone: str = "UTC"
) -> Coerced:
    """Read a column of days or moments.

    Moments with an offset are brought to UTC; those without are in `time_zone`. A clock change never raises: a
    time that it skips becomes the first moment after the gap, a time that it repeats is the earlier one. A day
    written as a moment with an offset is the day in `time_zone`, unless the whole column is written at midnight:
    then they are days that a program wrote as moments.

    Parameters
    ----------
    values : pandas.Series
        Texts, numbers (epoch or Excel serials), dates or moments.
    kind : {'day', 'moment'}
        `day` gives midnights, `moment` gives UTC without zone.
    date_order : {'D/M/Y', 'M/D/Y'}, optional
        By default decided over the whole column.
    time_zone : str
        IANA name.

    Returns
    -------
    Coerced
        `datetime64[us]`. Null, with a problem: `date_is_readable`, `date_is_possible` (30 February, year 203),
        `date_is_not_a_placeholder` (9999-12-31, 1900-01-01), `date_order_is_the_same_in_all_rows` (swapped). Kept,
        with a problem: `date_order_is_clear`.

    Raises
    ------
    UsageError
        If there is no such time zone.
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(values.dtype):
        return _native(values, kind, time_zone)
    text = trimmed(values)
    parts = read_parts(text)
    order = decide_order(parts, order=date_order)
    _settle(parts, order)
    days, is_possible, is_placeholder = _days(parts)
    given = ~np.asarray(text.is_null().to_numpy(zero_copy_only=False))
    usable = given & parts.is_read & is_possible & ~is_placeholder & ~order.swapped
    local = np.where(usable, days, np.datetime64("NaT", "us"))
    moments, note = _in_kind(local, parts, kind, time_zone)
    read = given & parts.is_read & ~order.swapped
    problems = (
        *problem_where("date_is_readable", values.index, given & ~parts.is_read),
        *problem_where("date_is_possible", values.index, read & ~is_possible & ~is_placeholder),
        *problem_where("date_is_not_a_placeholder", values.index, read & is_placeholder),
        *problem_where("date_order_is_the_same_in_all_rows", values.index, given & order.swapped),
        *problem_where("date_order_is_clear", values.index, usable & order.unclear),
    )
    return Coerced(_series(moments, values), problems, _told(order, parts) + note)


def _native(values: pd.Series, kind: str, time_zone: str) -> Coerced:
    zoned = isinstance(values.dtype, pd.DatetimeTZDtype)
    plain = values.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else values
    raw = plain.astype("datetime64[us]").to_numpy()
    years = raw.astype("datetime64[Y]").astype(np.int64) + 1970
    given = ~np.isnat(raw)
    is_placeholder = given & _placeholders(raw, years)
    is_possible = (years >= _FIRST_YEAR) & (years <= _LAST_YEAR)
    usable = given & is_possible & ~is_placeholder
    moments = np.where(usable, raw, np.datetime64("NaT", "us"))
    offset = np.where(usable & zoned, 0.0, np.nan)
    done, note = _by_kind(moments, offset, kind, time_zone)
    problems = (
        *problem_where("date_is_possible", values.index, given & ~is_possible & ~is_placeholder),
        *problem_where("date_is_not_a_placeholder", values.index, is_placeholder),
    )
    return Coerced(_series(done, values), problems, note)


def _settle(parts: DateParts, order: Order) -> None:
    """Put the two numbers before the year where the decision says they belong."""
    day, month = (parts.first, parts.second) if order.order == "D/M/Y" else (parts.second, parts.first)
    parts.day = np.where(parts.is_numeric, day, parts.day)
    parts.month = np.where(parts.is_numeric, month, parts.month)


def _days(parts: DateParts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Local moments as written, which of them are possible, and which stand for 'no date'."""
    month_ok = (parts.month >= 1) & (parts.month <= 12)
    year = np.clip(parts.year, 1, 9999)
    months = ((year - 1970) * 12 + np.where(month_ok, parts.month, 1) - 1).astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[D]") - first).astype(np.int64)
    calendar_ok = month_ok & (parts.day >= 1) & (parts.day <= length) & (parts.micros >= 0)
    local = (first + np.where(calendar_ok, parts.day - 1, 0)).astype("datetime64[us]")
    local = local + np.where(calendar_ok, parts.micros, 0).astype("timedelta64[us]")
    by_number = ~np.isnan(parts.serial) | ~np.isnan(parts.instant)
    local = np.where(by_number, _from_numbers(parts), local)
    year = np.where(by_number, local.astype("datetime64[Y]").astype(np.int64) + 1970, parts.year)
    is_placeholder = parts.is_read & _placeholders(local, year)
    is_possible = (calendar_ok | by_number) & (year >= _FIRST_YEAR) & (year <= _LAST_YEAR)
    return local, is_possible, is_placeholder


def _from_numbers(parts: DateParts) -> np.ndarray:
    seconds = np.round(np.nan_to_num(parts.serial) * 86400).astype(np.int64)
    serial = _EXCEL_DAY_0 + (seconds * 1_000_000).astype("timedelta64[us]")
    instant = np.nan_to_num(parts.instant).astype(np.int64).astype("datetime64[us]")
    return np.asarray(np.where(np.isnan(parts.serial), instant, serial))


def _placeholders(local: np.ndarray, years: np.ndarray) -> np.ndarray:
    days = local.astype("datetime64[D]")
    known = np.isin(days, np.array(_PLACEHOLDERS, "datetime64[D]")) & (local == days)
    return np.asarray(known | np.isin(years, _PLACEHOLDER_YEARS))


def _in_kind(local: np.ndarray, parts: DateParts, kind: str, time_zone: str) -> tuple[np.ndarray, tuple[Decision, ...]]:
    offset = np.where(np.isnan(parts.instant), parts.offset, 0.0)
    written_at_midnight = parts.micros[~np.isnan(offset)] == 0
    if kind == "day" and np.isnan(parts.instant).all() and len(written_at_midnight) and written_at_midnight.all():
        return local.astype("datetime64[D]").astype("datetime64[us]"), (decision("days_at_midnight"),)
    in_utc = local - (np.nan_to_num(offset) * 60_000_000).astype(np.int64).astype("timedelta64[us]")
    return _by_kind(in_utc, offset, kind, time_zone)


def _by_kind(
    moments: np.ndarray, offset: np.ndarray, kind: str, time_zone: str
) -> tuple[np.ndarray, tuple[Decision, ...]]:
    """Moments in UTC where an offset is known, local elsewhere -> days in the zone, or moments in UTC."""
    is_utc = ~np.isnan(offset)
    if kind == "moment":
        return moments_in_utc(moments, is_utc, time_zone)
    at_midnight = moments[is_utc & ~np.isnat(moments)]
    if len(at_midnight) and (at_midnight == at_midnight.astype("datetime64[D]")).all():
        return moments.astype("datetime64[D]").astype("datetime64[us]"), (decision("days_at_midnight"),)
    return days_in_zone(moments, is_utc, time_zone), ()


def _told(order: Order, parts: DateParts) -> tuple[Decision, ...]:
    n_months = int(parts.is_month_alone.sum())
    return order.told + ((decision("months_alone", n=n_months),) if n_months else ())


def _series(moments: np.ndarray, values: pd.Series) -> pd.Series:
    return pd.Series(moments.astype("datetime64[us]"), index=values.index, name=values.name)
