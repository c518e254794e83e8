"""Money and service after a win: payments, subscriptions, tickets."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import stream

__all__ = ["payments_table", "subscriptions_table", "tickets_table"]

_DAY = np.timedelta64(1, "D")
_SEVERITIES, _SEVERITY_SHARES = ("low", "medium", "high"), (0.5, 0.35, 0.15)
_TICKETS_A_YEAR = 0.9


def _won(opportunities: pd.DataFrame) -> pd.DataFrame:
    return opportunities[opportunities["outcome"] == "won"].reset_index(drop=True)


def _days(moments: pd.Series) -> NDArray[np.datetime64]:
    return moments.to_numpy().astype("datetime64[D]")


def payments_table(settings: SyntheticSettings, opportunities: pd.DataFrame) -> pd.DataFrame:
    """The canonical table `payments`: one to three instalments, 30 to 60 days apart; a quarter comes late.

    `paid_on` is empty if the money had not come by the last day. Instalments add up to the amount.
    """
    rng = stream(settings, "payments")
    won = _won(opportunities)
    n_parts = rng.choice([1, 2, 3], size=len(won), p=[0.5, 0.3, 0.2])
    deal = np.repeat(np.arange(len(won)), n_parts)
    part = np.arange(len(deal)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    amount = won["amount"].to_numpy()[deal]
    usual = np.round(amount / n_parts[deal], 2)
    is_last = part == n_parts[deal] - 1
    due = _days(won["closed_at"])[deal] + (30 + part * 60).astype("int64")
    late = rng.random(len(deal)) < 0.25
    delay = np.where(late, rng.gamma(1.5, 25, size=len(deal)), rng.integers(-12, 4, size=len(deal))).astype("int64")
    paid = due + delay
    return pd.DataFrame(
        {
            "opportunity_id": won["opportunity_id"].iloc[deal].reset_index(drop=True),
            "due_on": pd.Series(due.astype("datetime64[us]")),
            "paid_on": pd.Series(paid.astype("datetime64[us]")).where(paid <= np.datetime64(settings.end)),
            "amount": np.round(np.where(is_last, amount - usual * (n_parts[deal] - 1), usual), 2),
            "currency": won["currency"].iloc[deal].reset_index(drop=True),
        }
    )


def subscriptions_table(settings: SyntheticSettings, opportunities: pd.DataFrame) -> pd.DataFrame:
    """The canonical table `subscriptions`: seven in ten wins start a contract of one or two years; some are cancelled.

    A cancellation after the last day is not known yet.
    """
    rng = stream(settings, "subscriptions")
    won = _won(opportunities)
    won = won[rng.random(len(won)) < 0.7].sort_values(["closed_at", "opportunity_id"], ignore_index=True)
    starts = _days(won["closed_at"]) + rng.integers(3, 45, size=len(won))
    ends = starts + rng.choice([365, 730], size=len(won), p=[0.7, 0.3])
    cancelled = starts + rng.integers(60, 365, size=len(won))
    is_cancelled = (rng.random(len(won)) < 0.12) & (cancelled <= np.datetime64(settings.end))
    return pd.DataFrame(
        {
            "subscription_id": pd.Series([f"S{position + 1:05d}" for position in range(len(won))], dtype="str"),
            "account_id": won["account_id"],
            "opportunity_id": won["opportunity_id"],
            "product": won["product"],
            "starts_on": pd.Series(starts.astype("datetime64[us]")),
            "ends_on": pd.Series(ends.astype("datetime64[us]")),
            "cancelled_on": pd.Series(cancelled.astype("datetime64[us]")).where(is_cancelled),
            "amount": np.round(won["amount"].to_numpy() * 0.8, 2),
            "currency": won["currency"],
        }
    )


def tickets_table(settings: SyntheticSettings, subscriptions: pd.DataFrame) -> pd.DataFrame:
    """The canonical table `tickets`: about one a contract and year; cancelled contracts had three times more."""
    rng = stream(settings, "tickets")
    start = subscriptions["starts_on"].to_numpy().astype("datetime64[D]")
    last = subscriptions[["ends_on", "cancelled_on"]].min(axis=1).to_numpy().astype("datetime64[D]")
    length = (np.minimum(last, np.datetime64(settings.end)) - start).astype("int64").clip(min=0)
    factor = np.where(subscriptions["cancelled_on"].notna(), 3.0, 1.0)
    count = rng.poisson(_TICKETS_A_YEAR * factor * length / 365)
    contract = np.repeat(np.arange(len(subscriptions)), count)
    day = start[contract] + np.floor(rng.random(len(contract)) * length[contract]).astype("int64")
    opened = day.astype("datetime64[m]") + rng.integers(60, 600, size=len(contract))
    closed = opened + np.round(rng.gamma(0.8, 12_000, size=len(contract))).astype("int64") + 15
    end = (np.datetime64(settings.end) + _DAY).astype("datetime64[m]") - 8 * 60
    frame = pd.DataFrame(
        {
            "account_id": subscriptions["account_id"].iloc[contract].reset_index(drop=True),
            "opportunity_id": subscriptions["opportunity_id"].iloc[contract].reset_index(drop=True),
            "opened_at": pd.Series(opened.astype("datetime64[us]")),
            "closed_at": pd.Series(closed.astype("datetime64[us]")).where(closed < end),
            "severity": pd.Series(rng.choice(_SEVERITIES, size=len(contract), p=_SEVERITY_SHARES), dtype="str"),
            "kind": pd.Series(rng.choice(("complaint", "question", "request"), size=len(contract)), dtype="str"),
        }
    ).sort_values(["opened_at", "opportunity_id"], kind="stable", ignore_index=True)
    frame.insert(0, "ticket_id", pd.Series([f"T{position + 1:05d}" for position in range(len(frame))], dtype="str"))
    return frame
