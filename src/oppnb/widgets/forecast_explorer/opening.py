"""What the explorer is given: an export, an opened forecast, or one that is made already."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oppnb.errors import WorkspaceError
from oppnb.forecasting import Forecast
from oppnb.forecasting.explored import ExploredForecast
from oppnb.locale import Formats, Words
from oppnb.opening import OpenedForecast, forecast_pipeline
from oppnb.review.quotas import targets_in_base
from oppnb.stages import only_currency
from oppnb.store import Store, open_store
from oppnb.tables import Tables
from oppnb.widgets.shown_progress import cell_progress
from oppnb.widgets.work import Watch
from oppnb.workspace import Workspace, read_workspace

__all__ = ["Given", "Material", "explored_of", "needed", "open_given", "store_given"]

Given = str | Path | Tables | OpenedForecast | tuple[OpenedForecast, Forecast]
_OF_OPENING = ("as_of", "workspace", "period")


@dataclass(frozen=True)
class Material:
    """An opened export with the forecast of a period, and the reader's language."""

    found: OpenedForecast
    forecast: Forecast
    words: Words
    formats: Formats
    path: str
    """Of the workspace file; empty if it is not known."""

    @property
    def workspace(self) -> Workspace:
        """With its processes settled."""
        return self.found.opened.workspace

    @property
    def names(self) -> Mapping[str, str]:
        """Names of deals by id, where the data has them."""
        return _names(self.found.opened.tables, "opportunities", "opportunity_id")

    @property
    def owners(self) -> Mapping[str, str]:
        """Names of owners by id."""
        return _names(self.found.opened.tables, "owners", "owner_id")


def open_given(data: Given, settings: Mapping[str, Any]) -> Material:
    """Open what was given; raises as `oppnb.opening.forecast_pipeline`."""
    asked = {name: settings[name] for name in _OF_OPENING if settings.get(name) is not None}
    given = asked.get("workspace")
    path = str(settings.get("save_to") or (given if isinstance(given, (str, Path)) else ""))
    if isinstance(data, tuple):
        found, forecast = data
    else:
        with cell_progress(_locale_of(data, settings)) as progress:
            found, forecast = forecast_pipeline(data, progress=progress, **asked)
    settled = found.opened.workspace
    words = Words(settings.get("locale") or settled.locale)
    money = settings.get("currency") or settled.currency or only_currency(found.opened.tables)
    return Material(found, forecast, words, Formats(words.locale, currency=money), path)


def _locale_of(data: Given, settings: Mapping[str, Any]) -> str:
    """The reader's language before anything is opened."""
    given = data.opened.workspace if isinstance(data, OpenedForecast) else settings.get("workspace")
    asked: str | None = settings.get("locale")
    return asked or (given if isinstance(given, Workspace) else read_workspace(given)).locale


def explored_of(material: Material, forecast: Forecast, watch: Watch) -> ExploredForecast:
    """All that is kept of a forecast while it is moved."""
    found, point = material.found, forecast.point
    targets = targets_in_base(
        found.opened.tables, workspace=material.workspace, as_of=found.book.days[-1], period=point.period
    )
    watch.done(0.9)
    explored = ExploredForecast(forecast, found.book, targets=targets)
    explored.told()
    return explored


def store_given(given: Store | str | Path | None, workspace: Workspace) -> Store | None:
    """The store that was given, else the workspace's; None without one."""
    if isinstance(given, Store):
        return given
    place = workspace.store if given is None else str(given)
    return None if place is None else open_store(place)


def needed(store: Store | None) -> Store:
    """A store, or words on how to have one."""
    if store is None:
        raise WorkspaceError(
            "There is no store, so nothing could remember an override. Write a line such as  store: memory/  into "
            "oppnb.yaml, or give the explorer store=…"
        )
    return store


def _names(tables: Tables, table: str, key: str) -> Mapping[str, str]:
    if table not in tables or "name" not in tables[table]:
        return {}
    named = tables[table].dropna(subset=["name"])
    return dict(zip(named[key].astype(str), named["name"].astype(str), strict=True))
