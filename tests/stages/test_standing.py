"""Odds of the deals that stand in a stage."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.metrics import cumulative_incidence, incidence_and_influence
from oppnb.stages import observed_odds, standing_odds
from oppnb.stages.standing import landmark_rows
from oppnb.workspace import parse_workspace

WORKSPACE = parse_workspace("processes: [{name: new, stages: [{name: Demo, odds: 0.5}, {name: Offer}]}]")
DAY = pd.Timestamp("2025-12-31")
END = DAY + pd.Timedelta(days=1)


def days_ago(days):
    return END - pd.Timedelta(days=days)


def frames(deals):
    """Deals as (days since the entry in Demo, days there, days in Offer, how it ends), as known on the day."""
    stays, rows = [], []
    for number, (ago, in_demo, in_offer, outcome) in enumerate(deals):
        key, moves = f"d{number:03}", [("Demo", ago, ago - in_demo), ("Offer", ago - in_demo, ago - in_demo - in_offer)]
        for stage, entered, left in moves:
            if entered > 0:
                stays.append([key, stage, days_ago(entered), days_ago(left) if left > 0 else pd.NaT])
        closed = ago - in_demo - in_offer
        rows.append([key, outcome if closed > 0 else "open", days_ago(closed) if closed > 0 else pd.NaT, DAY])
    spells = pd.DataFrame(stays, columns=["opportunity_id", "stage", "entered_at", "left_at"])
    moments = dict.fromkeys(["entered_at", "left_at"], "datetime64[us]")
    snapshot = pd.DataFrame(rows, columns=["opportunity_id", "outcome", "closed_at", "as_of"])
    return (
        snapshot.astype({"closed_at": "datetime64[us]", "as_of": "datetime64[us]"}),
        spells.assign(process="new", outcome="open").astype(moments),
    )


def copied(snapshot, spells):
    """Every deal a second time, under another key."""

    def other(frame):
        return pd.concat([frame, frame.assign(opportunity_id=frame["opportunity_id"] + "-2")], ignore_index=True)

    return other(snapshot), other(spells)


def odds_of(snapshot, spells):
    return standing_odds(snapshot, spells).set_index("stage")


DEALS = st.tuples(st.integers(0, 900), st.integers(1, 200), st.integers(1, 200), st.sampled_from(["won", "lost"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(DEALS, min_size=1, max_size=60))
def test_lie_between_nought_and_one_with_their_interval_around_them(deals):
    found = odds_of(*frames(deals)).dropna()
    assert (found["standing_low"] >= 0).all()
    assert (found["standing_low"] <= found["standing_odds"] + 1e-12).all()
    assert (found["standing_odds"] <= found["standing_high"] + 1e-12).all()
    assert (found["standing_high"] <= 1).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(DEALS, min_size=10, max_size=19) | st.lists(DEALS, min_size=12, max_size=14).map(lambda few: few * 12))
def test_stay_the_same_when_every_deal_is_there_twice(deals):
    snapshot, spells = frames(deals)
    once, twice = odds_of(snapshot, spells), odds_of(*copied(snapshot, spells))
    enough = once["within_odds"].notna() & _has_full_bands_or_one(once)  # the 30 deals that bound the others are not
    assert once.loc[enough, "within_odds"].to_numpy() == pytest.approx(twice.loc[enough, "within_odds"].to_numpy())
    assert once.loc[enough, "stood_odds"].to_numpy() == pytest.approx(twice.loc[enough, "stood_odds"].to_numpy())
    assert (once["standing_n"] * 2).tolist() == twice["standing_n"].tolist()
    again = odds_of(snapshot, pd.concat([spells, spells], ignore_index=True))  # the same rows, told again
    pd.testing.assert_frame_equal(once, again)


def _has_full_bands_or_one(found):
    """Stages whose number of bands is the same for twice the deals: five, or one."""
    return (found["standing_n"] >= 100) | (found["standing_n"] < 20)


@settings(max_examples=40, deadline=None)
@given(st.lists(DEALS, min_size=10, max_size=60), st.randoms(use_true_random=False))
def test_do_not_depend_on_the_order_of_rows(deals, random):
    snapshot, spells = frames(deals)
    order = list(range(len(spells)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(
        standing_odds(snapshot, spells), standing_odds(snapshot.iloc[::-1], spells.iloc[order]), rtol=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(DEALS, min_size=10, max_size=40), st.lists(DEALS, min_size=1, max_size=10))
def test_do_not_know_of_deals_that_came_after_the_last_landmark(deals, late):
    snapshot, spells = frames(deals)
    young = [(days % 7 + 0.5, in_demo, in_offer, outcome) for days, in_demo, in_offer, outcome in late]
    more = [frame.assign(opportunity_id="late" + frame["opportunity_id"]) for frame in frames(young)]
    more[0]["outcome"], more[0]["closed_at"] = "won", DAY  # open ones would change the spread over the bands
    together = standing_odds(pd.concat([snapshot, more[0]]), pd.concat([spells, more[1]]))
    pd.testing.assert_frame_equal(standing_odds(snapshot, spells), together)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), min_size=1, max_size=60))
def test_incidence_is_that_of_one_row_a_deal_and_its_influences_add_up_to_zero(rows):
    days, end = (np.array(column) for column in zip(*rows, strict=True))
    value, influence = incidence_and_influence(days.astype("float64"), end)
    assert influence.sum() == pytest.approx(0, abs=1e-9)
    known = cumulative_incidence(days.astype("float64"), end, horizon=float(days.max()))
    if known is not None:
        assert value == pytest.approx(known[0])


def test_influence_is_what_a_row_of_more_weight_would_change():
    rng = np.random.default_rng(1)
    days, end = rng.integers(1, 15, 40).astype("float64"), rng.integers(0, 3, 40)
    value, influence = incidence_and_influence(days, end)
    for row in (0, 7, 23):
        many = 2_000  # copies of all rows, and one more of this one
        more = np.append(np.tile(days, many), days[row]), np.append(np.tile(end, many), end[row])
        assert (incidence_and_influence(*more)[0] - value) * many == pytest.approx(influence[row], rel=0.01, abs=1e-5)


def test_are_lower_than_those_of_who_entered_where_the_lost_linger():
    deals = [(300 + i, 10, 1, "won") if i % 2 else (300 + i, 100, 1, "lost") for i in range(40)]
    odds = observed_odds(*frames(deals), workspace=WORKSPACE).set_index("stage").loc["Demo"]
    assert odds["observed_odds"] == pytest.approx(0.5)
    assert odds["standing_odds"] == pytest.approx(0.09, abs=0.03)  # a week and a half beside fourteen
    assert odds["standing_n"] == 40


def test_are_spread_over_the_time_in_the_stage_as_the_deals_of_today_are():
    # Whoever is there for more than 40 days is lost. Today's deals have all been there for 60.
    deals = [(400 + i, 40, 1, "won") if i % 2 else (400 + i, 80, 1, "lost") for i in range(120)]
    without = odds_of(*frames(deals)).loc["Demo", "standing_odds"]
    old = odds_of(*frames([*deals, *[(60, 300, 1, "won")] * 12])).loc["Demo", "standing_odds"]
    young = odds_of(*frames([*deals, *[(3, 300, 1, "won")] * 12])).loc["Demo", "standing_odds"]
    assert old < without - 0.2
    assert young == pytest.approx(0.5, abs=0.05)


def test_deals_that_stand_longer_than_any_that_ended_are_taken_as_the_longest_that_did():
    # Won within 20 days or lost within 120; today's deals have stood for a year, and none like them has ended.
    deals = [(400 + i, 20, 1, "won") if i % 2 else (400 + i, 120, 1, "lost") for i in range(60)]
    lingering = [(365 + i, 900, 1, "won") for i in range(40)]
    assert odds_of(*frames([*deals, *lingering])).loc["Demo", "standing_odds"] < 0.02


def test_rows_of_one_deal_make_the_interval_no_narrower():
    slow = [(600, 200, 1, "won" if i % 2 else "lost") for i in range(40)]
    found = odds_of(*frames(slow)).loc["Demo"]
    rows, _ = landmark_rows(*frames(slow))
    assert (rows["stage"] == "Demo").sum() > 20 * 40
    assert found["standing_high"] - found["standing_low"] > 0.28  # as 20 of 40 by Wilson: 0.30


def test_are_null_without_a_landmark_without_stays_and_with_few_closed_deals():
    assert standing_odds(*frames([(5, 100, 1, "won")] * 20)).empty
    few = odds_of(*frames([(100, 50, 1, "won")] * 9)).loc["Demo"]
    assert (np.isnan(few["standing_odds"]), few["standing_n"]) == (True, 9)
    undecided = odds_of(*frames([(100, 500, 1, "won")] * 30)).loc["Demo"]
    assert np.isnan(undecided["standing_odds"])
    snapshot, spells = frames([(100, 50, 1, "won")] * 30)
    flat = observed_odds(snapshot, spells.iloc[:0], workspace=WORKSPACE)
    assert flat["standing_odds"].isna().all()
    assert flat["standing_n"].tolist() == [0, 0]
    assert standing_odds(snapshot, spells.assign(entered_at=pd.NaT)).empty


def test_a_reopened_deal_stands_where_it_was_open_and_its_last_close_counts():
    snapshot, spells = frames([(300, 30, 1, "lost")] * 12)
    back = spells[spells["stage"] == "Demo"].assign(entered_at=days_ago(200), left_at=days_ago(150))
    reopened = snapshot.assign(outcome="won", closed_at=days_ago(150))
    rows, _ = landmark_rows(reopened, pd.concat([spells, back], ignore_index=True))
    stood = sorted({int(weeks) for weeks in rows["landmark"]})
    assert stood == [22, 23, 24, 25, 26, 27, 28, 39, 40, 41, 42]  # 150 to 200 and 269 to 300 days ago
    assert odds_of(reopened, pd.concat([spells, back])).loc["Demo", "standing_odds"] == 1.0


def test_a_deal_that_left_on_the_landmark_day_does_not_stand_there():
    rows, today = landmark_rows(*frames([(14, 7, 30, "won")]))
    at = {(stage, int(weeks)) for stage, weeks in zip(rows["stage"], rows["landmark"], strict=True)}
    # It entered Demo at the midnight that ends the day two weeks ago, and Offer at the one that ends the last landmark.
    assert at == {("Demo", 1)}
    assert today["stage"].tolist() == ["Offer"]


def longest_won_of(n_won, *, n=60, days=120):
    """Closed deals that all stood in Demo for `days`, so many of them won; the rest lost."""
    return [(400 + i, days, 1, "won" if i < n_won else "lost") for i in range(n)]


def test_of_deals_older_than_any_closed_one_only_a_bound_is_told():
    found = odds_of(*frames([*longest_won_of(15), *[(365 + i, 900, 1, "won") for i in range(40)]])).loc["Demo"]
    assert (found["n_now"], found["standing_n_beyond"], found["longest_days"]) == (40, 40, 120)
    assert np.isnan(found["within_odds"])
    assert found["at_most_odds"] == pytest.approx(15 / 100)  # all 60 closed stood equally long; 40 stand there still
    assert found["standing_odds"] == found["at_most_odds"]
    assert (found["standing_low"], found["standing_high"]) == (0, found["at_most_high"])


def test_the_odds_of_all_weigh_those_within_what_was_seen_and_the_bound_of_the_others():
    young, old = [(5, 900, 1, "won")] * 30, [(365, 900, 1, "won")] * 10
    found = odds_of(*frames([*longest_won_of(30), *young, *old])).loc["Demo"]
    assert (found["n_now"], found["standing_n_beyond"]) == (40, 10)
    weighed = 0.75 * found["within_odds"] + 0.25 * found["at_most_odds"]
    assert found["standing_odds"] == pytest.approx(weighed)
    assert found["standing_low"] == pytest.approx(0.75 * found["within_low"])  # perhaps none of the others is won
    assert found["standing_high"] == pytest.approx(0.75 * found["within_high"] + 0.25 * found["at_most_high"])


def test_the_raw_odds_take_each_deal_once_however_long_it_stood():
    deals = [(400 + i, 20, 1, "won") for i in range(40)] + [(400 + i, 200, 1, "lost") for i in range(60)]
    found = odds_of(*frames(deals)).loc["Demo"]
    assert found["stood_odds"] == pytest.approx(0.4)
    assert (found["standing_n"], found["standing_n_closed"]) == (100, 100)


def test_a_deal_as_many_days_old_as_the_oldest_closed_one_has_stood_no_longer():
    """Days without hours: a close at midnight and a deal still open at night are equally old in days."""
    day, days = pd.Timestamp("2025-06-30"), [10, 20, 30] * 5
    begun = [day - pd.Timedelta(days=300)] * 15 + [day - pd.Timedelta(days=age) for age in (30, 31)]
    closed = [*(day - pd.Timedelta(days=300 - stay) for stay in days), pd.NaT, pd.NaT]
    keys = [f"{number:02d}" for number in range(17)]
    spells = pd.DataFrame({"opportunity_id": keys, "process": "p", "stage": "Demo", "outcome": "open"})
    spells = spells.assign(entered_at=pd.Series(begun), left_at=pd.Series(closed))
    snapshot = pd.DataFrame({"opportunity_id": keys, "outcome": ["won", "lost", "won"] * 5 + ["open"] * 2})
    snapshot = snapshot.assign(closed_at=spells["left_at"], as_of=day)
    for zone in ("UTC", "America/New_York"):
        moved = spells.assign(**{name: to_utc(spells[name], zone) for name in ("entered_at", "left_at")})
        row = standing_odds(snapshot.assign(closed_at=moved["left_at"]), moved, time_zone=zone).iloc[0]
        assert (row["n_now"], row["standing_n_beyond"], round(row["longest_days"])) == (2, 1, 30)


def to_utc(moments, zone):
    return moments.dt.tz_localize(zone).dt.tz_convert("UTC").dt.tz_localize(None)
