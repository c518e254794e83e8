"""What the card says of winning: drivers of every model, values that part deals, combinations, the best that fit."""

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest

from oppnb.scoring.backtest import rolling_backtest
from oppnb.scoring.calibration import CalibratedModel, CalibrationMap
from oppnb.scoring.card_wins import at_capacity, card_wins, thinned
from oppnb.scoring.field_rates import strongest_fields
from oppnb.scoring.intervals import Doubt
from oppnb.scoring.models.base_rate import BaseRate
from oppnb.scoring.models.ridge import Ridge
from oppnb.scoring.models.stage_rates import StageRates
from oppnb.scoring.plain import as_json
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.ranking import best_that_fit, precision_at_capacity, rounds_of
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.rules import LIFT_COLUMNS
from oppnb.scoring.scorer import Scorer
from oppnb.workspace import Workspace, parse_workspace
from tests.scoring.ladder_rows import make_rows
from tests.scoring.simulated_rows import Known, simulated_rows
from tests.scoring.test_reasons_global import closed_rows


@cache
def backtest():
    return rolling_backtest(simulated_rows(9), [Known], n_origins=2)


def wins(model: WinModel, rows: ScoringRows, *, workspace: Workspace | None = None, lift: pd.DataFrame | None = None):
    scorer = Scorer(model.fit(rows), tuple(feature.name for feature in rows.features), Doubt(), {})
    frame = pd.DataFrame() if lift is None else lift
    return card_wins(scorer, rows, backtest(), rule_lift=frame, workspace=workspace or Workspace())


def test_a_ridge_has_drivers_and_what_each_value_adds() -> None:
    found = wins(Ridge(), closed_rows(3, n=2000))
    strengths = {row["feature"]: row["strength"] for row in found["drivers"]}
    assert min(strengths["sector"], strengths["size"]) > 2 > strengths.get("noise", 0.0)
    points = {(row["feature"], row["value"]): row["points"] for row in found["effects"]}
    assert points["sector", "c"] > points["sector", "b"] > points["sector", "a"]
    assert points["size", "large"] > points["size", "small"]
    step = next(row for row in found["effects"] if row["feature"] == "noise")
    assert (step["kind"], step["step"]) == ("step", pytest.approx(1.0, abs=0.1))
    assert abs(step["points"]) < 2


def test_a_corrected_model_keeps_its_drivers() -> None:
    rows = closed_rows(3, n=600)
    corrected = CalibratedModel(Ridge(), CalibrationMap(0.0, 0.5, 0.4, 0.6))
    found = wins(corrected, rows)
    plain = wins(Ridge(), rows)
    assert as_json(found["effects"]) == as_json(plain["effects"])
    ratio = found["drivers"][0]["strength"] / plain["drivers"][0]["strength"]
    assert 0.4 < ratio < 0.6


def test_the_stage_is_the_only_driver_of_stage_rates_and_a_base_rate_has_none() -> None:
    rows = make_rows(250)
    assert [row["feature"] for row in wins(StageRates(), rows)["drivers"]] == ["stage"]
    assert wins(BaseRate(), rows)["drivers"] == []


def test_fields_that_part_won_from_lost_are_named_and_noise_is_not() -> None:
    assert strongest_fields(closed_rows(5, n=2000)) == ["sector", "size"]
    named = sum("noise" in strongest_fields(closed_rows(seed)) for seed in range(20))
    assert named <= 10  # a little above what chance gives, half of the time; never before the real ones
    assert strongest_fields(closed_rows(5, n=2000).take(np.arange(0))) == []


def test_only_combinations_that_stand_out_are_told_with_how_many_were_tried() -> None:
    found = wins(Ridge(), closed_rows(3, n=2000, together=1.5))
    assert found["combinations"]
    assert {found["combinations"][0]["first_field"], found["combinations"][0]["second_field"]} == {"sector", "size"}
    assert found["n_combinations"] >= len(found["combinations"])
    assert wins(Ridge(), closed_rows(4, n=2000))["combinations"] == []


def test_rules_bear_their_reason_in_both_languages_beside_the_lift() -> None:
    text = "scoring: {attribute_rules: [{name: web, where: {source: web}, points: 5, reason: {zh_CN: 网站, en: Web}}]}"
    lift = pd.DataFrame([{**dict.fromkeys(LIFT_COLUMNS, 0.1), "rule": "web"}])
    found = wins(Ridge(), closed_rows(3, n=300), workspace=parse_workspace(text), lift=lift)
    assert found["rules"][0]["said"] == {"en": "Web", "zh_CN": "网站"}
    assert found["rules"][0]["lift"] == 0.1
    assert wins(Ridge(), closed_rows(3, n=300))["rules"] == []


def test_capacity_is_the_declared_one_or_a_tenth_of_the_open_deals() -> None:
    (model,) = backtest().models
    declared, tenth = at_capacity(backtest(), model, 3), at_capacity(backtest(), model, None)
    assert declared is not None
    assert tenth is not None
    assert (declared["capacity"], declared["is_declared"], tenth["is_declared"]) == (3, True, False)
    assert tenth["capacity"] == max(1, round(tenth["n_open"] / 10))
    assert tenth["low"] <= tenth["precision"] <= tenth["high"]
    assert tenth["precision"] > tenth["win_rate"]  # the backtest's model knows the truth
    assert at_capacity(backtest(), "another", 3) is None


def test_everything_is_json() -> None:
    json.dumps(as_json(wins(Ridge(), closed_rows(3, n=300))), allow_nan=False)


def test_places_are_given_among_all_deals_of_four_weeks() -> None:
    rng = np.random.default_rng(1)
    days = pd.Series(pd.Timestamp("2024-01-05") + pd.to_timedelta(7 * rng.integers(0, 8, 400), unit="D"))
    score, won = rng.random(400), rng.random(400) < 0.5
    found = best_that_fit(won, score, capacity=5, day=days)
    assert found["n_rounds"] == 2
    assert found["precision"] == pytest.approx(precision_at_capacity(won, score, capacity=5, day=rounds_of(days)))
    assert found["win_rate"] == pytest.approx(won.mean())


def test_of_too_many_rows_whole_deals_are_left_out() -> None:
    rows = make_rows(250)
    some = thinned(rows, most=len(rows) // 3)
    assert len(some) < len(rows)
    kept = some.keys["opportunity_id"].value_counts()
    assert (kept == rows.keys["opportunity_id"].value_counts()[kept.index]).all()
    assert thinned(rows) is rows
