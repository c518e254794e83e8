"""The stage configurator's Python half: it shows what reports say, changes, undoes, saves, and refuses."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from oppnb.errors import UsageError, WorkspaceError
from oppnb.metrics import MetricInputs, measure
from oppnb.review import open_review
from oppnb.stages import lint_stages, observed_odds, odds_to_take
from oppnb.widgets import Selection, StageConfigurator
from oppnb.workspace import Stage, read_workspace
from tests.widgets.configured import SAMPLE, configured_review


@pytest.fixture
def review():
    return configured_review()


@pytest.fixture
def file(tmp_path):
    return Path(shutil.copy(SAMPLE, tmp_path / "oppnb.yaml"))


@pytest.fixture
def configurator(review, file):
    return StageConfigurator(review, path=file)


def again(configurator):
    """The same pipeline reviewed afresh with the drafted configuration."""
    review = configurator.review
    return open_review(
        review.tables, as_of=review.as_of, compare_to=review.compare_to, workspace=configurator.workspace
    )


def test_shows_the_odds_of_the_report_and_changes_nothing_by_itself(configurator):
    review = again(configurator)
    shown = configurator.to_table()[list(review.stage_odds().columns)]
    pd.testing.assert_frame_equal(shown, review.stage_odds())
    assert configurator.diff == ""
    assert configurator.weighted["before"] == configurator.weighted["after"]
    assert configurator.findings == lint_stages(
        review.workspace, tables=review.tables, odds=review.odds, spells=review.spells
    )


def test_after_any_change_its_figures_are_those_of_a_review_of_the_new_configuration(configurator):
    configurator.merge("Qualified", "Proposal")
    configurator.rename("Lead", "Enquiry")
    configurator.add("Trial", process="new_business", at=2, odds=0.2)
    configurator.move("Trial", 1)
    configurator.set_odds("Proposal", 0.35)
    review = again(configurator)
    pd.testing.assert_frame_equal(
        configurator.to_table()[list(review.odds.columns)],
        observed_odds(review.snapshot, review.spells, workspace=review.workspace),
    )
    inputs = MetricInputs(snapshot=review.snapshot, period=review.period, as_of=review.as_of, odds=review.odds)
    for variant, name in (("set_odds", "after"), ("observed_odds", "observed")):
        told = measure("weighted_pipeline", inputs, variant=variant)["value"].iloc[0]
        assert configurator.weighted[name] == pytest.approx(told, abs=0.005)
    assert configurator.findings == lint_stages(
        review.workspace, tables=review.tables, odds=review.odds, spells=review.spells
    )


def test_saves_what_is_drafted_with_comments_kept_and_can_go_back_even_then(configurator, file):
    text = file.read_text(encoding="utf-8")
    configurator.rename("Proposal", "Quote")
    configurator.set_odds("Quote", 0.41)
    assert "+        odds: 0.41" in configurator.diff
    configurator.save()
    assert read_workspace(file).processes == configurator.workspace.processes
    saved = file.read_text(encoding="utf-8")
    assert saved.startswith(text[: text.index("version")])
    assert "- name: Quote\n        odds: 0.41\n" in saved
    assert configurator.diff == ""
    configurator.undo()
    configurator.undo()
    configurator.save()
    assert file.read_text(encoding="utf-8") == text
    configurator.redo()
    assert configurator.stages["new_business"][2].names[:2] == ("Quote", "Proposal")


def test_refuses_to_save_over_what_somebody_else_wrote_until_it_is_read_again(configurator, file):
    configurator.set_odds("Lead", 0.2)
    other = file.read_text(encoding="utf-8").replace("odds: 0.3", "odds: 0.33")
    file.write_text(other, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="changed by somebody else since it was read"):
        configurator.save()
    assert file.read_text(encoding="utf-8") == other
    assert configurator.state["is_stale"]
    configurator.reload()
    assert configurator.diff == ""
    assert [stage.odds for stage in configurator.stages["new_business"]][:2] == [0.1, 0.33]
    configurator.set_odds("Lead", 0.2)
    configurator.save()
    assert read_workspace(file).processes[0].stages[0].odds == 0.2


def test_without_a_file_it_says_so_and_writes_where_it_is_told(review, tmp_path):
    configurator = StageConfigurator(review)
    with pytest.raises(UsageError, match="Name it"):
        configurator.save()
    configurator.save(tmp_path / "new.yaml")
    assert read_workspace(tmp_path / "new.yaml").processes == configurator.workspace.processes
    configurator.set_odds(configurator.stages[configurator.process][0].name, 0.5, process=configurator.process)
    configurator.save()
    assert read_workspace(tmp_path / "new.yaml").processes == configurator.workspace.processes


def test_another_file_with_stages_of_its_own_is_not_overwritten(configurator, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("processes: [{name: p, stages: [{name: A}]}]\n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="stages of its own"):
        configurator.save(str(other))


@pytest.mark.parametrize("of", ["entered", "standing"])
def test_observed_odds_are_taken_as_they_are_shown(configurator, of):
    configurator.odds_of = of
    card = configurator.state["cards"][0]
    configurator.take_observed(card["key"])
    lead = configurator.stages["new_business"][0]
    assert f"{lead.odds:.0%}" == card["observed"]["take"] == card["observed"]["text"]
    configurator.use_observed_odds()
    table = configurator.to_table()
    taken = odds_to_take(table, of=of)
    enough = taken["n"] >= 30
    assert enough.sum() >= 3
    assert (table["set_odds"] - taken["rounded"])[enough].abs().max() == 0
    configurator.undo()
    configurator.undo()
    assert configurator.diff == ""


def test_stages_may_be_read_set_and_watched(configurator):
    seen = []
    configurator.observe(lambda change: seen.append(change.new), names="stages")
    stages = configurator.stages["renewal"]
    configurator.stages = {"renewal": (Stage(name="Check", odds=0.5, aliases=["Review"]), *stages[1:])}
    assert configurator.draft.processes["renewal"][0].origin == 0
    assert set(seen[-1]) == {"new_business", "renewal"}
    before = configurator.stages
    with pytest.raises(UsageError, match="no process 'renewals'"):
        configurator.stages = {"renewals": stages}
    assert configurator.stages == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("process", "renewals", "Did you mean 'renewal'"), ("chosen_stage", "Leed", "Did you mean 'Lead'")],
)
def test_an_attribute_that_cannot_be_is_refused(configurator, name, value, said):
    before = getattr(configurator, name)
    with pytest.raises(UsageError, match=said):
        setattr(configurator, name, value)
    assert getattr(configurator, name) == before


def test_an_unknown_keyword_names_the_nearest(review):
    with pytest.raises(TypeError, match="Did you mean 'path'"):
        StageConfigurator(review, pth="oppnb.yaml")


def test_a_stage_in_which_deals_were_can_only_be_merged(configurator):
    with pytest.raises(UsageError, match="merge it into another stage"):
        configurator.remove("Lead")
    configurator.add("Trial")
    configurator.remove("Trial")
    assert configurator.diff == ""


def test_an_open_card_chooses_its_deals_and_follows_what_others_choose(review, file):
    chosen = Selection()
    configurator = StageConfigurator(review, path=file, selection=chosen)
    configurator.chosen_stage = "Lead"
    rows = review.snapshot
    lead = rows[(rows["stage"] == "Lead") & (rows["outcome"] == "open") & (rows["process"] == "new_business")]
    assert chosen.opportunity_ids == configurator.selected_ids == tuple(sorted(lead["opportunity_id"]))
    ids = list(lead["opportunity_id"])[:2]
    chosen.choose(ids, label="two")
    assert configurator.chosen_stage is None
    table = configurator.to_table().set_index("stage")
    assert table.loc["Lead", "count"] == 2
    assert configurator.state["following"] == {"n": "2", "label": "two"}
    configurator.show_all()
    assert chosen.opportunity_ids is None
    assert configurator.to_table().set_index("stage").loc["Lead", "count"] == len(lead)


def sent(configurator, do, **arguments):
    told = []
    configurator.send = told.append
    configurator._on_message(configurator, {"do": do, "call": 1, "with": arguments}, [])
    return told[-1]


@pytest.mark.parametrize(("text", "odds"), [("30", 0.3), ("12.5 %", 0.125), ("12,5", 0.125), ("", None), ("100%", 1.0)])
def test_odds_are_written_in_percent(configurator, text, odds):
    sent(configurator, "write_stage", stage="0-0", field="odds", text=text)
    assert configurator.error == ""
    assert configurator.stages["new_business"][0].odds == odds


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("odds", "much", "cannot be odds"),
        ("odds", "130", "cannot be odds"),
        ("time_limit_days", "-1", "no number of days"),
    ],
)
def test_what_cannot_be_understood_is_told_in_words(configurator, field, text, said):
    assert sent(configurator, "write_stage", stage="0-0", field=field, text=text)["failed"]
    assert said in configurator.error
    assert configurator.diff == ""


def test_without_a_kernel_odds_are_left_as_figure_and_table_and_text_is_text(configurator):
    configurator.rename("Lead", "<script>alert(1)</script>")
    data, _ = configurator._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "data:image/svg+xml" in data["text/html"]
    assert "&lt;script&gt;" in data["text/html"]
    assert "<script" not in data["text/html"]
    assert "weighted pipeline" in data["text/plain"]


def test_says_it_in_chinese(file):
    configurator = StageConfigurator(configured_review("zh_CN"), path=file)
    assert configurator.state["cards"][0]["label"] == "线索"
    assert configurator.state["title"].startswith("加权管道")
    assert configurator.texts["undo"] == "撤销"


def test_the_first_odds_are_told_as_the_first(review, tmp_path):
    file = tmp_path / "oppnb.yaml"
    file.write_text("processes: [{name: p, stages: [{name: Lead}, {name: Won, outcome: won}]}]\n", encoding="utf-8")
    bare = replace(review, workspace=review.workspace.model_copy(update={"processes": []}))
    configurator = StageConfigurator(bare, path=file)
    configurator.set_odds("Lead", 0.5)
    assert configurator.state["title"].startswith("Nothing was weighted before; the weighted pipeline is now ")


def test_a_range_is_written_the_same_way_in_both_languages(configurator, file):
    shown = configurator.state["cards"][1]["observed"]
    assert shown["note"] == f"{shown['interval']}, {shown['n']}"
    assert " – " in shown["interval"]
    other = StageConfigurator(configured_review("zh_CN"), path=file).state["cards"][1]["observed"]
    assert other["note"] == f"{shown['interval']}，{shown['n']}"


def test_a_configuration_without_odds_is_told(review, tmp_path):
    file = tmp_path / "oppnb.yaml"
    file.write_text("processes: [{name: p, stages: [{name: Lead}, {name: Won, outcome: won}]}]\n", encoding="utf-8")
    bare = replace(review, workspace=review.workspace.model_copy(update={"processes": []}))
    configurator = StageConfigurator(bare, path=file)
    assert configurator.state["title"] == "No stage has odds yet, so nothing is weighted"
    assert any("has no stage with outcome lost" in words for words in configurator.state["findings"])
