"""How near the models come to the true probabilities of synthetic deals, whose law is known."""

import runpy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oppnb.scoring.candidates import make_model
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.spread import logit_sd

TRUTH = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "scoring_truth.py"))
SEEDS = (21, 22)


@cache
def case(seed: int) -> Any:
    """About 2,400 closed deals by a law with a crossing and a threshold."""
    return TRUTH["make_case"](seed, 3_900, "bent")


@cache
def fitted(name: str, seed: int) -> WinModel:
    return make_model(name).fit(case(seed).rows)


def mean_of(name: str, figure: str) -> float:
    """A figure of a model, mean over seeds."""
    return float(np.mean([judged(name, seed)[figure] for seed in SEEDS]))


@cache
def judged(name: str, seed: int) -> dict[str, float]:
    model, given = fitted(name, seed), case(seed)
    found: dict[str, float] = TRUTH["judge"](given, model.predict(given.now), logit_sd(model, given.now))
    return found


BOOSTED = pytest.mark.parametrize("name", ["boosted_closed", "boosted_hazard"])


@BOOSTED
def test_where_features_cross_the_distance_to_the_truth_is_well_below_stage_odds_and_logistic_regression(
    name: str,
) -> None:
    off = mean_of(name, "distance")
    assert off < 0.55 * mean_of("observed_stage_odds", "distance")
    assert off < 0.85 * mean_of("logistic", "distance")


@BOOSTED
def test_what_is_stated_is_as_sure_as_it_may_be(name: str) -> None:
    assert 0.85 < mean_of(name, "slope") < 1.18
    assert abs(mean_of(name, "bias")) < 0.03
    assert 0.85 < mean_of(name, "slope 91d") < 1.25
    assert abs(mean_of(name, "bias 91d")) < 0.04


@BOOSTED
def test_intervals_hold_the_win_rate_of_deals_like_these(name: str) -> None:
    assert mean_of(name, "held 80%") >= 0.8
    assert mean_of(name, "held 95%") >= 0.9


@pytest.mark.parametrize("n_closed", [20, 50, 100, 200, 400])
@pytest.mark.parametrize("name", ["ridge_on_rates", "ridge"])
def test_a_thin_company_is_told_no_worse_than_by_its_stage_rates(name: str, n_closed: int) -> None:
    losses: dict[str, list[float]] = {name: [], "stage_rates": []}
    for seed in SEEDS:
        for draw in range(3):
            thin = TRUTH["thinned"](case(seed), n_closed, seed=draw)
            for each in losses:
                said = make_model(each).fit(thin.rows).predict(thin.now)
                losses[each].append(TRUTH["against"](thin.ever, said.won_ever)["log loss"])
    assert np.mean(losses[name]) < np.mean(losses["stage_rates"]) + 0.015
