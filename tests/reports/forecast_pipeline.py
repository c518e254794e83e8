"""A small pipeline with curves by hand: forecasts of it are poor, every part of a report is there."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from oppnb.forecasting import curve_name
from oppnb.history import open_source
from oppnb.history.book import read_book, weekly_days
from oppnb.locale import Formats, Words
from oppnb.reports import ToldForecast
from oppnb.reports.open_forecast import OpenedForecast, forecast_pipeline
from oppnb.stages import open_data
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace

DAY = date(2024, 5, 5)
_END = date(2024, 12, 31)


@cache
def small_pipeline() -> tuple[Tables, Workspace]:
    """300 deals of three years, with every table."""
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.workspace_file import workspace_yaml

    settings = SyntheticSettings(n_opportunities=300, end=_END)
    return make_pipeline(settings).tables, parse_workspace(workspace_yaml(settings))


def curves_by_hand(book: Any) -> pd.DataFrame:
    """The same slowly rising chance for every deal on every day."""
    days = np.array([7, 14, 28, 56, 91, 119])
    values = np.tile(0.35 * (1 - np.exp(-days / 60)), (len(book.open_rows), 1))
    curves = pd.DataFrame(values, columns=[curve_name(int(one)) for one in days])
    return pd.concat([book.open_rows[["opportunity_id", "as_of"]].reset_index(drop=True), curves], axis="columns")


def opened_until(day: date, *, tables: Tables | None = None) -> OpenedForecast:
    """What `open_forecast` gives, with curves by hand."""
    made, settings = small_pipeline()
    opened = open_data(tables or made, as_of=day, workspace=settings)
    book = read_book(open_source(opened.tables), weekly_days(day, weeks=66), known_on=day, workspace=opened.workspace)
    return OpenedForecast(opened, book.with_columns(curves_by_hand(book)), ())


def told_on(day: date = DAY, *, tables: Tables | None = None) -> ToldForecast:
    """A forecast of the quarter that holds the next day."""
    found, forecast = forecast_pipeline(opened_until(day, tables=tables))
    return ToldForecast(found, forecast, Words("en"), Formats("en", currency="CNY"))


@cache
def usual(locale: str = "en") -> ToldForecast:
    """The forecast on `DAY`, made once a language."""
    if locale == "en":
        return told_on()
    first = usual()
    return ToldForecast(first.found, first.forecast, Words(locale), Formats(locale, currency="CNY"))


def altered(
    told: ToldForecast, *, leave_out: tuple[str, ...] = (), without_target: bool = False, **settings: Any
) -> ToldForecast:
    """The same forecast with fewer tables or other settings beside it, and nothing made anew."""
    opened = told.found.opened
    frames = {name: frame for name, frame in opened.tables.frames.items() if name not in leave_out}
    opened = replace(
        opened,
        tables=Tables(frames, exported_on=opened.tables.exported_on),
        workspace=opened.workspace.model_copy(update=settings),
    )
    forecast = replace(told.forecast, target=None) if without_target else told.forecast
    return replace(told, found=replace(told.found, opened=opened), forecast=forecast)
