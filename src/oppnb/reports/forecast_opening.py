"""From an export to a forecast, or to a period looked back at, with the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from oppnb.errors import PeriodError
from oppnb.forecasting import (
    ForecastBacktest,
    Proposals,
    Retrospective,
    backtest_forecasts,
    forecast_period,
    points_of,
    propose_changes,
    retrospective,
)
from oppnb.forecasting.checks import check_scenarios
from oppnb.forecasting.opening_days import opening_point
from oppnb.history.book import PipelineBook
from oppnb.locale import Formats, Words
from oppnb.periods import Period, parse_period, period_of
from oppnb.reports.forecast_memory import check_memory
from oppnb.reports.open_forecast import OpenedForecast, forecast_pipeline, open_forecast
from oppnb.reports.retrospective_odds import odds_of_history
from oppnb.reports.told_forecast import ToldForecast
from oppnb.stages import NO_DAY, OpenedData, only_currency, open_data
from oppnb.tables import Tables
from oppnb.workspace import Workspace, read_workspace
from oppnb.workspace.workspace_file import WorkspaceFile

__all__ = ["LookedBack", "backtest_by_weeks", "look_back", "refuse_unfinished", "tell_forecast_of"]

_PERIODS = {"month": 12, "quarter": 8, "year": 4}
_EVERY = 2


def tell_forecast_of(
    data: str | Path | Tables | OpenedForecast,
    *,
    as_of: date | str | None = None,
    period: str | None = None,
    workspace: Workspace | str | Path | None = None,
    locale: str | None = None,
    currency: str | None = None,
    only: Mapping[str, str] | None = None,
) -> ToldForecast:
    """Forecast a period of an export, for a report.

    Parameters
    ----------
    data, as_of, period, workspace, only
        As in `oppnb.reports.open_forecast.forecast_pipeline`.
    locale : {'en', 'zh_CN'}, optional
        By default the workspace's.
    currency : str, optional
        How amounts are written; by default the workspace's, else the only one of the data.

    Returns
    -------
    ToldForecast
    """
    found, forecast = forecast_pipeline(
        data, as_of=as_of, period=period, workspace=workspace, ready=_check_report, only=only
    )
    return ToldForecast(found, forecast, *_language(found, locale, currency))


def _check_report(opened: OpenedData, book: PipelineBook) -> None:
    """What a report would stumble over after the models have learnt: the store, the scenarios of the workspace."""
    check_memory(opened, book)
    check_scenarios(opened.workspace.forecast.scenarios, book)


def _language(found: OpenedForecast, locale: str | None, currency: str | None) -> tuple[Words, Formats]:
    settled = found.opened.workspace
    words = Words(locale or settled.locale)
    money = currency or settled.currency or only_currency(found.opened.tables)
    return words, Formats(words.locale, currency=money)


def backtest_by_weeks(
    told: ToldForecast, *, periods: int | None = None, every: int = _EVERY, by: Sequence[str] = ()
) -> ForecastBacktest:
    """Stand on past days of the last periods, week by week to their ends.

    Parameters
    ----------
    told : ToldForecast
        The forecast; its book is used, only as it was known on each day.
    periods : int, optional
        By default 12 months, 8 quarters or 4 years.
    every : int
        Each so many weeks before the end: 1 for all, which takes longer.
    by : sequence of str
        Columns to judge by, too; see `judged_columns`.
    """
    point = told.forecast.point
    number = _PERIODS[point.period.kind] if periods is None else periods
    first = point.period.shift(-number).start
    known = told.book.known(point.day)
    points = [
        one
        for one in points_of(known, kind=point.period.kind)
        if one.period.start >= first and one.weeks_left % every == 0 and one.days_to_end > 0
    ]
    return backtest_forecasts(known, points, by=by)


@dataclass(frozen=True, eq=False)
class LookedBack:
    """A period looked back at, and what is proposed after it.

    Attributes
    ----------
    found : OpenedForecast
        The export as known at the period's end.
    result : Retrospective
        Opening forecast against result.
    proposals : Proposals
        What to set otherwise.
    words, formats : Words, Formats
        The reader's language and currency.
    """

    found: OpenedForecast
    result: Retrospective
    proposals: Proposals
    words: Words
    formats: Formats
    workspace_text: str | None = None
    """What the workspace file says; None where there is none."""
    odds: pd.DataFrame | None = None
    """What the odds among the proposals rest on, of `oppnb.reports.retrospective_odds.odds_of_history`."""

    def distribution(self) -> pd.DataFrame:
        """`amount`: equally likely values of the opening's forecast."""
        return pd.DataFrame({"amount": self.result.distribution.told().values})


def look_back(
    data: str | Path | Tables,
    period: Period | str | None = None,
    *,
    workspace: Workspace | str | Path | None = None,
    locale: str | None = None,
    currency: str | None = None,
    only: Mapping[str, str] | None = None,
) -> LookedBack:
    """Look back at a period, with what was known at its end.

    Parameters
    ----------
    data, workspace, only
        As in `oppnb.stages.open_data`.
    period : Period or str, optional
        Over by the day of the export; by default the last one that is, of the workspace's kind (`forecast: period:`).
    locale, currency
        As in `tell_forecast_of`.

    Returns
    -------
    LookedBack

    Raises
    ------
    PeriodError
        If the period is not over by the day of the export, or begins before any deal is known: before models learn.
    """
    settled = workspace if isinstance(workspace, Workspace) else read_workspace(workspace)
    start = settled.calendar.fiscal_year_start
    if period is None:
        period = _last_over(data, settled)
    meant = parse_period(period, fiscal_year_start=start) if isinstance(period, str) else period
    opening = meant.start - timedelta(days=1)
    weekday = (opening.weekday() + 1) % 7  # the day before the period is one of the days stood on

    def ready(opened: OpenedData, book: PipelineBook) -> None:
        refuse_unfinished(meant, opened.tables.exported_on)
        opening_point(book, meant)

    found = open_forecast(data, as_of=meant.end, workspace=settled, weekday=weekday, ready=ready, only=only)
    tables = found.opened.tables
    rates = tables["exchange_rates"] if "exchange_rates" in tables.frames else None
    told = forecast_period(found.book, meant, day=opening_point(found.book, meant).day)
    result = retrospective(found.book, meant, exchange_rates=rates, told=told)
    words, formats = _language(found, locale, currency)
    said = None if workspace is None or isinstance(workspace, Workspace) else WorkspaceFile.read(workspace).text
    odds = odds_of_history(found.opened)
    return LookedBack(found, result, propose_changes(found.book, meant, odds=odds), words, formats, said, odds)


def _last_over(data: str | Path | Tables, settled: Workspace) -> Period:
    """The last period that ended on the day of the export or before."""
    day = open_data(data, workspace=settled, default_day=NO_DAY).as_of
    holds_next = period_of(
        day + timedelta(days=1), kind=settled.forecast.period, fiscal_year_start=settled.calendar.fiscal_year_start
    )
    return holds_next.shift(-1)


def refuse_unfinished(period: Period, exported: date | None) -> None:
    """Refuse to look back at a period that is not over on the day of the export.

    Raises
    ------
    PeriodError
        With the period before.
    """
    if exported is not None and exported < period.end:
        raise PeriodError(
            f"{period.name} ends on {period.end}, and the export was made on {exported}: the period is not over.\n"
            f"Look back at {period.shift(-1).name}, or take a later export."
        )
