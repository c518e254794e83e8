"""Contracts that end soon: what is at stake, whether a renewal is on its way, and how often such contracts went on."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from oppnb.errors import ParameterError
from oppnb.history.contracts import subscriptions_known
from oppnb.history.moments import as_day
from oppnb.history.snapshots import Data, Day, as_of
from oppnb.history.source import open_source
from oppnb.metrics.intervals import wilson
from oppnb.tables import Note
from oppnb.workspace import Workspace

__all__ = ["RENEWAL_COLUMNS", "renewal_notes", "renewal_outcomes", "renewals_due"]

RENEWAL_COLUMNS = (
    "subscription_id",
    "account_id",
    "product",
    "amount",
    "currency",
    "amount_base",
    "ends_on",
    "days_left",
    "open_renewal",
    "n_tickets_last_90_days",
    "renewal_rate",
    "low",
    "high",
    "n_past_ends",
    "expected",
)
_AROUND_DAYS = 90
_PRIOR_ENDS = 10.0
_WORDS = ("renew", "续")


def renewals_due(
    tables: Data,
    *,
    day: Day,
    months: int = 12,
    workspace: Workspace | None = None,
    renewal_processes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Running contracts that end within some months.

    Parameters
    ----------
    tables : Tables, Source, or mapping of table name to DataFrame or path
        `subscriptions` and `tickets` are used as known on the day; without the former there are no rows.
    day : date
        The day of knowledge.
    months : int
        How far ahead, 1 to 120.
    workspace : Workspace, optional
        Stages, calendar, currency.
    renewal_processes : sequence of str, optional
        Sales processes whose open deals are renewals; by default those whose name or label says "renew" or 续. If there
        is none, an open deal of the same account and product is taken for one.

    Returns
    -------
    DataFrame
        `RENEWAL_COLUMNS`, by `ends_on` and `subscription_id`: `amount` and `currency` of a year as written,
        `amount_base`, `days_left` (to the last day), `open_renewal` (key of the account's open renewal deal, the
        product's own first; null: none), `renewal_rate` with its 95 % interval `low` to `high` (share of past contracts
        that went on, see `renewal_outcomes`; those of the product, held near all as if by ten contracts; null without
        past ends), `n_past_ends` (of the product), `expected` (amount_base x rate).

    Raises
    ------
    ParameterError
        If `months` lies outside its range.

    Examples
    --------
    >>> running = pd.DataFrame({
    ...     "subscription_id": ["s1", "s2"], "account_id": ["a", "b"], "product": "Plan", "amount": [10.0, 20.0],
    ...     "starts_on": pd.to_datetime(["2023-07-01", "2023-01-01"]),
    ...     "ends_on": pd.to_datetime(["2024-06-30", "2025-12-31"])})
    >>> tables = {"opportunities": pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]}), "subscriptions": running}
    >>> renewals_due(tables, day="2024-03-31", months=6)[["subscription_id", "days_left"]].values.tolist()
    [['s1', 91]]
    """
    if not 1 <= months <= 120:
        raise ParameterError(f"months is {months}; it must lie between 1 and 120.")
    source, workspace, until = open_source(tables), workspace or Workspace(), as_day(day)
    contracts = subscriptions_known(source, until, workspace=workspace)
    today, last = pd.Timestamp(until), pd.Timestamp(until) + pd.DateOffset(months=months)
    runs = (contracts["starts_on"] <= today) & contracts["cancelled_on"].isna()
    ends = (contracts["ends_on"] > today) & (contracts["ends_on"] <= last)
    due = contracts[runs & ends].reset_index(drop=True)
    due = due.assign(days_left=(due["ends_on"] - today).dt.days.astype("int64"))
    deals = as_of(source, until, workspace=workspace)
    due["open_renewal"] = _open_renewals(due, deals[deals["outcome"] == "open"], workspace, renewal_processes)
    rates = _rates(renewal_outcomes(contracts, until), due["product"])
    due = pd.concat([due, rates], axis="columns")
    due["expected"] = due["amount_base"] * due["renewal_rate"]
    return due[list(RENEWAL_COLUMNS)]


def renewal_notes(tables: Data, *, day: Day, workspace: Workspace | None = None) -> tuple[Note, ...]:
    """What the rates of `renewals_due` rest on.

    Examples
    --------
    >>> tables = {"opportunities": pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})}
    >>> [note.code for note in renewal_notes(tables, day="2024-03-31")]
    ['forecast_cash_renewals_no_past', 'forecast_cash_renewals_no_process']
    """
    workspace = workspace or Workspace()
    outcomes = renewal_outcomes(subscriptions_known(tables, day, workspace=workspace), as_day(day))
    renewed = int(outcomes["went_on"].sum())
    past = Note("forecast_cash_renewals", {"n": len(outcomes), "renewed": renewed})
    found = [past if len(outcomes) else Note("forecast_cash_renewals_no_past")]
    if not _renewal_processes(workspace):
        found.append(Note("forecast_cash_renewals_no_process"))
    return tuple(found)


def renewal_outcomes(contracts: pd.DataFrame, day: date) -> pd.DataFrame:
    """Past contracts and whether they went on.

    A contract went on if its account has another that starts within 90 days of its end, before or after; each contract
    follows one other at most, of the same product first. One that was cancelled did not go on. Ends of the last 90 days
    are not decided yet and left out.

    Parameters
    ----------
    contracts : DataFrame
        Of `oppnb.history.subscriptions_known` on the day.
    day : date
        The day of knowledge.

    Returns
    -------
    DataFrame
        By `ends_on` and `subscription_id`: `subscription_id`, `product`, `ends_on`, `went_on`.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "subscription_id": ["s1", "s2"], "account_id": ["a", "a"], "product": "Plan",
    ...     "starts_on": pd.to_datetime(["2022-01-01", "2023-01-05"]),
    ...     "ends_on": pd.to_datetime(["2022-12-31", "2024-01-04"]), "cancelled_on": pd.to_datetime([None, None])})
    >>> renewal_outcomes(rows, as_day("2023-06-30"))[["subscription_id", "went_on"]].values.tolist()
    [['s1', True]]
    """
    decided = contracts["ends_on"] <= pd.Timestamp(day) - pd.Timedelta(days=_AROUND_DAYS)
    rows = contracts[decided].sort_values(["ends_on", "subscription_id"], ignore_index=True)
    followed = _followed(rows[rows["cancelled_on"].isna()], contracts)
    found = rows[["subscription_id", "product", "ends_on"]].copy()
    found["went_on"] = rows["subscription_id"].isin(followed).to_numpy()
    return found


def _followed(ended: pd.DataFrame, contracts: pd.DataFrame) -> set[str]:
    """Keys of the contracts that another follows; pairs of one product first, then the nearest."""
    columns = ["subscription_id", "account_id", "product", "starts_on"]
    pairs = ended.dropna(subset=["account_id"]).merge(contracts[columns], on="account_id", suffixes=("", "_next"))
    apart = (pairs["starts_on_next"] - pairs["ends_on"]).dt.days
    kept = (apart.abs() <= _AROUND_DAYS) & (pairs["subscription_id"] != pairs["subscription_id_next"])
    kept &= pairs["starts_on_next"] > pairs["starts_on"]
    pairs = pairs.assign(apart=apart.abs(), other=pairs["product"] != pairs["product_next"])[kept]
    pairs = pairs.sort_values(["other", "apart", "subscription_id", "subscription_id_next"])
    found: set[str] = set()
    used: set[str] = set()
    for one, following in zip(pairs["subscription_id"], pairs["subscription_id_next"], strict=True):
        if one not in found and following not in used:
            found.add(one)
            used.add(following)
    return found


def _rates(outcomes: pd.DataFrame, products: pd.Series) -> pd.DataFrame:
    n_all, n_on = len(outcomes), int(outcomes["went_on"].sum())
    key = outcomes["product"].fillna("")
    sums = outcomes["went_on"].astype("float64").groupby(key.to_numpy()).agg(["sum", "count"])
    rows = []
    for product in products.fillna(""):
        count, n = (float(one) for one in sums.loc[product]) if product in sums.index else (0.0, 0.0)
        if not n_all:
            rows.append((np.nan, np.nan, np.nan, 0))
            continue
        prior = min(_PRIOR_ENDS, float(n_all))  # all past ends together are worth no more than they are
        total = count + prior * n_on / n_all
        rows.append((total / (n + prior), *wilson(total, n + prior), int(n)))
    found = pd.DataFrame(rows, columns=["renewal_rate", "low", "high", "n_past_ends"], index=products.index)
    return found.astype({"renewal_rate": "float64", "low": "float64", "high": "float64", "n_past_ends": "int64"})


def _open_renewals(
    due: pd.DataFrame, deals: pd.DataFrame, workspace: Workspace, processes: Sequence[str] | None
) -> pd.Series:
    names = _renewal_processes(workspace) if processes is None else list(processes)
    chosen = deals[deals["process"].isin(names)] if names else deals
    both = due[["subscription_id", "account_id", "product"]].dropna(subset=["account_id"])
    both = both.merge(chosen[["opportunity_id", "account_id", "product"]], on="account_id", suffixes=("", "_deal"))
    same = both["product"] == both["product_deal"]
    both = (both if names else both[same]).assign(other=~same)
    first = both.sort_values(["other", "opportunity_id"]).drop_duplicates("subscription_id")
    keys = first.set_index("subscription_id")["opportunity_id"].reindex(due["subscription_id"])
    return keys.set_axis(due.index).astype("str")


def _renewal_processes(workspace: Workspace) -> list[str]:
    said = {one.name: " ".join([one.name, *one.label.values()]).casefold() for one in workspace.processes}
    return [name for name, words in said.items() if any(word in words for word in _WORDS)]
