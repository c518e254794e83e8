"""Lines, contracts and tickets as they were known on a day."""

import numpy as np
import pandas as pd

from oppnb.history.landmarks import last_day
from oppnb.history.moments import as_day, cutoff
from oppnb.history.payments import won_deals
from oppnb.history.rates import read_rates, with_base_amounts
from oppnb.history.snapshots import Data, Day, as_of
from oppnb.history.source import Source, open_source
from oppnb.workspace import Workspace

__all__ = ["lines_known", "subscriptions_known"]

_LINE = ["opportunity_id", "product", "quantity", "starts_on"]
_CONTRACT = ["subscription_id", "account_id", "opportunity_id", "product", "starts_on", "ends_on", "cancelled_on"]
_MONEY = ["amount", "currency", "amount_base"]
_TICKET_DAYS = 90


def lines_known(tables: Data, day: Day, *, workspace: Workspace | None = None) -> pd.DataFrame:
    """Lines of deals as they were known at the end of a day.

    Lines carry no date of their own. Those of a deal that was won by the day stood at its close; those of a deal that
    was open then are known from the day of the export on, or, where the table has a column `recorded_at`, from that
    moment on. Before it they are left out: that a deal has lines at all can give away that it got far.

    Parameters
    ----------
    tables, day, workspace
        As in `payments_known`; without a table `line_items` there are no rows.

    Returns
    -------
    DataFrame
        By `opportunity_id`, `product`, `starts_on`, `quantity`: `opportunity_id`, `product`, `quantity` (null counts as
        not known), `starts_on`, `outcome` (of the deal on the day: open or won; lost ones are left out).

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"], "created_at": pd.to_datetime(["2024-01-02"])})
    >>> lines = pd.DataFrame({"opportunity_id": ["1"], "product": ["Pump"], "quantity": [3.0]})
    >>> tables = {"opportunities": deals, "line_items": lines}
    >>> lines_known(open_source(tables, exported_on=as_day("2024-03-31")), "2024-03-31")["quantity"].tolist()
    [3.0]
    >>> len(lines_known(open_source(tables, exported_on=as_day("2024-03-31")), "2024-02-29"))
    0
    """
    source, workspace, until = open_source(tables), workspace or Workspace(), as_day(day)
    if "line_items" not in source:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in [*_LINE, "outcome"]}).astype(
            {"quantity": "float64", "starts_on": "datetime64[us]"}
        )
    rows = source.frame(source["line_items"])
    outcome = as_of(source, until, workspace=workspace).set_index("opportunity_id")["outcome"]
    rows["outcome"] = outcome.reindex(rows["opportunity_id"]).to_numpy()
    is_known = (rows["outcome"] == "won") | (until >= last_day(source, workspace=workspace))
    if "recorded_at" in rows:
        recorded = pd.to_datetime(rows["recorded_at"])
        is_known = (recorded < cutoff(until, workspace.calendar.time_zone)) | (recorded.isna() & is_known)
    kept = rows[is_known & rows["outcome"].isin(["open", "won"])]
    return kept.sort_values(_LINE, ignore_index=True)[[*_LINE, "outcome"]]


def subscriptions_known(tables: Data, day: Day, *, workspace: Workspace | None = None) -> pd.DataFrame:
    """Contracts as they were known at the end of a day.

    A contract is known from its first day on, or from the win of its deal on if that is earlier; one that was cancelled
    later was running.

    Parameters
    ----------
    tables, day, workspace
        As in `payments_known`; without a table `subscriptions` there are no rows.

    Returns
    -------
    DataFrame
        By `ends_on` and `subscription_id`: `subscription_id`, `account_id` (the deal's where the contract names none),
        `opportunity_id`, `product`, `starts_on`, `ends_on`, `cancelled_on` (null: not cancelled by then), `amount`,
        `currency`, `amount_base` (at the latest rate known), `n_tickets_last_90_days` (of the account, opened in the 90
        days up to the end of the day; null without a table `tickets`).

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Won"]})
    >>> running = pd.DataFrame({
    ...     "subscription_id": ["s"], "account_id": ["a"], "starts_on": pd.to_datetime(["2024-01-01"]),
    ...     "cancelled_on": pd.to_datetime(["2024-06-30"])})
    >>> tables = {"opportunities": deals, "subscriptions": running}
    >>> [subscriptions_known(tables, day)["cancelled_on"].isna().tolist() for day in ("2024-03-31", "2024-06-30")]
    [[True], [False]]
    """
    source, workspace, until = open_source(tables), workspace or Workspace(), as_day(day)
    moment = pd.Timestamp(until)
    if "subscriptions" not in source:
        return _no_contracts()
    rows = source.frame(source["subscriptions"])[[*_CONTRACT, "amount", "currency"]]
    won = won_deals(source, until, workspace).set_index("opportunity_id")
    is_won = rows["opportunity_id"].isin(won.index)
    rows = rows[(rows["starts_on"] <= moment) | is_won].reset_index(drop=True)
    rows["account_id"] = rows["account_id"].fillna(_of_deal(rows, won, "account_id"))
    rows["currency"] = rows["currency"].fillna(_of_deal(rows, won, "deal_currency"))
    rows["cancelled_on"] = rows["cancelled_on"].where(rows["cancelled_on"] <= moment)
    valued = rows.assign(as_of=moment, closed_at=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]"))
    valued["as_of"] = valued["as_of"].astype("datetime64[us]")
    valued["opportunity_id"] = valued["subscription_id"]  # the key that is told where a rate is missing
    converted = with_base_amounts(valued, read_rates(source), workspace, table="subscriptions")
    rows["amount_base"] = converted["amount_base"]
    rows["n_tickets_last_90_days"] = _tickets(rows["account_id"], source, until, workspace)
    rows = rows.sort_values(["ends_on", "subscription_id"], ignore_index=True)
    return rows[[*_CONTRACT, *_MONEY, "n_tickets_last_90_days"]]


def _of_deal(rows: pd.DataFrame, won: pd.DataFrame, name: str) -> pd.Series:
    return won[name].reindex(rows["opportunity_id"]).set_axis(rows.index)


def _tickets(accounts: pd.Series, source: Source, day: Day, workspace: Workspace) -> pd.Series:
    if "tickets" not in source:
        return pd.Series(np.nan, index=accounts.index)
    end = cutoff(as_day(day), workspace.calendar.time_zone)
    tickets = source.frame(source["tickets"])[["account_id", "opened_at"]]
    lately = (tickets["opened_at"] < end) & (tickets["opened_at"] >= end - pd.Timedelta(days=_TICKET_DAYS))
    counts = tickets.loc[lately, "account_id"].value_counts()
    return counts.reindex(accounts).fillna(0.0).astype("float64").set_axis(accounts.index)


def _no_contracts() -> pd.DataFrame:
    kinds = {name: "datetime64[us]" for name in _CONTRACT if name.endswith("_on")}
    kinds |= {"amount": "float64", "amount_base": "float64", "n_tickets_last_90_days": "float64"}
    names = [*_CONTRACT, *_MONEY, "n_tickets_last_90_days"]
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in names})
