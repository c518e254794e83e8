"""The ledger of forecasts that were published, so that they can be judged later."""

from datetime import date, datetime

import numpy as np
import pandas as pd

from oppnb.store import STORED, Store

__all__ = ["append_forecasts", "forecasts_known", "remember_forecasts"]

_TARGET = ["period", "node", "model", "quantity"]


def append_forecasts(
    store: Store, frame: pd.DataFrame, *, run_id: str | None = None, seen_at: datetime | None = None
) -> str:
    """Add published forecasts to the store; what stands there is not changed.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    frame : DataFrame
        `as_of`, `period`, `node`, `model`, `quantity`, `value` (null: it could not be said); further columns are
        kept.
    run_id : str, optional
        Name of the run; a run writes once.
    seen_at : datetime, optional
        When it was published, with a zone or in UTC; by default now.

    Returns
    -------
    str
        `table/file` of what was written.

    Raises
    ------
    StoreError
        If a column is missing, a key is null or the store cannot be written to.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from oppnb.store import open_store
    >>> said = pd.DataFrame({"as_of": pd.to_datetime(["2024-10-06"]), "period": ["2024Q4"], "node": ["company"],
    ...     "model": ["blend"], "quantity": ["mean"], "value": [1.5e6]})
    >>> with TemporaryDirectory() as folder:
    ...     store = open_store(folder)
    ...     print(append_forecasts(store, said, run_id="monday"))
    ...     print(forecasts_known(store, date(2024, 10, 13))["value"].tolist())
    forecasts/monday.parquet
    [1500000.0]
    """
    return store.append("forecasts", frame, run_id=run_id, seen_at=seen_at)


def remember_forecasts(store: Store, frame: pd.DataFrame, *, seen_at: datetime | None = None) -> str | None:
    """Add published forecasts, unless the last word in the store on each of their figures is the same already.

    Parameters
    ----------
    store, frame, seen_at
        As in `append_forecasts`.

    Returns
    -------
    str or None
        `table/file` of what was written; None if nothing was new: a run that is repeated adds nothing.

    Raises
    ------
    StoreError
        As `append_forecasts`; also if the store cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from oppnb.store import open_store
    >>> said = pd.DataFrame({"as_of": pd.to_datetime(["2024-10-06"]), "period": ["2024Q4"], "node": ["company"],
    ...     "model": ["blend"], "quantity": ["mean"], "value": [1.5e6]})
    >>> with TemporaryDirectory() as folder:
    ...     store = open_store(folder)
    ...     [remember_forecasts(store, said) is None for _ in range(3)]
    [False, True, True]
    """
    return None if _stands_already(store, frame) else append_forecasts(store, frame, seen_at=seen_at)


def _stands_already(store: Store, frame: pd.DataFrame) -> bool:
    if frame.empty or not {"as_of", *_TARGET, "value"} <= set(frame.columns):
        return False  # an append says what is wrong with such a frame
    days = frame["as_of"]
    known = store.read("forecasts", as_of_from=days.min().date(), as_of_until=days.max().date())
    last = known.drop_duplicates(["as_of", *_TARGET], keep="last").set_index(["as_of", *_TARGET])["value"]
    keys = pd.MultiIndex.from_frame(frame[["as_of", *_TARGET]])
    if not keys.isin(last.index).all():
        return False
    before, now = last.reindex(keys).to_numpy(dtype="float64"), frame["value"].to_numpy(dtype="float64")
    return bool(np.isclose(before, now, rtol=_SAME, atol=0.0, equal_nan=True).all())


_SAME = 1e-9
"""Sums in another order, on a machine with more cores, differ by less."""


def forecasts_known(
    store: Store, before: date, *, only_last: bool = False, seen_before: datetime | None = None
) -> pd.DataFrame:
    """The forecasts about days before a day, each as it was published last.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    before : date
        Forecasts made as of this day and later are not looked at.
    only_last : bool
        Only the latest as-of day of each period, node, model and quantity.
    seen_before : datetime, optional
        Nor are those written from this moment on: a run repeated later then says the same again.

    Returns
    -------
    DataFrame
        By `as_of`, `period`, `node`, `model` and `quantity`: what was appended, with `run_id` and `seen_at`.
    """
    rows = store.read("forecasts", as_of_before=before, seen_before=seen_before)
    last = rows.drop_duplicates(_TARGET if only_last else ["as_of", *_TARGET], keep="last")
    found = last.sort_values(["as_of", *_TARGET], ignore_index=True)
    return found[[*STORED["forecasts"].columns, *(name for name in found if name not in STORED["forecasts"].columns)]]
