"""The synthetic sellers and deals behave as real ones do."""

import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.sources.synthetic import Laws, ProcessSettings, StageSettings, SyntheticSettings, make_pipeline

SMALL = SyntheticSettings(n_opportunities=300)


def test_the_same_settings_give_the_same_tables():
    first, second = make_pipeline(SMALL), make_pipeline(SMALL)
    for name in first.tables:
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name])
    pd.testing.assert_frame_equal(first.truth.spells, second.truth.spells)


def test_another_seed_gives_other_lives():
    other = make_pipeline(SyntheticSettings(n_opportunities=300, seed=7))
    mine = make_pipeline(SMALL).tables["opportunities"]["outcome"]
    assert (other.tables["opportunities"]["outcome"] != mine).mean() > 0.3


def test_wins_bunch_in_the_last_two_weeks_of_a_quarter(made):
    deals = made.tables["opportunities"]
    won = deals.loc[deals["outcome"] == "won", "closed_at"]
    days_left = (won.dt.to_period("Q").dt.end_time - won).dt.days
    assert (days_left < 14).mean() > 1.4 * 14 / 91


def test_deals_skip_fall_back_and_come_back_from_lost(made):
    history = made.tables["opportunity_history"].dropna(subset="stage")
    order = {"Lead": 1, "Qualified": 2, "Proposal": 3, "Negotiation": 4}
    order |= {"Review": 1, "Offer": 2, "Terms": 3, "Won": 9, "Lost": 0}
    position = history["stage"].map(order)
    before = position.groupby(history["opportunity_id"]).shift()
    is_open = position.between(1, 4) & before.between(1, 4)
    assert ((position - before)[is_open] == 2).sum() > 20
    assert ((position - before)[is_open] == -1).sum() > 20
    assert ((before == 0) & position.between(1, 4)).sum() >= 5
    assert not (before == 9).any()


def test_there_are_zombies_that_are_long_overdue_and_deals_that_never_moved(made):
    deals = made.tables["opportunities"]
    open_deals = deals[deals["outcome"] == "open"].set_index("opportunity_id")
    silent = made.truth.deals.set_index("opportunity_id")["silent_week_on"].notna()
    overdue_days = (pd.Timestamp("2025-12-31") - open_deals["expected_close_on"]).dt.days
    assert (overdue_days[silent[open_deals.index]] > 90).sum() >= 15
    assert (overdue_days[~silent[open_deals.index]] > 90).sum() == 0
    stages = made.tables["opportunity_history"].groupby("opportunity_id")["stage"].count()
    assert (stages[open_deals.index] == 1).sum() > 50


def test_sellers_expect_wins_too_early_and_too_high(made):
    deals = made.tables["opportunities"].set_index("opportunity_id")
    won = deals[deals["outcome"] == "won"]
    first = made.tables["opportunity_history"].drop_duplicates("opportunity_id").set_index("opportunity_id")
    first = first.loc[won.index]
    assert (first["expected_close_on"] < won["closed_at"]).mean() > 0.6
    assert first["amount"].sum() > 1.04 * won["amount"].sum()


def test_expected_closes_are_pushed_more_often_than_pulled(made):
    history = made.tables["opportunity_history"]
    before = history.groupby("opportunity_id")["expected_close_on"].ffill().groupby(history["opportunity_id"]).shift()
    while_open = ~history["stage"].isin(["Won", "Lost"])
    pushed = (history["expected_close_on"] > before) & while_open
    pulled = (history["expected_close_on"] < before) & while_open
    assert pushed.sum() > 10 * pulled.sum() > 0


def test_deals_are_handed_over_when_their_owner_leaves(made):
    history = made.tables["opportunity_history"]
    later = history[history.duplicated("opportunity_id")]
    first = history.drop_duplicates("opportunity_id").set_index("opportunity_id")["owner_id"]
    handed = later.dropna(subset="owner_id")
    active = made.tables["owners"].set_index("owner_id")["active"]
    assert len(handed) > 10
    assert not active[first[handed["opportunity_id"]]].all()


def test_referrals_are_won_more_often_than_cold_calls(made):
    deals = made.tables["opportunities"]
    closed = deals[(deals["outcome"] != "open") & (deals["process"] == "new_business")]
    rate = (closed["outcome"] == "won").groupby(closed["source"]).mean()
    assert rate["referral"] > rate["outbound"] + 0.1


def test_a_quarter_of_the_payments_comes_late_and_some_not_yet(made):
    payments = made.tables["payments"]
    assert 0.15 < (payments["paid_on"] > payments["due_on"] + pd.Timedelta(days=5)).mean() < 0.35
    assert payments["paid_on"].isna().any()


def test_the_sellers_together_come_near_their_quota(made):
    deals = made.tables["opportunities"]
    won = deals[(deals["outcome"] == "won") & (deals["closed_at"] >= "2024-01-01")]
    amount = (won["amount"] * won["currency"].map({"CNY": 1.0, "USD": 7.1})).sum()
    targets = made.tables["targets"]
    assert 0.7 < amount / targets.loc[targets["period_start"] >= "2024-01-01", "amount"].sum() < 1.3


def test_own_processes_can_be_given():
    stages = (StageSettings("Eins", "一", 0.4, 0.1), StageSettings("Zwei", "二", 0.4, 0.1, is_rushed=True))
    settings = SyntheticSettings(
        n_opportunities=80, processes=(ProcessSettings("einfach", "简", 1.0, stages, {"Ware": 1_000.0}),)
    )
    assert set(make_pipeline(settings).tables["opportunities"]["stage"]) <= {"Eins", "Zwei", "Won", "Lost"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"n_opportunities": 3}, "at least 50"),
        ({"end": SMALL.start}, "half a year"),
        ({"processes": SMALL.processes[:1]}, "add up to 1"),
    ],
)
def test_impossible_settings_are_refused(wrong, said):
    with pytest.raises(ParameterError, match=said):
        SyntheticSettings(**wrong)


def test_a_bent_law_has_effects_that_no_sum_of_single_effects_can_follow() -> None:
    made = make_pipeline(SyntheticSettings(n_opportunities=2_000, laws=Laws(crossed=1.0, threshold=0.5)))
    plain = make_pipeline(SyntheticSettings(n_opportunities=2_000))
    moved = (made.truth.deals["score"] - plain.truth.deals["score"]).round(9)
    assert sorted(moved.unique()) == [-1.5, -0.5, 0.5, 1.5]
