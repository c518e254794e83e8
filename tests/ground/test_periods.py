"""Months, quarters and fiscal years."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.errors import PeriodError
from oppnb.periods import parse_day, parse_period, period_of

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
kinds = st.sampled_from(["month", "quarter", "year"])
starts = st.integers(1, 12)


@given(days, kinds, starts)
def test_every_day_lies_in_its_period(day: date, kind: str, start: int) -> None:
    assert day in period_of(day, kind=kind, fiscal_year_start=start)


@given(days, kinds, starts)
def test_the_next_period_begins_on_the_day_after(day: date, kind: str, start: int) -> None:
    period = period_of(day, kind=kind, fiscal_year_start=start)
    assert period.shift(1).start == period.end + timedelta(days=1)
    assert period.shift(1).shift(-1) == period


@given(days, kinds, starts)
def test_the_name_reads_back_as_the_same_period(day: date, kind: str, start: int) -> None:
    period = period_of(day, kind=kind, fiscal_year_start=start)
    assert parse_period(period.name, fiscal_year_start=start) == period


@given(days, starts)
def test_a_fiscal_year_has_four_quarters_of_three_months(day: date, start: int) -> None:
    year = period_of(day, kind="year", fiscal_year_start=start)
    quarters = [period_of(year.start, fiscal_year_start=start).shift(step) for step in range(4)]
    assert sum(quarter.n_days for quarter in quarters) == year.n_days
    assert [quarter.name[-1] for quarter in quarters] == list("1234")
    assert {quarter.name[:4] for quarter in quarters} == {year.name[2:]}


@pytest.mark.parametrize(
    ("text", "start", "first", "last"),
    [
        ("2017Q3", 1, date(2017, 7, 1), date(2017, 9, 30)),
        ("2017-Q3", 1, date(2017, 7, 1), date(2017, 9, 30)),
        ("2024-02", 1, date(2024, 2, 1), date(2024, 2, 29)),
        ("FY2018", 4, date(2017, 4, 1), date(2018, 3, 31)),
        ("2018Q1", 4, date(2017, 4, 1), date(2017, 6, 30)),
        ("2018Q4", 10, date(2018, 7, 1), date(2018, 9, 30)),
        ("fy2017", 1, date(2017, 1, 1), date(2017, 12, 31)),
    ],
)
def test_reads_a_period_from_its_name(text: str, start: int, first: date, last: date) -> None:
    period = parse_period(text, fiscal_year_start=start)
    assert (period.start, period.end) == (first, last)


@pytest.mark.parametrize("text", ["", "2017Q5", "Q3", "2017-13", "last quarter", "2017Q3; DROP"])
def test_a_text_that_is_no_period_says_how_to_write_one(text: str) -> None:
    with pytest.raises(PeriodError, match="2017Q3"):
        parse_period(text)


@pytest.mark.parametrize("text", ["2017-02-30", "30.9.2017", "", "0000-01-01"])
def test_a_text_that_is_no_day_says_how_to_write_one(text: str) -> None:
    with pytest.raises(PeriodError, match="2017-09-30"):
        parse_day(text)


def test_a_kind_that_is_no_period_is_refused() -> None:
    with pytest.raises(PeriodError, match="week"):
        period_of(date(2017, 1, 1), kind="week")
