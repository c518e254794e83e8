"""The presets: each can be used as it is, says where it comes from, and speaks both languages."""

import pytest

from oppnb.stages import lint_stages, stage_preset_details, stage_presets
from oppnb.workspace import Workspace

NAMES = sorted(stage_presets())


def test_are_those_that_were_published():
    assert NAMES == [
        "benchmark_60_40_30",
        "espocrm",
        "five_step_funnel",
        "four_level",
        "frappe_crm",
        "hubspot",
        "lead_to_closed",
        "salesforce",
        "set_odds_10_30_50_80",
    ]


@pytest.mark.parametrize(
    ("name", "odds"),
    [
        ("set_odds_10_30_50_80", [0.1, 0.3, 0.5, 0.8, 1, 0]),
        ("salesforce", [0.1, 0.1, 0.2, 0.5, 0.6, 0.7, 0.75, 0.9, 1, 0]),
        ("hubspot", [0.2, 0.4, 0.6, 0.8, 0.9, 1, 0]),
        ("frappe_crm", [0.1, 0.25, 0.5, 0.7, 0.9, 1, 0]),
        ("four_level", [None, None, None, None, 1, 0]),
    ],
)
def test_carry_the_odds_of_their_publisher_and_none_that_he_did_not_set(name, odds):
    assert [stage.odds for stage in stage_presets()[name].stages] == odds


@pytest.mark.parametrize("name", NAMES)
def test_name_their_origin_and_label_every_stage_in_both_languages(name):
    assert stage_preset_details()[name].origin
    process = stage_presets()[name]
    for part in (process, *process.stages):
        assert set(part.label) == {"en", "zh_CN"}


@pytest.mark.parametrize("name", NAMES)
def test_have_won_and_lost_and_odds_that_do_not_fall(name):
    rules = {finding.rule for finding in lint_stages(Workspace(processes=[stage_presets()[name]]))}
    assert not rules & {
        "process_has_a_won_stage",
        "process_has_a_lost_stage",
        "odds_do_not_fall_along_the_process",
        "won_is_1_and_lost_is_0",
    }


def test_give_the_benchmark_as_conversion_and_its_product_as_odds():
    details = stage_preset_details()["benchmark_60_40_30"]
    steps = list(details.conversion.values())
    assert steps == [0.6, 0.4, 0.3]
    assert details.process.stages[0].odds == pytest.approx(steps[0] * steps[1] * steps[2])
