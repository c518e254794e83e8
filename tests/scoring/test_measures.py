"""What is said of how good probabilities were."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from oppnb.errors import ProbabilityError, UsageError
from oppnb.scoring import measures
from oppnb.scoring.judged import judged, logit
from oppnb.scoring.measures import MEASURES, measure_predictions
from oppnb.scoring.ranking import lift_by_decile, precision_at_capacity
from oppnb.scoring.reliability import reliability_table


def outcomes(seed: int, *, n: int = 400, rows_a_deal: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deals with their true probabilities, each told several times with a little noise in its log odds."""
    rng = np.random.default_rng(seed)
    odds = np.repeat(rng.normal(-0.5, 1.2, size=n), rows_a_deal)
    p = 1 / (1 + np.exp(-odds))
    won = np.repeat(rng.random(n) < p[::rows_a_deal], rows_a_deal)
    return won, p, np.repeat(np.arange(n), rows_a_deal)


@pytest.mark.parametrize("weighted", [False, True])
def test_agrees_with_scikit_learn(weighted: bool) -> None:
    won, p, _ = outcomes(1)
    p = p.round(2)  # with ties
    weight = np.random.default_rng(2).uniform(0.5, 2, len(p)) if weighted else None
    assert measures.auc(won, p, weight=weight) == pytest.approx(roc_auc_score(won, p, sample_weight=weight))
    assert measures.log_loss(won, p, weight=weight) == pytest.approx(log_loss(won, p, sample_weight=weight))
    assert measures.brier(won, p, weight=weight) == pytest.approx(brier_score_loss(won, p, sample_weight=weight))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_slope_and_intercept_are_those_of_an_unpenalised_logistic_regression(weighted: bool) -> None:
    won, p, _ = outcomes(3)
    weight = np.random.default_rng(4).uniform(0.5, 2, len(p)) if weighted else None
    plain = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000).fit(logit(p)[:, None], won, sample_weight=weight)
    intercept, slope = measures.recalibration(judged(won, p, weight=weight))
    assert slope.value == pytest.approx(plain.coef_[0, 0], rel=1e-4)
    assert intercept.value == pytest.approx(plain.intercept_[0], abs=1e-4)


def test_a_weight_of_two_is_the_row_told_twice() -> None:
    won, p, _ = outcomes(5, n=60)
    weight = np.random.default_rng(6).integers(0, 3, len(p))
    twice = np.repeat(np.arange(len(p)), weight)
    for name in ["auc", "log_loss", "brier", "brier_skill", "ece", "calibration_slope", "calibration_intercept"]:
        measure = getattr(measures, name)
        assert measure(won, p, weight=weight) == pytest.approx(measure(won[twice], p[twice]))


def test_each_deal_told_three_times_is_no_more_evidence() -> None:
    won, p, deal = outcomes(7)
    once = measure_predictions(won, p, cluster=deal)
    thrice = measure_predictions(*(np.repeat(part, 3) for part in (won, p)), cluster=np.repeat(deal, 3))
    assert thrice["n"] == 3 * once["n"]
    for name in [*(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")), "ece", "ece_by_chance"]:
        assert thrice[name] == pytest.approx(once[name])


@pytest.mark.parametrize("name", list(MEASURES))
def test_intervals_are_those_of_the_bootstrap_of_deals(name: str) -> None:
    won, p, deal = outcomes(8, n=300, rows_a_deal=3)
    p = np.clip(p + np.random.default_rng(9).normal(0, 0.03, len(p)), 0.01, 0.99)
    told = measure_predictions(won, p, cluster=deal, base_rate=0.4)
    rng, drawn = np.random.default_rng(10), []
    for _ in range(400):
        weight = np.bincount(rng.integers(0, 300, 300), minlength=300)[deal]
        drawn.append(measure_predictions(won, p, weight=weight, cluster=deal, base_rate=0.4)[name])
    width = told[f"{name}_high"] - told[f"{name}_low"]
    assert width == pytest.approx(np.subtract(*np.quantile(drawn, [0.975, 0.025])), rel=0.15)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = {"calibration_slope": 0, "calibration_intercept": 0, "log_loss": 0}
    many = 250
    for seed in range(many):
        won, p, deal = outcomes(100 + seed, n=80, rows_a_deal=2)
        told = measure_predictions(won, p, cluster=deal)
        truth = {"calibration_slope": 1.0, "calibration_intercept": 0.0}
        truth["log_loss"] = 0.5555  # by simulation of four million deals of this law
        for name, true in truth.items():
            held[name] += told[f"{name}_low"] <= true <= told[f"{name}_high"]
    assert all(0.89 <= count / many <= 0.99 for count in held.values()), held


def test_perfect_probabilities_have_the_error_that_chance_alone_makes() -> None:
    told = [measure_predictions(*outcomes(seed, n=500)[:2]) for seed in range(40)]
    mean = {name: np.mean([one[name] for one in told]) for name in ("ece", "ece_by_chance")}
    assert mean["ece"] == pytest.approx(mean["ece_by_chance"], rel=0.15)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.integers(0, 4), st.floats(0.1, 10)), min_size=0, max_size=30)
)
def test_every_measure_stays_in_its_bounds(rows: list[tuple[bool, float, int, float]]) -> None:
    won, p, deal, weight = (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [], [])
    told = measure_predictions(won, p, cluster=deal, weight=weight)
    for name in MEASURES:
        low, value, high = told[f"{name}_low"], told[name], told[f"{name}_high"]
        assert math.isnan(low) == math.isnan(high)
        assert math.isnan(low) or low - 1e-9 <= value <= high + 1e-9
    assert math.isnan(told["auc"]) or 0 <= told["auc"] <= 1
    assert not told["brier"] > 1
    assert not told["ece"] > 1
    table = reliability_table(won, p, cluster=deal, weight=weight)
    assert table["n"].sum() == len(rows)
    assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()
    assert lift_by_decile(won, p, cluster=deal, weight=weight)["n"].sum() == len(rows)


def test_nothing_is_said_of_calibration_where_nothing_can_be_told() -> None:
    assert math.isnan(measures.calibration_slope([True, True], [0.4, 0.6]))  # all won
    assert math.isnan(measures.calibration_slope([True, False], [0.5, 0.5]))  # one probability
    assert math.isnan(measures.calibration_slope([True, False], [0.6, 0.4]))  # fully apart
    assert math.isnan(measures.calibration_intercept([False, False], [0.6, 0.4]))
    assert math.isnan(measures.auc([True, True], [0.6, 0.4]))


def test_a_certain_mistake_costs_much_but_not_everything() -> None:
    assert measures.log_loss([True], [0.0]) == pytest.approx(13.8, abs=0.1)


def test_overconfident_probabilities_have_a_slope_below_one() -> None:
    won, p, deal = outcomes(11, n=2000)
    stretched = 1 / (1 + np.exp(-2 * logit(p)))
    told = measure_predictions(won, stretched, cluster=deal)
    assert told["calibration_slope"] == pytest.approx(0.5, abs=0.08)
    assert told["calibration_slope_high"] < 0.8


def test_a_missing_or_impossible_probability_is_an_error_that_counts_them() -> None:
    with pytest.raises(ProbabilityError, match=r"2 of 3 probabilities .* first: nan, 55"):
        measures.auc([True, False, True], [math.nan, 55, 0.5])


def test_rows_that_do_not_belong_together_are_an_error() -> None:
    with pytest.raises(UsageError, match=r"2 outcomes .* 1 probabilities"):
        measures.auc([True, False], [0.5])


def test_rows_without_a_known_end_may_be_given_with_weight_zero() -> None:
    told = measure_predictions([True, False, False], [0.6, 0.2, math.nan], weight=[1, 1, 0])
    assert told["n"] == 2


def test_reliability_holds_the_true_rate_in_its_interval() -> None:
    held = []
    for seed in range(60):
        won, p, deal = outcomes(seed, n=200, rows_a_deal=3)
        table = reliability_table(won, p, cluster=deal)
        held += ((table["low"] <= table["stated"]) & (table["stated"] <= table["high"])).tolist()
    assert 0.92 <= np.mean(held) <= 0.99


def test_few_deals_have_few_bins() -> None:
    won, p, deal = outcomes(12, n=35)
    assert len(reliability_table(won, p, cluster=deal)) == 3
    assert len(reliability_table([True], [0.5])) == 1
    assert reliability_table([], []).empty


def test_equal_probabilities_share_a_bin() -> None:
    assert len(reliability_table([True, False] * 50, [0.4] * 100)) == 1


def test_lift_says_how_much_better_the_best_tenth_is() -> None:
    won, p, deal = outcomes(13, n=1000)
    table = lift_by_decile(won, p, cluster=deal)
    assert table["decile"].tolist() == list(range(1, 11))
    assert table["lift"].iloc[0] == pytest.approx(won[np.argsort(-p)[:100]].mean() / won.mean())
    assert table["share_of_wins"].iloc[-1] == pytest.approx(1)
    assert (table["lift"] @ table["n"]) / len(won) == pytest.approx(1)


def test_lift_takes_a_score_of_any_scale() -> None:
    won, p, deal = outcomes(14)
    assert lift_by_decile(won, 1000 * p - 5, cluster=deal).equals(lift_by_decile(won, p, cluster=deal))


def test_capacity_is_that_of_each_day() -> None:
    won, score, day = [True, False, False, True], [0.9, 0.1, 0.5, 0.4], ["mon", "mon", "tue", "tue"]
    assert precision_at_capacity(won, score, capacity=1, day=day) == 0.5
    assert precision_at_capacity(won, score, capacity=5, day=day) == 0.5  # more time than deals: the win rate
    assert math.isnan(precision_at_capacity([], [], capacity=3))
