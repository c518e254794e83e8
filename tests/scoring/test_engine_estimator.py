"""The boosted tables keep scikit-learn's contract."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from oppnb.scoring.engine.estimator import PairwiseBoostedClassifier, QuantileBinner


@parametrize_with_checks([PairwiseBoostedClassifier(n_trees=30), QuantileBinner()])
def test_keeps_the_contract_of_an_estimator(estimator: Any, check: Any) -> None:
    if check.func.__name__ == "check_array_api_input":
        return  # runs only with an environment variable set before Python starts, for estimators that take other arrays
    check(estimator)


def crossed(n: int = 3_000, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, classes and true probabilities of a law with a threshold and a crossing that no line can follow."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(n, 4))
    score = 1.5 * (values[:, 0] > 0.5) + np.where(values[:, 1] > 0, 1.0, -1.0) * np.where(values[:, 2] > 0, 1.0, -0.4)
    chance = 1 / (1 + np.exp(-score))
    values[random.random((n, 4)) < 0.05] = np.nan
    return values, random.random(n) < chance, chance


def test_finds_a_combination_that_a_straight_line_cannot() -> None:
    values, won, _ = crossed()
    later, _, truth = crossed(seed=1)
    tables = PairwiseBoostedClassifier().fit(values, won)
    line = LogisticRegression().fit(np.nan_to_num(values), won)
    off = np.abs(tables.predict_proba(later)[:, 1] - truth).mean()
    assert off < 0.6 * np.abs(line.predict_proba(np.nan_to_num(later))[:, 1] - truth).mean()


def test_two_fits_are_the_same_to_the_last_bit() -> None:
    values, won, _ = crossed(500)
    first = PairwiseBoostedClassifier(n_bags=3, n_trees=20).fit(values, won)
    again = clone(first).fit(values, won)
    assert (first.decision_function(values) == again.decision_function(values)).all()


def test_stands_in_a_pipeline_that_names_its_columns() -> None:
    values, won, _ = crossed(300)
    binner = QuantileBinner(max_bins=8).set_output(transform="pandas")
    codes = binner.fit_transform(values)
    assert list(codes.columns) == ["x0", "x1", "x2", "x3"]
    assert codes.to_numpy().max() == 8
    assert (
        make_pipeline(QuantileBinner(), PairwiseBoostedClassifier(n_trees=10)).fit(values, won).score(values, won) > 0.5
    )
