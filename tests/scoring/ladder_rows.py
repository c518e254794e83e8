"""Rows of deals on days made by a simple law, whose win probability is known."""

from typing import Any

import numpy as np
import pandas as pd

from oppnb.scoring.rows import Feature, ScoringRows
from oppnb.workspace.models import Calendar

STAGES = ("Lead", "Demo", "Offer")
FEATURES = (
    Feature("stage", "stage", "category"),
    Feature("days_in_stage", "stage", "number"),
    Feature("days_since_last_activity", "activity", "number"),
    Feature("log_amount", "amount", "number"),
    Feature("source", "account", "category"),
)
UNTIL = pd.Timestamp("2025-06-29")


def make_rows(
    n_deals: int = 300, *, seed: int = 1, rows_a_deal: int = 3, weeks: int = 104, is_open: bool = False
) -> ScoringRows:
    """Deals that live at random, seen every 4 weeks from their creation on; ends as known on `UNTIL`."""
    rng = np.random.default_rng(seed)
    quality, stage = rng.normal(size=n_deals), rng.integers(3, size=n_deals)
    amount, source = rng.normal(size=n_deals), rng.integers(3, size=n_deals)
    truth = 1 / (1 + np.exp(-(stage - 1.2 + quality + 0.5 * (source - 1))))
    is_won, lived = rng.random(n_deals) < truth, rng.exponential(60.0, size=n_deals)
    start = rng.integers(0, 7 * weeks, size=n_deals)
    deal = np.repeat(np.arange(n_deals), rows_a_deal)
    waited = np.tile(28.0 * np.arange(rows_a_deal), n_deals)
    left = 7 * weeks - start[deal] - waited
    kept = (lived[deal] > waited) & (left > 0)
    deal, waited, left = deal[kept], waited[kept], left[kept]
    to_end = lived[deal] - waited
    over = to_end <= left
    as_of = (UNTIL - pd.to_timedelta(left, unit="D")).as_unit("us")
    keys = make_keys(
        [f"D{number:05d}" for number in deal],
        as_of=as_of,
        stage=np.array(STAGES)[stage[deal]],
        set_odds=np.array([0.2, 0.4, 0.7])[stage[deal]],
        stage_position=stage[deal] + 1.0,
        expected_close_on=as_of + pd.to_timedelta(np.round(to_end / 7) * 7, unit="D"),
    )
    values = pd.DataFrame(
        {
            "stage": keys["stage"],
            "days_in_stage": waited,
            "days_since_last_activity": np.where(source[deal] == 0, np.nan, 10 - 5 * quality[deal]),
            "log_amount": amount[deal],
            "source": np.array(["web", "event", "partner"])[source[deal]],
        }
    )
    ends = pd.DataFrame(
        {
            "end": np.where(over, np.where(is_won[deal], "won", "lost"), "open"),
            "days_to_end": np.where(over, to_end, left),
        }
    )
    return ScoringRows(keys, values, FEATURES, None if is_open else ends, Calendar())


def make_keys(deals: list[str], **columns: Any) -> pd.DataFrame:
    """Keys with one process, no stage and no dates unless given."""
    n = len(deals)
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(deals, dtype="str"),
            "as_of": pd.Series([pd.NaT] * n, dtype="datetime64[us]"),
            "process": pd.Series(["sales"] * n, dtype="str"),
            "stage": pd.Series([None] * n, dtype="str"),
            "stage_position": np.full(n, np.nan),
            "set_odds": np.full(n, np.nan),
            "amount_base": np.full(n, 100.0),
            "expected_close_on": pd.Series([pd.NaT] * n, dtype="datetime64[us]"),
            "owner_id": pd.Series(["u1"] * n, dtype="str"),
        }
        | columns
    )


def with_ends(rows: ScoringRows, end: str) -> ScoringRows:
    """The same rows, all ended in one way."""
    assert rows.ends is not None
    return ScoringRows(rows.keys, rows.values, rows.features, rows.ends.assign(end=end), rows.calendar)


def without_dates(rows: ScoringRows) -> ScoringRows:
    """The same rows as an export without any date would give them."""
    keys = rows.keys.assign(as_of=pd.NaT, expected_close_on=pd.NaT).astype(
        {"as_of": "datetime64[us]", "expected_close_on": "datetime64[us]"}
    )
    ends = None if rows.ends is None else rows.ends.assign(days_to_end=np.nan)
    return ScoringRows(keys, rows.values, rows.features, ends, rows.calendar)
