"""Who the customer is, what became of earlier deals with them, and where the deal came from."""

import numpy as np
import pandas as pd

from oppnb.scoring.features.declared import Known, declare


@declare("account", kind="category", is_dated=False)
def source(known: Known) -> pd.Series:
    """Where the deal came from."""
    return known.text("source")


@declare("account", kind="category", is_dated=False)
def product(known: Known) -> pd.Series:
    """The main product."""
    return known.text("product")


@declare("account", kind="category", is_dated=False)
def region(known: Known) -> pd.Series:
    """The deal's region, else its owner's, else its account's."""
    return known.text("region")


@declare("account", kind="category", is_dated=False)
def industry(known: Known) -> pd.Series:
    """The customer's industry."""
    return known.text("industry")


@declare("account", is_dated=False)
def log_employees(known: Known) -> pd.Series:
    """Natural logarithm of 1 + the customer's headcount."""
    logs: pd.Series = np.log1p(known.number("employees").clip(lower=0))
    return logs


@declare("account", is_dated=False)
def log_annual_revenue(known: Known) -> pd.Series:
    """Natural logarithm of 1 + the customer's revenue."""
    logs: pd.Series = np.log1p(known.number("annual_revenue").clip(lower=0))
    return logs


@declare("account")
def account_n_won(known: Known) -> pd.Series:
    """Deals of the account won in the year before."""
    return known.number("account_n_won")


@declare("account")
def account_n_lost(known: Known) -> pd.Series:
    """Deals of the account lost in the year before."""
    return known.number("account_n_lost")


@declare("account")
def account_n_open(known: Known) -> pd.Series:
    """Open deals of the account, this one too."""
    return known.number("account_n_open")


@declare("account")
def account_win_record(known: Known) -> pd.Series:
    """Win rate of the account's earlier deals, shrunk: (wins + 5 x that of all) / (closed + 5)."""
    return shrunk(known, "account", weight=5.0)


@declare("account")
def is_customer(known: Known) -> pd.Series:
    """1 where the account has bought before, 0 where it has not."""
    return known.number("account_is_customer")


@declare("account")
def days_as_customer(known: Known) -> pd.Series:
    """Days since the account's first purchase; null where there was none by then."""
    return known.number("days_as_customer")


@declare("account")
def account_n_payments_due(known: Known) -> pd.Series:
    """Payments of the account that were due by then."""
    return known.number("account_n_payments_due")


@declare("account")
def account_late_payment_share(known: Known) -> pd.Series:
    """Share of them that came late, or have not come."""
    return known.number("account_late_payment_share")


@declare("account")
def account_n_overdue_payments(known: Known) -> pd.Series:
    """Payments of the account that were due and had not come."""
    return known.number("account_n_overdue_payments")


@declare("account")
def account_n_tickets_open(known: Known) -> pd.Series:
    """Support requests of the account that were open."""
    return known.number("account_n_tickets_open")


@declare("account")
def account_n_tickets_last_90_days(known: Known) -> pd.Series:
    """Support requests of the account opened in the last 90 days."""
    return known.number("account_n_tickets_last_90_days")


@declare("account")
def account_n_subscriptions(known: Known) -> pd.Series:
    """Contracts of the account that were running."""
    return known.number("account_n_subscriptions")


@declare("account")
def days_to_subscription_end(known: Known) -> pd.Series:
    """Days until the first of them ends."""
    return known.number("days_to_subscription_end")


def shrunk(known: Known, whose: str, *, weight: float) -> pd.Series:
    """A win rate pulled towards that of all deals, as if so many deals more had closed at that rate."""
    won, lost = known.number(f"{whose}_n_won"), known.number(f"{whose}_n_lost")
    everybody = known.number("all_n_won") / (known.number("all_n_won") + known.number("all_n_lost"))
    return (won + weight * everybody) / (won + lost + weight)
