"""Closed deals are known from some day on: what lies before it is not shown as nothing, nor taken as a yardstick."""

from datetime import date

from oppnb.periods import parse_period
from oppnb.review import open_review
from tests.builders import make_opportunity, make_tables


def review_of(first_month: int):
    days = [f"2024-{month:02d}-15" for month in range(first_month, 10)]
    deals = [
        make_opportunity(
            f"w{day}", stage="Won", outcome="won", created_at="2023-06-01", closed_at=day, amount=100.0, currency="EUR"
        )
        for day in days
    ]
    tables = make_tables(deals, exported_on=date(2024, 9, 30))
    return open_review(tables, as_of=date(2024, 9, 30), period="2024Q3")


def test_a_quarter_known_from_its_last_month_only_is_no_yardstick():
    from_march, from_start = review_of(3), review_of(1)
    pace = [review.kpis().set_index(["metric", "variant"])["value"] for review in (from_march, from_start)]
    assert [one[("pacing", "against_past")] for one in pace] == [1.0, 1.0]
    assert set(from_march.pacing()["period"]) == {"2024Q2", "2024Q3"}
    first_of_year = review_of(1).pacing()["period"]
    assert parse_period("2024Q1").name not in set(first_of_year)  # the first close is in the middle of its first month


def test_months_before_the_first_close_are_left_out_and_it_is_said():
    review = review_of(3)
    assert review.won_by_month()["month"].iloc[0] == "2024-03"
    assert [note.values for note in review.notes if note.code == "review_closes_known_from"] == [
        {"first": "2024-03-15"}
    ]
