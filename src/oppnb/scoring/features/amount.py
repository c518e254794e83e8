"""Money: how much, against what is usual, and how it moved."""

import numpy as np
import pandas as pd

from oppnb.scoring.features.declared import Known, declare


@declare("amount")
def log_amount(known: Known) -> pd.Series:
    """Natural logarithm of the amount in the base currency; null where there is none above 0."""
    return _log(known.number("amount_base"))


@declare("amount")
def amount_over_usual(known: Known) -> pd.Series:
    """Logarithm of the amount against the median amount of the process' deals that closed in the year before."""
    return _log(known.number("amount_base")) - _log(known.number("usual_amount"))


@declare("amount")
def amount_over_accounts_usual(known: Known) -> pd.Series:
    """Logarithm of the amount against the mean amount that the account has bought for."""
    return _log(known.number("amount_base")) - _log(known.number("account_mean_amount_won"))


@declare("amount", can_change=True)
def amount_change(known: Known) -> pd.Series:
    """Logarithm of the amount against the first one noted; below 0: it has shrunk."""
    return _log(known.number("amount")) - _log(known.number("first_amount"))


@declare("amount", is_dated=False)
def n_line_items(known: Known) -> pd.Series:
    """Products in the deal."""
    return known.number("n_line_items")


@declare("amount", kind="category", is_dated=False)
def currency(known: Known) -> pd.Series:
    """The currency of the amount."""
    return known.text("currency")


def _log(amounts: pd.Series) -> pd.Series:
    logs: pd.Series = np.log(amounts.where(amounts > 0))
    return logs
