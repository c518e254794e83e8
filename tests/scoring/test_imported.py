"""Imported scores are judged as our own models are; what knows the outcome is found out and said."""

import json
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import ColumnMissingError, DataError
from oppnb.locale import Words
from oppnb.scoring.imported import ScoreJudgement, find_scale, judge_score
from oppnb.scoring.imported.scale import score_numbers
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.store import open_store
from oppnb.tables import Tables
from oppnb.workspace import Workspace

END = date(2024, 9, 30)
WORKSPACE = Workspace(currency="CNY")


@cache
def pipeline() -> Tables:
    return make_pipeline(SyntheticSettings(n_opportunities=220, end=END)).tables


def with_column(name: str, values: object, **columns: object) -> Tables:
    deals = pipeline()["opportunities"]
    return pipeline().replace(opportunities=deals.assign(**{name: values}, **columns))


def honest_chance(*, noise: float = 0.5, seed: int = 0) -> pd.Series:
    """A probability known on the first day: something of what decides, and noise; open deals have it as well."""
    deals = pipeline()["opportunities"]
    points = deals["crm_score"].clip(1, 99) / 100
    odds = np.log(points / (1 - points)) * 0.5 - 0.6 + np.random.default_rng(seed).normal(0, noise, len(deals))
    return (1 / (1 + np.exp(-odds))).round(4)


@cache
def judged_points() -> ScoreJudgement:
    return judge_score(pipeline(), "crm_score", workspace=WORKSPACE, own=False)


def row(found: ScoreJudgement, model: str) -> pd.Series:
    return found.evaluation.set_index("model").loc[model]


def test_the_score_stands_beside_baselines_on_the_same_deals() -> None:
    found = judged_points()
    assert {"crm_score", "crm_score_recalibrated", "base_rate", "set_stage_odds", "observed_stage_odds"} <= set(
        found.evaluation["model"]
    )
    for name in ("n", "n_deals", "n_open"):
        assert (found.evaluation[name] == found.evaluation[name].iloc[0]).all()
    assert found.is_over_time


def test_points_are_never_called_a_probability() -> None:
    found = judged_points()
    assert found.scale.kind == "points"
    mine = row(found, "crm_score")
    assert np.isfinite([mine["auc"], mine["auc_low"], mine["auc_high"]]).all()
    assert mine[["log_loss", "brier", "brier_skill", "ece", "calibration_slope", "calibration_intercept"]].isna().all()
    assert found.reliability.empty
    assert np.isfinite(row(found, "crm_score_recalibrated")["log_loss"])


def test_an_honest_score_is_not_said_to_know_the_outcome() -> None:
    found = judged_points()
    assert not found.evidence.knows
    assert not found.evidence.open_looks_different
    assert found.known == "as_exported"


def test_what_is_judged_of_points_is_their_order() -> None:
    points = pipeline()["opportunities"]["crm_score"]
    found = judge_score(with_column("fit", points**3 + 200), "fit", workspace=WORKSPACE, own=False)
    assert row(found, "fit")["auc"] == pytest.approx(row(judged_points(), "crm_score")["auc"])


def test_the_same_order_upside_down_is_the_wrong_way_round() -> None:
    chance = _oracle()
    right = judge_score(with_column("fit", 100 * chance), "fit", workspace=WORKSPACE, own=False)
    wrong = judge_score(with_column("fit", 100 - 100 * chance), "fit", workspace=WORKSPACE, own=False)
    assert row(right, "fit")["auc"] + row(wrong, "fit")["auc"] == pytest.approx(1.0)
    assert wrong.verdict == "wrong_way"
    assert right.verdict.startswith(("better", "no_better"))


def _oracle() -> pd.Series:
    """Better than any honest score, but with the spread of one: nearer the outcome, open deals anywhere."""
    outcome = pipeline()["opportunities"]["outcome"]
    rng = np.random.default_rng(5)
    lean = outcome.map({"won": 0.8, "lost": -0.3}).astype("float64").to_numpy()
    lean = np.where(np.isnan(lean), np.where(rng.random(len(lean)) < 0.35, 0.8, -0.3), lean)
    return pd.Series(1 / (1 + np.exp(-(lean + rng.normal(0, 1, len(lean))))), index=outcome.index).round(3)


@pytest.mark.parametrize("told", ["all", "lost"])
def test_a_score_overwritten_at_the_close_judges_nothing(told: str) -> None:
    deals = pipeline()["opportunities"]
    score = deals["crm_score"].where(deals["outcome"] != "lost", 0.0)
    if told == "all":
        score = score.where(deals["outcome"] != "won", 100.0)
    found = judge_score(with_column("crm_score", score), "crm_score", workspace=WORKSPACE, own=False)
    assert found.evidence.knows
    assert found.verdict == "knows_the_outcome"
    assert "knows the outcome: this judges nothing" in found.describe("en")
    assert "已知结果" in found.describe("zh_CN")
    assert found.evidence.lost_at_bottom == 1.0
    assert found.evidence.open_at_ends < 0.1


def test_open_deals_that_look_different_are_told() -> None:
    deals = pipeline()["opportunities"]
    score = deals["crm_score"].where(deals["outcome"] != "open", 150.0)
    found = judge_score(with_column("crm_score", score), "crm_score", workspace=WORKSPACE, own=False)
    assert found.evidence.open_looks_different or found.evidence.knows
    assert found.evidence.distance > 0.9


def test_probabilities_are_judged_as_such() -> None:
    found = judge_score(with_column("win_chance", honest_chance()), "win_chance", workspace=WORKSPACE, own=False)
    mine = row(found, "win_chance")
    assert found.scale.is_probability
    assert np.isfinite(mine[["log_loss", "brier", "brier_skill", "ece", "calibration_slope"]].astype(float)).all()
    assert found.reliability["n"].sum() == mine["n"]
    assert set(found.comparisons["model"]) == {"win_chance", "win_chance_recalibrated"}


def test_percentages_are_probabilities_divided_by_100() -> None:
    percent = (100 * honest_chance()).round(2).astype("str") + "%"
    numbers = score_numbers(percent, column="win_chance")
    places = find_scale(numbers, column="win_chance").places(numbers.to_numpy())
    assert places == pytest.approx(honest_chance().to_numpy())


def test_our_own_model_is_judged_on_the_same_deals_where_it_is_cheap() -> None:
    found = judge_score(pipeline(), "crm_score", workspace=WORKSPACE)
    assert {"stage_rates", "ridge_on_rates", "ridge"} <= set(found.evaluation["model"])
    assert found.own in set(found.evaluation["model"])
    assert (found.evaluation["n"] == found.evaluation["n"].iloc[0]).all()
    assert found.own in set(found.comparisons["against"])


def test_deals_without_a_score_are_left_out_of_every_row() -> None:
    points = pipeline()["opportunities"]["crm_score"]
    kept = points.where(np.arange(len(points)) % 3 > 0)
    found = judge_score(with_column("crm_score", kept), "crm_score", workspace=WORKSPACE, own=False)
    assert found.n_without > 0
    assert found.n_deals + found.n_without == judged_points().n_deals
    assert (found.evaluation["n"] == found.evaluation["n"].iloc[0]).all()


def test_a_score_that_the_history_dates_is_taken_as_of_the_day() -> None:
    # on the first day an honest number; with the close the outcome, which no day before it may see
    tables, chance = with_column("fit", np.nan), honest_chance()
    deals = tables["opportunities"].assign(first=(100 * chance).round(1))
    first = deals[["opportunity_id", "created_at", "first"]].set_axis(["opportunity_id", "changed_at", "fit"], axis=1)
    closed = deals[deals["outcome"] != "open"]
    last = closed[["opportunity_id", "closed_at"]].set_axis(["opportunity_id", "changed_at"], axis=1)
    last = last.assign(fit=closed["outcome"].map({"won": 100.0, "lost": 0.0}).astype("float64"))
    said = pd.concat([first, last]).astype({"fit": "str"})
    history = pd.concat([tables["opportunity_history"], said], ignore_index=True)
    history = history.sort_values(["opportunity_id", "changed_at"], kind="stable", ignore_index=True)
    dated = tables.replace(opportunity_history=history)
    found = judge_score(dated, "fit", workspace=WORKSPACE, own=False)
    assert found.known == "history"
    assert not found.evidence.knows
    assert row(found, "fit")["auc"] < 0.8  # as exported it would be 1


def test_a_score_that_the_store_remembers_is_taken_as_of_the_day(tmp_path: Path) -> None:
    deals, chance = pipeline()["opportunities"], honest_chance()
    store = open_store(tmp_path)
    for day in pd.date_range("2023-03-05", END, freq="28D"):
        then = (deals["created_at"] <= day) & ~(deals["closed_at"] <= day)
        rows = pd.DataFrame({"opportunity_id": deals["opportunity_id"], "as_of": day, "win_probability": chance})
        store.append("scores", rows[then.to_numpy()], run_id=f"run-{day:%Y%m%d}")
    workspace = WORKSPACE.model_copy(update={"store": str(tmp_path)})
    found = judge_score(pipeline(), "win_probability", workspace=workspace, own=False)
    assert found.known == "store"
    assert found.scale.is_probability
    assert not found.evidence.knows
    assert row(found, "win_probability")["n"] > 50


def test_an_export_without_dates_is_judged_and_says_so() -> None:
    deals = pd.DataFrame(
        {
            "opportunity_id": [str(number) for number in range(120)],
            "stage": pd.Series(["Won", "Lost", "Demo"] * 40),
            "fit": pd.Series([str((number * 37) % 113) for number in range(120)]),
        }
    )
    found = judge_score(Tables({"opportunities": deals}), "fit", own=False)
    assert not found.is_over_time
    assert found.until is None
    assert "no dates" in found.describe("en")


def test_too_little_past_is_told_as_such() -> None:
    few = pipeline()["opportunities"].head(12)
    found = judge_score(pipeline().replace(opportunities=few), "crm_score", workspace=WORKSPACE, own=False)
    assert found.verdict in {"not_measured", "no_order", "better_than_chance"}
    told = found.describe("zh_CN")
    assert "阶段赢率" in told
    assert "log_loss" not in told


def test_a_misspelt_column_is_told_with_the_nearest_name() -> None:
    with pytest.raises(ColumnMissingError, match="Did you mean 'crm_score'"):
        judge_score(pipeline(), "crm_scroe", workspace=WORKSPACE)


def test_a_column_of_words_is_no_score() -> None:
    words = pd.Series(["hot", "cold"] * 110, dtype="str")
    with pytest.raises(DataError, match="is no score"):
        judge_score(with_column("mood", words), "mood", workspace=WORKSPACE)
    with pytest.raises(DataError, match="is empty"):
        judge_score(with_column("mood", pd.Series([None] * 220, dtype="str")), "mood", workspace=WORKSPACE)


def test_everything_goes_into_json_and_comes_out_the_same_twice() -> None:
    told = json.dumps(judged_points().to_dict(), allow_nan=False)
    again = judge_score(pipeline(), "crm_score", workspace=WORKSPACE, own=False)
    assert json.dumps(again.to_dict(), allow_nan=False) == told
    assert json.loads(told)["sentences"]["zh_CN"]


def test_every_sentence_is_there_in_both_languages() -> None:
    assert Words("en").keys("scoring_imported") == Words("zh_CN").keys("scoring_imported")


ranks = pd.Series(np.arange(1.0, 201.0))
beta = pd.Series(np.random.default_rng(1).beta(2, 5, 300))


@pytest.mark.parametrize(
    ("values", "name", "told", "kind", "origin"),
    [
        (ranks, "place", None, "rank", "values"),
        (ranks / 200, "score", None, "percentile", "values"),
        (ranks / 2, "score", None, "percentile", "values"),
        (ranks / 200, "score", "probability", "probability", "told"),
        (ranks / 200, "score", "Percentile", "percentile", "told"),
        (beta, "score", None, "probability", "values"),
        ((100 * beta).round(), "score", None, "points", "values"),
        ((100 * beta).round(), "赢率", None, "probability", "name"),
        ((100 * beta).round(), "crm_score", "probability", "probability", "told"),
        ((100 * beta).round(), "crm_score", "percentile", "percentile", "told"),
        (700 * beta, "crm_score", "probability", "points", "out_of_range"),
        (beta - 0.5, "score", None, "points", "values"),
        (pd.Series([0.0, 1.0] * 30), "win_probability", None, "points", "values"),
    ],
)
def test_the_kind_of_a_score_is_found(values: pd.Series, name: str, told: str | None, kind: str, origin: str) -> None:
    kinds = None if told is None else pd.Series([told] * len(values), dtype="str")
    found = find_scale(values, column=name, told=kinds)
    assert (found.kind, found.origin) == (kind, origin)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1) | st.none(), min_size=1, max_size=40))
def test_places_keep_the_order_and_lie_between_0_and_1(values: list[float | None]) -> None:
    numbers = np.array([np.nan if value is None else value for value in values])
    for kind in ("probability", "percentile", "rank", "points"):
        scale = find_scale(pd.Series([0.0, 1.0]), column="x", told=pd.Series([kind]))
        places = scale.places(numbers)
        known = np.isfinite(numbers)
        assert (np.isfinite(places) == known).all()
        assert ((places[known] >= 0) & (places[known] <= 1)).all()
        order = np.sign(np.subtract.outer(numbers[known], numbers[known])) * (-1 if kind == "rank" else 1)
        assert (np.sign(np.subtract.outer(places[known], places[known])) == order).all()


def test_a_few_unreadable_values_are_not_known() -> None:
    values = pd.Series(["1"] * 40 + ["n/a"], dtype="str")
    assert score_numbers(values, column="x").isna().sum() == 1
