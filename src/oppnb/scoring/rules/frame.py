"""Deals on their days with every column that a rule may ask about."""

import pandas as pd

from oppnb.history import Source, with_account_columns, with_attributes
from oppnb.tables import Tables

__all__ = ["rule_frame"]


def rule_frame(snapshot: pd.DataFrame, tables: Tables | Source) -> pd.DataFrame:
    """The snapshot with its accounts' and owners' columns: what `where` of an attribute rule may name.

    Parameters
    ----------
    snapshot : DataFrame
        Of `oppnb.history.as_of`, `snapshots` or `landmarks`.
    tables
        As in `oppnb.history.as_of`.

    Returns
    -------
    DataFrame
        The same rows, with the columns of `oppnb.history.with_attributes` (industry, employees, team, …) and every
        other column of `accounts` under its own name. Accounts and owners are as exported.
    """
    return with_account_columns(with_attributes(snapshot, tables), tables)
