"""The book of a pipeline cut to an earlier day against the book read on that day."""

from datetime import date

import pandas as pd
import pytest

from oppnb.history.book import read_book, weekly_days
from oppnb.history.moments import cutoff
from oppnb.tables import Tables
from oppnb.workspace import parse_workspace
from tests.builders import make_change, make_opportunity, make_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

DAYS = weekly_days("2024-10-06", weeks=4)
CUT = date(2024, 9, 15)
OF_PEOPLE = ["owner_id", "team", "manager_id"]  # where no history names them, the whole book has the export's


@pytest.mark.parametrize("seed", [0, 3])
def test_cut_to_a_day_it_is_the_book_read_on_that_day(seed: int) -> None:
    tables, workspace = awkward_pipeline(seed), awkward_workspace()
    whole = read_book(tables, DAYS, known_on="2024-12-30", workspace=workspace).known(CUT)
    alone = read_book(tables, DAYS, known_on=CUT, workspace=workspace)
    pd.testing.assert_frame_equal(whole.open_rows, alone.open_rows)
    assert whole.days == alone.days
    assert whole.known_on == alone.known_on == CUT
    # a loss taken back after the day is told as it ended: only deals that nothing happened to later are held together
    history = tables["opportunity_history"]
    moved = set(history.loc[history["changed_at"] >= cutoff(CUT, "America/New_York"), "opportunity_id"])
    first, second = (one.deals.drop(columns=OF_PEOPLE) for one in (whole, alone))
    assert first["opportunity_id"].tolist() == second["opportunity_id"].tolist()
    pd.testing.assert_series_equal(first["created_on"], second["created_on"])
    quiet = ~first["opportunity_id"].isin(moved)
    assert quiet.sum() > 5
    pd.testing.assert_frame_equal(first[quiet], second[quiet])


def test_what_comes_after_the_day_changes_nothing_of_it() -> None:
    tables, workspace = awkward_pipeline(5), awkward_workspace()
    moment = cutoff(CUT, "America/New_York")
    history = tables["opportunity_history"]
    later = history["changed_at"] >= moment
    other = history.assign(
        amount=history["amount"].where(~later, 1e6),
        stage=history["stage"].where(~later, "Closed Won"),
        owner_id=history["owner_id"].where(~later, "u0"),
    )
    rates = tables["exchange_rates"]
    frames = {name: tables[name] for name in tables}
    frames |= {"opportunity_history": other, "exchange_rates": rates[rates["on"] <= pd.Timestamp(CUT)]}
    changed = Tables(frames, exported_on=tables.exported_on)
    first, second = (read_book(one, DAYS, known_on=CUT, workspace=workspace) for one in (tables, changed))
    pd.testing.assert_frame_equal(first.open_rows, second.open_rows)
    pd.testing.assert_frame_equal(first.deals, second.deals)


def test_a_day_ends_at_midnight_of_the_workspace() -> None:
    deals = [make_opportunity("1", created_at="2024-03-01 03:00", closed_at="2024-03-16 03:00", stage="Won")]
    american = parse_workspace("currency: EUR\ncalendar: {time_zone: America/New_York}\n")
    book = read_book(make_tables(deals), ["2024-03-15"], workspace=american, known_on="2024-03-20")
    assert book.deals["created_on"].tolist() == [pd.Timestamp("2024-02-29")]
    assert book.deals["closed_on"].tolist() == [pd.Timestamp("2024-03-15")]
    assert len(book.on("2024-03-15")) == 0
    assert book.known("2024-03-15").deals["outcome"].tolist() == ["won"]
    assert book.known("2024-03-14").deals["outcome"].tolist() == ["open"]
    greenwich = read_book(make_tables(deals), ["2024-03-15"], known_on="2024-03-20")
    assert len(greenwich.on("2024-03-15")) == 1
    assert greenwich.known("2024-03-15").deals["outcome"].tolist() == ["open"]


def test_deals_that_no_date_places_are_in_no_book() -> None:
    deals = [
        make_opportunity("1", created_at=None, closed_at="2024-02-01", stage="Won"),
        make_opportunity("2", created_at=None),
        make_opportunity("3"),
    ]
    book = read_book(make_tables(deals), ["2024-01-15", "2024-02-15"], known_on="2024-03-01")
    assert book.deals["opportunity_id"].tolist() == ["3"]
    assert set(book.open_rows["opportunity_id"]) == {"3"}
    history = [make_change("2", "2024-02-10", stage="Demo")]
    placed = read_book(make_tables(deals, history=history), ["2024-01-15", "2024-02-15"], known_on="2024-03-01")
    assert set(placed.on("2024-02-15")["opportunity_id"]) == {"2", "3"}
    assert set(placed.on("2024-01-15")["opportunity_id"]) == {"3"}


def test_a_loss_that_was_taken_back_is_open_again_and_told_as_it_ended() -> None:
    tables = make_tables(
        [make_opportunity("1", stage="Won", closed_at="2024-04-10", amount=70.0)],
        history=[
            make_change("1", "2024-01-01", stage="Lead", amount=50.0),
            make_change("1", "2024-02-01", stage="Lost"),
            make_change("1", "2024-03-01", stage="Lead"),
            make_change("1", "2024-04-10", stage="Won", amount=70.0),
        ],
    )
    days = ["2024-01-15", "2024-02-15", "2024-03-15", "2024-04-15"]
    book = read_book(tables, days, known_on="2024-04-30")
    assert book.open_rows["as_of"].dt.month.tolist() == [1, 3]
    assert book.closed_after(book.open_rows)["amount_won"].tolist() == [70.0, 70.0]
    assert read_book(tables, days, known_on="2024-02-20").deals["outcome"].tolist() == ["lost"]
    assert book.known("2024-02-20").deals["outcome"].tolist() == ["open"]
    assert book.won_between("2024-04-10", "2024-04-10")["amount_base"].tolist() == [70.0]
    assert len(book.won_between("2024-04-11", "2024-12-31")) == 0


def test_columns_are_added_by_deal_and_day_and_a_later_day_is_itself() -> None:
    tables = make_tables([make_opportunity("1"), make_opportunity("2")])
    book = read_book(tables, ["2024-01-15", "2024-02-15"], known_on="2024-03-01")
    told = pd.DataFrame({"opportunity_id": ["2"], "as_of": [pd.Timestamp("2024-02-15")], "won_by_7": [0.25]})
    more = book.with_columns(told).with_columns(told.assign(won_by_7=0.5))
    assert more.open_rows["won_by_7"].fillna(-1).tolist() == [-1, -1, -1, 0.5]
    assert book.known("2030-01-01") is book
