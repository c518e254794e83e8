"""What became of earlier deals of an owner, an account, …, as known on days."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from oppnb.errors import ColumnMissingError
from oppnb.history.closings import closings, open_deals, owned_spans
from oppnb.history.moments import as_days
from oppnb.history.snapshots import Data, Day
from oppnb.history.source import open_source
from oppnb.history.tally import Spans, day_numbers
from oppnb.history.told_rows import Past, read_past
from oppnb.workspace import Workspace

__all__ = ["RECORD_COLUMNS", "records"]

RECORD_COLUMNS = ("as_of", "key", "n_won", "n_lost", "n_open", "mean_amount_won")


def records(
    tables: Data, days: Iterable[Day], *, by: str, window_days: int = 365, workspace: Workspace | None = None
) -> pd.DataFrame:
    """Deals won and lost in the year before each day, and open on it, by owner, account, or another column.

    A close counts for the owner who had the deal then, and while it stands: not before it was known, and not once it
    was taken back.

    Parameters
    ----------
    tables, workspace
        As in `oppnb.history.as_of`.
    days : iterable of days
        Days of knowledge.
    by : {'owner_id', 'account_id', 'process'}
        Whose record.
    window_days : int
        How far back.

    Returns
    -------
    DataFrame
        By `as_of` and `key`, every key on every day: `n_won`, `n_lost`, `n_open`, `mean_amount_won` (base currency;
        null without a won deal that has an amount).

    Raises
    ------
    ColumnMissingError
        If there are no records by such a column.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"], "account_id": ["a", "a"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-02-11", None])})
    >>> found = records({"opportunities": deals}, ["2024-02-10", "2024-02-11"], by="account_id")
    >>> found[["key", "n_won", "n_open"]].values.tolist()
    [['a', 0.0, 2.0], ['a', 1.0, 1.0]]
    """
    if by not in ("owner_id", "account_id", "process"):
        raise ColumnMissingError(f"There are records by owner_id, account_id and process, not by '{by}'.")
    past = read_past(open_source(tables), workspace or Workspace())
    closed = closings(past)
    keys = pd.concat([past.deals[by], closed[by], past.told.get(by, pd.Series(dtype="str"))]).dropna()
    names = sorted(keys.unique())
    every_day = pd.to_datetime(as_days(days)).astype("datetime64[us]")
    frame = pd.DataFrame({"as_of": np.repeat(every_day, len(names)), "key": names * len(every_day)})
    found = record_of(past, closed, frame["key"].astype("str"), frame["as_of"], by=by, window_days=window_days)
    return pd.concat([frame.astype({"key": "str"}), found], axis="columns")[list(RECORD_COLUMNS)]


def record_of(
    past: Past, closed: pd.DataFrame, keys: pd.Series, as_of: pd.Series, *, by: str, window_days: int = 365
) -> pd.DataFrame:
    """`n_won`, `n_lost`, `n_open`, `mean_amount_won` of each key on its day; null where the key is null."""
    days = day_numbers(as_of)
    recent = np.minimum(closed["to_day"].to_numpy(), closed["day"].to_numpy() + window_days)

    def count(chosen: pd.Series, values: pd.Series | None = None) -> pd.Series:
        mine = closed[chosen]
        added = None if values is None else values[chosen].to_numpy(dtype="float64")
        spans = Spans(mine[by], mine["from_day"].to_numpy(), recent[chosen.to_numpy()], added)
        return pd.Series(spans.on(keys, days), index=keys.index)

    is_won, amount = closed["outcome"] == "won", closed["amount_base"]
    is_priced = is_won & (amount > 0)
    n_priced = count(is_priced)
    found = pd.DataFrame(
        {
            "n_won": count(is_won),
            "n_lost": count(closed["outcome"] == "lost"),
            "n_open": _n_open(past, closed, keys, as_of, by),
            "mean_amount_won": count(is_priced, amount).round(6) / n_priced.where(n_priced > 0),
        }
    )
    return found.where(keys.notna())


def _n_open(past: Past, closed: pd.DataFrame, keys: pd.Series, as_of: pd.Series, by: str) -> pd.Series:
    days = day_numbers(as_of)
    if by == "owner_id":
        owned = owned_spans(past, closed)
        spans = Spans(owned[by], *(owned[name].to_numpy() for name in ("from_day", "to_day", "count")))
        return pd.Series(spans.on(keys, days), index=keys.index)
    existed, stood_closed = open_deals(past, closed, by=by)
    return pd.Series(existed.on(keys, days) - stood_closed.on(keys, days), index=keys.index)
