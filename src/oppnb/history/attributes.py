"""What the accounts and owners tables add to a snapshot."""

from collections.abc import Mapping

import pandas as pd

from oppnb.history.snapshots import Data
from oppnb.history.source import Source, open_source

__all__ = ["with_attributes"]

OF_ACCOUNT = {
    "name": "account_name",
    "industry": "industry",
    "employees": "employees",
    "annual_revenue": "annual_revenue",
    "region": "account_region",
}
OF_OWNER = {"name": "owner_name", "team": "team", "manager_id": "manager_id", "region": "owner_region"}
ADDED = ("account_name", "industry", "employees", "annual_revenue", "owner_name", "team", "manager_id")


def with_attributes(snapshot: pd.DataFrame, tables: Data) -> pd.DataFrame:
    """The snapshot with what is known of each deal's account and owner (as exported: these tables keep no history).

    Parameters
    ----------
    snapshot : DataFrame
        Of `as_of` or `snapshots`; any frame with `account_id`, `owner_id` and `region`.
    tables
        As in `as_of`; of `accounts` and `owners`, what is there is used.

    Returns
    -------
    DataFrame
        The same rows in the same order, with `account_name`, `industry`, `employees`, `annual_revenue`, `owner_name`,
        `team`, `manager_id` (null: unknown; a column the deals already had is only filled up), and `region`: the
        deal's, else the owner's, else the account's; but where owners have regions, a deal whose owner is not known
        has none, for accounts may be told apart by other regions. Of several rows with one key, the first in the order
        of their values is taken.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"], "owner_id": ["u"]})
    >>> owners = pd.DataFrame({"owner_id": ["u"], "team": ["North"], "region": ["EMEA"]})
    >>> tables = {"opportunities": deals, "owners": owners}
    >>> from oppnb.history import as_of
    >>> with_attributes(as_of(tables, "2024-01-01"), tables)[["team", "region"]].values.tolist()
    [['North', 'EMEA']]
    """
    source = open_source(tables)
    accounts = _looked_up(snapshot, source, "accounts", "account_id", OF_ACCOUNT)
    owners = _looked_up(snapshot, source, "owners", "owner_id", OF_OWNER)
    found = pd.concat([accounts, owners], axis="columns")
    result = snapshot.copy()
    for column in ADDED:
        result[column] = result[column].fillna(found[column]) if column in snapshot.columns else found[column]
    of_account = found["account_region"]
    if _owners_have_regions(source):
        of_account = of_account.where(snapshot["owner_id"].notna())
    result["region"] = result["region"].fillna(found["owner_region"]).fillna(of_account)
    return result


def _owners_have_regions(source: Source) -> bool:
    if not source.has("owners", "region"):
        return False
    owners = source["owners"]
    return bool(source.frame(owners.aggregate(n=owners.region.count()))["n"].iloc[0])


def _looked_up(
    snapshot: pd.DataFrame, source: Source, table: str, key: str, columns: Mapping[str, str]
) -> pd.DataFrame:
    if table not in source:
        empty = {name: pd.Series(None, index=snapshot.index, dtype=_dtype(column)) for column, name in columns.items()}
        return pd.DataFrame(empty, index=snapshot.index)
    rows = source.frame(source[table].select(key, *columns)).dropna(subset=[key])
    rows = rows.sort_values([key, *columns], na_position="last").drop_duplicates(key).set_index(key)
    found = rows.rename(columns=columns).reindex(snapshot[key])
    return found.set_axis(snapshot.index)


def _dtype(column: str) -> str:
    return "float64" if column in ("employees", "annual_revenue") else "str"
