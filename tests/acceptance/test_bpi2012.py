"""An event log with full stage history: the review's figures against plain pandas on the same file."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from oppnb.review import Review, open_review
from tests.field_data import field_data

WORKSPACE = Path(__file__).resolve().parents[1] / "workspaces" / "bpi2012.yaml"
DAYS = ["2011-10-31", "2011-11-15", "2011-11-30", "2011-12-31"]
CASES = pytest.mark.parametrize("day", DAYS)
WON, LOST = ["A_APPROVED"], ["A_DECLINED", "A_CANCELLED"]
FILE = "bpi2012_events_until_2011-12-31.csv.gz"

pytestmark = pytest.mark.field_data


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    """Every change of stage, in the order of the log."""
    log = pd.read_csv(field_data("bpi2012") / FILE, dtype={"case_id": str, "resource": str})
    log["at"] = pd.to_datetime(log["timestamp"], utc=True)
    changes = log["activity"].str.startswith("A_") & (log["lifecycle"] == "COMPLETE")
    parallel = log["activity"].isin(["A_REGISTERED", "A_ACTIVATED"])
    return log[changes & ~parallel].sort_values(["case_id", "at", "event_no"], kind="stable")


@pytest.fixture(scope="module")
def reviews() -> dict[str, Review]:
    folder = field_data("bpi2012")
    return {day: open_review(folder, as_of=day, workspace=WORKSPACE) for day in DAYS}


def cutoff(review: Review, day: object) -> pd.Timestamp:
    midnight = pd.Timestamp(day) + pd.Timedelta(days=1)
    return midnight.tz_localize(review.workspace.calendar.time_zone).tz_convert("UTC")


def states(events: pd.DataFrame, before: pd.Timestamp) -> pd.DataFrame:
    """The last stage of each case before a moment."""
    return events[events["at"] < before].groupby("case_id").last()


def figure(review: Review, name: str, *, period: str | None = None, piece: dict[str, Any] | None = None) -> Any:
    found = [
        one["value"]
        for one in review.figures()
        if one["id"] == name and one["slice"] == piece and (period is None or one["period"] == period)
    ]
    assert len(found) == 1, f"{name}: {len(found)} figures"
    return found[0]


def is_open(state: pd.DataFrame) -> pd.Series:
    return ~state["activity"].isin(WON + LOST)


@CASES
def test_the_open_pipeline_is_what_the_log_says(events: pd.DataFrame, reviews: dict[str, Review], day: str) -> None:
    state = states(events, cutoff(reviews[day], day))
    expected = state[is_open(state)]
    assert figure(reviews[day], "open_count") == len(expected)
    assert figure(reviews[day], "open_amount") == pytest.approx(expected["amount_req"].sum(), abs=0.005)


@CASES
def test_each_stage_has_its_cases(events: pd.DataFrame, reviews: dict[str, Review], day: str) -> None:
    state = states(events, cutoff(reviews[day], day))
    process = reviews[day].workspace.processes[0].name
    for stage, rows in state[is_open(state)].groupby("activity"):
        piece = {"process": process, "stage": stage}
        assert figure(reviews[day], "stage_count", piece=piece) == len(rows)
        assert figure(reviews[day], "stage_amount", piece=piece) == pytest.approx(rows["amount_req"].sum(), abs=0.005)


@CASES
def test_won_and_lost_of_the_quarter_are_what_the_log_says(
    events: pd.DataFrame, reviews: dict[str, Review], day: str
) -> None:
    review = reviews[day]
    inside = events["at"].between(cutoff(review, "2011-09-30"), cutoff(review, day), inclusive="left")
    won = events[inside & events["activity"].isin(WON)]
    lost = events[inside & events["activity"].isin(LOST)]
    assert figure(review, "won_count", period="2011Q4") == won["case_id"].nunique()
    assert figure(review, "won_amount", period="2011Q4") == pytest.approx(won["amount_req"].sum(), abs=0.005)
    assert figure(review, "lost_count", period="2011Q4") == lost["case_id"].nunique()


@CASES
def test_each_month_has_its_wins(events: pd.DataFrame, reviews: dict[str, Review], day: str) -> None:
    review = reviews[day]
    for month in pd.period_range("2011-10", day, freq="M"):
        last = min(month.end_time.normalize(), pd.Timestamp(day))
        first = month.start_time - pd.Timedelta(days=1)
        inside = events["at"].between(cutoff(review, first), cutoff(review, last), inclusive="left")
        won = events[inside & events["activity"].isin(WON)]
        assert figure(review, "won_count", period=str(month)) == len(won)
        assert figure(review, "won_amount", period=str(month)) == pytest.approx(won["amount_req"].sum(), abs=0.005)


@CASES
def test_the_bridge_is_the_difference_of_the_two_days(
    events: pd.DataFrame, reviews: dict[str, Review], day: str
) -> None:
    review = reviews[day]
    before, now = (states(events, cutoff(review, at)) for at in (review.compare_to, day))
    open_before, open_now = before[is_open(before)], now[is_open(now)]
    then = now.reindex(open_before.index)
    bars = review.bridge().bars.set_index("bar")["amount"]
    assert bars["start"] == pytest.approx(open_before["amount_req"].sum(), abs=0.005)
    assert bars["end"] == pytest.approx(open_now["amount_req"].sum(), abs=0.005)
    assert bars["won"] == pytest.approx(-then.loc[then["activity"].isin(WON), "amount_req"].sum(), abs=0.005)
    assert bars["lost"] == pytest.approx(-then.loc[then["activity"].isin(LOST), "amount_req"].sum(), abs=0.005)
    assert round(bars.drop("end").sum(), 2) == round(bars["end"], 2)


@CASES
def test_what_the_last_seven_days_of_activity_were(reviews: dict[str, Review], day: str) -> None:
    log = pd.read_csv(field_data("bpi2012") / FILE, dtype={"case_id": str})
    log["at"] = pd.to_datetime(log["timestamp"], utc=True)
    end = cutoff(reviews[day], day)
    inside = log["at"].between(end - pd.Timedelta(days=7), end, inclusive="left")
    work = log[inside & log["activity"].str.startswith("W_") & (log["lifecycle"] == "COMPLETE")]
    counted = reviews[day].snapshot.set_index("opportunity_id")["n_activities_last_7_days"]
    expected = work.groupby("case_id").size().reindex(counted.index, fill_value=0)
    pd.testing.assert_series_equal(counted.astype("int64"), expected.astype("int64"), check_names=False)
