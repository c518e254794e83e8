"""The explorer's Python half: its figures are the forecast's, what it says is kept, what it cannot do is told."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import OppnbError, ParameterError, UsageError, WorkspaceError
from oppnb.forecasting import apply_scenario, overrides_known, roll_up
from oppnb.forecasting.explored import AS_IS, ExploredForecast
from oppnb.forecasting.overrides import override_rows
from oppnb.widgets import ForecastExplorer, Selection
from oppnb.workspace import Scenario, ScenarioChange, read_workspace
from tests.widgets.forecast_made import DAY, small_forecast, workspace_text

EAST = {"where": {"region": "East"}, "win_rate_points": 6.0, "amount": 1.05}


@pytest.fixture
def explorer(tmp_path):
    """On a workspace file and a store of the test's own."""
    file = tmp_path / "oppnb.yaml"
    file.write_text(workspace_text(), encoding="utf-8")
    return ForecastExplorer(small_forecast(), save_to=file, store=tmp_path / "memory", who="U1")


def quantity(nodes, name):
    return nodes[nodes["quantity"] == name].set_index("node")["value"]


def test_without_a_change_every_figure_is_that_of_the_forecast(explorer):
    _, forecast = small_forecast()
    told = explorer.explored.told()
    assert told.distribution is forecast.distribution
    assert told.expected == forecast.distribution.mean
    assert explorer.target == forecast.target
    assert explorer.explored.told(Scenario(name="same", changes=[ScenarioChange()])).distribution is told.distribution
    assert explorer.state["frame"]["target"]["chance"] == forecast.chance_of_target


def test_the_roll_up_is_that_of_the_forecast_and_adds_up_to_the_cent_under_a_scenario(explorer):
    found, forecast = small_forecast()
    targets = found.opened.tables["targets"].assign(amount_base=lambda rows: rows["amount"])
    pd.testing.assert_frame_equal(explorer.explored.nodes, roll_up(forecast, found.book, targets=targets))
    explorer.scenario = [EAST]
    rows = explorer.explored.amounts(explorer.scenario)
    cents = (100 * rows["expected"]).round().astype(int).set_axis(rows["node"])
    below = cents.groupby(rows["parent"].to_numpy()).sum()
    assert (below == cents[below.index]).all()
    assert cents["company"] == round(100 * explorer.explored.told(explorer.scenario).expected)
    assert cents["East"] > round(100 * quantity(explorer.explored.nodes, "expected")["East"])


def test_a_scenario_moves_what_is_told_as_it_moves_the_deals(explorer):
    found, forecast = small_forecast()
    made = Scenario(name="up", changes=[ScenarioChange.model_validate(EAST)])
    parts = apply_scenario(forecast.parts, made, book=found.book)
    told, level = explorer.explored.told(made), explorer.explored._scale.level
    assert told.expected == pytest.approx(
        forecast.distribution.mean + level * (parts.expected - forecast.parts.expected)
    )
    assert told.expected == pytest.approx(told.won + told.open_deals + told.new_business)
    assert (np.diff(told.distribution.values) >= 0).all()
    assert told.distribution.mean == pytest.approx(told.expected, rel=0.02)


@pytest.mark.parametrize("by", ["lever", "change"])
def test_steps_add_up_from_the_forecast_to_the_scenario(explorer, by):
    explorer.scenario = [EAST, {"new_business": 1.3}, {"cycle_time": 0.8, "where": {"product": "Plus"}}]
    steps = explorer.explored.steps(explorer.scenario, by=by).set_index("bar")["amount"]
    assert steps["start"] == explorer.explored.told().expected
    assert steps["end"] == explorer.explored.told(explorer.scenario).expected
    assert steps.drop(["start", "end"]).sum() == pytest.approx(steps["end"] - steps["start"])
    assert len(steps) == (6 if by == "lever" else 5)


def test_a_node_has_its_own_distribution_target_and_deals(explorer):
    chosen = Selection()
    explorer = ForecastExplorer(small_forecast(), selection=chosen)
    explorer.node = "East"
    east = explorer.explored.parts.deals.query("region == 'East'")["opportunity_id"]
    assert explorer.target == 330_000.0
    assert set(chosen.opportunity_ids) == set(explorer.selected_ids) == set(east)
    told = quantity(explorer.explored.nodes[explorer.explored.nodes["node"] == "East"], "quantile_0.5")
    assert explorer.explored.told(node="East").distribution.quantile(0.5) == pytest.approx(told["East"], rel=0.01)
    explorer.show_all()
    assert (explorer.node, chosen.opportunity_ids) == ("company", None)


def test_sliders_make_the_scenario_that_python_reads(explorer):
    seen = []
    explorer.observe(lambda change: seen.append(change.new), names="scenario")
    explorer.choose_segment("region", "East")
    frame = explorer.move_lever("win_rate", 6.0, 1)
    explorer.move_lever("amount", 1.05, 2)
    assert explorer.scenario.changes == [ScenarioChange.model_validate(EAST)]
    assert seen[-1] is explorer.scenario
    assert frame["seq"] == 1
    assert len(frame["curve"]) == 103  # with both ends of the axis
    explorer.move_lever("win_rate", 0.0, 3)
    explorer.move_lever("amount", 1.0, 4)
    assert explorer.scenario == AS_IS


def test_a_saved_scenario_stands_in_the_file_whose_comments_are_kept(explorer):
    explorer.scenario = [EAST]
    explorer.save_scenario("east pushes")
    text = Path(explorer.material.path).read_text(encoding="utf-8")
    assert text.startswith(workspace_text().rstrip("\n"))
    assert all(said in text for said in ("# ours", "# as sold", "# last year's plan", "# ten percent"))
    saved = read_workspace(explorer.material.path).forecast.scenarios
    assert [one.name for one in saved] == ["prices up", "east pushes"]
    assert saved[1].changes == [ScenarioChange.model_validate(EAST)]
    assert explorer.compare["scenario"].tolist() == ["forecast", "prices up", "east pushes"]
    explorer.scenario = "prices up"
    assert explorer.compare.set_index("scenario").loc["forecast", "change"] == 0
    assert explorer.scenario.changes[0].amount == 1.1


@pytest.mark.parametrize("name", ["", "  ", "forecast"])
def test_a_scenario_needs_a_name_of_its_own(explorer, name):
    explorer.scenario = [EAST]
    with pytest.raises(ParameterError, match="name of its own"):
        explorer.save_scenario(name)


def test_nothing_is_saved_where_nothing_is_changed_or_nowhere_to_save(explorer):
    with pytest.raises(ParameterError, match="nothing to save"):
        explorer.save_scenario("same")
    lost = ForecastExplorer(small_forecast(), scenario=[EAST])
    with pytest.raises(WorkspaceError, match="save_to"):
        lost.save_scenario("up")


def test_an_override_stands_in_the_ledger_beside_the_models_number(explorer):
    key = explorer.override(node="East", amount=400_000.0, why="Two tenders")
    explorer.override(opportunity_id="D00003", chance=0.9, why="Verbal yes", who="U2")
    known = overrides_known(explorer.store, DAY)
    assert key in set(known["override_id"])
    rows = explorer.overrides.set_index("node")
    assert rows.loc["region=East", "adjusted"] == 400_000.0
    assert rows.loc["region=East", "model"] == quantity(explorer.explored.nodes, "expected")["East"]
    assert set(known["who"]) == {"U1", "U2"}
    assert set(known["period"]) == {"2024Q4"}
    assert explorer.explored.told().distribution is small_forecast()[1].distribution


def test_a_number_that_is_taken_back_counts_no_longer_and_stays_in_the_ledger(explorer):
    first = explorer.override(opportunity_id="D00003", chance=0.5, why="A good call")
    last = explorer.override(opportunity_id="D00003", amount=90_000.0, why="A bigger bundle")
    assert explorer.overrides.set_index("opportunity_id").loc["D00003", "override_id"] == last
    explorer.withdraw(last, why="They took the small one")
    assert explorer.overrides.set_index("opportunity_id").loc["D00003", "override_id"] == first
    explorer.withdraw(first, why="No call at all")
    assert explorer.overrides.empty
    assert set(override_rows(explorer.store)["standing"]) == {"taken_back", "withdrawal"}
    with pytest.raises(ParameterError, match="taken back already"):
        explorer.withdraw(first, why="Again")


def test_an_override_needs_a_reason_and_a_store(explorer):
    with pytest.raises(ParameterError, match="why"):
        explorer.override(amount=1.0, why=" ")
    with pytest.raises(WorkspaceError, match="store"):
        ForecastExplorer(small_forecast()).override(amount=1.0, why="A tender", who="U1")


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("node", "Eats", ParameterError),
        ("scenario", "prices upp", UsageError),
        ("scenario", [{"where": {"region": "Eats"}, "amount": 2}], ParameterError),
        ("period", "2023Q1", OppnbError),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_changes(explorer, name, value, error):
    before, state = getattr(explorer, name), explorer.state
    with pytest.raises(error):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before
    assert explorer.state == state


def test_an_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match=r"no 'perod'\. Did you mean 'period'"):
        ForecastExplorer(small_forecast(), perod="2024Q4")


def test_what_crosses_for_a_slider_is_small(explorer):
    import json

    assert len(json.dumps(explorer.move_lever("win_rate", 6.0, 1))) < 12_000
    assert len(json.dumps(explorer.state)) < 40_000


def test_without_a_kernel_finding_figure_and_comparison_are_left(explorer):
    explorer.scenario = [EAST]
    data, _ = explorer._repr_mimebundle_()
    assert "data:image/svg+xml" in data["text/html"]
    assert "On the sliders" in data["text/html"]
    assert "if so" in data["text/plain"]


def test_says_it_in_chinese():
    explorer = ForecastExplorer(small_forecast("zh_CN"))
    assert "预计" in explorer.state["frame"]["title"]
    assert explorer.state["scenario"]["saved"][0]["label"] == "涨价"


def test_a_pipeline_without_open_deals_or_with_one_is_told():
    from dataclasses import replace

    found, forecast = small_forecast()
    for n in (0, 1):
        parts = forecast.parts.with_deals(forecast.parts.deals.head(n).reset_index(drop=True))
        own = parts.distribution().told()
        said = replace(forecast.said, parts=parts, forecasts={"win_curves": own})
        explorer = ForecastExplorer((found, replace(forecast, said=said)))
        explorer.scenario = [{"amount": 1.2}]
        for tab in ("changed", "tree", "deals", "overrides", "compare", "past"):
            explorer.choose_tab(tab)
        assert explorer.explored.told().distribution is explorer.explored.forecast.distribution


def test_an_override_said_on_a_day_is_of_that_day(explorer):
    explorer.override(amount=2e6, why="A tender", when=date(2024, 11, 4))
    assert overrides_known(explorer.store, date(2024, 11, 3)).empty
    assert len(overrides_known(explorer.store, date(2024, 11, 4))) == 1


def test_explored_forecast_keeps_what_it_worked_out(explorer):
    assert isinstance(explorer.explored, ExploredForecast)
    assert explorer.explored.told(node="East") is explorer.explored.told(node="East")
