"""What a widget refuses is told in the reader's language: the messages as they are really raised."""

import re
from pathlib import Path
from shutil import copy

import pytest

from oppnb.locale import Words
from oppnb.widgets import ForecastExplorer, MappingEditor, PipelineBridge, StageConfigurator
from oppnb.widgets.refusals import told_refusal
from tests.widgets.configured import SAMPLE, configured_review
from tests.widgets.forecast_made import small_forecast, workspace_text
from tests.widgets.mapped import write_export

ENGLISH = re.compile(r"\b(the|of|is|are|was|there|file|stage|write|between|needs|cannot)\b", re.IGNORECASE)
TEXTS = sorted(Words("en").keys("widgets_refused"))


def ask(widget, do, **given):
    widget._on_message(widget, {"do": do, "call": 1, "with": given}, [])
    return widget.error


def is_chinese(told):
    said = re.sub(r"“[^”]*”|`[^`]*`", "", told)
    return bool(re.search(r"[\u4e00-\u9fff]", said)) and not ENGLISH.search(said)


@pytest.mark.parametrize("key", TEXTS)
def test_each_message_is_found_by_its_own_text_and_no_value_is_lost(key):
    english = Words("en")(f"widgets_refused.{key}")
    values = {name: f"X{at}" for at, name in enumerate(dict.fromkeys(re.findall(r"\{(\w+)\}", english)))}
    told = told_refusal(english.format(**values), Words("zh_CN"))
    assert told == Words("zh_CN")(f"widgets_refused.{key}", **values)
    assert set(re.findall(r"X\d", told)) == set(values.values())


def test_in_english_and_where_nobody_knows_it_a_message_stays():
    assert told_refusal("The moon is full.", Words("zh_CN")) == "The moon is full."
    assert told_refusal("A stage needs a name.", Words("en")) == "A stage needs a name."


@pytest.fixture
def configurator(tmp_path):
    file = Path(copy(SAMPLE, tmp_path / "oppnb.yaml"))
    return StageConfigurator(configured_review("zh_CN"), path=file)


def test_the_stage_configurator_refuses_in_chinese(configurator):
    cards = {one["name"]: one["key"] for one in configurator.state["cards"]}
    said = [
        ask(configurator, "rename_stage", stage=cards["Lead"], name="Proposal"),
        ask(configurator, "rename_stage", stage=cards["Lead"], name=" "),
        ask(configurator, "rename_stage", stage="nowhere", name="Demo"),
        ask(configurator, "merge_stages", stage=cards["Lead"], into=cards["Won"]),
        ask(configurator, "move_stage", stage=cards["Lead"], to=6),
        ask(configurator, "write_stage", stage=cards["Lead"], field="odds", text="150"),
    ]
    configurator._file.path.write_text("version: 1\n", encoding="utf-8")
    configurator.set_odds("Lead", 0.11)
    said.append(ask(configurator, "save"))
    assert [one for one in said if not is_chinese(one)] == []


def test_the_forecast_explorer_refuses_in_chinese(tmp_path):
    file = tmp_path / "oppnb.yaml"
    file.write_text(workspace_text(), encoding="utf-8")
    explorer = ForecastExplorer(small_forecast(), save_to=file, store=tmp_path / "memory", locale="zh_CN")
    number = {"deal": "", "figure": "amount", "value": "5", "who": "U1", "why": "听说", "day": ""}
    deal = {**number, "deal": explorer.selected_ids[0]}
    said = [
        ask(explorer, "type_target", text="many"),
        ask(explorer, "add_override", **{**number, "value": "plenty"}),
        ask(explorer, "add_override", **{**number, "why": " "}),
        ask(explorer, "add_override", **{**number, "who": ""}),
        ask(explorer, "add_override", **{**number, "value": "-5"}),
        ask(explorer, "add_override", **{**number, "day": "2100-01-01"}),
        ask(explorer, "add_override", **{**number, "day": "2024-13-01"}),
        ask(explorer, "add_override", **{**deal, "figure": "chance", "value": "60"}),
        ask(explorer, "add_override", **{**deal, "figure": "expected_close_on", "value": "someday"}),
        ask(explorer, "add_override", **{**deal, "figure": "expected_close_on", "value": "2001-01-01"}),
        ask(explorer, "choose_period", period="2024Q9"),
        ask(explorer, "choose_period", period="2001Q1"),
        ask(explorer, "save_scenario_as", name=""),
    ]
    assert [one for one in said if not is_chinese(one)] == []


def test_the_bridge_and_its_table_refuse_in_chinese():
    bridge = PipelineBridge(configured_review("zh_CN"))
    said = [
        ask(bridge, "choose_days", start="2025-03-31", end="2025-01-31"),
        ask(bridge, "choose_days", end="2030-01-31"),
        ask(bridge, "choose_days", start="2025-99-31"),
        ask(bridge, "choose_slice", column="nothing", value="x"),
        ask(bridge, "filter_rows", table="deals", column="amount", text="many"),
    ]
    assert [one for one in said if not is_chinese(one)] == []


def test_the_mapping_tells_what_it_needs_by_the_reader_s_names_in_both_languages(tmp_path):
    write_export(tmp_path)
    told = {}
    for locale in ("en", "zh_CN"):
        editor = MappingEditor(tmp_path / "export", locale=locale)
        editor.clear("opportunities", "stage")
        told[locale] = editor.state["problem"]
    assert told["en"] == "Opportunities cannot be read without Stage: choose its header above."
    assert told["zh_CN"] == "缺少阶段，无法读取商机：请在上面为它选择一列。"
    assert is_chinese(ask(editor, "add_table", table="opportunities", file="deals.csv"))
