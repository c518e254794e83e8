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


def test_are_the_share_won_where_every_deal_is_closed():
    deals = [
        ("a", "Demo", 100, 10, "won"),
        ("b", "Demo", 100, 10, "lost"),
        ("c", "Demo", 100, 20, "lost"),
        ("e", "Offer", 100, 10, "won"),
    ]
    demo = row(deals)
    assert (demo["n"], demo["n_won"], demo["n_open"], demo["n_entered"]) == (3, 1, 0, 3)
    assert demo["observed_odds"] == pytest.approx(1 / 3)
    assert 0 < demo["low"] < 1 / 3 < demo["high"] < 1


def test_follow_what_is_open_neither_left_out_nor_taken_for_lost():
    slow = [(f"s{i}", "Demo", 300, 50 + i, "won" if i % 2 else "lost") for i in range(10)]
    young = [(f"y{i}", "Demo", 20, None, "open") for i in range(10)]
    lingering = [(f"l{i}", "Demo", 300, None, "open") for i in range(10)]
    assert row([*slow, *young])["observed_odds"] == pytest.approx(0.5)  # nothing happens in the first 20 days
    demo = row([*slow, *lingering])
    assert (demo["n"], demo["n_open"]) == (10, 10)
    assert demo["observed_odds"] == pytest.approx(0.25)  # 5 of the 20 that were followed long enough


def test_quick_losses_of_young_deals_do_not_bend_them():
    # Lost after 5 days or won after 100, one half each: of the young only the losses can be known.
    deals = [(f"d{i}", "Demo", 6 * i, 100 if i % 2 else 5, "won" if i % 2 else "lost") for i in range(1, 61)]
    known = [deal if deal[3] <= deal[2] else (*deal[:3], None, "open") for deal in deals]
    demo = row(known)
    assert demo["n_won"] / demo["n"] < 0.45
    assert demo["observed_odds"] == pytest.approx(0.5, abs=0.02)


def test_count_to_the_end_of_the_day_where_the_workspace_is():
    west = WORKSPACE.model_copy(
        update={"calendar": WORKSPACE.calendar.model_copy(update={"time_zone": "America/New_York"})}
    )
    snapshot, spells = frames([("a", "Demo", 0, None, "open"), ("b", "Demo", 100, 10, "won")])
    spells["entered_at"] += pd.Timedelta(hours=2)  # late in the evening of the same day
    assert observed_odds(snapshot, spells, workspace=west)["n_open"].iloc[0] == 1


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
