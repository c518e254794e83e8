"""Amounts in the currency of the report, at the rate that was known."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import CurrencyError, first_keys
from oppnb.history.moments import local_day
from oppnb.history.source import Source
from oppnb.workspace import Workspace

__all__ = ["Rates", "rate_on", "rates_by_currency", "read_rates", "with_base_amounts"]

Rates = Mapping[str, pd.DataFrame]


def read_rates(source: Source) -> Rates:
    """The rates of each currency in order of their day; of two on a day, the larger."""
    if "exchange_rates" not in source:
        return {}
    return rates_by_currency(source.frame(source["exchange_rates"].select("currency", "on", "rate_to_base")))


def rates_by_currency(exchange_rates: pd.DataFrame) -> Rates:
    """The rates of each currency in order of their day, from a table `exchange_rates`."""
    frame = exchange_rates[["currency", "on", "rate_to_base"]].dropna()
    frame = frame.sort_values(["currency", "on", "rate_to_base"]).drop_duplicates(["currency", "on"], keep="last")
    return {str(currency): rows.reset_index(drop=True) for currency, rows in frame.groupby("currency", sort=True)}


def with_base_amounts(
    rows: pd.DataFrame, rates: Rates, workspace: Workspace, *, table: str = "opportunities"
) -> pd.DataFrame:
    """Set `rate_to_base` and `amount_base`.

    A deal that is open takes the rate of the day, a closed one the rate of the day it closed (local), looked up among
    the rates known by then; a day before a currency's first rate takes that first rate. A currency without rates counts
    as it is if it is the base currency, or if the deals are all in it and no other base is configured. Rows of another
    `table` have their keys in `opportunity_id`, which are told where a rate is missing.

    Raises
    ------
    CurrencyError
        If amounts in several currencies would be added without rates; names the currencies.
    """
    codes = rows["currency"].fillna("").to_numpy(dtype=object)
    present = sorted(set(codes) - {""})
    _refuse_mixture(rows, present, rates, workspace, table)
    day = rows["as_of"].to_numpy()
    if any(code in rates for code in present):
        closed = local_day(rows["closed_at"], workspace.calendar.time_zone).to_numpy()
        day = np.where(np.isnat(closed), day, closed)
    rate = rate_on(rates, codes, day, base=workspace.currency)
    rows["rate_to_base"] = rate
    rows["amount_base"] = rows["amount"] * rate
    return rows


def rate_on(
    rates: Rates, codes: npt.NDArray[np.object_], days: npt.NDArray[np.datetime64], *, base: str | None
) -> npt.NDArray[np.float64]:
    """The rate of each currency code on its day: the last one known by then, or the currency's first.

    Examples
    --------
    >>> table = pd.DataFrame({"currency": "USD", "on": pd.to_datetime(["2024-01-01", "2024-07-01"]),
    ...     "rate_to_base": [0.90, 0.95]})
    >>> days = pd.to_datetime(["2024-03-31", "2024-09-30", "2024-09-30"]).to_numpy()
    >>> rate_on(rates_by_currency(table), np.array(["USD", "USD", "EUR"], dtype=object), days, base="EUR").tolist()
    [0.9, 0.95, 1.0]
    """
    found = np.ones(len(codes))
    for code in sorted(set(codes) & set(rates) - {base}):
        at = np.flatnonzero(codes == code)
        known = rates[code]
        place = np.searchsorted(known["on"].to_numpy(), days[at], side="right") - 1
        found[at] = known["rate_to_base"].to_numpy()[np.maximum(place, 0)]
    return found


def _refuse_mixture(rows: pd.DataFrame, present: list[str], rates: Rates, workspace: Workspace, table: str) -> None:
    base = workspace.currency
    without = [code for code in present if code not in rates and code != base]
    if not without or (len(present) == 1 and base is None):
        return
    touched = rows.loc[rows["currency"].isin(without), "opportunity_id"]
    if table != "opportunities":
        raise CurrencyError(_no_rate_of(table, touched, without, n=len(rows), workspace=workspace))
    raise CurrencyError(
        f"Amounts are in {len(present)} currencies ({', '.join(present)}) and there is no exchange rate for "
        f"{', '.join(without)}: {touched.nunique():,} of {rows['opportunity_id'].nunique():,} opportunities, "
        f"first: {first_keys(touched.drop_duplicates())}.\n"
        "Give a table exchange_rates (currency, on, rate_to_base)"
        + (" or" if base else ", or set currency: in oppnb.yaml to the base currency, or")
        + " leave those rows out:\n  audit: {actions: {currency_has_an_exchange_rate: set_aside}}"
    )


def _no_rate_of(table: str, touched: pd.Series, without: list[str], *, n: int, workspace: Workspace) -> str:
    """Which table, which file where the workspace names it, how many rows, the first keys, and what to do."""
    files = ", ".join(dict.fromkeys(rule.file for rule in workspace.mapping if rule.table == table))
    base = f" and the base currency is {workspace.currency}" if workspace.currency else ""
    return (
        f"'{table}'{f' ({files})' if files else ''}: {len(touched):,} of {n:,} rows are in {', '.join(without)}, "
        f"for which there is no exchange rate{base}; first: {first_keys(touched)}.\n"
        f"Mend their currency, give the rate in a table exchange_rates (currency, on, rate_to_base), or leave those "
        "rows out:\n  audit: {actions: {currency_has_an_exchange_rate: set_aside}}"
    )
