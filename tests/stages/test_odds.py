"""Observed odds beside set ones."""

import numpy as np
import pandas as pd
import pytest

from oppnb.stages import observed_odds
from oppnb.workspace import parse_workspace

WORKSPACE = parse_workspace(
    """
processes:
  - name: new
    stages:
      - {name: Demo, odds: 0.25}
      - {name: Offer}
      - {name: Won, outcome: won}
      - {name: Lost, outcome: lost}
"""
)
DAY = pd.Timestamp("2025-12-31")


def frames(deals):
    """Deals as (key, stage, days since entry, days until the close, outcome)."""
    entered = [DAY + pd.Timedelta(days=1) - pd.Timedelta(days=days) for _, _, days, _, _ in deals]
    spells = pd.DataFrame(
        {
            "opportunity_id": [deal[0] for deal in deals],
            "process": "new",
            "stage": [deal[1] for deal in deals],
            "entered_at": entered,
        }
    )
    snapshot = pd.DataFrame(
        {
            "opportunity_id": [deal[0] for deal in deals],
            "outcome": [deal[4] for deal in deals],
            "closed_at": [
                pd.NaT if deal[3] is None else at + pd.Timedelta(days=deal[3])
                for deal, at in zip(deals, entered, strict=True)
            ],
            "as_of": DAY,
        }
    ).drop_duplicates("opportunity_id")
    return snapshot, spells


def row(deals, stage="Demo", **options):
    odds = observed_odds(*frames(deals), workspace=WORKSPACE, **options)
    return odds[odds["stage"] == stage].iloc[0]


def test_are_the_share_won_of_the_closed_deals_that_entered():
    deals = [
        ("a", "Demo", 100, 10, "won"),
        ("b", "Demo", 100, 10, "lost"),
        ("c", "Demo", 100, 10, "lost"),
        ("d", "Demo", 100, None, "open"),
        ("e", "Offer", 100, 10, "won"),
    ]
    demo = row(deals)
    assert (demo["n"], demo["n_won"], demo["n_open"], demo["n_entered"]) == (3, 1, 1, 4)
    assert demo["observed_odds"] == pytest.approx(1 / 3)
    assert 0 < demo["low"] < 1 / 3 < demo["high"] < 1


def test_leave_out_entries_younger_than_the_time_that_nine_in_ten_need():
    slow = [(f"s{i}", "Demo", 300, 10 * i, "lost") for i in range(1, 10)]  # 10 … 90 days
    young = [("y", "Demo", 20, 5, "won")]
    demo = row([*slow, *young])
    assert demo["mature_days"] == 90
    assert (demo["n"], demo["n_won"]) == (9, 0)
    assert row([*slow, *young], maturity=0)["n_won"] == 1


def test_count_a_deal_once_however_often_it_entered():
    deals = [("a", "Demo", 100, 10, "won"), ("a", "Demo", 95, 5, "won")]
    assert row(deals)["n"] == 1


def test_shrink_towards_the_set_odds_with_a_stated_strength():
    demo = row([("a", "Demo", 100, 10, "won")], prior_strength=3)
    assert demo["shrunk_odds"] == pytest.approx((3 * 0.25 + 1) / 4)
    assert demo["prior_share"] == pytest.approx(0.75)


def test_stay_unknown_where_nothing_closed_and_are_never_invented():
    demo = row([("a", "Demo", 100, None, "open")])
    assert np.isnan(demo["observed_odds"])
    assert np.isnan(demo["low"])
    assert demo["shrunk_odds"] == 0.25
    offer = row([("a", "Demo", 100, None, "open")], stage="Offer")
    assert np.isnan(offer["set_odds"])
    assert np.isnan(offer["shrunk_odds"])


def test_cover_the_true_odds_at_about_their_nominal_rate():
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(200):
        days = rng.integers(1, 60, 80)
        won = rng.random(80) < 0.3
        deals = [(f"d{i}", "Demo", 400, int(days[i]), "won" if won[i] else "lost") for i in range(80)]
        demo = row(deals)
        hits += demo["low"] <= 0.3 <= demo["high"]
    assert 0.90 <= hits / 200 <= 0.99
