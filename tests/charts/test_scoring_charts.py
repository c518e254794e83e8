"""Charts of probabilities: frames in, the finding as title, nothing that is not in the frame."""

import html
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb import charts
from oppnb.locale import Formats, Words

SAID = {locale: {"words": Words(locale), "formats": Formats(locale)} for locale in ("en", "zh_CN")}
EN = SAID["en"]


def title(chart) -> str:
    return html.unescape(chart.layout.title.text).replace("\u2060", "")


def make_groups(**columns) -> pd.DataFrame:
    frame = {"stated": [0.2, 0.6], "observed": [0.25, 0.4], "low": [0.1, 0.3], "high": [0.4, 0.5], "n_deals": [40, 60]}
    return pd.DataFrame({**frame, **columns})


def make_models() -> pd.DataFrame:
    rows = [("Ridge", False, 0.5), ("Base rate", True, 0.7), ("Set odds", True, 0.6), ("Unknown", False, np.nan)]
    frame = pd.DataFrame(rows, columns=["model", "is_baseline", "log_loss"])
    return frame.assign(log_loss_low=frame["log_loss"] - 0.05, log_loss_high=frame["log_loss"] + 0.05)


def make_tenths(n: int = 10) -> pd.DataFrame:
    observed = np.linspace(0.9, 0.1, n)
    share = observed.cumsum() / observed.sum()
    lift = observed / 0.5
    frame = {"decile": range(1, n + 1), "n_deals": 30, "observed": observed, "lift": lift, "share_of_wins": share}
    return pd.DataFrame(frame).assign(lift_low=lift - 0.1, lift_high=lift + 0.1)


def make_curve() -> pd.DataFrame:
    days = pd.date_range("2025-01-31", periods=6, freq="30D")
    return pd.DataFrame({"on": days, "won": np.linspace(0.1, 0.5, 6), "lost": np.linspace(0.05, 0.3, 6)})


def test_reliability_says_where_what_was_stated_did_not_happen():
    assert title(charts.reliability(make_groups(), **EN)) == (
        "In 1 of 2 groups what was stated lies outside what was observed; furthest off: 60% stated, 40% observed"
    )
    assert title(charts.reliability(make_groups(high=[0.4, 0.7]), **EN)).startswith("In all 2 groups")


def test_reliability_draws_intervals_the_diagonal_and_n():
    diagonal, dots, counts = charts.reliability(make_groups(), **EN).data
    assert list(diagonal.x) == list(diagonal.y)
    assert list(dots.error_y.array) == pytest.approx([0.15, 0.1])
    assert list(counts.y) == [40, 60]
    assert len(charts.reliability(make_groups(), is_small=True, **EN).data) == 2


def test_models_stand_by_their_loss_and_baselines_apart():
    chart = charts.evaluation(make_models(), chosen="Ridge", **EN)
    assert title(chart) == "Ridge: log loss 0.500; best baseline, Set odds: 0.600"
    models, baselines = chart.data
    assert (list(models.y), list(baselines.y)) == ([0], [1, 2])
    assert models.marker.color != baselines.marker.color
    assert "Unknown" not in chart.to_json()


def test_lift_says_what_the_best_tenths_hold():
    chart = charts.lift(make_tenths(), **EN)
    assert title(chart) == "The best three tenths hold 49% of all wins"
    assert chart.layout.shapes[0].y0 == pytest.approx(0.5)
    assert title(charts.lift(make_tenths(2), **EN)) == "The best of 2 groups was won 90% of the time, the last 10%"


def test_won_open_and_lost_fill_every_day():
    won, still, lost = charts.probability_curve(make_curve(), **EN).data
    assert np.allclose(np.array(won.y) + np.array(still.y) + np.array(lost.y), 1.0)
    assert title(charts.probability_curve(make_curve(), ever=0.6, **EN)) == "Won by Jun 30, 2025: 50%; won at all: 60%"


@given(st.floats(0.05, 0.5), st.lists(st.floats(-0.05, 0.05), min_size=1, max_size=7))
def test_each_reason_begins_where_the_last_one_ended_and_the_last_bar_is_the_sum(base, values):
    frame = pd.DataFrame({"label": [f"reason {n}" for n in range(len(values))], "value": values})
    bars = charts.contributions(frame, base=base, **EN).data[0]
    ends = [start + length for start, length in zip(bars.base, bars.x, strict=True)]
    assert list(bars.base[1:-1]) == pytest.approx(ends[:-2], abs=1e-8)
    assert bars.x[-1] == pytest.approx(min(max(base + sum(values), 0.0), 1.0))


def test_a_waterfall_writes_the_points_it_is_given():
    frame = pd.DataFrame({"label": ["stage", "contact"], "value": [0.204, -0.05], "points": [21, -5]})
    chart = charts.contributions(frame, base=0.3, **EN)
    assert title(chart) == "45% rather than 30%, most of all through stage (+21 points)"


def test_on_a_phone_long_reasons_stand_in_full_above_their_bars():
    long = "contacts' stance 0.6 (from -1 against to 1 for us), who decide about this purchase together"
    unknown = "没有联系人的立场记录，也没有记录决策者、影响者或支持者中的任何一位"
    frame = pd.DataFrame({"label": [long, unknown], "value": [0.2, -0.05]})
    narrow = charts.contributions(frame, base=0.3, **EN).layout.meta["oppnb"]["narrow"]
    told = [note["text"].replace("<br>", " ") for note in narrow["annotations"]]
    assert told[1] == long
    assert "…" not in told[2]
    assert narrow["yaxis.visible"] is False
    lines = max(note["text"].count("<br>") + 1 for note in narrow["annotations"])
    assert narrow["height"] / 4 > 16 * (lines + 1)


def test_distribution_says_where_deals_differ_most():
    frame = pd.DataFrame({"stage": ["Demo"] * 4 + ["Offer"] * 2, "p": [0.1, 0.2, 0.5, 0.9, 0.7, 0.7]})
    chart = charts.distribution(frame, label="stage", value="p", **EN)
    assert title(chart) == "Within Demo the middle half runs from 18% to 60%"
    assert list(chart.data[0].median) == [0.35, 0.7]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_chart_says_so_when_there_is_nothing_to_show(locale):
    said = SAID[locale]
    made = [
        charts.reliability(make_groups().iloc[:0], **said),
        charts.evaluation(make_models().iloc[:0], **said),
        charts.lift(make_tenths().iloc[:0], **said),
        charts.probability_curve(make_curve().iloc[:0], **said),
        charts.contributions(pd.DataFrame(columns=["label", "value"]), base=0.3, **said),
        charts.distribution(pd.DataFrame(columns=["stage", "p"]), label="stage", value="p", **said),
    ]
    assert all(not chart.data and chart.layout.annotations[0].text for chart in made)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_names_from_the_data_are_text(locale):
    said, hostile = SAID[locale], "<b>x</b>$$"
    made = [
        charts.evaluation(make_models().assign(model=hostile), **said),
        charts.contributions(pd.DataFrame({"label": [hostile], "value": [0.1]}), base=0.3, **said),
        charts.distribution(pd.DataFrame({"stage": [hostile], "p": [0.1]}), label="stage", value="p", **said),
    ]
    for chart in made:
        text = json.dumps(json.loads(chart.to_json()), ensure_ascii=False)
        assert "<b>" not in text
        assert "$$" not in text
