import html
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb import charts
from oppnb.charts.axes import nice_ticks
from oppnb.locale import Formats, Words

SAID = {locale: {"words": Words(locale), "formats": Formats(locale, currency="EUR")} for locale in ("en", "zh_CN")}
EN = SAID["en"]


def title(chart) -> str:
    return html.unescape(chart.layout.title.text).replace("\u2060", "")


def make_stages(**columns) -> pd.DataFrame:
    """Two stages; the second holds most, loses most and is slowest."""
    return pd.DataFrame(
        {
            "stage": ["Lead", "Demo"],
            "count": [4, 6],
            "amount": [40.0, 60.0],
            "conversion": [0.6, 0.3],
            "conversion_low": [0.5, 0.2],
            "conversion_high": [0.7, 0.4],
            "n_entered": [90, 50],
            "median_days": [10.0, 30.0],
            "median_low": [8.0, 25.0],
            "median_high": [12.0, np.nan],
            "set_odds": [0.1, 0.9],
            "observed_odds": [0.2, 0.4],
            "low": [0.05, 0.3],
            "high": [0.3, 0.5],
            "n": [90, 50],
            **columns,
        }
    )


def make_bars(**amounts: float) -> pd.DataFrame:
    bars = {"start": 0.0, "new": 0.0, "won": 0.0, "end": 0.0, **amounts}
    return pd.DataFrame({"bar": list(bars), "amount": list(bars.values()), "n": [1] * len(bars)})


def test_titles_say_the_finding():
    stages = make_stages()
    assert title(charts.funnel(stages, **EN)) == "Demo holds 60% of the open amount (6 deals)"
    assert title(charts.conversion(stages, **EN)) == "Fewest move on from Demo: 30%"
    assert title(charts.dwell(stages, **EN)) == "Deals stay longest in Demo: half of them over 30 days"
    assert title(charts.stage_odds(stages, **EN)) == (
        "Demo is set too high: 90% against 40% observed of 50 deals, 50 of them closed,"
        " the others followed as far as known"
    )
    bars = make_bars(start=100.0, new=30.0, won=-50.0, end=80.0)
    assert title(charts.bridge(bars, **EN)) == "The pipeline fell by €20, most of all through deals won (−€50)"


def test_odds_inside_their_interval_are_not_called_wrong():
    assert title(charts.stage_odds(make_stages(set_odds=[0.1, 0.4]), **EN)).startswith("The set odds lie inside")
    assert title(charts.stage_odds(make_stages(set_odds=[np.nan] * 2), **EN)).startswith("No odds are set")


def test_a_title_given_is_the_title():
    assert title(charts.funnel(make_stages(), title="Mine <b>", **EN)) == "Mine <b>"


def test_funnel_counts_where_no_deal_has_an_amount():
    chart = charts.funnel(make_stages(amount=[np.nan, np.nan]), **EN)
    assert list(chart.data[0].x) == [4.0, 6.0]
    assert title(chart) == "Demo holds 60% of the open deals (6)"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "The pipeline rose by 2 deals, most of all through new deals (+3)"),
        ("zh_CN", "管道增加了 2 个商机，主要来自“新增商机”（+3）"),
    ],
)
def test_the_bridge_counts_deals_where_no_amount_is_known(locale, said):
    bars = pd.DataFrame({"bar": ["start", "new", "won", "end"], "amount": np.nan, "n": [5, 3, 1, 7]})
    chart = charts.bridge(bars.assign(kind=["total", "in", "out", "total"]), **SAID[locale])
    assert list(chart.data[0].x) == [5.0, 3.0, -1.0, 7.0]
    assert list(chart.data[0].base) == [0.0, 5.0, 8.0, 0.0]
    assert title(chart) == said
    assert "€" not in chart.to_json()


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=6), st.integers(0, 5000))
def test_each_bar_of_the_bridge_begins_where_the_last_one_ended(changes, start):
    moves = {f"move_{place}": float(change) for place, change in enumerate(changes)}
    rows = pd.DataFrame({"bar": ["start", *moves, "end"], "amount": [start, *moves.values(), start + sum(changes)]})
    trace = charts.bridge(rows.assign(n=1), **EN).data[0]
    ends = [base + length for base, length in zip(trace.base, trace.x, strict=True)]
    assert trace.base[0] == 0
    assert trace.base[-1] == 0
    assert list(trace.base[1:-1]) == pytest.approx(ends[:-2])
    assert ends[-1] == pytest.approx(ends[-2])


def test_an_axis_that_does_not_begin_at_zero_says_so():
    near = charts.bridge(make_bars(start=1000.0, new=20.0, won=-30.0, end=990.0), **EN)
    far = charts.bridge(make_bars(start=100.0, new=80.0, won=-30.0, end=150.0), **EN)
    assert "begins at €" in near.layout.xaxis.title.text
    assert near.layout.xaxis.range[0] > 0
    assert far.layout.xaxis.range[0] == 0
    assert far.layout.xaxis.title.text is None


def test_intervals_are_drawn_with_their_n_and_a_missing_end_is_not():
    chart = charts.dwell(make_stages(), **EN)
    assert list(chart.data[0].error_x.array) == [2.0, 0.0]
    assert list(chart.data[0].error_x.arrayminus) == [2.0, 5.0]
    assert "n = 90" in chart.data[0].hovertext[0]


def test_the_running_month_is_pale_and_not_judged():
    months = pd.DataFrame({"month": [f"2017-0{month}" for month in range(4, 10)], "won_count": 1})
    months["won_amount"] = [0.0, 5.0, 15.0, 10.0, 20.0, 1.0]
    chart = charts.won_by_month(months, unfinished="2017-09", **EN)
    assert title(chart) == "Aug 2017 won €20, 100% above the mean of the months before"
    assert chart.data[0].marker.color[5] != chart.data[0].marker.color[4]


def test_a_month_is_not_compared_with_months_before_the_data_began():
    months = pd.DataFrame({"month": ["2017-06", "2017-07", "2017-08"], "won_count": 1, "won_amount": [0.0, 1.0, 99.0]})
    assert title(charts.won_by_month(months, **EN)) == "Aug 2017 won €99"


def test_pacing_compares_on_the_same_day():
    rows = [("Q1", 1, 10.0), ("Q1", 2, 20.0), ("Q1", 3, 90.0), ("Q2", 1, 5.0), ("Q2", 2, 30.0)]
    frame = pd.DataFrame(rows, columns=["period", "day", "amount"])
    assert "50% ahead" in title(charts.pacing(frame, current="Q2", **EN))


def test_the_target_is_marked_where_it_is_known():
    frame = pd.DataFrame(
        {"slice": ["East"], "won_amount": [1.0], "weighted_amount": [2.0], "open_amount": [4.0], "open_count": [1]}
    )
    assert len(charts.breakdown(frame, **EN).data) == 2
    assert len(charts.breakdown(frame.assign(target=9.0), **EN).data) == 3
    pale = charts.breakdown(frame.assign(weighted_amount=np.nan), **EN)
    assert list(pale.data[1].x) == [4.0]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_chart_says_so_when_there_is_nothing_to_show(locale):
    said, none = SAID[locale], make_stages().iloc[:0]
    empty = pd.DataFrame(columns=["slice", "month", "won_amount", "bar", "amount", "n", "period", "day"])
    made = [
        charts.funnel(none, **said),
        charts.conversion(none, **said),
        charts.dwell(none, **said),
        charts.stage_odds(none, **said),
        charts.breakdown(empty, **said),
        charts.won_by_month(empty, **said),
        charts.pacing(empty, current="x", **said),
        charts.bridge(empty, **said),
    ]
    assert all(not chart.data and chart.layout.annotations[0].text for chart in made)


@given(st.floats(0.01, 1e12), st.integers(2, 8))
def test_ticks_are_round_cover_the_range_and_are_few(high, count):
    ticks = nice_ticks(0.0, high, count=count)
    steps = np.diff(ticks)
    assert ticks[0] == 0.0
    assert ticks[-1] <= high * (1 + 1e-9)
    assert len(ticks) <= count + 1
    assert np.allclose(steps, steps[0]) if len(steps) else True


def test_long_names_stand_above_their_bars():
    frame = pd.DataFrame({"name": ["A name that is far too long to stand beside a bar on a phone"], "n": [1.0]})
    chart = charts.bars(frame, label="name", value="n", title="t", write=str)
    assert chart.layout.yaxis.visible is False
    assert chart.layout.annotations[0].text.startswith("A name")
    assert chart.layout.meta["oppnb"]["narrow"]["height"] > chart.layout.height


def test_nothing_is_registered_with_plotly_and_the_figure_is_plain_json():
    import plotly.io as pio

    before = list(pio.templates)
    chart = charts.funnel(make_stages(), **EN)
    assert list(pio.templates) == before
    assert type(chart).__name__ == "Figure"
    assert "http" not in json.dumps(json.loads(chart.to_json()))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["main", "up", "down", "target", "neutral"])
@pytest.mark.parametrize("page", ["#ffffff", "#16191d"])
def test_colours_stand_out_on_white_and_on_dark(name, page):
    light, dark = sorted([_luminance(charts.COLOURS[name]), _luminance(page)], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3.0
