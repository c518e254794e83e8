"""The funnel's Python half: its figures are the report's, what is chosen is said to others, and a twin is left."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, UsageError
from oppnb.review import build_funnel_by, moves_between, open_review
from oppnb.tables import Tables
from oppnb.widgets import FunnelExplorer, PipelineBridge, Selection
from tests.widgets.conftest import small_review

EVIL = "<img src=x onerror='window.hacked = true'>"


def chart(explorer, key):
    return next(one for one in explorer.state["charts"] if one["key"] == key)


def test_figures_are_those_of_the_report(review):
    explorer = FunnelExplorer(review)
    report = review.funnel().query("process == @explorer.process").reset_index(drop=True)
    pd.testing.assert_frame_equal(explorer.funnel[report.columns], report)
    rows = chart(explorer, "conversion")["spec"]["rows"]
    assert [row["value"] for row in rows] == report["conversion"].tolist()
    lost = review.leakage().query("process == @explorer.process")
    assert [row["value"] for row in chart(explorer, "lost")["spec"]["rows"]] == lost["lost_share"].tolist()


def test_by_an_attribute_is_the_table_of_the_review(review):
    explorer = FunnelExplorer(review, by="region")
    expected = build_funnel_by(review.inputs, "region").query("process == @explorer.process")
    pd.testing.assert_frame_equal(explorer.slices, expected.reset_index(drop=True))
    explorer.chosen_stage = "Proposal"
    assert explorer.state["by"]["title"].startswith("Proposal by Region")
    shown = explorer.table("slices").frame
    of_stage = expected[expected["stage"] == "Proposal"].set_index("slice")["conversion"]
    assert shown.set_index("slice")["conversion"].to_dict() == of_stage.to_dict()


def test_it_says_where_it_leaks_with_n_and_interval(review):
    explorer = FunnelExplorer(review)
    worst = explorer.leakage.sort_values("lost_share").iloc[-1]
    said = explorer.state["found"]["leaks"][0]
    assert worst["stage"] in said
    assert f"{worst['n_left']} stays" in said
    assert f"{review.formats.share(worst['low'])} – {review.formats.share(worst['high'])}" in said


def test_a_stage_chooses_those_that_entered_it_and_tells_the_others(review):
    chosen = Selection()
    explorer = FunnelExplorer(review, selection=chosen)
    explorer.chosen_stage = "Proposal"
    assert len(explorer.selected_ids) == explorer.funnel.set_index("stage")["n_entered"]["Proposal"]
    assert chosen.opportunity_ids == explorer.selected_ids
    assert chosen.label == "entered Proposal in the last year"
    explorer.chosen_flow = ("Proposal", "@lost")
    flow = explorer.flows.query("origin == 'Proposal' and target == '@lost'")
    assert explorer.chosen_stage is None
    assert len(explorer.selected_ids) == len(explorer.to_table()) == flow["n"].iloc[0]
    explorer.chosen_flow = None
    assert chosen.opportunity_ids is None


def test_the_snapshot_view_is_of_those_that_stand_there(review):
    explorer = FunnelExplorer(review, view="snapshot")
    moves = moves_between(review.previous, review.snapshot).query("process == @explorer.process")
    pd.testing.assert_frame_equal(explorer.to_table(), moves.sort_values("opportunity_id", ignore_index=True))
    explorer.chosen_stage = "Proposal"
    assert len(explorer.selected_ids) == explorer.funnel.set_index("stage")["count"]["Proposal"]
    assert [one["key"] for one in explorer.state["charts"]] == ["count", "heads", "dwell"]


def test_a_value_narrows_everything_and_is_held_against_every_deal(review):
    chosen = Selection()
    explorer = FunnelExplorer(review, by="region", selection=chosen)
    explorer.value = "East"
    east = set(review.snapshot.query("region == 'East'")["opportunity_id"])
    assert explorer.selected_ids
    assert set(explorer.selected_ids) <= east
    assert chosen.opportunity_ids == explorer.selected_ids
    whole = review.funnel().query("process == @explorer.process")["conversion"].tolist()
    assert [row["reference"] for row in chart(explorer, "conversion")["spec"]["rows"]] == whole
    explorer.by = "owner_id"
    assert explorer.value is None
    assert chosen.opportunity_ids is None


def test_deals_chosen_elsewhere_are_funnelled_alone(review):
    chosen = Selection()
    explorer = FunnelExplorer(review, selection=chosen)
    bridge = PipelineBridge(review, period="all", selection=chosen)
    bridge.chosen_bar = "new"
    assert set(explorer.selected_ids) <= set(chosen.opportunity_ids)
    assert explorer.state["following"]["n"] == str(len(chosen.opportunity_ids))
    explorer.show_all()
    assert chosen.opportunity_ids is None
    assert explorer.state["following"] is None


def test_attributes_may_be_watched(review):
    explorer, seen = FunnelExplorer(review), []
    explorer.observe(lambda change: seen.append(change.new), names=["view", "by", "chosen_stage"])
    explorer.view = "snapshot"
    explorer.by = "region"
    explorer.chosen_stage = "Lead"
    assert seen == ["snapshot", "region", "Lead"]


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("view", "snapshto", UsageError, "'snapshot'"),
        ("by", "regoin", ColumnMissingError, "'region'"),
        ("process", "renewals", UsageError, "'renewal'"),
        ("chosen_stage", "Propsal", UsageError, "'Proposal'"),
        ("chosen_flow", ("Propsal", None), UsageError, "'Proposal'"),
        ("value", "East", UsageError, "set 'by' first"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_changes(review, name, value, error, words):
    explorer = FunnelExplorer(review)
    before, state = getattr(explorer, name), explorer.state
    with pytest.raises(error, match=words):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before
    assert explorer.state == state


def test_an_unknown_keyword_names_the_nearest(review):
    with pytest.raises(TypeError, match=r"no 'veiw'\. Did you mean 'view'"):
        FunnelExplorer(review, veiw="cohort")


def test_the_same_stage_again_lets_go_and_a_fault_is_told_in_words(review):
    explorer, sent = FunnelExplorer(review), []
    explorer.send = sent.append
    for call in (1, 2):
        explorer._on_message(explorer, {"do": "choose_stage", "call": call, "with": {"stage": "Lead"}}, [])
    assert explorer.chosen_stage is None
    explorer._on_message(explorer, {"do": "choose_by", "call": 3, "with": {"by": "regoin"}}, [])
    assert "The nearest is 'region'" in explorer.error
    assert sent[-1] == {"answer": 3, "failed": True}


def deals_only(n):
    """Open deals without a history."""
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"D{at}" for at in range(n)],
            "name": [EVIL] * n,
            "stage": ["Demo"] * n,
            "amount": [100.0] * n,
            "created_at": pd.Timestamp("2025-01-05"),
        }
    ).astype({"opportunity_id": "str", "name": "str", "stage": "str", "created_at": "datetime64[us]"})
    return Tables({"opportunities": deals}, exported_on=date(2025, 2, 1))


def test_without_history_it_shows_what_stands_and_one_deal_is_enough():
    explorer = FunnelExplorer(open_review(deals_only(1)))
    assert explorer.view == "snapshot"
    assert explorer.selected_ids == ("D0",)
    explorer.view = "cohort"
    assert explorer.selected_ids == ()
    assert explorer.state["found"]["title"]


def test_without_a_kernel_its_finding_figure_and_table_are_left_and_text_is_text(review):
    explorer = FunnelExplorer(review, by="region")
    data, _ = explorer._repr_mimebundle_()
    assert "data:image/svg+xml" in data["text/html"]
    assert "Go on in the end" in data["text/html"]
    assert data["text/plain"] == explorer.state["found"]["title"]
    view = explorer.table("deals")
    explorer.keep_table("deals", replace(view, frame=view.frame.assign(name=EVIL)))
    assert "<img src" not in explorer._repr_mimebundle_()[0]["text/html"]


def test_says_it_in_chinese():
    explorer = FunnelExplorer(small_review("zh_CN"))
    assert explorer.texts["found"] == "流失在哪里"
    assert "仍在该阶段" in [node["label"] for node in explorer.state["flow"]["nodes"]]


def test_whoever_chooses_narrows_what_another_chose_before_and_gives_it_back(review):
    both = Selection()
    bridge = PipelineBridge(review, period="all", selection=both)
    explorer = FunnelExplorer(review, selection=both)
    bridge.chosen_bar = "new"
    new = both.opportunity_ids
    assert explorer.followed_ids == new
    explorer.chosen_stage = next(name for name in explorer.funnel["stage"] if isinstance(name, str))
    assert (both.source, both.opportunity_ids) == (explorer.model_name, explorer.selected_ids)
    assert set(both.opportunity_ids) < set(new)
    assert (bridge.followed_ids, bridge.chosen_bar) == (both.opportunity_ids, None)
    explorer.chosen_stage = None
    assert both.opportunity_ids == new
    explorer.show_all()
    assert (both.opportunity_ids, bridge.followed_ids, explorer.followed_ids) == (None, None, None)


def test_chosen_deals_that_are_not_in_the_funnel_are_counted(review):
    chosen = Selection()
    explorer = FunnelExplorer(review, selection=chosen)
    here = sorted(set(explorer._frames.rows["opportunity_id"].astype(str)))[:2]
    away = sorted(set(review.snapshot["opportunity_id"].astype(str)) - set(explorer._frames.rows["opportunity_id"]))[:3]
    chosen.choose([*here, *away], by="somebody")
    assert "3 of the 5 chosen deals are not among them" in explorer.state["about"]
    chosen.choose(here, by="somebody")
    assert "chosen" not in explorer.state["about"]
