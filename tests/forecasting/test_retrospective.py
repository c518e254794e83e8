"""A gap is taken apart without a rest, by what was known at the period's end and nothing later."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.errors import PeriodError
from oppnb.forecasting import Retrospective, retrospective
from oppnb.forecasting.gap_causes import CAUSES, NODE_COLUMNS
from oppnb.forecasting.stage_shift import learn_stage_shift
from oppnb.periods import Period, parse_period
from tests.forecasting.retro_books import awkward_book, book_of, scrambled_after

Q2, Q3 = parse_period("2024Q2"), parse_period("2024Q3")
CENT = 0.005
RATES = pd.DataFrame(
    {
        "currency": "USD",
        "on": pd.to_datetime(["2024-01-01", "2024-04-01", "2024-09-01"]),
        "rate_to_base": [0.9, 0.93, 0.87],
    }
)
some_books = pytest.mark.parametrize("seed", range(4))


def amounts(found: Retrospective) -> dict[str, float]:
    causes = found.causes().set_index("cause")["amount"].round(6)
    return causes[causes != 0].to_dict()


@some_books
@pytest.mark.parametrize("period", [Q2, Q3, parse_period("2024-08")], ids=str)
def test_the_causes_add_up_to_the_gap_whatever_the_pipeline(seed: int, period: Period) -> None:
    found = retrospective(awkward_book(seed), period, exchange_rates=RATES)
    assert found.causes()["amount"].sum() == pytest.approx(found.gap, abs=CENT)
    assert list(found.causes()["cause"]) == list(CAUSES)
    bars = found.bars()
    assert bars["amount"].iloc[:-1].sum() == pytest.approx(bars["amount"].iloc[-1], abs=CENT)


@some_books
def test_the_causes_of_each_deal_add_up_to_what_it_brought_less_what_was_expected_of_it(seed: int) -> None:
    book = awkward_book(seed)
    found = retrospective(book, Q3, exchange_rates=RATES)
    opened = found.opening.deals["opportunity_id"]
    expected = pd.Series(found.opening.expected_of_deals, index=opened.to_numpy())
    won = book.known(Q3.end).won_between(Q3.start, Q3.end).set_index("opportunity_id")["amount_base"]
    won = won.drop(found.opening.won["opportunity_id"])
    gap = won.fillna(0.0).sub(expected, fill_value=0.0)
    told = found.rows.dropna(subset="opportunity_id").groupby("opportunity_id")["amount"].sum()
    both = pd.concat([gap, told], axis="columns").fillna(0.0)
    assert np.abs(both.iloc[:, 0] - both.iloc[:, 1]).max() < CENT


@some_books
def test_nodes_add_up_to_the_company_and_the_causes_of_a_node_to_its_gap(seed: int) -> None:
    found = retrospective(awkward_book(seed), Q3, exchange_rates=RATES)
    for column in NODE_COLUMNS:
        nodes = found.by(column)
        for name, total in (("expected", found.expected), ("actual", found.actual), ("gap", found.gap)):
            assert nodes[name].sum() == pytest.approx(total, abs=CENT)
        assert nodes[list(CAUSES)].sum(axis="columns").sub(nodes["gap"]).abs().max() < CENT
        by_cause = nodes[list(CAUSES)].sum().to_numpy()
        assert np.abs(by_cause - found.causes()["amount"].to_numpy()).max() < CENT


@some_books
def test_what_came_after_the_end_of_the_period_changes_nothing(seed: int) -> None:
    book = awkward_book(seed)
    found = retrospective(book, Q2, exchange_rates=RATES)
    again = retrospective(scrambled_after(book, Q2.end, seed), Q2, exchange_rates=RATES)
    assert (again.expected, again.actual, again.surprise) == (found.expected, found.actual, found.surprise)
    pd.testing.assert_frame_equal(again.rows, found.rows)
    pd.testing.assert_frame_equal(again.stages, found.stages)


def test_six_deals_by_hand() -> None:
    book = book_of(
        # each 100 at 50 %: 50 expected; as many won as expected, so no odds were wrong
        {"closed_on": "2024-05-01", "outcome": "won", "won_for": 120.0},  # won: +50, grown: +20
        {"closed_on": "2024-05-01", "outcome": "won", "won_for": 70.0, "expected_close_on": "2024-08-01"},  # +50, -30
        {"closed_on": "2024-06-30", "outcome": "lost"},  # -50
        {},  # still open: slipped, -50
        {"created_on": "2024-04-20", "closed_on": "2024-06-01", "outcome": "won", "won_for": 33.0},  # new: +33
        {"created_on": "2024-04-20", "closed_on": "2024-07-01", "outcome": "won", "won_for": 500.0},  # after the end
    )
    found = retrospective(replace(book, known_on=date(2024, 8, 1)), Q2)
    assert (found.expected, found.actual) == (200.0, 223.0)
    wanted = {"won": 50.0, "pulled_in": 50.0, "lost": -50.0, "slipped": -50.0}
    assert amounts(found) == {**wanted, "grown": 20.0, "shrunk": -30.0, "new_business": 33.0}
    assert found.causes().set_index("cause")["n"][["won", "slipped", "new_business"]].tolist() == [1, 1, 1]


def test_a_rate_that_rose_after_the_opening_is_currency_and_not_growth() -> None:
    # 100 USD: at the opening 90 EUR, at the close 93 EUR. 45 were expected.
    deal = {"currency": "USD", "amount_base": 90.0, "closed_on": "2024-05-01", "outcome": "won", "won_for": 93.0}
    other = {"closed_on": "2024-05-01", "outcome": "lost", "amount_base": 90.0}
    found = retrospective(book_of(deal, other), Q2, exchange_rates=RATES)
    assert amounts(found) == {"won": 45.0, "lost": -45.0, "currency": 3.0}
    assert amounts(retrospective(book_of(deal, other), Q2)) == {"won": 45.0, "lost": -45.0, "grown": 3.0}


def test_a_stage_whose_odds_were_far_too_high_explains_most_of_its_gap_and_luck_explains_none_of_a_small_one() -> None:
    lost, won = {"outcome": "lost", "closed_on": "2024-05-01"}, {"outcome": "won", "closed_on": "2024-05-01"}
    far = retrospective(book_of(*[lost] * 380, *[{**won, "won_for": 100.0}] * 20), Q2)  # 200 were expected
    of_odds = amounts(far)["odds"] + amounts(far)["shared"]
    assert of_odds < 0.7 * far.gap < 0
    assert far.surprise.percentile < 0.05
    assert far.surprise.share_by_chance < 0.1
    near = retrospective(book_of(*[lost] * 200, *[{**won, "won_for": 100.0}] * 200), Q2)
    assert near.gap == 0
    assert "odds" not in amounts(near)
    assert near.surprise.share_by_chance == 1.0


def test_the_more_comes_the_higher_its_place_in_the_forecast() -> None:
    places = []
    for n_won in range(0, 41, 5):
        ends = [{"outcome": "won", "closed_on": "2024-05-01", "won_for": 100.0}] * n_won
        places.append(retrospective(book_of(*ends, *[{}] * (40 - n_won)), Q2).surprise.percentile)
    assert places == sorted(places)
    assert places[0] < 0.01 < 0.99 < places[-1]


@given(
    chance=st.lists(st.floats(0, 1), min_size=1, max_size=30),
    seed=st.integers(0, 99),
    shock=st.floats(0, 1),
)
def test_chances_set_right_stay_chances_and_move_towards_what_came(
    chance: list[float], seed: int, shock: float
) -> None:
    stated = np.array(chance)
    won = (np.random.default_rng(seed).uniform(size=len(stated)) < 0.5).astype("float64")
    rows = pd.DataFrame({"process": "p", "stage": ["Demo"] * len(stated)})
    found = learn_stage_shift(rows, stated, won, shock=shock)
    assert ((found.by_stage >= 0) & (found.by_stage <= 1)).all()
    excess = float((won - stated)[(stated > 0) & (stated < 1)].sum())
    assert float((found.together - stated).sum()) * excess >= -1e-9


def test_no_deals_are_no_gap() -> None:
    found = retrospective(book_of(), Q2)
    assert (found.expected, found.actual, found.gap) == (0.0, 0.0, 0.0)
    assert found.causes()["amount"].eq(0).all()
    assert found.stages.empty
    assert found.by("owner_id").empty
    assert len(found.bars()) == len(CAUSES) + 2
    assert 0 <= found.surprise.percentile <= 1


def test_a_period_that_is_not_over_or_was_never_opened_is_refused() -> None:
    with pytest.raises(PeriodError, match="it is not over"):
        retrospective(book_of({}), Q3)
    with pytest.raises(PeriodError, match="the open deals are known"):
        retrospective(book_of({}), parse_period("2023Q4"))


def test_without_a_history_of_owners_the_parts_are_those_whom_the_export_names() -> None:
    book = awkward_book(0)
    whose = dict.fromkeys(("owner_id", "manager_id", "team", "region"), None)
    untold = replace(book, open_rows=book.open_rows.assign(**whose), tenures=book.tenures.iloc[:0])
    found, known = retrospective(untold, Q3), book.known(Q3.end)
    won = known.won_between(Q3.start, Q3.end)
    actual = found.by("region").set_index("node")["actual"]
    by_hand = won.groupby("region")["amount_base"].sum()
    assert np.abs(actual.reindex(by_hand.index).fillna(0.0) - by_hand).max() < CENT
