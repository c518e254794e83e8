"""Columns of the export's accounts that oppnb has no name for: a hospital's grade, a customer's tier."""

import pandas as pd

from oppnb.history.snapshots import Data
from oppnb.history.source import open_source
from oppnb.tables import CANONICAL

__all__ = ["with_account_columns"]


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
    source = open_source(tables)
    if "accounts" not in source:
        return snapshot
    taken = {*CANONICAL["accounts"].columns, *snapshot.columns}
    given = [name for name in source["accounts"].columns if name in source.given["accounts"]]
    headers = {name: source.header("accounts", name) for name in given}
    names = [name for name, header in headers.items() if header not in taken]
    if not names:
        return snapshot
    rows = source.frame(source["accounts"].select("account_id", *names)).dropna(subset=["account_id"])
    rows = rows.sort_values(["account_id", *names], na_position="last").drop_duplicates("account_id")
    rows = rows.rename(columns=headers)
    found = rows.set_index("account_id").reindex(snapshot["account_id"]).set_axis(snapshot.index)
    return pd.concat([snapshot, found], axis="columns")
