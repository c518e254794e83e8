"""Scenarios: the forecast under other assumptions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import ColumnMissingError, ParameterError
from oppnb.forecasting import (
    ForecastParts,
    Scenario,
    ScenarioChange,
    apply_scenario,
    compare_scenarios,
    forecast_parts,
    saved_scenario,
    won_within,
)
from oppnb.forecasting.coming import coming, room_in
from oppnb.forecasting.levers import with_cycle_time, with_win_rate
from oppnb.forecasting.segments import segment_parts
from oppnb.workspace import parse_workspace
from tests.forecasting.hand_made import POINT, REGIONS, make_book

BOOK = make_book()
PARTS = forecast_parts(BOOK, POINT)
EAST = {"region": "East"}
FACTORS = st.floats(0.2, 5.0)


def scenario(name: str = "other", **change: object) -> Scenario:
    return Scenario(name=name, changes=[ScenarioChange(**change)])


def applied(**change: object) -> ForecastParts:
    return apply_scenario(PARTS, scenario(**change), book=BOOK)


def in_east() -> np.ndarray:
    return (PARTS.deals["region"] == "East").to_numpy()


def same_bits(one: ForecastParts, other: ForecastParts) -> bool:
    pd.testing.assert_frame_equal(one.deals, other.deals, check_exact=True)
    pd.testing.assert_frame_equal(one.won, other.won, check_exact=True)
    told, again = one.distribution(), other.distribution()
    return one.expected == other.expected and bool(
        np.array_equal(told.values, again.values) and np.array_equal(told.shares, again.shares)
    )


@pytest.mark.parametrize(
    "nothing",
    [
        Scenario(name="no changes"),
        scenario(),
        scenario(where=EAST),
        scenario(where={"region": ["East", "West"]}, win_odds=1.0, amount=1.0, cycle_time=1.0, new_business=1.0),
        scenario(where={"stage": "Demo"}, win_rate_points=0.0),
    ],
)
def test_a_scenario_of_no_change_is_the_forecast_bit_for_bit(nothing: Scenario) -> None:
    assert same_bits(apply_scenario(PARTS, nothing, book=BOOK), PARTS)
    told = compare_scenarios(PARTS, [nothing], book=BOOK, by="region")
    half = len(told) // 2
    figures = [name for name in told if name != "scenario"]
    pd.testing.assert_frame_equal(
        told[figures].iloc[:half], told[figures].iloc[half:].reset_index(drop=True), check_exact=True
    )
    assert (told["change"] == 0).all()


def test_deals_that_a_change_does_not_mean_stay_bit_for_bit() -> None:
    changed = applied(where=EAST, win_odds=1.3, amount=1.2, cycle_time=0.7)
    kept = ["chance", "amount_base"]
    pd.testing.assert_frame_equal(changed.deals[~in_east()][kept], PARTS.deals[~in_east()][kept], check_exact=True)
    assert (changed.deals["chance"] > PARTS.deals["chance"])[in_east()].all()


def test_the_same_scenario_gives_the_same_figures_again() -> None:
    one = [compare_scenarios(PARTS, [scenario(where=EAST, win_odds=1.5)], book=BOOK, by="team") for _ in range(2)]
    pd.testing.assert_frame_equal(*one, check_exact=True)


def test_what_was_known_later_changes_nothing() -> None:
    early = BOOK.days[-20]
    point = type(POINT)(early, POINT.period.shift(-1))
    parts, change = forecast_parts(BOOK, point), scenario(where=EAST, win_odds=1.5, cycle_time=0.8, new_business=1.1)
    whole, cut = (apply_scenario(parts, change, book=book) for book in (BOOK, BOOK.known(early)))
    assert same_bits(whole, cut)


@settings(max_examples=40, deadline=None)
@given(low=FACTORS, high=FACTORS)
def test_more_never_brings_less(low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    for lever in ("win_odds", "amount", "new_business"):
        less, more = (applied(where=EAST, **{lever: factor}).expected for factor in (low, high))
        assert less <= more * (1 + 1e-12)
    slow, fast = applied(where=EAST, cycle_time=high), applied(where=EAST, cycle_time=low)
    assert slow.expected <= fast.expected * (1 + 1e-12)
    assert (slow.chance <= fast.chance + 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(odds=FACTORS, points=st.floats(-100, 100), cycle=FACTORS)
def test_chances_stay_between_0_and_1(odds: float, points: float, cycle: float) -> None:
    chance = applied(win_odds=odds, win_rate_points=points, cycle_time=cycle).chance
    assert ((chance >= 0) & (chance <= 1)).all()


def test_an_amount_factor_for_all_multiplies_all_that_is_not_won_yet() -> None:
    changed = applied(amount=1.25)
    assert changed.won_already == PARTS.won_already
    assert changed.expected - PARTS.won_already == pytest.approx(1.25 * (PARTS.expected - PARTS.won_already))


def test_new_business_of_a_segment_changes_by_its_share_of_past_wins() -> None:
    like = coming(BOOK, POINT)
    share = like.loc[like["region"] == "East", "money"].sum() / like["money"].sum()
    changed = applied(where=EAST, new_business=1.5)
    assert changed.new.mean == pytest.approx(PARTS.new.mean * (1 + 0.5 * share))
    pd.testing.assert_frame_equal(changed.deals, PARTS.deals, check_exact=True)


def test_a_cycle_time_factor_puts_the_curve_at_h_over_f() -> None:
    plain = PARTS.deals.assign(chance=won_within(PARTS.deals, POINT.days_to_end))
    plain["stated_chance"] = plain["chance"]
    found = with_cycle_time(plain, POINT, np.full(len(plain), 0.5))
    np.testing.assert_allclose(found, won_within(plain, POINT.days_to_end / 0.5), rtol=1e-9)


def test_two_changes_of_the_same_deals_work_one_after_the_other() -> None:
    changes = [ScenarioChange(where=EAST, cycle_time=0.5, amount=1.1), ScenarioChange(cycle_time=2.0, amount=2.0)]
    both = apply_scenario(PARTS, Scenario(name="both", changes=changes), book=BOOK)
    np.testing.assert_array_equal(both.chance[in_east()], PARTS.chance[in_east()])
    np.testing.assert_allclose(both.amount[in_east()], 2.2 * PARTS.amount[in_east()])


def test_odds_times_three_turn_a_win_rate_of_one_half_into_three_quarters() -> None:
    one = np.ones(1)
    assert with_win_rate(0.5 * one, 0.5 * one, odds=3 * one, points=0 * one)[0] == pytest.approx(0.75)
    assert with_win_rate(0.1 * one, 0.5 * one, odds=one, points=0.25 * one)[0] == pytest.approx(0.15)


def test_deals_that_are_certain_stay_so_and_those_without_a_curve_do_not_move_in_time() -> None:
    deals = PARTS.deals.head(3).assign(chance=[0.0, 1.0, np.nan])
    changed = with_cycle_time(deals, POINT, np.full(3, 0.5))
    np.testing.assert_array_equal(changed, [0.0, 1.0, np.nan])
    bare = PARTS.deals.drop(columns=[name for name in PARTS.deals if name.startswith("won_by_")])
    np.testing.assert_array_equal(with_cycle_time(bare, POINT, np.full(len(bare), 0.5)), PARTS.chance)


def test_a_change_by_stage_leaves_deals_that_have_none_yet() -> None:
    changed = applied(where={"stage": "Demo"}, win_odds=2.0, amount=1.5, cycle_time=0.5)
    assert changed.new.mean == PARTS.new.mean
    with pytest.raises(ParameterError, match="'new_business' cannot change by 'stage'"):
        applied(where={"stage": "Demo"}, new_business=1.1)


def test_segments_add_up_to_the_whole_in_every_scenario() -> None:
    scenarios = [scenario("a", where=EAST, win_odds=1.4), scenario("b", cycle_time=0.6, new_business=1.3)]
    for by in ("region", "owner_id", "product"):
        told = compare_scenarios(PARTS, scenarios, book=BOOK, by=by)
        for _, rows in told.groupby("scenario"):
            whole, each = rows[rows["segment"].isna()], rows[rows["segment"].notna()]
            for figure in ("won", "open_deals", "new_business", "expected", "change"):
                assert each[figure].sum() == pytest.approx(whole[figure].iloc[0], abs=0.005)


def test_the_frame_shows_the_forecast_first_with_quantiles_in_order() -> None:
    told = compare_scenarios(PARTS, [scenario("up", win_odds=2.0)], book=BOOK, by="region", levels=(0.1, 0.5, 0.95))
    assert told["scenario"].tolist() == ["forecast"] * 4 + ["up"] * 4
    assert told["segment"].fillna("all").tolist() == ["all", *REGIONS] * 2
    quantiles = told[["quantile_10", "quantile_50", "quantile_95"]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (told.loc[4:, "change_share"] > 0).all()


def test_without_levels_there_are_no_quantiles() -> None:
    told = compare_scenarios(PARTS, [scenario("up", win_odds=2.0)], book=BOOK, by="owner_id", levels=())
    assert not [name for name in told if name.startswith("quantile")]


def test_new_business_is_spread_even_where_no_past_win_fits() -> None:
    like = coming(BOOK, POINT).iloc[:0].reindex([0]).assign(weight=1.0, money=1.0, days=0.0)
    found = segment_parts(PARTS, "region", like=like)
    assert found[None].new.mean == pytest.approx(PARTS.new.mean)
    assert sum(part.expected for part in found.values()) == pytest.approx(PARTS.expected)


def test_a_book_without_any_win_can_be_asked_too() -> None:
    lost = BOOK.deals.assign(outcome=BOOK.deals["outcome"].replace("won", "lost"), amount_base=np.nan)
    book = type(BOOK)(BOOK.known_on, lost, BOOK.open_rows, BOOK.days, BOOK.workspace)
    parts = forecast_parts(book, POINT)
    changed = apply_scenario(parts, scenario(cycle_time=0.5, new_business=2.0, win_odds=1.5), book=book)
    assert changed.new.mean == parts.new.mean == 0
    assert changed.expected > parts.expected


def test_there_is_no_room_before_a_period_that_lies_ahead() -> None:
    ahead = type(POINT)(POINT.day, POINT.period.shift(1))
    assert room_in(ahead, np.array([0.0])).tolist() == [float(ahead.days_to_end - ahead.days_to_start)]


def test_an_unknown_column_is_told_with_the_nearest() -> None:
    with pytest.raises(
        ColumnMissingError, match=r"Scenario 'other': deals have no column 'regoin'. Did you mean 'region'"
    ):
        applied(where={"regoin": "East"}, amount=2.0)
    with pytest.raises(ColumnMissingError, match=r"Did you mean 'region'"):
        compare_scenarios(PARTS, [], book=BOOK, by="regions")


def test_an_unknown_value_is_told_with_the_nearest_even_where_nothing_changes() -> None:
    with pytest.raises(ParameterError, match=r"no deal has the region 'Noth'. Did you mean 'North'"):
        applied(where={"region": ["East", "Noth"]})


def test_two_scenarios_of_one_name_cannot_stand_side_by_side() -> None:
    for name in ("up", "forecast"):
        with pytest.raises(ParameterError, match=f"called '{name}'"):
            compare_scenarios(PARTS, [scenario("up"), scenario(name)], book=BOOK)


def test_a_scenario_is_found_by_its_name_or_label_in_the_workspace() -> None:
    said = "forecast: {scenarios: [{name: prices up, label: {zh_CN: 涨价}, changes: [{amount: 1.1}]}]}"
    workspace = parse_workspace(said)
    assert saved_scenario(workspace, "prices up") is saved_scenario(workspace, "涨价")
    with pytest.raises(ParameterError, match=r"no scenario 'price up'.*Did you mean 'prices up'"):
        saved_scenario(workspace, "price up")
    with pytest.raises(ParameterError, match=r"There are: none"):
        saved_scenario(parse_workspace(""), "up")
