"""A seller out of a review: the own deals alone, and the own win rate beside that of the team."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd

from oppnb.errors import ParameterError, nearest
from oppnb.metrics import wilson
from oppnb.stages.slicing import cut_tables

__all__ = ["find_seller", "rates_beside", "review_of_seller"]

DAYS = 365
"""Win rates are of deals that were closed within so many days: a quarter of one seller says nothing."""
MIN_CLOSED = 10
"""With fewer closed deals nothing is said of a rate."""


def find_seller(review: Any, seller: str | None) -> str:
    """The id of a seller, named by id or name; without a name the one that the slice is of, else with the most open.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    seller : str or None
        Id or name. None: the slice's; without a slice of a seller, the one whose open deals are worth most on the day
        (of equals the most deals, then the first id).

    Raises
    ------
    ParameterError
        If no deal or seller has that name (names the nearest), two have, or nobody owns an open deal.
    """
    wanted = seller or review.only.get("owner_id") or _with_most_open(review)
    ids = sorted(set(review.snapshot["owner_id"].dropna()))
    names: dict[str, str] = {}
    if "owners" in review.tables and "name" in review.tables["owners"]:
        owners = review.tables["owners"].dropna(subset=["name"])
        names = dict(zip(owners["owner_id"].astype(str), owners["name"].astype(str), strict=True))
    if wanted in ids or wanted in names:
        return str(wanted)
    found = [key for key, name in names.items() if name == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise ParameterError(f"Several sellers are named '{wanted}': give the id, {' or '.join(sorted(found))}.")
    near = nearest(str(wanted), [*ids, *names.values()])
    hint = f" Did you mean '{near}'?" if near else ""
    raise ParameterError(f"There is no seller '{wanted}'.{hint}")


def _with_most_open(review: Any) -> str:
    known = review.snapshot
    still = known[known["outcome"].eq("open") & known["owner_id"].notna()]
    if still.empty:
        raise ParameterError(
            f"Nobody owns an open deal on {review.as_of.isoformat()}: name the seller (seller), by id or name, or map "
            "the column that says whose a deal is to owner_id."
        )
    by_owner = still.groupby("owner_id")["amount_base"].agg(["sum", "size"])
    return str(by_owner.sort_index().sort_values(["sum", "size"], ascending=False, kind="stable").index[0])


def review_of_seller(review: Any, owner_id: str) -> Any:
    """The review of a seller's own deals, as they were theirs on the day.

    Raises
    ------
    ParameterError
        If the seller had no deal on the day.
    """
    known = review.snapshot
    ids = known.loc[known["owner_id"] == owner_id, "opportunity_id"]
    if ids.empty:
        raise ParameterError(f"The seller '{owner_id}' had no deal on {review.as_of.isoformat()}.")
    only = {**review.only, "owner_id": owner_id}
    return replace(review, tables=cut_tables(review.tables, ids, only), only=only)


def rates_beside(review: Any, owner_id: str) -> pd.DataFrame:
    """Win rates of the last 365 days: the seller's, and of the others in the team or, without teams, in the data.

    Returns
    -------
    DataFrame
        `who` (seller, team, others), `win_rate`, `low`, `high` (95 %, Wilson), `n` deals closed; rates are null where
        none was closed. One row where there is nobody else.
    """
    known = review.snapshot
    since = pd.Timestamp(review.as_of - timedelta(days=DAYS))
    closed = known[known["outcome"].isin(["won", "lost"]) & (known["closed_at"] >= since)]
    own = closed["owner_id"] == owner_id
    of_team = known.loc[known["owner_id"] == owner_id, "team"].dropna()
    in_team = (
        closed["team"].eq(of_team.iloc[0]).fillna(value=False).astype(bool)
        if len(of_team)
        else pd.Series(False, index=closed.index)
    )
    groups = {"seller": own, "team": in_team & ~own, "others": closed["owner_id"].notna() & ~own & ~in_team}
    rows = []
    for who, mask in groups.items():
        n, n_won = int(mask.sum()), int((closed.loc[mask, "outcome"] == "won").sum())
        low, high = wilson(n_won, n) if n else (float("nan"), float("nan"))
        if n or who == "seller":
            rows.append((who, n_won / n if n else float("nan"), low, high, n))
    return pd.DataFrame(rows, columns=["who", "win_rate", "low", "high", "n"])
