"""The section of forecasts as they were published: read from the store, shown beside what came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd

from oppnb import charts
from oppnb.errors import OppnbError
from oppnb.forecasting import forecasts_known
from oppnb.forecasting.published import amounts_that_came, published_beside_actuals, tell_published
from oppnb.history import open_source
from oppnb.history.book import PipelineBook, read_book
from oppnb.reports.forecast_memory import of_whole_or_slice, store_at
from oppnb.reports.page import Page
from oppnb.reports.tables_html import TableLook
from oppnb.reports.told_forecast import ToldForecast
from oppnb.review import Review

__all__ = ["Asked", "show_published"]

_AMOUNTS = ("expected_amount", "low_amount", "high_amount", "actual_amount", "difference_amount")
_LOOK = TableLook(cards=True, limit=12, numbers=_AMOUNTS)
_DRAWN = 12


@dataclass(frozen=True, eq=False)
class Asked:
    """Whose published forecasts are asked for.

    Attributes
    ----------
    day : date
        Of knowledge: what was published about it or later is not looked at.
    ledger : str or None
        Where the store lies.
    only : mapping of str to str
        The slice; empty for the whole.
    book : callable
        Gives the deals as they were known on the day; called only where there is something to judge.
    is_waiting : bool
        Whether it is said that nothing was published yet: not to those who make no forecasts.
    """

    day: date
    ledger: str | None
    only: Mapping[str, str]
    book: Callable[[], PipelineBook]
    is_waiting: bool = True

    @classmethod
    def of(cls, asked: "Asked | ToldForecast | Review") -> "Asked":
        """Of a forecast its own deals; a review reads its deals anew."""
        if isinstance(asked, Asked):
            return asked
        if isinstance(asked, ToldForecast):
            opened = asked.found.opened
            return cls(asked.forecast.point.day, opened.ledger, opened.only, lambda: asked.book)
        return cls(asked.as_of, asked.ledger, asked.only, lambda: _book_of(asked), is_waiting=False)


def show_published(page: Page, asked: Asked | ToldForecast | Review) -> None:
    """Show what was published before, and what came; nothing where the workspace has no store.

    Parameters
    ----------
    page : Page
        The report.
    asked : Asked, ToldForecast or Review
        See `Asked.of`.
    """
    found = Asked.of(asked)
    try:
        store = store_at(found.ledger)
        said = None if store is None else of_whole_or_slice(forecasts_known(store, found.day), found.only)
    except OppnbError as error:
        page.subsection(page.words("forecast_published.title"))
        page.say(page.words("report_forecast.store_not_read", why=" ".join(str(error).split())))
        return
    if said is None or (said.empty and not found.is_waiting):
        return
    page.subsection(page.words("forecast_published.title"))
    judged = published_beside_actuals(said, amounts_that_came(found.book(), said["period"]) if len(said) else {})
    if judged.empty:
        page.say(_nothing_judged(page, said))
        return
    page.say(page.words("forecast_published.lead_slice" if found.only else "forecast_published.lead"))
    page.points(tell_published(judged, words=page.words, formats=page.formats))
    _draw(page, judged)
    page.table("published", judged, shown=_shown(page, judged), look=_LOOK)


def _book_of(review: Review) -> PipelineBook:
    source = open_source(review.tables)
    return read_book(source, [review.as_of], known_on=review.as_of, workspace=review.workspace)


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
