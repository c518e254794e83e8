"""What was known of a deal's account: whether it had bought, how it paid, what it complained of, what it runs."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oppnb.history.tally import NEVER, Days, Spans, Tally, day_numbers
from oppnb.history.told_rows import Past

__all__ = ["account_facts"]

Read = Mapping[str, pd.DataFrame | None]


def account_facts(rows: pd.DataFrame, read: Read, past: Past, closed: pd.DataFrame, days: Days) -> pd.DataFrame:
    """The columns of `with_facts` that speak of the account; null where the deal has none, or there is no table."""
    accounts = rows["account_id"]
    parts = [
        _purchases(accounts, read["accounts"], closed, days),
        _payments(accounts, read["payments"], past, days),
        _tickets(accounts, read["tickets"], past, days),
        _subscriptions(accounts, read["subscriptions"], past, days),
    ]
    found: pd.DataFrame = pd.concat(parts, axis="columns")
    return found.where(accounts.notna())


def _purchases(keys: pd.Series, accounts: pd.DataFrame | None, closed: pd.DataFrame, days: Days) -> pd.DataFrame:
    won = closed[(closed["outcome"] == "won") & (closed["day"] > -NEVER)]
    bought = Spans(won["account_id"], won["from_day"].to_numpy(), won["to_day"].to_numpy()).on(keys, days) > 0
    first = won.groupby("account_id", sort=False)["day"].min().reindex(keys).to_numpy(dtype="float64")
    first = np.where(bought & (first <= days), first, np.inf)
    if accounts is not None and "customer_since" in accounts:
        known = accounts.dropna(subset=["account_id"]).drop_duplicates("account_id").set_index("account_id")
        numbers = pd.Series(day_numbers(known["customer_since"]), index=known.index)
        since = numbers.reindex(keys).fillna(NEVER).to_numpy(dtype="float64")
        first = np.minimum(first, np.where(since <= days, since, np.inf))
    is_customer = np.isfinite(first)
    as_customer = np.where(is_customer, days - np.where(is_customer, first, 0.0), np.nan)
    return pd.DataFrame(
        {"account_is_customer": is_customer.astype("float64"), "days_as_customer": as_customer}, index=keys.index
    )


def _payments(keys: pd.Series, payments: pd.DataFrame | None, past: Past, days: Days) -> pd.DataFrame:
    names = ["account_n_payments_due", "account_late_payment_share", "account_n_overdue_payments"]
    found = pd.DataFrame(np.nan, index=keys.index, columns=names)
    if payments is None:
        return found
    due, paid = day_numbers(payments["due_on"]), day_numbers(payments["paid_on"])
    account = _account_of(payments["opportunity_id"], past)
    n_due = Tally(account, due).up_to(keys, days)
    late_from = np.where((paid > due) & (due < NEVER), due + 1, NEVER)
    n_late = Tally(account, late_from).up_to(keys, days)
    found["account_n_payments_due"] = n_due
    found["account_late_payment_share"] = n_late / np.where(n_due > 0, n_due, np.nan)
    found["account_n_overdue_payments"] = Spans(account, late_from, paid).on(keys, days)
    return found


def _account_of(deals: pd.Series, past: Past) -> pd.Series:
    accounts = past.deals.set_index("opportunity_id")["account_id"].reindex(deals)
    return accounts.set_axis(deals.index)


def _tickets(keys: pd.Series, tickets: pd.DataFrame | None, past: Past, days: Days) -> pd.DataFrame:
    names = ["account_n_tickets_open", "account_n_tickets_last_90_days"]
    found = pd.DataFrame(np.nan, index=keys.index, columns=names)
    if tickets is None:
        return found
    account = tickets["account_id"].fillna(_account_of(tickets["opportunity_id"], past))
    opened, closed = past.days_of(tickets["opened_at"]), past.days_of(tickets["closed_at"])
    found["account_n_tickets_open"] = Spans(account, opened, closed).on(keys, days)
    found["account_n_tickets_last_90_days"] = Tally(account, opened).within(keys, days, last=90)
    return found


def _subscriptions(keys: pd.Series, contracts: pd.DataFrame | None, past: Past, days: Days) -> pd.DataFrame:
    names = ["account_n_subscriptions", "days_to_subscription_end"]
    found = pd.DataFrame(np.nan, index=keys.index, columns=names)
    if contracts is None:
        return found
    account = contracts["account_id"].fillna(_account_of(contracts["opportunity_id"], past))
    starts, ends = day_numbers(contracts["starts_on"]), day_numbers(contracts["ends_on"])
    stops = np.minimum(np.minimum(ends + 1, NEVER), day_numbers(contracts["cancelled_on"]))
    found["account_n_subscriptions"] = Spans(account, starts, stops).on(keys, days)
    running = pd.DataFrame({"account": account, "starts": starts, "ends": ends, "stops": stops})
    running = running[(ends < NEVER) & account.notna().to_numpy()]
    asked = pd.DataFrame({"account": keys.to_numpy(), "day": days, "row": keys.index}).dropna(subset=["account"])
    both = asked.drop_duplicates(["account", "day"]).merge(running, on="account")
    both = both[(both["starts"] <= both["day"]) & (both["day"] < both["stops"])]
    first = both.groupby(["account", "day"])["ends"].min().rename("ends").reset_index()
    left = asked.merge(first, on=["account", "day"], how="inner")
    found.loc[left["row"], "days_to_subscription_end"] = (left["ends"] - left["day"]).to_numpy(dtype="float64")
    return found
