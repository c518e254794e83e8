"""From an export to what a forecast is made of: the book of its deals, with curves by models that learnt before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from oppnb.errors import DataError, ExtraMissingError, ParameterError
from oppnb.forecasting import Forecast, forecast_period
from oppnb.forecasting.checks import check_period
from oppnb.history import open_source
from oppnb.history.book import PipelineBook, read_book, weekly_days
from oppnb.history.landmarks import has_dates
from oppnb.periods import Period, parse_period, period_of
from oppnb.review.quotas import targets_in_base
from oppnb.stages import NO_DAY, OpenedData, open_data
from oppnb.tables import Note, Tables
from oppnb.workspace import Workspace

__all__ = ["OpenedForecast", "Ready", "after_export", "forecast_pipeline", "open_forecast"]

MOST_WEEKS = 208
Ready = Callable[[OpenedData, PipelineBook], None]
"""Refuses what cannot be, from the export and its book, before models learn."""
_MOSTLY = 0.5
_LATEST = 7


@dataclass(frozen=True)
class OpenedForecast:
    """An export, ready to be forecast.

    Attributes
    ----------
    opened : OpenedData
        The export.
    book : PipelineBook
        Its deals on weekly days up to the day of knowledge, with curves.
    notes : tuple of Note
        What the data do not carry, and what that costs.
    """

    opened: OpenedData
    book: PipelineBook
    notes: tuple[Note, ...]


def open_forecast(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    weekday: int | None = None,
    weeks: int = MOST_WEEKS,
    progress: Callable[[int, int], None] | None = None,
    ready: Ready | None = None,
    only: Mapping[str, str] | None = None,
) -> OpenedForecast:
    """Open an export and let models that learnt before each day say when its open deals will be won.

    Parameters
    ----------
    data, workspace, only
        As in `oppnb.stages.open_data`.
    as_of : date or str, optional
        The day of knowledge; by default the day of the export.
    weekday : int, optional
        Stand on this day of the week (0 is Sunday evening, before Monday); by default that of the day of knowledge.
    weeks : int
        How far back at most.
    progress : callable, optional
        Called with the number of models that have learnt, and of all.
    ready : callable, optional
        Called with the export and its book, still without curves: what it refuses is refused before models learn.

    Raises
    ------
    DataError
        If no deal has a date; and as `oppnb.stages.open_data`.
    ParameterError
        If no deal was known on the day.
    """
    opened = open_data(data, as_of=as_of, workspace=workspace, default_day=NO_DAY, only=only)
    late = after_export(opened)
    source = open_source(opened.tables)
    if opened.tables["opportunities"].empty:
        raise DataError("The export has no opportunities: there is nothing to forecast.")
    if not has_dates(source):
        raise DataError(
            "No deal has a date (created_at): a forecast says when, so it needs dates. "
            "Map the column that says when a deal was created (oppnb inspect shows what was found)."
        )
    last = opened.as_of if weekday is None else _last_weekday(opened.as_of, weekday)
    days = weekly_days(last, weeks=min(weeks, _weeks_known(opened, last)))
    book = read_book(source, days, known_on=opened.as_of, workspace=opened.workspace)
    if book.deals.empty:
        raise ParameterError(f"No deal was known on {opened.as_of}: name a later day of knowledge (--as-of).")
    if ready is not None:
        ready(opened, book)
    notes: list[Note] = list(late)
    try:
        from oppnb.scoring.win_curves import win_curves

        curves = win_curves(source, days, workspace=opened.workspace, progress=progress)
        book = book.with_columns(curves)
    except ExtraMissingError:
        notes.append(Note("forecast_without_scoring", {}))
    return OpenedForecast(opened, book, (*notes, *_notes(book)))


def after_export(opened: OpenedData) -> tuple[Note, ...]:
    """A note where the day of knowledge lies more than a week after what the export tells; none else."""
    exported = opened.tables.exported_on
    if exported is None or (opened.as_of - exported).days <= _LATEST:
        return ()
    values = {"day": opened.as_of.isoformat(), "exported": exported.isoformat()}
    return (Note("forecast_after_export", {**values, "n": (opened.as_of - exported).days}),)


def _last_weekday(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() + 1 - weekday) % 7)


def _weeks_known(opened: OpenedData, last: date) -> int:
    created = opened.tables["opportunities"].get("created_at")
    first = None if created is None else created.min()
    if first is None or pd.isna(first):
        return 52
    return max(int((last - first.date()).days // 7), 0)


def _notes(book: PipelineBook) -> list[Note]:
    """What is missing, and so what the forecast cannot see."""
    found = []
    past = book.open_rows[book.open_rows["as_of"] < pd.Timestamp(book.days[-1])]
    if len(past) and past["stage"].isna().mean() > _MOSTLY:
        found.append(Note("forecast_without_stage_history", {}))
    if len(past) and past["amount_base"].isna().mean() > _MOSTLY:
        found.append(Note("forecast_without_amount_history", {}))
    if len(past) and past["expected_close_on"].isna().mean() > _MOSTLY:
        found.append(Note("forecast_without_close_history", {}))
    return found


def forecast_pipeline(
    data: str | Path | Tables | OpenedForecast,
    *,
    as_of: date | str | None = None,
    period: Period | str | None = None,
    workspace: Workspace | str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    ready: Ready | None = None,
    only: Mapping[str, str] | None = None,
) -> tuple[OpenedForecast, Forecast]:
    """Forecast a period of an export.

    Parameters
    ----------
    data, as_of, workspace, progress, ready, only
        As in `open_forecast`; or what it gave: `progress` then counts the earlier forecasts that are told anew.
    period : Period or str, optional
        As 2026Q4, 2026-11 or FY2026; by default the period, of the workspace's kind (`forecast: period:`), that holds
        the day after the day of knowledge.

    Raises
    ------
    PeriodError
        If the period is misspelt: before models learn.
    ParameterError
        If it is over: before models learn.
    CurrencyError
        If a quota of it is in a currency without a rate: before models learn.
    """

    def check(opened: OpenedData, book: PipelineBook) -> None:
        asked = _period_asked(book, period)
        check_period(asked, book.days[-1])
        targets_in_base(opened.tables, workspace=opened.workspace, as_of=book.days[-1], period=asked)
        if ready is not None:
            ready(opened, book)

    if isinstance(data, OpenedForecast):
        found = data
    else:
        found = open_forecast(data, as_of=as_of, workspace=workspace, progress=progress, ready=check, only=only)
    meant, opened = _period_asked(found.book, period), found.opened
    targets = targets_in_base(opened.tables, workspace=opened.workspace, as_of=found.book.days[-1], period=meant)
    told = progress if found is data else None
    return found, forecast_period(found.book, meant, targets=targets, progress=told)


def _period_asked(book: PipelineBook, period: Period | str | None) -> Period:
    start = book.workspace.calendar.fiscal_year_start
    if period is None:
        kind = book.workspace.forecast.period
        return period_of(book.days[-1] + timedelta(days=1), kind=kind, fiscal_year_start=start)
    return parse_period(period, fiscal_year_start=start) if isinstance(period, str) else period
