"""Columns of the export's accounts that oppnb has no name for: a hospital's grade, a customer's tier."""

import pandas as pd

from oppnb.history.snapshots import Data
from oppnb.history.source import Source, open_source
from oppnb.tables import CANONICAL

__all__ = ["account_columns", "with_account_columns"]


def with_account_columns(snapshot: pd.DataFrame, tables: Data) -> pd.DataFrame:
    """The snapshot with every other column of `accounts`, under its own name (as exported: accounts keep no history).

    Parameters
    ----------
    snapshot : DataFrame
        Any frame with `account_id`.
    tables
        As in `as_of`.

    Returns
    -------
    DataFrame
        The same rows in the same order, and the columns of `accounts` that are not canonical; one that the snapshot
        already has is left as it is. Of several accounts with one key, the first in the order of their values is taken.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"], "account_id": ["a"]})
    >>> accounts = pd.DataFrame({"account_id": ["a"], "hospital_grade": ["3A"]})
    >>> with_account_columns(deals, {"opportunities": deals, "accounts": accounts})["hospital_grade"].tolist()
    ['3A']
    """
    found = account_columns(snapshot["account_id"], open_source(tables))
    return pd.concat([snapshot, found[[name for name in found if name not in snapshot.columns]]], axis="columns")


def account_columns(account_id: pd.Series, source: Source) -> pd.DataFrame:
    """The columns of `accounts` that are not canonical, by their headers, for the account of each row."""
    given = (
        [name for name in source["accounts"].columns if source.has("accounts", name)] if "accounts" in source else []
    )
    headers = {name: source.header("accounts", name) for name in given}
    names = [name for name, header in headers.items() if header not in CANONICAL["accounts"].columns]
    if not names:
        return pd.DataFrame(index=account_id.index)
    rows = source.frame(source["accounts"].select("account_id", *names)).dropna(subset=["account_id"])
    rows = rows.sort_values(["account_id", *names], na_position="last").drop_duplicates("account_id")
    return rows.rename(columns=headers).set_index("account_id").reindex(account_id).set_axis(account_id.index)
