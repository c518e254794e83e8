"""The judge and the models together: what is learnt is used where there is something to learn, and nowhere else."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.scoring.backtest import Backtest, rolling_backtest
from oppnb.scoring.choice import choose_models
from oppnb.scoring.evaluation import evaluation_frame
from oppnb.scoring.intervals import learn_doubt, win_rate_intervals
from oppnb.scoring.models.ladder import BASELINES, LADDER
from oppnb.scoring.promotion import judge_challenger
from oppnb.scoring.rows import ScoringRows
from tests.scoring.simulated_rows import simulated_rows
from tests.scoring.test_backtest import undated

MODELS = [BASELINES["base_rate"], BASELINES["observed_stage_odds"], *LADDER.values()]


def shuffled(rows: ScoringRows, *, seed: int) -> ScoringRows:
    """Each deal with the features of another one."""
    deals = rows.keys["opportunity_id"].unique()
    other = dict(zip(deals, np.random.default_rng(seed).permutation(deals), strict=True))
    first = rows.keys.assign(truth=rows.values["truth"]).groupby("opportunity_id")[["truth", "stage"]].first()
    wanted = first.loc[rows.keys["opportunity_id"].map(other)].reset_index(drop=True)
    return replace(rows, keys=rows.keys.assign(stage=wanted["stage"]), values=rows.values.assign(truth=wanted["truth"]))


def judged(rows: ScoringRows) -> Backtest:
    return rolling_backtest(rows, MODELS, n_origins=4)


def test_what_can_be_learnt_is_learnt_and_used() -> None:
    backtest = judged(simulated_rows(1, n_deals=900))
    chosen = choose_models(backtest)
    told = evaluation_frame(backtest).set_index("model")
    assert chosen.ever == "ridge"
    assert chosen.verdict == "better_than_baselines"
    assert told.loc["ridge", "log_loss"] < told.loc["stage_rates", "log_loss"] < told.loc["base_rate", "log_loss"]
    assert 0.75 < told.loc["ridge", "calibration_slope"] < 1.5


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_features_are_no_better_than_the_base_rate(seed: int) -> None:
    chosen = choose_models(judged(shuffled(simulated_rows(seed, n_deals=500), seed=seed)))
    assert chosen.verdict == "no_better_than_base_rate"
    assert chosen.ever in ("stage_rates", "base_rate")  # the second where the first was worse beyond noise


def test_every_model_tells_its_own_doubt_or_none() -> None:
    backtest = judged(simulated_rows(2, n_deals=300))
    for model in backtest.models:
        doubt = backtest.of(model)["logit_sd"]
        assert doubt.isna().all() or (doubt >= 0).all()
        told = win_rate_intervals(backtest.of(model)["p_ever"], doubt, doubt=learn_doubt(backtest, model))
        assert ((told["low_95"] <= told["low_80"]) & (told["high_80"] <= told["high_95"])).all()


def test_the_smallest_pasts_are_judged_without_an_error() -> None:
    for n_deals in (0, 1, 5, 25):
        chosen = choose_models(judged(simulated_rows(3, n_deals=n_deals)))
        assert chosen.ever in {**BASELINES, **LADDER}
    backtest = rolling_backtest(undated(), MODELS)
    assert choose_models(backtest).ever in {**BASELINES, **LADDER}
    assert evaluation_frame(backtest)["log_loss"].notna().all()


def test_a_model_that_is_ahead_takes_over_from_one_in_use() -> None:
    rows = simulated_rows(5, n_deals=900)
    day = date(2024, 1, 2)
    old = LADDER["stage_rates"]().fit(rows.take((rows.keys["as_of"] < pd.Timestamp(day)).to_numpy()))
    found = judge_challenger(rows, old, LADDER["ridge"], trained_until=day)
    assert found.difference.value < 0
    assert found.reason == "challenger_is_better"
    assert judge_challenger(rows, old, LADDER["stage_rates"], trained_until=day).difference.value > -0.02
