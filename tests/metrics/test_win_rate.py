"""Win rate on six deals, by hand."""

import numpy as np
import pytest

from oppnb.metrics import measure
from tests.metric_frames import make_inputs

SIX = (
    {"outcome": "won", "amount_base": 300.0, "created_at": "2017-07-02", "age_days": 44.0},
    {"outcome": "lost", "amount_base": 100.0, "created_at": "2017-05-01", "age_days": 106.0},
    {"outcome": "lost", "amount_base": None, "created_at": "2017-07-03", "age_days": 43.0},
    {"outcome": "won", "amount_base": 100.0, "created_at": "2017-01-01", "closed_at": "2017-06-30", "age_days": 180.0},
    {"outcome": "open", "amount_base": 500.0, "created_at": "2017-07-04", "age_days": 88.0},
    {"outcome": "open", "amount_base": 100.0, "created_at": "2017-06-30", "age_days": 92.0},
)


def _row(variant: str):
    return measure("win_rate", make_inputs(*SIX), variant=variant).iloc[0]


def test_of_closed_deals() -> None:
    # Closed in the quarter: d1 won, d2 and d3 lost. d4 closed the day before.
    row = _row("closed")
    assert (row["value"], row["n"]) == (pytest.approx(1 / 3), 3)
    assert (round(row["low"], 3), round(row["high"], 3)) == (0.061, 0.792)


def test_of_closed_deals_by_value() -> None:
    # 300 / (300 + 100); d3 has no amount.
    row = _row("closed_value")
    assert (row["value"], row["n"], row["n_missing"]) == (pytest.approx(0.75), 2, 1)


def test_of_created_deals_counts_the_undecided_beside_it() -> None:
    # Created in the quarter: d1 won, d3 lost, d5 open.
    row = _row("created")
    assert (row["value"], row["n"], row["n_open"]) == (pytest.approx(1 / 3), 3, 1)


def test_within_days_lets_losing_compete_and_follows_open_deals() -> None:
    # Day 43: 6 at risk, lost: S = 5/6. Day 44: 5 at risk, won: F = 5/6 x 1/5 = 1/6.
    assert _row("within_90_days")["value"] == pytest.approx(1 / 6)
    assert _row("within_30_days")["value"] == 0
    # Open at 88 and 92. Day 106: 2 at risk, S before = 4/6, lost: S = 2/6. Day 180: 1 at risk, won: F = 1/6 + 2/6.
    assert _row("within_180_days")["value"] == pytest.approx(3 / 6)


def test_a_deal_won_without_a_day_is_not_of_the_period() -> None:
    assert measure("win_rate", make_inputs({"outcome": "won", "closed_at": None}))["n"].item() == 0


def test_a_small_group_shows_how_little_it_says() -> None:
    deals = [{"outcome": "won", "region": "Nord"}] * 3 + [{"outcome": "lost", "region": "Nord"}] * 7
    row = measure("win_rate", make_inputs(*deals), by="region").iloc[0]
    assert (round(row["value"], 2), round(row["low"], 2), round(row["high"], 2)) == (0.3, 0.11, 0.6)


def test_a_negative_amount_cannot_be_weighed() -> None:
    row = measure(
        "win_rate", make_inputs({"outcome": "won", "amount_base": -5.0}, {"outcome": "lost"}), variant="closed_value"
    ).iloc[0]
    assert (row["value"], row["n"], row["n_missing"]) == (0.0, 1, 1)
    assert not np.isnan(row["high"])
