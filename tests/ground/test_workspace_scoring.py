"""`scoring`, `alerts` and `store` of `oppnb.yaml`."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.workspace import parse_workspace

RULES = """
processes: [{name: new, stages: [{name: Demo}, {name: Negotiation, aliases: [谈判]}]}]
scoring:
  attribute_rules:
    - {name: large, where: {employees: {at_least: 500}}, points: 10, reason: {en: A large company, zh_CN: 大型企业}}
    - {name: east, where: {region: East}, points: 5}
  behaviour_rules:
    - {name: contact, kinds: [call, meeting], points: 3, half_life_days: 14, cap: 15}
    - {name: silence, stages: [谈判], silence_days: 14, points: -20, reason: Two weeks of silence}
  keep_fields: {contract_number: Given out at the offer here}
alerts:
  - {when: probability_fell_by, points: 10}
  - {when: grade_fell, at_least_amount: 50000}
store: s3://${BUCKET}/oppnb
"""


def message(text: str) -> str:
    with pytest.raises(WorkspaceError) as caught:
        parse_workspace(text)
    return str(caught.value)


def test_nothing_said_means_no_rules_and_stated_cuts() -> None:
    scoring = parse_workspace("").scoring
    assert (scoring.attribute_rules, scoring.behaviour_rules, scoring.capacity) == ([], [], None)
    assert (scoring.grades.by, scoring.grades.hot, scoring.grades.warm) == ("learned", 0.6, 0.3)
    assert scoring.horizon_days == 90


def test_a_rule_has_points_a_condition_and_a_reason_by_language() -> None:
    large, east = parse_workspace(RULES).scoring.attribute_rules
    assert (large.points, large.where["employees"].at_least) == (10, 500)
    assert (large.said("en"), large.said("zh_CN")) == ("A large company", "大型企业")
    assert east.said("zh_CN") == "east"


def test_one_kind_of_activity_is_a_list_of_one_and_none_is_any() -> None:
    text = "scoring: {behaviour_rules: [{name: a, kinds: call, points: 1, within_days: 7}]}"
    assert parse_workspace(text).scoring.behaviour_rules[0].counted_kinds == ("call",)
    assert parse_workspace(RULES).scoring.behaviour_rules[1].counted_kinds == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scoring: {grade: {}}", "Did you mean 'grades'"),
        ("scoring: {behaviour_rules: [{name: a, points: 1}]}", "either 'half_life_days'"),
        ("scoring: {behaviour_rules: [{name: a, points: 1, silence_days: 3, within_days: 3}]}", "either"),
        ("scoring: {behaviour_rules: [{name: a, points: 1, silence_days: 3, cap: 3}]}", "leave 'cap' out"),
        ("scoring: {attribute_rules: [{name: a, where: {}, points: 1, reasn: x}]}", "Did you mean 'reason'"),
        ("scoring: {attribute_rules: [{name: a, where: {}, points: .nan}]}", "finite number"),
        (
            "scoring: {attribute_rules: [{name: a, where: {}, points: 1}, {name: a, where: {}, points: 2}]}",
            "two rules have the name 'a'",
        ),
        ("scoring: {keep_fields: {contract_number: ' '}}", "needs a reason for 'contract_number'"),
        ("scoring: {grades: {hot: 60, warm: 30}}", "between 0 and 1"),
        ("scoring: {grades: {by: behaviour, hot: 10, warm: 30}}", "above 'warm'"),
        ("scoring: {movable: {strenght: 0.1}}", "Did you mean 'strength'"),
        ("alerts: [{when: probability_fell_by}]", "give 'points'"),
        ("alerts: [{when: grade_fell, points: 3}]", "none for grade_fell"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_way_out(text: str, said: str) -> None:
    assert said in message(text)


def test_a_rule_for_a_stage_that_no_process_has_names_the_nearest() -> None:
    said = message(RULES.replace("[谈判]", "[Negotiaton]", 2).replace("aliases: [Negotiaton]", "aliases: [谈判]"))
    assert "scoring rule 'silence' names the stage 'Negotiaton'" in said
    assert "did you mean 'Negotiation'" in said


def test_a_rule_may_call_a_stage_by_its_label_in_any_language() -> None:
    labelled = RULES.replace("aliases: [谈判]", "label: {zh_CN: 谈判}")
    assert parse_workspace(labelled).scoring.behaviour_rules[1].stages == ["谈判"]


@pytest.mark.parametrize(
    ("wrong", "right", "line"),
    [
        ("stages: [谈判]", "stages: [Signing]", 8),
        ("name: east", "name: large", 5),
        ("contract_number: Given out at the offer here", "contract_number: ''", 9),
        ("when: grade_fell,", "when: grade_fell, stages: [Signing],", 12),
    ],
)
def test_a_mistake_that_only_the_whole_shows_names_the_line_it_stands_in(wrong: str, right: str, line: int) -> None:
    text = RULES.strip().replace(wrong, right)
    assert message(text).startswith(f"oppnb.yaml, line {line}: ")


def test_beside_a_preset_a_rule_may_name_any_stage() -> None:
    text = RULES.replace("processes: [", "processes: [{name: renewal, preset: salesforce}, ").replace(
        "[谈判], s", "[Quote], s"
    )
    assert parse_workspace(text).scoring.behaviour_rules[1].stages == ["Quote"]
