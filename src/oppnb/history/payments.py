"""Money after a win, as it was known on a day: what had been agreed by then, and what of it had come."""

import numpy as np
import pandas as pd

from oppnb.history.moments import as_day, local_day
from oppnb.history.rates import read_rates, with_base_amounts
from oppnb.history.snapshots import Data, Day, as_of
from oppnb.history.source import Source, open_source
from oppnb.workspace import Workspace

__all__ = ["PAYMENT_COLUMNS", "payments_known"]

PAYMENT_COLUMNS = (
    "opportunity_id",
    "account_id",
    "closed_on",
    "due_on",
    "paid_on",
    "amount",
    "currency",
    "amount_base",
    "amount_won",
)


def payments_known(tables: Data, day: Day, *, workspace: Workspace | None = None) -> pd.DataFrame:
    """Instalments as they were known at the end of a day.

    An instalment is known from the win of its deal on; before it, or where the deal is not in the data, only money that
    has come is. What was paid later was unpaid. Instalments carry no date of their own: one that was agreed anew after
    the win shows as it is in the export.

    Parameters
    ----------
    tables : Tables, Source, or mapping of table name to DataFrame or path
        As in `as_of`; without a table `payments` there are no rows.
    day : date
        The day of knowledge.
    workspace : Workspace, optional
        Stages, calendar, currency.

    Returns
    -------
    DataFrame
        One row an instalment, by `opportunity_id`, `due_on`, `paid_on`, `amount`: `opportunity_id`, `account_id`,
        `closed_on` (day of the win; null: the deal was not won by then), `due_on`, `paid_on` (null: unpaid on the day),
        `amount` and `currency` as written, `amount_base` (at the rate of the day it was paid, unpaid ones at the latest
        rate known), `amount_won` (of the whole deal, base currency, null without a win).

    Raises
    ------
    CurrencyError
        If amounts in several currencies would be added without rates.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Won"], "amount": [500.0],
    ...     "created_at": pd.to_datetime(["2024-01-02"]), "closed_at": pd.to_datetime(["2024-02-11"])})
    >>> paid = pd.DataFrame({
    ...     "opportunity_id": ["1"], "amount": [500.0],
    ...     "due_on": pd.to_datetime(["2024-03-12"]), "paid_on": pd.to_datetime(["2024-03-20"])})
    >>> tables = {"opportunities": deals, "payments": paid}
    >>> len(payments_known(tables, "2024-02-10")), payments_known(tables, "2024-03-15")["paid_on"].isna().tolist()
    (0, [True])
    """
    source, workspace, until = open_source(tables), workspace or Workspace(), as_day(day)
    if "payments" not in source:
        return _empty()
    rows = source.frame(source["payments"])[["opportunity_id", "due_on", "paid_on", "amount", "currency"]]
    rows = rows.merge(won_deals(source, until, workspace), on="opportunity_id", how="left")
    moment = pd.Timestamp(until)
    rows["paid_on"] = rows["paid_on"].where(rows["paid_on"] <= moment)
    rows = rows[rows["closed_on"].notna() | rows["paid_on"].notna()].reset_index(drop=True)
    rows["currency"] = rows["currency"].fillna(rows["deal_currency"])
    rows = _in_base(rows, source, workspace, moment)
    return rows.sort_values(["opportunity_id", "due_on", "paid_on", "amount"], ignore_index=True)[list(PAYMENT_COLUMNS)]


def won_deals(source: Source, day: Day, workspace: Workspace) -> pd.DataFrame:
    """Deals won by a day: `opportunity_id`, `account_id`, `closed_on`, `deal_currency`, `amount_won` (base)."""
    deals = as_of(source, day, workspace=workspace)
    deals = deals[deals["outcome"] == "won"].reset_index(drop=True)
    closed = local_day(deals["closed_at"].astype("datetime64[us]"), workspace.calendar.time_zone)
    return pd.DataFrame(
        {
            "opportunity_id": deals["opportunity_id"],
            "account_id": deals["account_id"],
            "closed_on": closed,
            "deal_currency": deals["currency"],
            "amount_won": deals["amount_base"],
        }
    )


def _in_base(rows: pd.DataFrame, source: Source, workspace: Workspace, day: pd.Timestamp) -> pd.DataFrame:
    valued = rows[["opportunity_id", "amount", "currency"]].copy()
    valued["as_of"] = rows["paid_on"].fillna(day).astype("datetime64[us]")
    valued["closed_at"] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    valued = with_base_amounts(valued, read_rates(source), workspace, table="payments")
    return rows.assign(amount_base=np.asarray(valued["amount_base"], dtype="float64"))


def _empty() -> pd.DataFrame:
    kinds = {name: "datetime64[us]" for name in PAYMENT_COLUMNS if name.endswith("_on")}
    kinds |= {name: "float64" for name in PAYMENT_COLUMNS if name.startswith("amount")}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in PAYMENT_COLUMNS})
