"""The same past with another future: every row and every field that was known only after a day says something else."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.history import cutoff
from oppnb.tables import Tables

ZONE = "Asia/Shanghai"
# When a row came to be known. Accounts, owners, contacts and line items carry no date.
KNOWN_AT = {
    "opportunity_history": "changed_at",
    "activities": "occurred_at",
    "evidence": "recorded_at",
    "leads": "created_at",
    "payments": "due_on",
    "subscriptions": "starts_on",
    "tickets": "opened_at",
    "exchange_rates": "on",
    "targets": "period_start",
}
# What the export says of a deal as it stands on the day of the export.
CURRENT = ["stage", "outcome", "amount", "expected_close_on", "owner_id", "closed_at", "forecast_category"]
CURRENT += ["lost_reason", "next_step", "next_step_due_on", "competitor", "crm_score"]
UNDATED = ["contacts", "line_items"]

Change = Callable[[np.random.Generator, pd.DataFrame], pd.DataFrame]


def shuffle(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Each column in an order of its own."""
    mixed = {name: values.iloc[rng.permutation(len(rows))].array for name, values in rows.items()}
    return pd.DataFrame(mixed, index=rows.index)


def garbage(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Nonsense in every field, of its own kind; keys and moments stay, or nothing would be found again."""
    kept = {"opportunity_id", "lead_id", "subscription_id", "ticket_id", *KNOWN_AT.values()}
    return rows.assign(**{name: _nonsense(rng, values) for name, values in rows.items() if name not in kept})


def _nonsense(rng: np.random.Generator, values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        days = rng.integers(0, 4_000, len(values)).astype("timedelta64[D]")
        return pd.Series(np.datetime64("2031-01-01", "us") + days, index=values.index).astype(values.dtype)
    if pd.api.types.is_bool_dtype(values):
        return pd.Series(rng.random(len(values)) < 0.5, index=values.index, dtype=values.dtype)
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(rng.uniform(-1e12, 1e12, len(values)), index=values.index).astype(values.dtype)
    words = np.array(["Won", "Lost", "<b>?", "=1+1", "\u00df\u9f98", "Zzz"], dtype=object)
    return pd.Series(words[rng.integers(0, len(words), len(values))], index=values.index).astype(values.dtype)


def delete(_rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """No row left."""
    return rows.iloc[:0]


def multiply(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Each row three times, twice with nonsense in it."""
    return pd.concat([rows, garbage(rng, rows), garbage(rng, rows)], ignore_index=True)


CHANGES: dict[str, Change] = {"shuffled": shuffle, "garbage": garbage, "deleted": delete, "multiplied": multiply}


def with_another_future(tables: Tables, day: date, change: Change, *, seed: int = 0) -> Tables:
    """The tables with all that was known only after a day changed."""
    rng = np.random.default_rng(seed)
    ends = cutoff(day, ZONE)
    frames = {}
    for name, column in KNOWN_AT.items():
        if name in tables:
            frames[name] = _changed(tables[name], _is_later(tables[name][column], day, ends), change, rng)
    deals, unknown = _deals(tables, day, change, rng)
    frames["opportunities"] = deals
    for name in UNDATED:
        if name in tables:
            frames[name] = _changed(tables[name], tables[name]["opportunity_id"].isin(unknown), change, rng)
    if "leads" in tables:
        frames["leads"] = _without_later_conversions(frames["leads"], ends)
    return tables.replace(**frames)


def _is_later(moments: pd.Series, day: date, ends: pd.Timestamp) -> pd.Series:
    return (
        moments > pd.Timestamp(day)
        if str(moments.name).endswith("on") or moments.name == "period_start"
        else (moments >= ends)
    )


def _changed(rows: pd.DataFrame, is_later: pd.Series, change: Change, rng: np.random.Generator) -> pd.DataFrame:
    return pd.concat([rows[~is_later], change(rng, rows[is_later]).astype(rows.dtypes)], ignore_index=True)


def _deals(
    tables: Tables, day: date, change: Change, rng: np.random.Generator
) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Deals of later days changed, and of the others what the export says if anything happened to them since."""
    ends = cutoff(day, ZONE)
    deals = tables["opportunities"].copy()
    since = deals["closed_at"] >= ends
    if "opportunity_history" in tables:
        history = tables["opportunity_history"]
        since |= deals["opportunity_id"].isin(history.loc[history["changed_at"] >= ends, "opportunity_id"])
    else:
        since |= deals["closed_at"].isna()
    unknown = deals["created_at"] >= ends
    touched = (since & ~unknown).to_numpy()
    columns = [name for name in CURRENT if name in deals]
    other = (
        garbage(rng, deals.loc[touched, columns]) if change is not shuffle else shuffle(rng, deals[columns][touched])
    )
    for name in columns:
        deals[name] = deals[name].where(~touched, other[name].reindex(deals.index).astype(deals[name].dtype))
    # A deal that closed later still closes later, on another day and perhaps the other way round.
    closes = pd.Series(rng.choice(["Won", "Lost"], len(deals)), index=deals.index)
    is_closed = touched & (since & tables["opportunities"]["closed_at"].notna()).to_numpy()
    deals["stage"] = deals["stage"].where(~is_closed, closes).astype("str")
    deals["outcome"] = deals["outcome"].where(~is_closed, closes.str.lower()).astype("str")
    is_early = ~(deals["closed_at"] >= ends).to_numpy()
    deals.loc[is_closed & is_early, "closed_at"] = ends + timedelta(days=3)
    newer = change(rng, deals[unknown])
    newer = newer.assign(opportunity_id=[f"new-{number}" for number in range(len(newer))])
    if change is not delete:
        newer["created_at"] = deals.loc[unknown, "created_at"].max()
    return pd.concat([deals[~unknown], newer.astype(deals.dtypes)], ignore_index=True), deals.loc[
        unknown, "opportunity_id"
    ]


def _without_later_conversions(leads: pd.DataFrame, ends: pd.Timestamp) -> pd.DataFrame:
    later = leads["converted_at"] >= ends
    return leads.assign(
        converted_at=leads["converted_at"].where(~later), opportunity_id=leads["opportunity_id"].where(~later)
    )
