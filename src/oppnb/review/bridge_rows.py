"""Each deal's part in the bridge: one row a deal and bar; the rules stand in `oppnb.review.bridge`."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oppnb.history.moments import local_day
from oppnb.periods import Period
from oppnb.review.cents import to_cents
from oppnb.review.scope import in_slice, is_due, is_open

__all__ = ["bridge_rows", "count_rows", "deals_in_between", "deals_on_both_days"]

_KEPT = ["name", "owner_id", "amount", "currency", "rate_to_base", "amount_base", "outcome"]
_COLUMNS = [
    "bar",
    "opportunity_id",
    "amount",
    "name",
    "owner_id",
    "amount_before",
    "amount_after",
    "expected_close_before",
    "expected_close_after",
    "outcome_after",
    "is_amount_missing",
    "cents",
]


def deals_on_both_days(
    start: pd.DataFrame,
    end: pd.DataFrame,
    *,
    period: Period | None,
    slice_of: Mapping[str, str] | None,
    time_zone: str,
) -> pd.DataFrame:
    """Every deal of either day, sorted by key, with what it was on both (`_before`, `_after`)."""
    before = _one_day(start, period=period, slice_of=slice_of, time_zone=time_zone)
    after = _one_day(end, period=period, slice_of=slice_of, time_zone=time_zone)
    deals = before.add_suffix("_before").join(after.add_suffix("_after"), how="outer").sort_index()
    for side in ("before", "after"):
        deals[f"is_known_{side}"] = deals[f"is_known_{side}"].notna()
        for flag in ("counts", "is_in_slice", "is_closed_in_period", "is_dated"):
            deals[f"{flag}_{side}"] = deals[f"{flag}_{side}"].eq(True)
        deals[f"cents_{side}"] = deals[f"cents_{side}"].fillna(0).astype("int64")
    deals["is_closed_since"] = True if start.empty else deals["closed_on_after"] > start["as_of"].iloc[0]
    return deals


def bridge_rows(deals: pd.DataFrame) -> pd.DataFrame:
    """One row a deal and bar with its signed cents, by bar and key; `deals` as `deals_on_both_days` gives them."""
    left, came = _how_it_left(deals), _how_it_came(deals)
    before, after = deals["cents_before"], deals["cents_after"]
    is_won = left == "won"
    stayed = deals["counts_before"] & (deals["counts_after"] | is_won)
    own_change, rate_change = _amount_change(deals)
    leaves_at = after.where(is_won, before)
    parts = [
        _part(deals, "start", before, deals["counts_before"]),
        *[_part(deals, bar, after, came == bar) for bar in ("new", "undated", "pulled_in", "reopened", "moved_in")],
        _part(deals, "increased", own_change, stayed & (own_change > 0)),
        _part(deals, "decreased", own_change, stayed & (own_change < 0)),
        *[_part(deals, bar, -leaves_at, left == bar) for bar in ("won", "lost", "pushed_out", "moved_out", "removed")],
        _part(deals, "currency", rate_change, stayed & (rate_change != 0)),
        _part(deals, "end", after, deals["counts_after"]),
    ]
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


def count_rows(deals: pd.DataFrame) -> pd.DataFrame:
    """As `bridge_rows`, each deal counting 0 cents: who came and who left, and nobody's amount changed."""
    return bridge_rows(deals.assign(cents_before=0, cents_after=0, amount_before=np.nan, amount_after=np.nan))


def _one_day(
    snapshot: pd.DataFrame, *, period: Period | None, slice_of: Mapping[str, str] | None, time_zone: str
) -> pd.DataFrame:
    kept = pd.DataFrame(index=snapshot.index)
    for column in _KEPT:
        kept[column] = snapshot[column] if column in snapshot else pd.Series(np.nan, index=snapshot.index)
    closed_on = local_day(snapshot["closed_at"], time_zone)
    belongs = in_slice(snapshot, slice_of)
    kept = kept.assign(
        is_known=True,
        is_dated=snapshot["created_at"].notna(),
        expected_close=snapshot["expected_close_on"],
        closed_on=closed_on,
        is_in_slice=belongs,
        counts=is_open(snapshot) & belongs & is_due(snapshot["expected_close_on"], period),
        is_closed_in_period=~is_open(snapshot) & is_due(closed_on, period),
        cents=to_cents(snapshot["amount_base"]),
    )
    kept.index = pd.Index(snapshot["opportunity_id"], name="opportunity_id")
    return kept


def _how_it_came(deals: pd.DataFrame) -> pd.Series:
    """The bar by which a deal entered the pipeline between the days; empty for those that did not."""
    came = ~deals["counts_before"] & deals["counts_after"]
    was_closed = deals["outcome_before"].isin(["won", "lost"])
    is_first_seen = ~deals["is_known_before"]
    bar = np.select(
        [~came, is_first_seen & deals["is_dated_after"], is_first_seen, ~deals["is_in_slice_before"], was_closed],
        ["", "new", "undated", "moved_in", "reopened"],
        default="pulled_in",
    )
    return pd.Series(bar, index=deals.index, dtype="str")


def _how_it_left(deals: pd.DataFrame) -> pd.Series:
    """The bar by which a deal left the pipeline between the days; empty for those that did not."""
    left = deals["counts_before"] & ~deals["counts_after"]
    bar = np.select(
        [
            ~left,
            ~deals["is_known_after"],
            ~deals["is_in_slice_after"],
            deals["outcome_after"].eq("won"),
            deals["outcome_after"].eq("lost"),
        ],
        ["", "removed", "moved_out", "won", "lost"],
        default="pushed_out",
    )
    return pd.Series(bar, index=deals.index, dtype="str")


def _amount_change(deals: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whole cents by which a deal's own amount changed (at the first day's rate), and by which rates moved it."""
    change = deals["cents_after"] - deals["cents_before"]
    same_currency = deals["currency_before"].eq(deals["currency_after"]) & deals["rate_to_base_before"].notna()
    own = to_cents((deals["amount_after"].fillna(0) - deals["amount_before"].fillna(0)) * deals["rate_to_base_before"])
    own = own.where(same_currency, change)
    # a deal whose rate did not move has no currency effect, not even a rounded cent
    own = own.where(deals["rate_to_base_before"].ne(deals["rate_to_base_after"]), change)
    return own, change - own


def _part(deals: pd.DataFrame, bar: str, cents: pd.Series, chosen: pd.Series) -> pd.DataFrame:
    part = deals[chosen]
    after_first = ("name", "owner_id")
    shown = {column: part[f"{column}_after"].fillna(part[f"{column}_before"]) for column in after_first}
    missing = part["amount_base_after"].where(part["is_known_after"], part["amount_base_before"]).isna()
    return pd.DataFrame(
        {
            "bar": pd.Series(bar, index=part.index, dtype="str"),
            "opportunity_id": part.index.astype("str"),
            "amount": cents[chosen] / 100,
            **shown,
            "amount_before": part["amount_base_before"],
            "amount_after": part["amount_base_after"],
            "expected_close_before": part["expected_close_before"],
            "expected_close_after": part["expected_close_after"],
            "outcome_after": part["outcome_after"],
            "is_amount_missing": missing,
            "cents": cents[chosen],
        }
    )


def deals_in_between(deals: pd.DataFrame) -> pd.DataFrame:
    """Deals in no bar that closed between the two days, inside the period: they came and went unseen by either."""
    was_open = ~deals["outcome_before"].isin(["won", "lost"])
    changed = was_open | deals["closed_on_before"].ne(deals["closed_on_after"])
    closed = deals["outcome_after"].isin(["won", "lost"]) & deals["is_closed_in_period_after"]
    unseen = ~deals["counts_before"] & deals["is_in_slice_after"] & deals["is_closed_since"].astype(bool)
    chosen = deals[closed & unseen & changed]
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(chosen.index, dtype="str"),
            "name": chosen["name_after"].to_numpy(),
            "owner_id": chosen["owner_id_after"].to_numpy(),
            "outcome": chosen["outcome_after"].to_numpy(),
            "amount": chosen["cents_after"].to_numpy() / 100,
            "closed_on": chosen["closed_on_after"].to_numpy(),
        }
    )
