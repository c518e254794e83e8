"""Open deals and closed ones are measured with one ruler: day minus day, in the calendar of the reader."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from oppnb.history import as_of, in_whole_days, spells, stays_in_whole_days
from oppnb.metrics import measure
from oppnb.review import open_review
from oppnb.workspace import parse_workspace
from tests.builders import make_change, make_opportunity, make_tables

DAY = date(2024, 3, 31)


@given(created=st.dates(date(2023, 1, 1), DAY), hour=st.integers(0, 23))
def test_a_deal_is_as_old_as_the_calendar_says(created: date, hour: int) -> None:
    begun = pd.Timestamp(created) + timedelta(hours=hour)
    row = {"outcome": "open", "as_of": pd.Timestamp(DAY), "created_at": begun, "entered_stage_at": begun}
    known = in_whole_days(pd.DataFrame([row | {"age_days": -1.0, "days_in_stage": -1.0}]))
    assert known[["age_days", "days_in_stage"]].values.tolist() == [[float((DAY - created).days)] * 2]


def test_a_deal_that_is_closed_on_the_day_and_one_that_is_open_on_it_are_as_old() -> None:
    deals = [
        make_opportunity("1", created_at="2024-01-01"),
        make_opportunity("2", created_at="2024-01-01", stage="Won", outcome="won", closed_at="2024-03-31"),
    ]
    known = in_whole_days(as_of(make_tables(deals, exported_on=DAY), DAY))
    assert known["age_days"].tolist() == [90.0, 90.0]


def test_days_are_those_of_the_readers_calendar() -> None:
    late_in_the_evening = make_opportunity("1", created_at="2024-03-30 20:00")  # the 31st in Shanghai
    workspace = parse_workspace("calendar: {time_zone: Asia/Shanghai}")
    known = as_of(make_tables([late_in_the_evening], exported_on=DAY), DAY, workspace=workspace)
    assert in_whole_days(known, time_zone="Asia/Shanghai")["age_days"].tolist() == [0.0]
    assert in_whole_days(known, time_zone="UTC")["age_days"].tolist() == [1.0]


def test_a_stay_that_lasts_is_counted_like_one_that_is_over() -> None:
    rows = [make_change("1", "2024-01-01", stage="Lead"), make_change("1", "2024-02-01", stage="Demo")]
    deals = [make_opportunity("1", stage="Demo")]
    found = stays_in_whole_days(spells(make_tables(deals, history=rows, exported_on=DAY), known_on=DAY), DAY)
    assert found["days"].tolist() == [31.0, 59.0]  # January; 29 days of February and 30 of March


def test_a_deal_on_the_last_day_of_its_limit_is_not_over_it() -> None:
    begun = {n: (pd.Timestamp(DAY) - timedelta(days=n)).date().isoformat() for n in (30, 31)}
    deals = [make_opportunity(str(n), created_at=day) for n, day in begun.items()]
    rows = [make_change(str(n), day, stage="Lead") for n, day in begun.items()]
    stages = "processes: [{name: default, stages: [{name: Lead, time_limit_days: 30}, {name: Won, outcome: won}]}]"
    review = open_review(make_tables(deals, history=rows, exported_on=DAY), workspace=parse_workspace(stages))
    assert measure("over_limit", review.inputs, variant="stage_limit")["value"].tolist() == [0.5]
    assert measure("open_age", review.inputs)["value"].tolist() == [30.5]
