"""Odds by segment and over time, and limits beside stays: laws, noise, and made tables with the answer known."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.stages import odds_by_period, odds_by_segment, odds_trends, standing_first, stays_and_limits
from oppnb.stages.entered_odds import beyond_noise, entered_odds
from oppnb.workspace import parse_workspace

WORKSPACE = parse_workspace(
    "processes: [{name: p, stages: [{name: Demo, odds: 0.5, time_limit_days: 30}, {name: Won}, {name: Lost}]}]"
)
DAY = pd.Timestamp("2025-12-31")


def make_deals(won, *, entered="2024-01-01", days=10, **columns):
    """Closed deals of one stage, one for each outcome."""
    n = len(won)
    entered = pd.to_datetime(pd.Series([entered] * n if isinstance(entered, str) else entered)).astype("datetime64[us]")
    closed = (entered + pd.to_timedelta(days, unit="D")).astype("datetime64[us]")
    ids = [f"{i:05d}" for i in range(n)]
    spells = pd.DataFrame(
        {
            "opportunity_id": ids,
            "process": "p",
            "stage": "Demo",
            "outcome": "open",
            "entered_at": entered,
            "left_at": closed,
            "days": (closed - entered).dt.days.astype("float64"),
            "is_finished": True,
            "spell": 1,
            "is_first_stage_known": True,
        }
    )
    outcome = np.where(won, "won", "lost")
    snapshot = pd.DataFrame(
        {"opportunity_id": ids, "outcome": outcome, "closed_at": closed, "as_of": DAY.as_unit("us"), **columns}
    )
    return snapshot, spells


def by_segment(snapshot, spells, columns=("region",)):
    return odds_by_segment(snapshot, spells, list(columns), workspace=WORKSPACE)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_looking_at_more_never_makes_a_difference_surer(p_values):
    alone = beyond_noise(p_values)
    assert (beyond_noise([*p_values, 0.9])[: len(p_values)] <= alone).all()
    assert all(p <= 0.05 for p in np.asarray(p_values, dtype="float64")[alone])


def test_segments_of_the_same_odds_hardly_ever_stand_out():
    random, false = np.random.default_rng(7), 0
    for _ in range(25):
        snapshot, spells = make_deals(random.random(240) < 0.3, region=random.choice(["N", "S", "E", "W"], 240))
        false += int(by_segment(snapshot, spells)["stands_out"].any())
    assert false <= 5  # 5 % of 25 is one


def test_few_deals_of_which_all_were_won_are_not_taken_for_certain():
    won = [True] * 20 + [True] * 140 + [False] * 60
    snapshot, spells = make_deals(won, owner_id=["Ann"] * 20 + ["others"] * 200)
    first = by_segment(snapshot, spells, ("owner_id",)).iloc[0]
    assert (first["observed_odds"], first["others_odds"]) == (1.0, 0.7)
    assert not beyond_noise([first["p_value"], *[0.9] * 29])[0]


def test_a_segment_is_held_beside_all_others_and_what_is_too_small_is_not_compared():
    region = ["N"] * 100 + ["S"] * 100 + ["E"] * 19 + [None] * 31
    won = [True] * 60 + [False] * 40 + [True] * 20 + [False] * 80 + [True] * 19 + [False] * 31
    rows = by_segment(*make_deals(won, region=region)).set_index("segment")
    assert rows.loc["N", ["observed_odds", "n", "others_n"]].tolist() == [0.6, 100, 150]
    assert rows.loc["N", "others_odds"] == pytest.approx(39 / 150)
    assert rows["stands_out"].to_dict() == {"E": False, "N": True, "S": True}
    assert np.isnan(rows.loc["E", "p_value"])


def test_rates_difference_interval_and_p_value_are_of_the_same_closed_deals():
    """Newcombe 1998, table II, (56/70, 48/80): 0.0524 to 0.3339; the score test is the chi-square of the table."""
    won = [True] * 56 + [False] * 14 + [True] * 48 + [False] * 32
    row = by_segment(*make_deals(won, region=["N"] * 70 + ["S"] * 80)).set_index("segment").loc["N"]
    assert row[["win_rate", "others_win_rate", "n", "others_n"]].tolist() == [0.8, 0.6, 70, 80]
    assert row[["difference", "difference_low", "difference_high"]].tolist() == pytest.approx(
        [0.2, 0.0524, 0.3339], abs=5e-5
    )
    chi_square = 150 * (56 * 32 - 14 * 48) ** 2 / (70 * 80 * 104 * 46)
    assert NormalDist().cdf(-np.sqrt(chi_square)) * 2 == pytest.approx(row["p_value"])
    assert (row["p_value"] < 0.05) == (row["difference_low"] > 0)


def test_a_column_that_says_one_thing_or_is_not_there_has_no_rows():
    snapshot, spells = make_deals([True, False] * 30, region="N")
    assert by_segment(snapshot, spells, ("region", "source")).empty


def test_odds_that_fall_are_found_and_those_that_stay_are_not():
    random = np.random.default_rng(3)
    months = pd.date_range("2022-01-01", "2024-12-31", freq="D")
    entered = pd.Series(random.choice(months, 3000)).sort_values(ignore_index=True)
    years = (entered - entered.min()).dt.days / 365.25
    found = {}
    for name, odds in (("fall", 0.6 - 0.12 * years), ("stay", 0.4 + 0.0 * years)):
        snapshot, spells = make_deals(random.random(3000) < odds, entered=entered)
        found[name] = odds_trends(odds_by_period(snapshot, spells, workspace=WORKSPACE)).iloc[0]
    assert found["fall"]["stands_out"]
    assert found["fall"]["low"] <= -0.12 <= found["fall"]["high"]
    assert not found["stay"]["stands_out"]


def test_periods_add_up_to_all_deals_and_young_ones_are_not_settled():
    entered = ["2025-02-01"] * 30 + ["2025-11-01"] * 30
    snapshot, spells = make_deals([True] * 10 + [False] * 50, entered=entered)
    is_open = snapshot.index >= 50
    snapshot = snapshot.assign(
        outcome=snapshot["outcome"].where(~is_open, "open"), closed_at=snapshot["closed_at"].where(~is_open)
    )
    rows = odds_by_period(snapshot, spells, workspace=WORKSPACE, kind="quarter")
    assert rows["period"].tolist() == ["2025Q1", "2025Q4"]
    assert int(rows["n"].sum() + rows["n_open"].sum()) == 60
    assert rows["is_settled"].tolist() == [True, False]
    assert odds_trends(rows)["n_periods"].tolist() == [1]
    assert odds_by_period(snapshot, spells, workspace=WORKSPACE)["period"].tolist() == ["2025Q1", "2025Q4"]


def test_few_deals_a_quarter_are_told_by_year():
    entered = [f"{year}-{month:02d}-01" for year in (2023, 2024) for month in (1, 4, 7, 10) for _ in range(5)]
    rows = odds_by_period(*make_deals([True] * 40, entered=entered), workspace=WORKSPACE)
    assert rows["period"].tolist() == ["FY2023", "FY2024"]


def test_later_scrambled_deals_of_other_segments_change_nothing_of_a_segments_odds():
    snapshot, spells = make_deals([True, False] * 40, region=["N"] * 40 + ["S"] * 40)
    before = by_segment(snapshot, spells).set_index("segment").loc["N", ["observed_odds", "low", "high"]]
    other = snapshot.assign(outcome=snapshot["outcome"].where(snapshot["region"] == "N", "won"))
    after = by_segment(other, spells).set_index("segment").loc["N", ["observed_odds", "low", "high"]]
    assert before.tolist() == after.tolist()


def test_a_limit_that_tells_deals_apart_shows_lower_odds_beyond_it():
    won = [True] * 30 + [False] * 30
    snapshot, spells = make_deals(won, days=[10] * 30 + [60] * 30)
    row = stays_and_limits(snapshot, spells, workspace=WORKSPACE).iloc[0]
    assert (row["over_limit_share"], row["observed_odds"], row["beyond_odds"]) == (0.5, 0.5, 0.0)
    assert (row["n"], row["n_finished"], row["beyond_n"], row["n_over_now"]) == (60, 60, 30, 0)
    assert row["beyond_n_entered"] == 30
    assert row["over_limit_low"] <= 0.5 <= row["over_limit_high"]


def test_stays_of_which_the_beginning_is_not_known_do_not_count():
    snapshot, spells = make_deals([True] * 20, days=40)
    row = stays_and_limits(snapshot, spells.assign(is_first_stage_known=False), workspace=WORKSPACE).iloc[0]
    assert row["n"] == 0
    assert np.isnan(row["median_days"])


def test_of_all_that_are_over_the_odds_are_the_share_won():
    found = entered_odds(pd.DataFrame({"days": [3.0, 1.0, 2.0, 9.0, -1.0], "end": [1, 2, 1, 2, 1]}))
    assert (found.value, found.n, found.n_won, found.n_open) == (0.5, 4, 2, 0)


def test_where_nobody_is_known_to_have_stood_the_odds_of_who_entered_stay():
    odds = pd.DataFrame(
        {
            **{name: [0.5] for name in ("set_odds", "observed_odds", "low", "high", "prior_share", "shrunk_odds")},
            **{name: [np.nan] for name in ("standing_odds", "standing_low", "standing_high")},
            "n": [40],
            "standing_n_closed": [0],
        }
    )
    assert standing_first(odds)[["observed_odds", "n"]].iloc[0].tolist() == [0.5, 40]


def test_a_segment_that_leaves_no_deal_open_does_not_win_more_by_that_alone():
    """Both win six of ten closed deals; the others have as many again lying open for good."""
    ids, day = [f"{n:03d}" for n in range(600)], pd.Timestamp("2024-01-01")
    mine = [n < 200 for n in range(600)]
    ends = [("won" if n % 10 < 6 else "lost") if n < 400 else "open" for n in range(600)]
    closed = pd.Series([day + pd.Timedelta(days=30) if end != "open" else pd.NaT for end in ends])
    spells = pd.DataFrame({"opportunity_id": ids, "process": "p", "stage": "Demo", "entered_at": day})
    snapshot = pd.DataFrame(
        {"opportunity_id": ids, "outcome": ends, "closed_at": closed, "as_of": pd.Timestamp("2024-12-31")}
    )
    snapshot["owner_id"] = ["tidy" if one else "others" for one in mine]
    workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    rows = odds_by_segment(snapshot, spells, ["owner_id"], workspace=workspace).set_index("segment")
    assert rows.loc["tidy", "observed_odds"] > rows.loc["tidy", "others_odds"] + 0.2
    assert rows["p_value"].tolist() == [1.0, 1.0]
    assert rows["difference"].tolist() == [0.0, 0.0]
    assert (rows["entered_p_value"] < 0.001).all()
    assert not rows["stands_out"].any()
