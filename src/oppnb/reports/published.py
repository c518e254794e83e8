"""The section of forecasts as they were published: read from the store, shown beside what came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd

from oppnb import charts
from oppnb.errors import OppnbError
from oppnb.forecasting import forecasts_known
from oppnb.forecasting.published import published_beside_actuals, tell_published
from oppnb.history import open_source
from oppnb.history.book import PipelineBook, read_book
from oppnb.periods import parse_period
from oppnb.reports.forecast_memory import of_whole_or_slice, store_at
from oppnb.reports.page import Page
from oppnb.reports.tables_html import TableLook
from oppnb.reports.told_forecast import ToldForecast
from oppnb.review import Review
from oppnb.workspace import Workspace

__all__ = ["Asked", "show_published"]

_AMOUNTS = ("expected_amount", "low_amount", "high_amount", "actual_amount", "difference_amount")
_LOOK = TableLook(cards=True, limit=12, numbers=_AMOUNTS)
_DRAWN = 12


@dataclass(frozen=True, eq=False)
class Asked:
    """Whose published forecasts are asked for, and what is known of what came.

    Attributes
    ----------
    day : date
        Of knowledge: what was published about it or later is not looked at.
    workspace : Workspace
        Whose fiscal year names the periods.
    book : PipelineBook
        The deals as they were known on the day.
    ledger : str or None
        Where the store lies.
    only : mapping of str to str
        The slice; empty for the whole.
    """

    day: date
    workspace: Workspace
    book: PipelineBook
    ledger: str | None
    only: Mapping[str, str]


def show_published(page: Page, asked: Asked | ToldForecast | Review) -> None:
    """Show what was published before, and what came; nothing where the workspace has no store.

    Parameters
    ----------
    page : Page
        The report.
    asked : Asked, ToldForecast or Review
        Of a forecast: its own deals and its store. A review reads its deals anew.
    """
    found = asked if isinstance(asked, Asked) else _of_told(asked) if isinstance(asked, ToldForecast) else _of(asked)
    if found is None or found.ledger is None:
        return
    try:
        said, why = _said(found, found.ledger), ""
    except OppnbError as error:
        said, why = pd.DataFrame(), page.words("report_forecast.store_not_read", why=" ".join(str(error).split()))
    if said.empty and not why and isinstance(asked, Review):
        return  # nobody who makes no forecasts waits for one
    page.subsection(page.words("forecast_published.title"))
    if why:
        page.say(why)
        return
    judged = published_beside_actuals(said, _came(found, sorted(set(said["period"]))))
    if judged.empty:
        page.say(_nothing_judged(page, said))
        return
    page.say(page.words("forecast_published.lead_slice" if found.only else "forecast_published.lead"))
    page.points(tell_published(judged, words=page.words, formats=page.formats))
    _draw(page, judged)
    page.table("published", judged, shown=_shown(page, judged), look=_LOOK)


def _of_told(told: ToldForecast) -> Asked:
    opened = told.found.opened
    return Asked(told.forecast.point.day, told.workspace, told.book, opened.ledger, opened.only)


def _of(review: Review) -> Asked | None:
    if review.ledger is None:
        return None
    day, settled = review.as_of, review.workspace
    book = read_book(open_source(review.tables), [day], known_on=day, workspace=settled)
    return Asked(day, settled, book, review.ledger, review.only)


def _said(asked: Asked, ledger: str) -> pd.DataFrame:
    store = store_at(ledger)
    if store is None:
        return pd.DataFrame(columns=["as_of", "period", "node", "model", "quantity", "value"])
    return of_whole_or_slice(forecasts_known(store, asked.day), asked.only)


def _came(asked: Asked, names: list[str]) -> dict[str, float]:
    """What was won in the periods that are over, as known on the day."""
    found = {}
    for name in names:
        period = parse_period(name, fiscal_year_start=asked.workspace.calendar.fiscal_year_start)
        if period.end <= asked.day:
            found[name] = float(asked.book.won_between(period.start, period.end)["amount_base"].sum())
    return found


def _nothing_judged(page: Page, said: pd.DataFrame) -> str:
    if said.empty:
        return page.words("forecast_published.none_yet")
    names = page.words("scoring.between").join(sorted(set(said["period"])))
    n_days = page.formats.number(said["as_of"].nunique())
    return page.words("forecast_published.none_over", n_days=n_days, periods=names)


def _draw(page: Page, judged: pd.DataFrame) -> None:
    """All of them if they are few; else the first of each period, the latest periods."""
    is_short = len(judged) <= _DRAWN
    drawn = judged if is_short else judged.drop_duplicates("period", keep="first").tail(_DRAWN)
    days = [page.formats.day(day, short=True) for day in drawn["as_of"].dt.date]
    drawn = drawn.assign(name=[f"{period} · {day}" for period, day in zip(drawn["period"], days, strict=True)])
    held = drawn["is_held"].dropna().astype(bool)
    numbers = {"held": page.formats.number(int(held.sum())), "n": page.formats.number(len(held))}
    key = "chart" if is_short else "chart_first"
    around = charts.Estimate(
        "expected_amount",
        "low_amount",
        "high_amount",
        name=page.words("report_forecast.interval_80"),
        reference="actual_amount",
        reference_name=page.words("report_forecast.came_line"),
    )
    title = page.words(f"forecast_published.{key}", **numbers)
    write = partial(page.formats.money, short=True)
    page.figure(charts.intervals(drawn, label="name", estimate=around, title=title, write=write))


def _shown(page: Page, judged: pd.DataFrame) -> pd.DataFrame:
    """Latest first, amounts in short, without the model's name; the workbook has them in full."""
    said = {True: page.words("forecast_published.yes"), False: page.words("forecast_published.no")}
    latest = judged.iloc[::-1].reset_index(drop=True)
    write = partial(page.formats.money, short=True)
    amounts = {name: latest[name].map(write, na_action="ignore") for name in _AMOUNTS}
    return latest.drop(columns="model").assign(**amounts, is_held=latest["is_held"].map(said))
