"""The bridge's Python half: what it takes, what it says to others, what is left of it without a kernel."""

from dataclasses import replace

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, ParameterError, UsageError
from oppnb.review import build_bridge
from oppnb.widgets import PipelineBridge, Selection
from oppnb.widgets.slice_values import check_values, known_on
from tests.widgets.conftest import small_review


def test_bars_are_those_of_the_report(review):
    bridge = PipelineBridge(review)
    pd.testing.assert_frame_equal(bridge.bridge.bars, review.bridge().bars)
    start = next(bar for bar in bridge.state["chart"]["bars"] if bar["key"] == "start")
    assert start["to"] == review.bridge().amount("start")


def test_a_slice_and_days_set_from_python_give_the_bridge_that_the_room_builds(review):
    bridge = PipelineBridge(review, period="all")
    bridge.ask(start="2024-12-31", slice={"region": "East"})
    before, after = (review.snapshot_on(pd.Timestamp(day).date()) for day in ("2024-12-31", "2025-03-31"))
    zone = review.workspace.calendar.time_zone
    expected = build_bridge(before, after, slice_of={"region": "East"}, time_zone=zone)
    pd.testing.assert_frame_equal(bridge.bridge.bars, expected.bars)
    assert (bridge.start.isoformat(), bridge.slice, bridge.period) == ("2024-12-31", {"region": "East"}, "all")


def test_attributes_may_be_set_one_by_one_and_watched(review):
    bridge, seen = PipelineBridge(review), []
    bridge.observe(lambda change: seen.append(change.new), names=["start", "slice"])
    bridge.start = "2025-02-28"
    bridge.slice = {"region": "East"}
    assert bridge.start.isoformat() == "2025-02-28"
    assert seen[-1] == {"region": "East"}


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("start", "2025-03-31", ParameterError),
        ("end", "2030-01-01", ParameterError),
        ("slice", {"regoin": "East"}, ColumnMissingError),
        ("slice", {"region": "Eats"}, ParameterError),
        ("chosen_bar", "wonn", UsageError),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_changes(review, name, value, error):
    bridge = PipelineBridge(review)
    before, state = getattr(bridge, name), bridge.state
    with pytest.raises(error):
        setattr(bridge, name, value)
    assert getattr(bridge, name) == before
    assert bridge.state == state


def test_a_value_that_no_deal_has_is_refused_with_the_nearest(review):
    with pytest.raises(ParameterError, match=r"No deal has 'Eats' in 'region'\. Did you mean 'East'\?"):
        PipelineBridge(review, slice={"region": "Eats"})
    with pytest.raises(ParameterError, match=f"There are: {min(review.snapshot['region'].dropna())}"):
        PipelineBridge(review, slice={"region": "qqqq"})


def test_a_value_that_deals_had_on_one_of_the_days_alone_is_none_to_refuse(review):
    days = (pd.DataFrame({"owner_id": ["U2"]}), pd.DataFrame({"owner_id": ["U1"]}))
    check_values({"owner_id": "U1"}, iter(days))
    check_values({"owner_id": "U1"}, [pd.DataFrame({"owner_id": pd.Series([None], dtype="str")})])
    earlier = known_on(review, review.as_of, pd.Timestamp("2024-12-31").date())
    assert [len(day) for day in earlier] == [
        len(review.snapshot),
        len(review.previous),
        len(review.snapshot_on(pd.Timestamp("2024-12-31").date())),
    ]


def test_an_unknown_keyword_names_the_nearest(review):
    with pytest.raises(TypeError, match=r"no 'strat'\. Did you mean 'start'"):
        PipelineBridge(review, strat="2025-01-01")


def test_a_chosen_bar_shows_and_selects_its_deals(review):
    chosen = Selection()
    bridge = PipelineBridge(review, selection=chosen, period="all")
    bridge.chosen_bar = "new"
    behind = tuple(sorted(bridge.bridge.behind("new")["opportunity_id"]))
    assert behind
    assert bridge.selected_ids == chosen.opportunity_ids == behind
    assert set(bridge.to_table()["bar"]) == {"new"}
    bridge.chosen_bar = None
    assert chosen.opportunity_ids is None


def test_deals_chosen_elsewhere_are_bridged_alone(review):
    chosen = Selection()
    bridge = PipelineBridge(review, selection=chosen, period="all")
    other = PipelineBridge(review, selection=chosen, period="all")
    bridge.chosen_bar = "new"
    bars = other.bridge.bars.set_index("bar")["n"]
    assert bars["new"] == bars["end"] == len(chosen.opportunity_ids)
    assert bars["start"] == 0
    assert other.state["following"]["n"] == str(len(chosen.opportunity_ids))
    other.show_all()
    assert chosen.opportunity_ids is None
    pd.testing.assert_frame_equal(other.bridge.bars, build_all(review))


def build_all(review):
    return PipelineBridge(review, period="all").bridge.bars


def test_a_filter_of_the_table_narrows_what_is_selected(review):
    bridge = PipelineBridge(review, period="all")
    bridge.chosen_bar = "new"
    n = len(bridge.selected_ids)
    bridge.filter_rows("deals", "amount", "> 50000")
    kept = bridge.bridge.behind("new").query("amount > 50000")["opportunity_id"]
    assert bridge.selected_ids == bridge.selection.opportunity_ids == tuple(sorted(kept))
    assert 0 < len(kept) < n


def test_a_command_that_cannot_be_done_is_told_in_words_without_a_traceback(review):
    bridge = PipelineBridge(review)
    sent = []
    bridge.send = sent.append
    bridge._on_message(
        bridge, {"do": "choose_days", "call": 7, "with": {"start": "2025-03-31", "end": "2025-01-01"}}, []
    )
    assert "must be before" in bridge.error
    assert sent == [{"answer": 7, "failed": True}]
    bridge._on_message(bridge, {"do": "choose_bar", "call": 8, "with": {"bra": "won"}}, [])
    assert "does not take 'bra'" in bridge.error
    bridge._on_message(bridge, {"do": "choose_bar", "call": 9, "with": {"bar": "won"}}, [])
    assert bridge.error == ""


def test_without_a_kernel_its_finding_figure_and_table_are_left_and_text_is_text(review):
    bridge = PipelineBridge(review, period="all")
    view = bridge.table("deals")
    bridge.keep_table("deals", replace(view, frame=view.frame.assign(name="<script>alert(1)</script>")))
    data, _ = bridge._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "data:image/svg+xml" in data["text/html"]
    assert "&lt;script&gt;" in data["text/html"]
    assert "<script" not in data["text/html"]
    assert "The pipeline" in data["text/plain"]


def test_says_it_in_chinese(review):
    bridge = PipelineBridge(small_review("zh_CN"))
    assert bridge.texts["start"] == "起始日"
    assert bridge.state["chart"]["bars"][0]["label"] not in ("start", "Start")
