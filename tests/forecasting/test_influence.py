"""Categories, influence of single deals, and what slips."""

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError
from oppnb.forecasting import categories, influence, predicted_slips, roll_up, slips_by, what_if_largest_lost
from oppnb.forecasting.growth import NO_GROWTH
from oppnb.forecasting.influence import amount_needed, concentration
from oppnb.forecasting.rollup_told import rollup_json, tell_categories, tell_influence, tell_nodes, tell_slips
from oppnb.locale import Formats, Words
from tests.forecasting.rolled_up import book_and_parts, told


@pytest.fixture(scope="module")
def made():
    """One book for all."""
    return book_and_parts()


def test_categories_add_up_to_the_cent(made):
    book, parts = made
    found = categories(told(parts, more=77.77), book, by=["region", "owner_id"])
    cents = found.assign(amount=(found["amount"] * 100).round().astype("int64"))
    parents = cents.groupby(["parent", "category"])["amount"].sum()
    own = cents.set_index(["node", "category"])["amount"]
    for key, amount in parents.items():
        assert own[key] == amount, key


def test_categories_hold_every_open_deal_and_every_win_once(made):
    book, parts = made
    company = categories(told(parts), book).query("node == 'company'").set_index("category")
    assert company["n_deals"].sum() == len(parts.deals) + len(parts.won)
    assert company.loc["closed", "amount"] == pytest.approx(parts.won_already, abs=0.006)
    assert company.loc["not_due", "n_deals"] == (~parts.deals["due"]).sum()
    assert company["amount"].drop("closed").sum() == pytest.approx(parts.amount.sum(), abs=0.05)


def test_cumulative_amounts_hold_all_that_is_more_certain(made):
    book, parts = made
    company = categories(told(parts), book).query("node == 'company'").set_index("category")
    order = ["closed", "commit", "best_case", "pipeline"]
    assert np.allclose(company["cumulative"][order], company["amount"][order].cumsum())
    assert company["cumulative"][["omitted", "not_due"]].isna().all()


def test_what_categories_expect_is_what_the_roll_up_expects_of_open_deals(made):
    book, parts = made
    forecast = told(parts, more=500.0)
    open_deals = roll_up(forecast, book, by=[]).query("quantity == 'from_open_deals'")["value"].item()
    company = categories(forecast, book, by=[]).set_index("category")["expected"]
    assert company.drop("closed").sum() == pytest.approx(open_deals, abs=0.05)


def test_a_category_is_read_however_it_is_spelled(made):
    book, parts = made
    spelled = parts.deals.assign(forecast_category="Best Case", due=True)
    found = categories(told(parts.with_deals(spelled)), book, by=[]).set_index("category")["n_deals"]
    assert found["best_case"] == len(spelled)


def test_a_deal_without_a_category_is_pipeline(made):
    book, parts = made
    bare = parts.deals.assign(forecast_category=pd.Series([None] * len(parts.deals), dtype="str"), due=True)
    found = categories(told(parts.with_deals(bare)), book, by=[]).set_index("category")["n_deals"]
    assert found["pipeline"] == len(bare)


def test_four_equal_deals_are_as_spread_out_as_four(made):
    _, parts = made
    four = parts.deals.head(4).assign(amount_base=100.0, chance=0.5)
    found = concentration(told(parts.with_deals(four)))
    assert found == {
        "n_deals": 4.0,
        "largest_1": pytest.approx(0.25),
        "largest_5": pytest.approx(1.0),
        "largest_10": pytest.approx(1.0),
        "effective_number": pytest.approx(4.0),
    }


def test_without_open_deals_nothing_is_said_of_the_largest(made):
    _, parts = made
    forecast = told(parts.with_deals(parts.deals.iloc[:0]), target=1e6)
    found = influence(forecast)
    assert found.deals.empty
    assert found.largest_lost == {}
    assert found.concentration["n_deals"] == 0


def test_the_expected_change_of_a_deal_is_zero(made):
    from dataclasses import replace

    _, parts = made
    plain = replace(parts, growth=NO_GROWTH)
    found = influence(told(plain)).deals
    mean = found["chance"] * found["change_if_won"] + (1 - found["chance"]) * found["change_if_lost"]
    # The told mean is that of told levels, a hair from that of the parts.
    assert np.allclose(mean, 0.0, atol=0.01 * found["amount"])


def test_winning_never_lowers_the_chance_and_losing_never_raises_it(made):
    _, parts = made
    forecast = told(parts, width=1.2, target=parts.expected * 1.05)
    found = influence(forecast, n=5)
    assert (found.deals["chance_if_won"] >= forecast.chance_of_target).all()
    assert (found.deals["chance_if_lost"] <= forecast.chance_of_target).all()
    assert found.best["change_if_won"].is_monotonic_decreasing
    assert found.worst["change_if_lost"].is_monotonic_increasing


def test_a_deal_is_expected_to_bring_the_same_among_slips_and_among_the_largest(made):
    _, parts = made
    forecast = told(parts.with_deals(parts.deals.assign(due=True)), more=0.1 * parts.expected)
    largest = influence(forecast).deals.set_index("opportunity_id")["expected"]
    slips = predicted_slips(forecast).set_index("opportunity_id")["expected_in_period"]
    assert np.allclose(slips.reindex(largest.index), largest, rtol=1e-9)


def test_a_large_deal_that_hardly_anybody_expects_does_not_lead(made):
    _, parts = made
    deals = parts.deals.head(2).assign(amount_base=[1e7, 1e5], chance=[1e-6, 0.5])
    found = influence(told(parts.with_deals(deals))).deals
    assert found["opportunity_id"].tolist() == deals["opportunity_id"].tolist()[::-1]


def test_the_chance_is_the_mean_of_won_and_lost(made):
    from dataclasses import replace

    _, parts = made
    plain = replace(parts, growth=NO_GROWTH, level=replace(parts.level, shock=0.0))
    forecast = told(plain, target=parts.expected * 1.05)
    found = influence(forecast, n=3).deals
    mean = found["chance"] * found["chance_if_won"] + (1 - found["chance"]) * found["chance_if_lost"]
    assert np.allclose(mean, forecast.chance_of_target, atol=0.02)


def test_the_largest_lost_is_the_deal_of_which_most_is_expected(made):
    _, parts = made
    found = what_if_largest_lost(told(parts, target=parts.expected))
    place = parts.expected_of_deals.argmax()
    assert found["opportunity_id"] == parts.deals["opportunity_id"].iloc[place]
    assert found["change"] == pytest.approx(-parts.expected_of_deals[place], rel=0.02)
    assert found["change_of_chance"] < 0


def test_what_is_missing_counts_in_typical_deals(made):
    _, parts = made
    forecast = told(parts, target=parts.expected + 50_000)
    found = amount_needed(forecast)
    assert found["to_win"] == pytest.approx(forecast.target - parts.won_already)
    assert found["n_typical"] * found["typical_deal"] >= found["beyond_expected"]
    assert (found["n_typical"] - 1) * found["typical_deal"] < found["beyond_expected"]
    assert amount_needed(told(parts)) == {}


def test_slips_are_of_deals_due_and_never_more_likely_than_certain(made):
    _, parts = made
    found = predicted_slips(told(parts))
    assert set(found["opportunity_id"]) == set(parts.deals.loc[parts.deals["due"], "opportunity_id"])
    assert (found["chance_in_period"] + found["chance_later"] <= 1 + 1e-9).all()
    assert (found["chance_later"] >= 0).all()
    assert found.loc[found["will_probably_slip"], "chance_in_period"].max() < 0.5


def test_slips_of_owners_add_up_to_those_of_deals(made):
    _, parts = made
    forecast = told(parts)
    deals, owners = predicted_slips(forecast), slips_by(forecast)
    assert owners["expected_later"].sum() == pytest.approx(deals["expected_later"].sum())
    assert owners["n_due"].sum() == len(deals)
    assert owners["owner_id"].isna().sum() == 1
    with pytest.raises(ColumnMissingError, match="Did you mean 'region'"):
        slips_by(forecast, "regoin")


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_is_told_in_both_languages(made, locale):
    book, parts = made
    words, formats = Words(locale), Formats(locale, currency="EUR")
    forecast = told(parts, target=parts.expected + 50_000)
    nodes = roll_up(forecast, book, by=["region", "owner_id"])
    table = tell_nodes(nodes, words=words, formats=formats)
    assert table.iloc[0, 0] == words("forecast_rollup.company")
    assert table.iloc[:, 0].str.startswith("    U").any()
    assert table.iloc[:, 0].str.contains(words("forecast_rollup.not_known")).any()
    assert len(tell_categories(categories(forecast, book), words=words, formats=formats).columns) == 7
    said = tell_influence(influence(forecast, n=2), words=words, formats=formats)
    assert len(said) == 3
    assert not any("{" in sentence for sentence in said)
    assert "{" not in tell_slips(predicted_slips(forecast), words=words, formats=formats)


def test_json_holds_nodes_categories_and_influence(made):
    import json

    book, parts = made
    forecast = told(parts, target=parts.expected)
    nodes, cats = roll_up(forecast, book, by=["region"]), categories(forecast, book, by=["region"])
    found = rollup_json(nodes, cats, influence(forecast, n=2), predicted_slips(forecast))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [row["node"] for row in found["nodes"]] == ["company", "East", "North", "West"]
    assert found["nodes"][0]["parent"] is None
