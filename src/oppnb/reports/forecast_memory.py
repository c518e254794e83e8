"""The memory of published forecasts: the store of the workspace, looked at before the work and written to after it."""

from collections.abc import Mapping

import pandas as pd

from oppnb.forecasting import Forecast, remember_forecasts
from oppnb.forecasting.forecast import forecast_frame
from oppnb.forecasting.nodes import COMPANY
from oppnb.history.book import PipelineBook
from oppnb.reports.handover import input_path
from oppnb.stages import OpenedData
from oppnb.stages.slicing import slice_name
from oppnb.store import Store, open_store

__all__ = ["check_memory", "of_whole_or_slice", "remember", "store_at"]

_WHOLE = (COMPANY, "all")


def store_at(place: str | None) -> Store | None:
    """The store at a place; None without one. Relative paths mean the folder in which a report was started."""
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
    store = store_at(opened.ledger)
    if store is not None:
        store.read("forecasts", as_of_from=book.days[-1], as_of_until=book.days[-1])


def remember(forecast: Forecast, *, ledger: str | None, only: Mapping[str, str] | None = None) -> str | None:
    """Add the forecast to the store, that of a slice under the slice's own name.

    Parameters
    ----------
    forecast : Forecast
        As it is told.
    ledger : str or None
        Where the store lies; see `oppnb.stages.OpenedData`.
    only : mapping of str to str, optional
        The slice that it is of.

    Returns
    -------
    str or None
        `table/file` of what was written; None without a store, and where the store says the same already.

    Raises
    ------
    StoreError
        If the store cannot be read or written to.
    """
    store = store_at(ledger)
    if store is None:
        return None
    frame = forecast_frame(forecast, node=slice_name(only) if only else _WHOLE[-1])
    return remember_forecasts(store, frame.assign(is_told=frame["model"] == forecast.chosen.model))


def of_whole_or_slice(frame: pd.DataFrame, only: Mapping[str, str] | None) -> pd.DataFrame:
    """The rows of a ledger about the whole pipeline, or those about a slice, as the company's.

    Parameters
    ----------
    frame : DataFrame
        With `node`; rows of deals have none and are left out.
    only : mapping of str to str, optional
        Column -> value of the slice.
    """
    meant = [slice_name(only)] if only else list(_WHOLE)
    return frame[frame["node"].isin(meant)].assign(node=COMPANY)
