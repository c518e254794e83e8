"""Processes proposed from the data."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.stages import propose_processes, stage_presets, with_processes
from oppnb.stages.ordering import order_stages
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace

DAY = pd.Timestamp("2025-01-01")


def tables(stages, history=(), **columns):
    deals = pd.DataFrame({"opportunity_id": [f"d{i}" for i in range(len(stages))], "stage": stages, **columns})
    frames = {"opportunities": deals}
    if history:
        frames["opportunity_history"] = pd.DataFrame(
            [
                {"opportunity_id": key, "stage": stage, "changed_at": DAY + pd.Timedelta(days=day)}
                for key, stage, day in history
            ]
        )
    return Tables(frames)


def stages_of(process):
    return [(stage.name, stage.outcome) for stage in process.stages]


def test_take_a_preset_that_holds_every_stage_and_keep_the_names_of_the_data():
    (process,) = propose_processes(tables(["谈判签约", "线索挖掘", "需求确认", "赢单", "输单"]))
    assert process.preset == "set_odds_10_30_50_80"
    assert [stage.name for stage in process.stages] == ["线索挖掘", "需求确认", "Proposal", "谈判签约", "赢单", "输单"]
    assert [stage.odds for stage in process.stages] == [0.1, 0.3, 0.5, 0.8, 1, 0]
    assert "Lead" in process.stages[0].aliases


@pytest.mark.parametrize("name", sorted(stage_presets()))
def test_know_each_preset_by_its_own_stages(name):
    preset = stage_presets()[name]
    (process,) = propose_processes(tables([stage.name for stage in preset.stages]))
    assert [stage.odds for stage in process.stages] == [stage.odds for stage in preset.stages]


def test_order_unknown_stages_as_deals_walked_through_them_and_set_no_odds():
    history = [("d0", "Alpha", 9), ("d0", "Zulu", 1), ("d1", "Zulu", 2), ("d1", "Mike", 3), ("d1", "Alpha", 4)]
    (process,) = propose_processes(tables(["Alpha", "Mike", "Won", "Lost"], history))
    assert stages_of(process) == [
        ("Zulu", "open"),
        ("Mike", "open"),
        ("Alpha", "open"),
        ("Won", "won"),
        ("Lost", "lost"),
    ]
    assert [stage.odds for stage in process.stages] == [None, None, None, 1, 0]


def test_order_by_known_words_without_a_history():
    (process,) = propose_processes(tables(["Vertrag/Contract", "Blue", "Engaging", "Prospecting"]))
    assert [stage.name for stage in process.stages] == ["Prospecting", "Engaging", "Vertrag/Contract", "Blue"]


def test_believe_the_outcomes_of_the_data_more_than_the_words():
    (process,) = propose_processes(tables(["A_APPROVED", "A_OPEN"], outcome=["won", "open"]))
    assert stages_of(process) == [("A_OPEN", "open"), ("A_APPROVED", "won")]


def test_make_one_process_for_each_that_the_data_names_the_largest_first():
    found = propose_processes(tables(["Blue", "Red", "Red"], process=["b", "a", None]))
    assert [process.name for process in found] == ["a", "b"]
    assert stages_of(found[0]) == [("Red", "open")]


def test_join_spellings_of_a_stage_that_differ_in_case_and_width():
    (process,) = propose_processes(tables(["Blue", "Blue", "BLUE", "Ｂlue"]))
    assert [(stage.name, stage.aliases) for stage in process.stages] == [("Blue", ["Ｂlue"])]


def test_leave_a_workspace_with_processes_alone():
    workspace = parse_workspace("processes: [{name: p, stages: [{name: Blue}]}]")
    assert with_processes(workspace, tables(["Red"])) is workspace
    assert with_processes(Workspace(), tables(["Red"])).processes[0].stages[0].name == "Red"


@given(st.permutations(["A", "B", "C", "D", "E"]), st.integers(1, 4))
def test_find_the_order_again_from_deals_that_each_walked_a_part_of_it(order, length):
    entries = pd.DataFrame(
        [
            {"opportunity_id": f"d{start}", "stage": stage, "entered_at": DAY + pd.Timedelta(days=place)}
            for start in range(5)
            for place, stage in enumerate(order[start : start + length + 1])
        ]
    )
    found = order_stages(sorted(order), entries)
    if length == 4:
        assert found == tuple(order)
    assert sorted(found) == sorted(order)
