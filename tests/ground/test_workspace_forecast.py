"""`forecast` of `oppnb.yaml`."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.workspace import Scenario, ScenarioChange, parse_workspace, workspace_schema

SAID = """
forecast:
  period: month
  hierarchy: [team, owner_id]
  scenarios:
    - name: prices up
      label: {zh_CN: 涨价}
      changes:
        - {where: {region: East, product: [A, B]}, amount: 1.1, win_odds: 0.9}
        - {cycle_time: 1.2, win_rate_points: -2, new_business: 0.8}
"""


def test_nothing_said_means_quarters_by_region_team_and_owner() -> None:
    forecast = parse_workspace("").forecast
    assert (forecast.period, forecast.hierarchy) == ("quarter", ["region", "team", "owner_id"])
    assert forecast.scenarios == []


def test_a_scenario_is_saved_by_its_name_with_changes_for_some_deals() -> None:
    forecast = parse_workspace(SAID).forecast
    (scenario,) = forecast.scenarios
    first, second = scenario.changes
    assert (scenario.name, scenario.label) == ("prices up", {"zh_CN": "涨价"})
    assert (first.where["region"].is_in, first.where["product"].is_in) == (["East"], ["A", "B"])
    assert (first.amount, first.win_odds, first.cycle_time) == (1.1, 0.9, 1.0)
    assert (second.where, second.win_rate_points, second.new_business) == ({}, -2, 0.8)


def test_the_same_can_be_said_in_python() -> None:
    made = Scenario(name="up", changes=[ScenarioChange(where={"region": "East"}, win_odds=1.1)])
    text = "forecast: {scenarios: [{name: up, changes: [{where: {region: East}, win_odds: 1.1}]}]}"
    assert parse_workspace(text).forecast.scenarios == [made]


def test_a_change_of_nothing_is_known_as_such() -> None:
    assert ScenarioChange().is_nothing
    assert not any(
        ScenarioChange(**{name: 1.5}).is_nothing
        for name in ("win_odds", "win_rate_points", "amount", "cycle_time", "new_business")
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("forecast: {perod: month}", "line 1: 'forecast.perod'.*Did you mean 'period'"),
        ("forecast: {period: week}", "'month', 'quarter' or 'year'"),
        ("forecast: {hierarchy: [team, team]}", "'team' stands twice"),
        ("forecast:\n  scenarios:\n  - {name: a}\n  - {name: a}", "line 4: .*two scenarios have the name 'a'"),
        ("forecast: {scenarios: [{name: a, changes: [{cycle_time: 0}]}]}", "greater than 0"),
        ("forecast: {scenarios: [{name: a, changes: [{amount: -1}]}]}", "greater than or equal to 0"),
        ("forecast: {scenarios: [{name: a, changes: [{win_odds: .inf}]}]}", "finite"),
        ("forecast: {scenarios: [{name: a, changes: [{ammount: 1}]}]}", "Did you mean 'amount'"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_nearest_right_key(text: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        parse_workspace(text)


def test_the_schema_for_editors_knows_the_forecast() -> None:
    schema = workspace_schema()
    assert schema["properties"]["forecast"]["$ref"].endswith("/Forecast")
    assert {"where", "win_odds", "cycle_time"} <= schema["$defs"]["ScenarioChange"]["properties"].keys()
