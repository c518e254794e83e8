"""Roll-ups: to the cent at every level, nodes that sum to what is told, targets where somebody has one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import ColumnMissingError, ParameterError
from oppnb.forecasting import forecast_parts, roll_up
from oppnb.forecasting.nodes_of_new import new_cumulants, new_shares, still_coming
from oppnb.forecasting.rollup_cents import in_cents
from oppnb.forecasting.rollup_tree import node_path
from tests.forecasting.hand_made import POINT
from tests.forecasting.rolled_up import book_and_parts, told

PARTS = ("won_already", "from_open_deals", "from_new_business", "expected")


@pytest.fixture(scope="module")
def made():
    """One book for all."""
    return book_and_parts()


def in_whole_cents(nodes: pd.DataFrame) -> pd.DataFrame:
    wide = nodes[nodes["quantity"].isin(PARTS)].pivot_table(index="node", columns="quantity", values="value")
    cents = (wide * 100).round()
    assert np.allclose(wide * 100, cents, atol=1e-6)
    return cents.astype("int64")


@pytest.mark.parametrize("by", [["region", "team", "owner_id"], ["product"], ["owner_id", "product"], []])
@pytest.mark.parametrize("seed", [1, 2])
def test_adds_up_to_the_cent_at_every_level(by, seed):
    book, parts = book_and_parts(seed=seed, n_deals=250)
    nodes = roll_up(told(parts, width=1.3, more=1234.567), book, by=by)
    cents = in_whole_cents(nodes)
    parents = nodes.drop_duplicates("node").set_index("node")["parent"]
    assert (cents["expected"] == cents["won_already"] + cents["from_open_deals"] + cents["from_new_business"]).all()
    for parent in parents.dropna().unique():
        below = cents.loc[parents[parents == parent].index]
        assert (below.sum() == cents.loc[parent]).all(), parent


def test_the_company_is_what_is_told(made):
    book, parts = made
    forecast = told(parts, width=1.5, more=5000.0, target=1e5)
    company = roll_up(forecast, book).query("node == 'company'").set_index("quantity")["value"]
    assert company["expected"] == round(forecast.distribution.mean, 2)
    assert company["won_already"] == round(parts.won_already, 2)
    assert company["quantile_0.9"] == forecast.distribution.quantile(0.9)
    assert company["chance_of_target"] == forecast.chance_of_target


def test_a_wider_company_has_wider_nodes(made):
    book, parts = made
    spans = []
    for width in (1.0, 1.5):
        nodes = roll_up(told(parts, width=width), book, by=["region"])
        wide = nodes.pivot_table(index="node", columns="quantity", values="value")
        spans.append((wide["quantile_0.75"] - wide["quantile_0.25"]).drop("company"))
    assert (spans[1] > 1.3 * spans[0]).all()


def test_quantiles_rise_and_never_lie_below_what_is_won(made):
    book, parts = made
    wide = roll_up(told(parts), book).pivot_table(index="node", columns="quantity", values="value")
    quantiles = wide[[f"quantile_{level:g}" for level in (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)]]
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles["quantile_0.025"] >= wide["won_already"]).all()


def test_deals_without_an_owner_have_a_node_of_their_own(made):
    book, parts = made
    nodes = roll_up(told(parts), book, by=["owner_id"])
    row = nodes[(nodes["node"] == "not known") & (nodes["quantity"] == "from_open_deals")]
    expected = parts.expected_of_deals[parts.deals["owner_id"].isna().to_numpy()].sum()
    scale = (told(parts).distribution.mean - parts.won_already) / (parts.expected - parts.won_already)
    assert row["value"].item() == pytest.approx(expected * scale, abs=0.011)


def test_a_node_of_few_deals_has_the_quantiles_of_every_outcome_drawn(made):
    book, parts = made
    nodes = roll_up(told(parts), book, by=["region"])
    wide = nodes.pivot_table(index="node", columns="quantity", values="value").loc["East"]
    rng, rows = np.random.default_rng(0), (parts.deals["region"] == "East").to_numpy()
    odds = np.log(parts.chance[rows] / (1 - parts.chance[rows]))
    moved = 1 / (1 + np.exp(-(odds + parts.level.shock * rng.standard_normal((20_000, 1)))))
    ratio = rng.choice(parts.growth.ratios, p=parts.growth.shares, size=moved.shape)
    drawn = (parts.amount[rows] * ratio * (rng.random(moved.shape) < moved)).sum(axis=1)
    spread = wide["quantile_0.9"] - wide["quantile_0.1"]
    assert 1.0 < spread / np.diff(np.quantile(drawn, [0.1, 0.9]))[0] < 1.4  # new business comes on top


def test_a_target_stands_where_somebody_has_one(made):
    book, parts = made
    quotas = pd.DataFrame(
        {
            "owner_id": [f"U{number:02d}" for number in range(12)],
            "period_start": pd.Timestamp("2024-10-01"),
            "period_end": pd.Timestamp("2024-12-31"),
            "amount": [float(1000 * (number + 1)) for number in range(12)],
        }
    )
    nodes = roll_up(told(parts, target=78_000.0), book, targets=quotas)
    wide = nodes.pivot_table(index="node", columns="quantity", values="value")
    assert wide.loc["East", "target"] == 10_000.0  # U00 to U03, whose deals all lie there
    assert wide.loc["East / T0 / U01", "target"] == 2_000.0
    assert wide.loc["company", "target"] == 78_000.0
    assert wide["chance_of_target"].dropna().between(0, 1).all()
    assert pd.isna(wide.loc["East / T0 / not known", "target"])


def test_a_target_below_what_is_won_is_certain(made):
    book, parts = made
    won = parts.won.groupby("region")["amount_base"].sum()
    quotas = pd.DataFrame(
        {
            "region": won.index,
            "period_start": pd.Timestamp("2024-10-01"),
            "period_end": pd.Timestamp("2024-12-31"),
            "amount": won.to_numpy() / 2,
        }
    )
    nodes = roll_up(told(parts), book, by=["region"], targets=quotas)
    assert (nodes.loc[nodes["quantity"] == "chance_of_target", "value"] == 1.0).all()


def test_is_the_same_when_rows_come_in_another_order(made):
    book, parts = made
    from dataclasses import replace

    shuffled = parts.with_deals(parts.deals.sample(frac=1, random_state=3))
    shuffled = replace(shuffled, won=parts.won.sample(frac=1, random_state=4))
    one, other = (roll_up(told(each), book) for each in (parts, shuffled))
    assert one["node"].tolist() == other["node"].tolist()
    assert np.allclose(one["value"], other["value"], atol=0.011)


def test_names_the_nearest_column(made):
    book, parts = made
    with pytest.raises(ColumnMissingError, match="Did you mean 'region'"):
        roll_up(told(parts), book, by=["regoin"])
    with pytest.raises(ParameterError, match="stands twice"):
        roll_up(told(parts), book, by=["team", "team"])


@given(st.lists(st.floats(-1e6, 1e9), min_size=1, max_size=50), st.integers(-100, 100))
@settings(max_examples=200, deadline=None)
def test_cents_add_up_whatever_the_amounts(amounts, more):
    total = round(100 * sum(amounts)) + more
    found = in_cents(np.array(amounts), total)
    assert int(found.sum()) == total
    assert np.abs(found - 100 * np.array(amounts)).max() <= 2 + (abs(more) + 1) / len(amounts) + 1e-4


@given(st.lists(st.one_of(st.none(), st.text(alphabet="A/ \\notkwcmpay", max_size=12)), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_two_nodes_have_the_same_name(values):
    others = [[*values[:-1], None], [*values, "A"], values[:-1], [" / ".join(one or "" for one in values)]]
    for other in others:
        assert (node_path(values) == node_path(other)) == (values == other)


def test_new_business_of_all_nodes_is_that_of_the_company(made):
    _, parts = made
    shares = new_shares(np.ones(5), np.array([0, 0, 1, 1, 1]), np.array([10.0, 0.0, 30.0]))
    assert shares.sum() == pytest.approx(1.0)
    assert shares[2] > 0
    found = new_cumulants(parts.new, shares, shares, np.array([0.9, 1.0]))
    assert found[:, :, 0].sum(axis=0) == pytest.approx(parts.new.cumulants(np.array([0.9, 1.0]))[:, 0])
    whole = new_cumulants(parts.new, np.ones(1), np.ones(1), np.array([1.0]))
    assert whole[0, 0] == pytest.approx(parts.new.cumulants(np.ones(1))[0])


def test_the_day_and_the_period_stand_in_every_row(made):
    book, parts = made
    nodes = roll_up(told(parts), book, by=["region"])
    assert nodes["period"].unique().tolist() == [POINT.period.name]
    assert nodes["as_of"].unique().tolist() == [pd.Timestamp(POINT.day)]


def with_an_owner_who_has_left(seed: int):
    """An owner of the East whose last deal came long ago; the others of his region go on."""
    book, _ = book_and_parts(seed=seed)
    is_his = book.deals["owner_id"] == book.deals.loc[book.deals["region"] == "East", "owner_id"].dropna().iloc[0]
    is_late = book.deals["created_on"] > pd.Timestamp(POINT.day) - pd.Timedelta(days=300)
    kept = book.deals[~(is_his & is_late)].reset_index(drop=True)
    rows = book.open_rows[book.open_rows["opportunity_id"].isin(kept["opportunity_id"])].reset_index(drop=True)
    book = replace(book, deals=kept, open_rows=rows)
    return book, forecast_parts(book, POINT)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_node_is_told_the_same_whichever_columns_of_the_hierarchy_are_asked_for(seed):
    book, parts = with_an_owner_who_has_left(seed)
    found = {}
    for by in (["region"], ["owner_id"], ["region", "owner_id"], ["region", "team", "owner_id"]):
        nodes = roll_up(told(parts, more=777.0), book, by=by, levels=())
        nodes = nodes[nodes["level"].isin(["region", "owner_id"]) & (nodes["quantity"] == "expected")]
        last = nodes["node"].str.split(" / ").str[-1]
        found["/".join(by)] = (
            nodes["value"].groupby([nodes["level"], last]).sum().drop("not known", level=1, errors="ignore")
        )
    whole = found["region/team/owner_id"]
    for one in found.values():
        both = pd.concat([one, whole], axis="columns", join="inner", keys=["one", "whole"])
        assert len(both) == len(one)
        np.testing.assert_allclose(both["one"], both["whole"], atol=0.05)  # cents of nodes are rounded to their sums


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_what_is_to_come_stays_the_same_when_somebody_leaves_unless_hardly_anybody_is_left(data):
    n = data.draw(st.integers(1, 30))
    column = st.lists(st.sampled_from(["a", "b", None]), min_size=n, max_size=n)
    like = pd.DataFrame({"region": data.draw(column), "owner_id": data.draw(column)}, dtype="str")
    like["weight"] = data.draw(st.lists(st.floats(0.1, 90.0), min_size=n, max_size=n))
    like["money"] = like["weight"] * 1000.0
    ages = data.draw(st.lists(st.floats(0.0, 729.0), min_size=n, max_size=n))
    born = like[["region", "owner_id"]].assign(age=ages)
    kept = still_coming(like, born, hierarchy=["region", "owner_id"], by=["owner_id"])
    for name, factor in kept.items():
        assert (factor >= 0).all()
        after = float((like[name] * factor).sum())
        assert after <= like[name].sum() * (1 + 1e-9)
    again = still_coming(like, born, hierarchy=["region", "owner_id"], by=["region", "owner_id"])
    np.testing.assert_array_equal(kept["money"], again["money"])
