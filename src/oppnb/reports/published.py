"""The section of forecasts as they were published: read from the store, shown beside what came."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb import charts
from oppnb.errors import OppnbError
from oppnb.forecasting import forecasts_known
from oppnb.forecasting.published import published_beside_actuals, tell_published
from oppnb.periods import parse_period
from oppnb.reports.forecast_memory import of_whole_or_slice, store_at
from oppnb.reports.page import Page
from oppnb.reports.tables_html import TableLook
from oppnb.reports.told_forecast import ToldForecast

__all__ = ["show_published"]

_LOOK = TableLook(cards=True, limit=12)
_DRAWN = 12


@dataclass(frozen=True)
class _Kept:
    """Published forecasts of the ledger, and those of them whose period is over."""

    said: pd.DataFrame
    judged: pd.DataFrame


def show_published(
    page: Page, told: ToldForecast, *, ledger: str | None = None, only: Mapping[str, str] | None = None
) -> None:
    """Show what was published before, and what came; nothing where the workspace has no store.

    Parameters
    ----------
    page : Page
        The report.
    told : ToldForecast
        The forecast of the report.
    ledger : str, optional
        Where the store lies; by default as the forecast's own data say.
    only : mapping of str to str, optional
        The slice that is spoken of; by default that of the forecast's own data.
    """
    opened = told.found.opened
    ledger, only = ledger or opened.ledger, only or opened.only
    if ledger is None:
        return
    page.subsection(page.words("forecast_published.title"))
    try:
        kept = _read(told, ledger, only)
    except OppnbError as error:
        page.say(told.said("store_not_read", why=" ".join(str(error).split())))
        return
    if kept.judged.empty:
        page.say(_nothing_judged(kept.said, told))
        return
    page.say(page.words("forecast_published.lead_slice" if only else "forecast_published.lead"))
    page.points(tell_published(kept.judged, words=page.words, formats=page.formats))
    _draw(page, kept.judged, told)
    page.table("published", kept.judged, shown=_shown(page, kept.judged), look=_LOOK)


def _read(told: ToldForecast, ledger: str, only: Mapping[str, str] | None) -> _Kept:
    store, day = store_at(ledger), told.forecast.point.day
    if store is None:
        return _Kept(pd.DataFrame(), pd.DataFrame())
    said = of_whole_or_slice(forecasts_known(store, day), only)
    return _Kept(said, published_beside_actuals(said, _came(told, sorted(set(said["period"])))))


def _came(told: ToldForecast, names: list[str]) -> dict[str, float]:
    """What was won in the periods that are over, as known on the forecast's day."""
    found = {}
    for name in names:
        period = parse_period(name, fiscal_year_start=told.workspace.calendar.fiscal_year_start)
        if period.end <= told.forecast.point.day:
            found[name] = float(told.book.won_between(period.start, period.end)["amount_base"].sum())
    return found


def _nothing_judged(said: pd.DataFrame, told: ToldForecast) -> str:
    if said.empty:
        return told.words("forecast_published.none_yet")
    names = told.words("scoring.between").join(sorted(set(said["period"])))
    return told.words(
        "forecast_published.none_over", n_days=told.formats.number(said["as_of"].nunique()), periods=names
    )


def _draw(page: Page, judged: pd.DataFrame, told: ToldForecast) -> None:
    """All of them if they are few; else the first of each period, the latest periods."""
    is_short = len(judged) <= _DRAWN
    drawn = judged if is_short else judged.drop_duplicates("period", keep="first").tail(_DRAWN)
    days = [page.formats.day(day) for day in drawn["as_of"].dt.date]
    drawn = drawn.assign(name=[f"{period} · {day}" for period, day in zip(drawn["period"], days, strict=True)])
    held = drawn["is_held"].dropna().astype(bool)
    numbers = {"held": page.formats.number(int(held.sum())), "n": page.formats.number(len(held))}
    key = "chart" if is_short else "chart_first"
    around = charts.Estimate(
        "expected_amount",
        "low_amount",
        "high_amount",
        name=told.said("interval_80"),
        reference="actual_amount",
        reference_name=told.said("came_line"),
    )
    title = page.words(f"forecast_published.{key}", **numbers)
    page.figure(charts.intervals(drawn, label="name", estimate=around, title=title, write=told.money))


def _shown(page: Page, judged: pd.DataFrame) -> pd.DataFrame:
    """Latest first, without the model's name."""
    said = {True: page.words("forecast_published.yes"), False: page.words("forecast_published.no")}
    latest = judged.iloc[::-1].reset_index(drop=True)
    return latest.drop(columns="model").assign(is_held=latest["is_held"].map(said))
