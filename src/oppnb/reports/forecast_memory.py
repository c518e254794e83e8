"""The memory of published forecasts: the store of the workspace, looked at before the work and written to after it."""

from oppnb.forecasting import Forecast, remember_forecasts
from oppnb.forecasting.forecast import forecast_frame
from oppnb.history.book import PipelineBook
from oppnb.reports.handover import input_path
from oppnb.reports.open_forecast import OpenedForecast
from oppnb.stages import OpenedData
from oppnb.store import Store, open_store
from oppnb.workspace import Workspace

__all__ = ["check_memory", "remember", "store_of"]


def store_of(workspace: Workspace) -> Store | None:
    """The workspace's store; None without one. Relative paths mean the folder in which a report was started."""
    place = workspace.store
    if place is None:
        return None
    return open_store(place if "${" in place else str(input_path(place)))


def check_memory(opened: OpenedData, book: PipelineBook) -> None:
    """Refuse a store that cannot be read before models learn; see `oppnb.reports.open_forecast.Ready`.

    Raises
    ------
    StoreError
        As `oppnb.store.open_store` and `Store.read`.
    """
    store = store_of(opened.workspace)
    if store is not None:
        store.read("forecasts", as_of_from=book.days[-1], as_of_until=book.days[-1])


def remember(found: OpenedForecast, forecast: Forecast) -> str | None:
    """Add the forecast to the store.

    Returns
    -------
    str or None
        `table/file` of what was written; None without a store, and where the store says the same already.

    Raises
    ------
    StoreError
        If the store cannot be read or written to.
    """
    store = store_of(found.opened.workspace)
    return None if store is None else remember_forecasts(store, forecast_frame(forecast))
