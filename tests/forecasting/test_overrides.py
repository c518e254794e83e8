"""What people say beside the model: the ledger, and the figure it makes."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ParameterError, PeriodError
from oppnb.forecasting import (
    Override,
    adjusted_parts,
    append_override,
    forecast_parts,
    overrides_known,
    with_overrides,
    withdraw_override,
)
from oppnb.forecasting.coming import coming
from oppnb.forecasting.levers import ever_won
from oppnb.forecasting.nodes import node_parts
from oppnb.forecasting.segments import segment_parts
from oppnb.store import Store, open_store
from tests.forecasting.hand_made import DAY, POINT, make_book

BOOK = make_book()
PARTS = forecast_parts(BOOK, POINT)
DEAL = str(PARTS.deals["opportunity_id"].iloc[0])
NOW = datetime(2024, 11, 3, 12, tzinfo=UTC)


def of_deal(opportunity_id: str = DEAL, *, when: datetime = NOW, **said: object) -> Override:
    return Override(opportunity_id=opportunity_id, who="U01", why="Talked to the buyer", when=when, **said)


def of_node(by: str = "region", node: str | None = "East", *, when: datetime = NOW, **said: object) -> Override:
    given = {"amount": 1e6, "period": "2024Q4", "who": "M1", "why": "Two tenders"} | said
    return Override(by=by, node=node, when=when, **given)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


def put(store: Store, *said: Override) -> pd.DataFrame:
    for one in said:
        append_override(store, one, book=BOOK, now=NOW)
    return overrides_known(store, DAY)


def test_nothing_is_known_in_an_empty_ledger_and_it_changes_nothing(store: Store) -> None:
    known = overrides_known(store, DAY)
    assert known.empty
    assert adjusted_parts(PARTS, known) is PARTS
    told = with_overrides(PARTS, known, book=BOOK)
    assert told[["node", "model", "adjusted", "difference"]].iloc[0].tolist() == [
        "company",
        PARTS.expected,
        PARTS.expected,
        0.0,
    ]
    assert len(told) == 1


def test_the_latest_word_on_each_figure_counts_and_earlier_ones_stay_in_the_ledger(store: Store) -> None:
    early = NOW - timedelta(days=3)
    known = put(store, of_deal(chance=0.9), of_deal(chance=0.2, when=early), of_deal(amount=500.0, when=early))
    assert known[["figure", "value"]].to_numpy().tolist() == [["amount", 500.0], ["chance", 0.9]]
    assert len(store.read("overrides")) == 3
    then = overrides_known(store, DAY - timedelta(days=3))
    assert then.set_index("figure")["value"].to_dict() == {"amount": 500.0, "chance": 0.2}


def test_what_was_said_or_written_later_is_not_known(store: Store) -> None:
    put(store, of_deal(chance=0.9))
    assert overrides_known(store, DAY - timedelta(days=1)).empty
    assert overrides_known(store, DAY, seen_before=NOW).empty
    assert len(overrides_known(store, DAY, seen_before=NOW + timedelta(seconds=1))) == 1


def test_scrambling_what_was_said_later_changes_nothing(store: Store, tmp_path: Path) -> None:
    early = of_deal(chance=0.4, when=NOW - timedelta(days=9))
    before = put(store, early)
    for amount in (1.0, 1e9):
        put(store, of_deal(amount=amount, chance=0.01), of_node(amount=amount))
    day = DAY - timedelta(days=5)
    pd.testing.assert_frame_equal(overrides_known(store, day), before)


def test_one_that_is_taken_back_is_out_and_can_be_said_anew(store: Store) -> None:
    first = of_node(when=NOW - timedelta(days=2))
    put(store, first)
    withdraw_override(store, first, who="M2", why="Tender lost", when=NOW - timedelta(days=1), book=BOOK, now=NOW)
    assert overrides_known(store, DAY).empty
    assert len(overrides_known(store, DAY - timedelta(days=2))) == 1
    assert len(put(store, of_node(amount=7.0))) == 1


def test_periods_and_targets_do_not_stand_in_each_others_way(store: Store) -> None:
    known = put(store, of_node(), of_node(period="2025-Q1"), of_node(node="West"), of_deal(chance=0.1, period="2024Q4"))
    assert known["period"].tolist() == ["2024Q4", "2024Q4", "2025Q1", "2024Q4"]
    assert known["node"].fillna("").tolist() == ["", "region=East", "region=East", "region=West"]


def test_one_that_was_written_down_late_says_so(store: Store) -> None:
    known = put(store, of_deal(chance=0.9, when=NOW - timedelta(days=4)))
    assert known["told_days_late"].tolist() == [4.0]


def test_the_day_is_that_of_the_workspace(store: Store) -> None:
    from oppnb.workspace import parse_workspace

    east = type(BOOK)(
        BOOK.known_on, BOOK.deals, BOOK.open_rows, BOOK.days, parse_workspace("calendar: {time_zone: Asia/Shanghai}")
    )
    late = datetime(2024, 11, 2, 20, tzinfo=UTC)
    append_override(store, of_deal(chance=0.5, when=late), book=east, now=NOW)
    assert store.read("overrides")["as_of"].dt.date.tolist() == [date(2024, 11, 3)]


def test_the_models_number_stays_beside_the_persons(store: Store) -> None:
    deals = PARTS.deals.copy()
    known = put(store, of_deal(chance=1.0, period="2024Q4", amount=5_000.0), of_node("region", _other_region()))
    told = with_overrides(PARTS, known, book=BOOK)
    pd.testing.assert_frame_equal(PARTS.deals, deals)
    deal = told[told["opportunity_id"] == DEAL].iloc[0]
    assert deal["model"] == PARTS.expected_of_deals[0]
    assert (deal["adjusted"], deal["said"], deal["who"]) == (pytest.approx(5_000.0), "amount, chance", "U01")
    node = told[told["node"] == f"region={_other_region()}"].iloc[0]
    assert (node["adjusted"], node["who"], node["why"]) == (1e6, "M1", "Two tenders")
    assert node["model"] == segment_parts(PARTS, "region", like=coming(BOOK, POINT))[_other_region()].expected


def _other_region() -> str:
    return next(name for name in ("East", "North") if name != PARTS.deals["region"].iloc[0])


def test_the_difference_of_the_company_is_the_sum_of_those_that_count(store: Store) -> None:
    known = put(
        store,
        of_node("region", _other_region()),
        of_deal(chance=0.9),
        of_deal(str(PARTS.deals["opportunity_id"].iloc[1]), amount=1.0),
        of_node("owner_id", "U05", amount=3.0),
        of_node("product", "Pump", amount=9.0),
    )
    told = with_overrides(PARTS, known, book=BOOK)
    company, below = told.iloc[0], told.iloc[1:]
    assert company["difference"] == pytest.approx(below.loc[below["counts"], "difference"].sum())
    assert company["adjusted"] == pytest.approx(company["model"] + company["difference"])
    assert not below.set_index("node")["counts"].loc["product=Pump"]
    np.testing.assert_allclose(told["adjusted"] - told["model"], told["difference"])


def test_of_two_that_speak_of_the_same_deals_the_one_of_more_counts(store: Store) -> None:
    owner = str(PARTS.deals["owner_id"].iloc[0])
    region = str(PARTS.deals["region"].iloc[0])
    known = put(store, of_node("owner_id", owner), of_node("region", region), of_deal(chance=1.0))
    counts = with_overrides(PARTS, known, book=BOOK).set_index("said")["counts"]
    told = with_overrides(PARTS, known, book=BOOK).set_index("node")["counts"]
    assert told[f"region={region}"]
    assert not told[f"owner_id={owner}"]
    assert not counts["chance"]


def test_an_override_of_the_company_is_the_figure_of_the_company(store: Store) -> None:
    known = put(store, of_node("company", None, amount=42.0), of_node("region", "East"))
    told = with_overrides(PARTS, known, book=BOOK)
    assert told[["node", "adjusted", "who"]].iloc[0].tolist() == ["company", 42.0, "M1"]
    assert told["counts"].tolist() == [True, False]
    assert node_parts("company") == ("company", None)


def test_figures_of_a_roll_up_made_elsewhere_are_taken_over(store: Store) -> None:
    known = put(store, of_node("region", "East", amount=100.0))
    told = with_overrides(PARTS, known, book=BOOK, figures={"company": 1_000.0, "region=East": 60.0})
    assert told["difference"].tolist() == [40.0, 40.0]
    assert told["adjusted"].iloc[0] == 1_040.0


def test_an_expected_close_outside_the_period_takes_the_deal_out_and_one_inside_puts_all_of_it_there(
    store: Store,
) -> None:
    outside = put(store, of_deal(expected_close_on=date(2025, 2, 1), when=NOW - timedelta(hours=1)))
    assert adjusted_parts(PARTS, outside).chance[0] == 0
    inside = put(store, of_deal(expected_close_on=date(2024, 12, 1)))
    assert adjusted_parts(PARTS, inside).chance[0] == pytest.approx(ever_won(PARTS.deals)[0])
    both = put(store, of_deal(chance=0.7))
    assert adjusted_parts(PARTS, both).chance[0] == pytest.approx(0.7)


def test_a_chance_of_being_won_at_all_keeps_the_timing_of_the_model(store: Store) -> None:
    adjusted = adjusted_parts(PARTS, put(store, of_deal(chance=0.5)))
    assert adjusted.chance[0] == pytest.approx(0.5 * PARTS.chance[0] / ever_won(PARTS.deals)[0])
    np.testing.assert_array_equal(adjusted.chance[1:], PARTS.chance[1:])


def test_a_chance_of_another_period_changes_nothing_in_this_one(store: Store) -> None:
    known = put(store, of_deal(chance=0.99, period="2025Q1"), of_node(period="2025Q1"))
    assert adjusted_parts(PARTS, known) is PARTS
    assert len(with_overrides(PARTS, known, book=BOOK)) == 1


def test_a_person_can_say_a_chance_where_the_model_has_none(store: Store) -> None:
    bare = PARTS.with_deals(PARTS.deals.assign(chance=np.nan, stated_chance=np.nan, due=True).filter(regex="^(?!won_)"))
    assert adjusted_parts(bare, put(store, of_deal(chance=0.3))).chance[0] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"opportunity_id": "1", "chance": 0.5, "why": " "}, "needs 'why': the reason"),
        ({"opportunity_id": "1", "chance": 0.5, "who": ""}, "needs 'who'"),
        ({"opportunity_id": "1", "amount": -5.0}, "0 or more, not -5"),
        ({"opportunity_id": "1", "amount": float("nan")}, "0 or more"),
        ({"opportunity_id": "1", "chance": 70.0}, r"between 0 and 1; it is 70. Write 0.7 for 70 %"),
        ({"opportunity_id": "1", "chance": -0.1}, "between 0 and 1"),
        ({"opportunity_id": "1"}, "an amount, a chance or an expected close"),
        ({"chance": 0.5}, "of one deal"),
        ({"opportunity_id": "1", "by": "region", "node": "East", "amount": 1.0}, "of one deal"),
        ({"by": "region", "node": "East", "amount": 1.0}, "the amount of a period"),
        ({"by": "region", "node": "East", "chance": 0.5, "period": "2024Q4"}, "the amount of a period"),
        ({"by": "region", "amount": 1.0, "period": "2024Q4"}, "a column and its value"),
        ({"by": "company", "node": "x", "amount": 1.0, "period": "2024Q4"}, "'company' has none|by='company' has none"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(said: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Override(**{"who": "U01", "why": "Because", "when": NOW, **said})


def test_a_period_that_is_spelt_wrong_is_refused() -> None:
    with pytest.raises(PeriodError, match="'2024Q5' is not a period"):
        of_node(period="2024Q5")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (of_deal("nope", chance=0.5), "no deal 'nope' known on 2024-11-03"),
        (of_deal(chance=0.5, when=NOW + timedelta(minutes=1)), "cannot be said in the future"),
        (of_node("regoin", "East"), "no nodes by 'regoin'. Did you mean 'region'"),
        (of_node("region", "Esat"), "no region 'Esat'. Did you mean 'East'"),
        (of_deal(expected_close_on=date(2024, 10, 1)), "lies before 2024-11-03"),
    ],
)
def test_what_the_data_does_not_know_is_refused_and_nothing_is_written(
    store: Store, said: Override, message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        append_override(store, said, book=BOOK, now=NOW)
    assert store.files("overrides") == []


def test_a_closed_deal_cannot_be_foreseen(store: Store) -> None:
    closed = str(BOOK.deals.loc[BOOK.deals["outcome"] == "won", "opportunity_id"].iloc[0])
    with pytest.raises(ParameterError, match="is won already"):
        append_override(store, of_deal(closed, chance=0.5), book=BOOK, now=NOW)
