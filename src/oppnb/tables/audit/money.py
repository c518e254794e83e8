"""Amounts in one currency, so that a finding can say how much money it touches."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.tables.bundle import Tables

__all__ = ["base_amounts", "base_currency", "latest_rates", "sum_amounts"]

_AMOUNTS: Mapping[str, tuple[str, ...]] = {
    "opportunities": ("amount",),
    "targets": ("amount",),
    "payments": ("amount",),
    "subscriptions": ("amount",),
    "line_items": ("quantity", "unit_price"),
}


def latest_rates(tables: Tables) -> dict[str, float]:
    """The last usable rate of each currency in `exchange_rates`."""
    if "exchange_rates" not in tables:
        return {}
    rates = tables["exchange_rates"].dropna(subset=["currency", "rate_to_base"])
    rates = rates[(rates["rate_to_base"] > 0) & np.isfinite(rates["rate_to_base"])]
    last = rates.sort_values(["currency", "on", "rate_to_base"], kind="stable").drop_duplicates("currency", keep="last")
    return {str(code): float(rate) for code, rate in zip(last["currency"], last["rate_to_base"], strict=True)}


def base_currency(tables: Tables, *, stated: str | None) -> str | None:
    """The currency reports are in: the workspace's, else the one that needs no rate, else the only one there is."""
    if stated is not None:
        return stated
    rates = latest_rates(tables)
    at_par = sorted(code for code, rate in rates.items() if rate == 1.0)
    if len(at_par) == 1:
        return at_par[0]
    without = sorted(_currencies(tables) - set(rates))
    return without[0] if len(without) == 1 else None


def base_amounts(tables: Tables, table: str, *, base: str | None) -> npt.NDArray[np.float64] | None:
    """Each row's amount in the base currency.

    Returns
    -------
    array of float, shape (n_rows,), or None
        NaN where the row has no amount, infinity where it has one that cannot be converted; None where the rows of
        that table carry no amount at all. The latest rate of a currency counts for every row: a finding says how
        much money is touched, it does not value a deal. A row without a currency is in the base currency.
    """
    columns = _AMOUNTS.get(table)
    frame = tables[table]
    if columns is None or any(column not in frame.columns for column in columns):
        return None
    amounts = frame[list(columns)].prod(axis=1, skipna=False).to_numpy(dtype="float64")
    codes = _currencies(tables)
    if "currency" not in frame.columns or codes <= {base} or (base is None and len(codes) <= 1):
        return amounts
    rates = latest_rates(tables) | ({base: 1.0} if base else {})
    factors = frame["currency"].map(rates).to_numpy(dtype="float64")
    if base is not None:
        factors = np.where(frame["currency"].isna(), 1.0, factors)
    return np.where(np.isnan(amounts), np.nan, np.where(np.isnan(factors), np.inf, amounts * factors))


def sum_amounts(amounts: npt.NDArray[np.float64] | None) -> float | None:
    """Add amounts; None if there are none, or if one of them cannot be converted."""
    if amounts is None:
        return None
    there = amounts[~np.isnan(amounts)]
    if there.size == 0 or not np.isfinite(there).all():
        return None
    return math.fsum(there.tolist())


def _currencies(tables: Tables) -> set[str]:
    found: set[str] = set()
    for table in _AMOUNTS:
        if table in tables and "currency" in tables[table].columns:
            found |= {str(code) for code in pd.unique(tables[table]["currency"].dropna())}
    return found
