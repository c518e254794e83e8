"""What people call a deal: its own name; where the data has none, its customer and product."""

import pandas as pd

from oppnb.tables import Tables

__all__ = ["with_deal_names"]

_BETWEEN = " · "


def with_deal_names(tables: Tables) -> Tables:
    """The tables, with a name for each deal that has none, or has its own key as its name.

    A seller cannot talk about "5NGPM4C3". Such a deal is called "customer · product (key)", with what is known of the
    two; the customer by the name in `accounts`, else by its key. A deal of which neither is known keeps no name, and
    pages show its key. Names are as the CRM wrote them, untrusted: whoever prints them escapes them.

    Parameters
    ----------
    tables : Tables
        After the audit.

    Returns
    -------
    Tables
        The same tables; `opportunities` has a column `name` wherever a deal could be named.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2", "3"], "name": ["Big one", "2", None],
    ...     "account_id": ["a", "a", None], "product": ["GTX", "GTX", None]})
    >>> accounts = pd.DataFrame({"account_id": ["a"], "name": ["Acme"]})
    >>> with_deal_names(Tables({"opportunities": deals, "accounts": accounts}))["opportunities"]["name"].tolist()
    ['Big one', 'Acme · GTX (2)', nan]
    """
    deals = tables["opportunities"]
    key = deals["opportunity_id"].astype("str")
    own = _one_line(deals, "name")
    is_unnamed = own.eq("") | own.eq(key.str.strip())
    if not is_unnamed.any():
        return tables
    account, product = _account(tables), _one_line(deals, "product")
    both = account.ne("") & product.ne("")
    called = account + pd.Series(_BETWEEN, index=deals.index).where(both, "") + product
    is_called = is_unnamed & called.ne("")
    if not is_called.any():
        return tables
    kept = deals["name"].astype("str") if "name" in deals else pd.Series(None, index=deals.index, dtype="str")
    return tables.replace(opportunities=deals.assign(name=kept.mask(is_called, called + " (" + key + ")")))


def _account(tables: Tables) -> pd.Series:
    """The customer of each deal by name, else by key; empty where it has none."""
    deals = tables["opportunities"]
    key = _one_line(deals, "account_id")
    if "accounts" not in tables or "account_id" not in deals or "name" not in tables["accounts"]:
        return key
    named = tables["accounts"].dropna(subset=["account_id", "name"]).drop_duplicates("account_id")
    return deals["account_id"].map(named.set_index("account_id")["name"]).astype("str").fillna(key).str.strip()


def _one_line(deals: pd.DataFrame, column: str) -> pd.Series:
    """A column as text on one line; empty where nothing is told."""
    if column not in deals:
        return pd.Series("", index=deals.index, dtype="str")
    return deals[column].astype("str").fillna("").str.split().str.join(" ")
