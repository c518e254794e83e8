"""Charts of forecasts: what they draw adds up, and every text is text."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb import charts
from oppnb.locale import Formats, Words

SAID = {"words": Words("en"), "formats": Formats("en", currency="USD")}
HOSTILE = "<script>alert(1)</script>"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=60),
    st.floats(0, 1e9, allow_nan=False),
)
def test_bars_at_or_above_the_target_hold_the_chance_of_reaching_it(values, target):
    frame = pd.DataFrame({"amount": values})
    chart = charts.forecast_distribution(frame, title="", target=target, **SAID)
    heights = {trace.name: float(np.sum(trace.y)) for trace in chart.data}
    assert sum(heights.values()) == pytest.approx(1.0)
    low, high = np.quantile(values, [0.004, 0.996])
    if low < target < high and (high - low) > 1e-3:
        reached = np.mean(np.array(values) >= target)
        assert heights.get("At the target or above", 0.0) == pytest.approx(reached, abs=1.01 / len(values))


def test_a_line_that_is_no_target_leaves_the_bars_as_they_are():
    frame = pd.DataFrame({"amount": np.arange(100.0)})
    chart = charts.forecast_distribution(frame, title="", line=("Came", 40.0), **SAID)
    assert len(chart.data) == 1
    assert chart.layout.annotations[0].text.startswith("Came")


def test_a_track_breaks_between_periods_and_leaves_out_what_has_not_come():
    days = pd.to_datetime(["2024-01-07", "2024-01-14", "2024-04-07"])
    frame = pd.DataFrame({"period": ["Q1", "Q1", "Q2"], "day": days, "forecast": [1.0, 2.0, 3.0], "low": 0.5})
    chart = charts.forecast_track(frame.assign(high=4.0, actual=[2.0, 2.0, np.nan]), title="", **SAID)
    band, forecast, actual = chart.data
    assert list(forecast.y) == [1.0, 2.0, None, 3.0, None]
    assert list(actual.y) == [2.0, 2.0, None, None, None]
    assert band.fill == "toself"


def test_stacked_parts_end_where_the_interval_stands():
    frame = pd.DataFrame({"node": ["East", "West"], "won": [1.0, 2.0], "open": [3.0, np.nan], "low": 1.0, "high": 9.0})
    parts = {"won": "Won", "open": "Open"}
    chart = charts.rolled(frame.assign(target=[5.0, np.nan]), label="node", parts=parts, title="", **SAID)
    assert list(chart.data[2].x) == [4.0, 2.0]
    assert list(chart.data[3].x) == [5.0, None]
    weeks = frame.assign(week_start=pd.to_datetime(["2024-01-01", "2024-01-08"]))
    by_week = charts.by_week(weeks, parts=parts, title="", **SAID)
    assert list(by_week.data[2].y) == [4.0, 2.0]


@pytest.mark.parametrize("kind", ["distribution", "track", "rolled", "by_week"])
def test_an_empty_frame_says_so(kind):
    none = pd.DataFrame({"amount": [], "node": []})
    drawn = {
        "distribution": lambda: charts.forecast_distribution(none, title="", **SAID),
        "track": lambda: charts.forecast_track(none, title="", **SAID),
        "rolled": lambda: charts.rolled(none, label="node", parts={}, title="", **SAID),
        "by_week": lambda: charts.by_week(none, parts={}, title="", **SAID),
    }
    chart = drawn[kind]()
    assert not chart.data
    assert chart.layout.annotations[0].text == "Nothing to show"


def test_names_from_the_data_are_text_in_every_chart():
    frame = pd.DataFrame({"node": [HOSTILE], "won": [1.0], "low": [0.5], "high": [2.0]})
    track = pd.DataFrame({"period": [HOSTILE], "day": pd.to_datetime(["2024-01-07"]), "forecast": [1.0], "low": [0.5]})
    made = [
        charts.rolled(frame, label="node", parts={"won": HOSTILE}, title=HOSTILE, **SAID),
        charts.forecast_track(track.assign(high=2.0, actual=1.0), title=HOSTILE, **SAID),
        charts.by_week(frame.assign(week_start=pd.Timestamp("2024-01-01")), parts={"won": HOSTILE}, title="", **SAID),
        charts.forecast_distribution(pd.DataFrame({"amount": [1.0]}), title=HOSTILE, line=(HOSTILE, 1.0), **SAID),
    ]
    assert not any("<script" in chart.to_json().replace("\\u003c", "<") for chart in made)


def test_names_stand_above_bars_that_go_both_ways_on_a_phone():
    frame = pd.DataFrame({"node": ["East", "West"], "gap": [3.0, -5.0]})
    chart = charts.bars(frame, label="node", value="gap", title="", write=str)
    narrow = chart.layout.meta["oppnb"]["narrow"]
    assert narrow["yaxis.visible"] is False
    assert [note["text"] for note in narrow["annotations"]] == ["East", "West"]
