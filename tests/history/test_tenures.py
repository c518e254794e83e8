"""Deals that change hands: a book cut to an earlier day has the owners of that day."""

import numpy as np
import pandas as pd
import pytest

from oppnb.history.book import PipelineBook, read_book

DEALS = pd.DataFrame(
    {
        "opportunity_id": ["1", "2", "3", "4"],
        "stage": ["Demo"] * 4,
        "owner_id": ["b", "a", "b", "a"],
        "region": [None, None, "North", None],
        "created_at": pd.to_datetime(["2024-01-02"] * 4),
    }
)
OWNERS = pd.DataFrame({"owner_id": ["a", "b"], "team": ["T1", "T2"], "region": ["East", "West"]})
HISTORY = pd.DataFrame(
    [
        ("1", "2024-01-02", "a"),
        ("1", "2024-03-05", "b"),
        ("2", "2024-01-02", "a"),
        ("3", "2024-01-02", "b"),
        ("3", "2024-02-01", "a"),
        ("3", "2024-02-20", "b"),
        ("4", "2024-02-10", "b"),
        ("4", "2024-03-10", "a"),
    ],
    columns=["opportunity_id", "changed_at", "owner_id"],
).astype({"changed_at": "datetime64[us]"})
DAYS = ["2024-01-31", "2024-02-10", "2024-03-31"]


def book(history: pd.DataFrame = HISTORY, *, known_on: str = "2024-03-31") -> PipelineBook:
    tables = {"opportunities": DEALS, "owners": OWNERS, "opportunity_history": history}
    return read_book(tables, DAYS, known_on=known_on)


def held(one: PipelineBook, day: str, column: str) -> list[str]:
    return one.known(day).deals.sort_values("opportunity_id")[column].tolist()


def test_deals_stand_with_the_owner_and_the_team_of_the_day() -> None:
    whole = book()
    assert held(whole, "2024-03-31", "owner_id") == ["b", "a", "b", "a"]
    assert held(whole, "2024-02-10", "owner_id") == ["a", "a", "a", "b"]
    assert held(whole, "2024-02-10", "team") == ["T1", "T1", "T1", "T2"]


def test_a_region_of_the_deal_itself_stays_and_one_of_the_owner_goes_with_the_owner() -> None:
    assert held(book(), "2024-02-10", "region") == ["East", "East", "North", "West"]
    assert held(book(), "2024-03-31", "region") == ["West", "East", "North", "East"]


def test_before_the_history_names_an_owner_the_export_says_whose_the_deal_is() -> None:
    assert held(book(), "2024-01-31", "owner_id") == ["a", "a", "b", "a"]


def test_cutting_in_steps_is_cutting_at_once() -> None:
    whole = book()
    for day in DAYS[:2]:
        stepwise, at_once = whole.known("2024-03-06").known(day), whole.known(day)
        pd.testing.assert_frame_equal(stepwise.deals, at_once.deals)
        pd.testing.assert_frame_equal(stepwise.tenures, at_once.tenures)


@pytest.mark.parametrize("day", ["2024-02-10", "2024-02-25"])
def test_a_book_cut_to_a_day_has_the_owners_of_a_book_read_on_that_day(day: str) -> None:
    columns = ["opportunity_id", "owner_id", "team", "region"]
    pd.testing.assert_frame_equal(book().known(day).deals[columns], book(known_on=day).deals[columns])


def test_later_owners_change_nothing_on_earlier_days() -> None:
    later = HISTORY["changed_at"] > "2024-02-29"
    scrambled = HISTORY.assign(owner_id=HISTORY["owner_id"].where(~later, np.array(["c", "b"] * 4)))
    assert held(book(scrambled), "2024-02-29", "owner_id") == held(book(), "2024-02-29", "owner_id")


def test_without_a_history_of_owners_nothing_moves() -> None:
    bare = HISTORY[["opportunity_id", "changed_at"]].assign(stage="Demo")
    assert book(bare).tenures.empty
    assert held(book(bare), "2024-02-10", "owner_id") == DEALS["owner_id"].tolist()
