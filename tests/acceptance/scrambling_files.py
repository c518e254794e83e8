"""Exports as files, the same up to a day and different after it."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.field_data import field_data


def copied(name: str, folder: Path) -> Path:
    """A copy of an export, its files made in another order."""
    other = folder / name
    other.mkdir()
    for file in sorted(field_data(name).glob("*.csv*"), reverse=True):
        (other / file.name).write_bytes(file.read_bytes())
    return other


def scrambled_maven(deals: pd.DataFrame, day: str, *, with_sellers: bool = True) -> pd.DataFrame:
    """Deals engaged later lose all they say; those open on the day end, or stay open, otherwise; rows are mixed.

    What an earlier deal is of stays: its product and account are taken as fixed, and so is the day of its engagement.
    """
    rng = np.random.default_rng(9)
    deals = deals.copy()
    is_dated = deals["engage_date"] != ""
    engaged_later = (deals["engage_date"] > day) | ~is_dated
    open_then = is_dated & ~engaged_later & ((deals["close_date"] == "") | (deals["close_date"] > day))
    assert min(engaged_later.sum(), open_then.sum()) > 100
    for rows in (deals.index[open_then], deals.index[engaged_later]):
        closes = rng.random(len(rows)) < 0.7
        deals.loc[rows, "deal_stage"] = np.where(closes, rng.choice(["Won", "Lost"], len(rows)), "Engaging")
        deals.loc[rows, "close_date"] = np.where(closes, "2017-12-30", "")
        values = rng.integers(0, 10**9, len(rows)).astype(str)
        deals.loc[rows, "close_value"] = np.where(closes, values, "")
        if with_sellers:
            deals.loc[rows, "sales_agent"] = rng.permutation(deals.loc[rows, "sales_agent"])
    rows = deals.index[engaged_later]
    deals.loc[rows, "account"] = "<script>alert(1)</script>"
    deals.loc[rows, "product"] = rng.permutation(deals.loc[rows, "product"])
    deals.loc[rows, "engage_date"] = "2017-12-29"
    gone = rng.permutation(rows)[: len(rows) // 3]
    return deals.drop(index=gone).sample(frac=1, random_state=2)


def scrambled_events(events: pd.DataFrame, day: str) -> pd.DataFrame:
    """Events after the day say anything, a third of them is gone; when a case was registered stays."""
    rng = np.random.default_rng(9)
    ends = (pd.Timestamp(day) + pd.Timedelta(days=1)).tz_localize("Europe/Amsterdam")
    is_later = pd.to_datetime(events["timestamp"], utc=True, format="ISO8601") >= ends
    assert min(is_later.sum(), (~is_later).sum()) > 1_000
    later = events[is_later].copy()
    for name in ("activity", "lifecycle", "resource", "timestamp"):
        later[name] = rng.permutation(later[name])
    later["amount_req"] = rng.integers(0, 10**9, len(later)).astype(str)
    later = later.iloc[rng.permutation(len(later))[len(later) // 3 :]]
    return pd.concat([events[~is_later], later], ignore_index=True)
