"""Tables of levels say exactly what the trees said."""

import lightgbm
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.scoring.engine.additive import Basis, fit_additive
from oppnb.scoring.engine.bags import bag_weights, folds_of
from oppnb.scoring.engine.bins import ColumnBins, bins_of_numbers, bins_of_texts, number_codes, number_edges
from oppnb.scoring.engine.boosted import BoostSettings, Sample, fit_tables
from oppnb.scoring.engine.censoring import closed_weights
from oppnb.scoring.engine.columns import level_masses
from oppnb.scoring.engine.pairs import TableSum, fold_trees, group_scores
from oppnb.scoring.threads import n_threads


def levels_and_target(n: int = 800, *, seed: int = 0) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    random = np.random.default_rng(seed)
    codes = random.integers(0, 6, size=(n, 4)).astype(np.uint8)
    positions = [np.array([np.nan, 1, 2, 3, 4, 5.0]) for _ in range(4)]
    score = 0.5 * codes[:, 0] - 1.5 + (codes[:, 1] > 2) * (codes[:, 2] < 3) * 1.5
    return codes, positions, (random.random(n) < 1 / (1 + np.exp(-score))).astype(float)


@pytest.mark.parametrize("missing_at_fit", [True, False])
def test_folded_trees_give_the_trees_own_score_to_1e_12(missing_at_fit: bool) -> None:
    codes, positions, won = levels_and_target()
    learned = codes if missing_at_fit else np.maximum(codes, 1)
    seen = np.stack([positions[place][learned[:, place]] for place in range(4)], axis=1)
    settings = {"objective": "binary", "max_depth": 2, "verbosity": -1, "boost_from_average": False, "num_threads": 1}
    trees = lightgbm.train(settings, lightgbm.Dataset(seen, won), 50)
    tables = fold_trees(trees.dump_model(), positions, intercept=0.0)
    asked = np.stack([positions[place][codes[:, place]] for place in range(4)], axis=1)
    assert np.abs(tables.score(codes)[:, 0] - trees.predict(asked, raw_score=True)).max() < 1e-12


def test_deeper_trees_are_refused() -> None:
    codes, positions, won = levels_and_target()
    seen = np.stack([positions[place][codes[:, place]] for place in range(4)], axis=1)
    settings = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1}
    trees = lightgbm.train(settings, lightgbm.Dataset(seen, won), 20)
    with pytest.raises(ValueError, match="more than two columns"):
        fold_trees(trees.dump_model(), positions, intercept=0.0)


def random_tables(seed: int) -> TableSum:
    random = np.random.default_rng(seed)
    mains = tuple(random.normal(size=(6, 1)) for _ in range(4))
    pairs = ((0, 1), (1, 3))
    return TableSum(random.normal(size=1), mains, pairs, tuple(random.normal(size=(6, 6, 1)) for _ in pairs))


@given(st.integers(0, 10_000))
def test_purifying_changes_no_score_and_leaves_pairs_without_a_mean(seed: int) -> None:
    codes, _, _ = levels_and_target(200, seed=seed)
    masses = [np.bincount(codes[:, place], minlength=6).astype(float) for place in range(4)]
    tables = random_tables(seed)
    pure = tables.purified(masses)
    assert np.abs(pure.score(codes) - tables.score(codes)).max() < 1e-9
    for (first, second), table in zip(pure.pairs, pure.pair_tables, strict=True):
        assert np.abs(np.einsum("jkc,k->jc", table, masses[second])).max() < 1e-7
        assert np.abs(np.einsum("jkc,j->kc", table, masses[first])).max() < 1e-7


def test_a_text_never_seen_adds_the_average() -> None:
    codes, _, _ = levels_and_target()
    masses = [np.append(np.bincount(codes[:, place], minlength=6)[:5], np.nan) for place in range(4)]
    pure = random_tables(0).purified(masses)
    assert all(table[5, 0] == 0 for table in pure.mains)


def test_groups_add_up_to_the_score() -> None:
    codes, _, _ = levels_and_target()
    tables = random_tables(3)
    parts = group_scores(tables, codes, np.array([0, 1, 1, 2]), 3)
    assert np.abs(parts.sum(axis=1) + tables.intercept[0] - tables.score(codes)[:, 0]).max() < 1e-12


def columns_of_six() -> list[ColumnBins]:
    return [ColumnBins(f"c{place}", "other", np.arange(4) + 1.5, None, np.arange(5) + 1.0) for place in range(4)]


def test_shuffled_outcomes_teach_next_to_nothing() -> None:
    codes, positions, won = levels_and_target(1_500)
    np.random.default_rng(1).shuffle(won)
    sample = Sample(codes, positions, won, np.ones(len(won)), np.zeros(len(won)), np.arange(len(won)))
    masses = level_masses(columns_of_six(), codes, np.ones(len(won)))
    score = fit_tables(sample, columns_of_six(), masses, BoostSettings(n_trees=60, n_bags=2)).score(codes)[:, 0]
    assert score.std() < 0.25


def test_one_class_only_or_no_rows_give_a_level() -> None:
    codes, positions, won = levels_and_target(50)
    masses = level_masses(columns_of_six(), codes, np.ones(50))
    for n, target in ((50, np.ones(50)), (0, won)):
        sample = Sample(codes[:n], positions, target[:n], np.ones(n), np.zeros(n), np.arange(n))
        tables = fit_tables(sample, columns_of_six(), masses, BoostSettings(n_bags=1))
        assert np.ptp(tables.score(codes)) == 0
        assert np.isfinite(tables.score(codes)).all()


def test_the_plain_part_is_the_ridge_that_scikit_learn_finds() -> None:
    from sklearn.linear_model import LogisticRegression

    codes, _, won = levels_and_target()
    design = Basis.of(columns_of_six(), level_masses(columns_of_six(), codes, np.ones(len(won)))).design(codes)
    found = fit_additive(
        design, won, np.ones(len(won)), np.zeros(len(won)), precision=np.full(design.shape[1], 1 / 0.3)
    )
    other = LogisticRegression(C=0.3, tol=1e-8, max_iter=500).fit(design, won)
    assert np.abs(design @ found[:-1] + found[-1] - other.decision_function(design)).max() < 0.02


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=200), st.integers(2, 40))
def test_bins_keep_the_order_of_numbers(values: list[float], max_bins: int) -> None:
    numbers = np.sort(np.array(values))
    edges = number_edges(numbers, max_bins=max_bins)
    codes = number_codes(numbers, edges)
    assert len(edges) < max_bins
    assert (np.diff(codes.astype(int)) >= 0).all()
    assert codes.min() >= 1


def test_a_weight_of_two_is_two_values() -> None:
    values = np.random.default_rng(0).normal(size=300)
    weight = np.random.default_rng(1).integers(1, 4, size=300).astype(float)
    repeated = np.repeat(values, weight.astype(int))
    assert (number_edges(values, weight=weight) == number_edges(repeated)).all()


def test_levels_say_what_they_hold() -> None:
    numbers = pd.Series([0.0, 0.0, 1.0, 5.0, None])
    column = bins_of_numbers("n", "other", numbers, weight=np.ones(5), max_bins=32)
    assert [column.label(level) for level in range(4)] == ["?", "< 0.5", "0.5 – 3", ">= 3"]
    assert column.codes(numbers).tolist() == [1, 1, 2, 3, 0]
    texts = pd.Series(["web", "web", "NA", "NA", "fair", None])
    column = bins_of_texts("t", "other", texts, weight=np.ones(6), max_bins=32, min_weight=2)
    assert [column.label(level) for level in range(4)] == ["?", "NA", "web", "*"]
    assert column.codes(pd.Series(["web", "NA", "fair", "new", None])).tolist() == [2, 1, 3, 3, 0]


def test_deals_are_in_a_bag_or_fold_as_a_whole() -> None:
    clusters = np.repeat(np.arange(40), 3)
    for weights in bag_weights(clusters, n_bags=3, seed=0):
        assert (weights.reshape(40, 3) == weights.reshape(40, 3)[:, :1]).all()
    folds = folds_of(clusters, n_folds=4, seed=0).reshape(40, 3)
    assert (folds == folds[:, :1]).all()
    assert np.bincount(folds[:, 0]).tolist() == [10, 10, 10, 10]


def test_weights_of_closed_deals_mend_the_haste_of_the_first_to_close() -> None:
    random = np.random.default_rng(0)
    slow = random.random(20_000) < 0.5
    days, followed = random.exponential(np.where(slow, 30, 10)), random.uniform(0, 120, size=20_000)
    is_closed = days <= followed
    weight = closed_weights(np.minimum(days, followed), is_closed, np.ones(20_000))
    assert abs(np.average(slow, weights=weight) - 0.5) < 0.03 < 0.5 - slow[is_closed].mean()


def test_threads_are_set_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from oppnb.errors import UsageError

    monkeypatch.setenv("OPPNB_THREADS", "3")
    assert n_threads() == 3
    monkeypatch.setenv("OPPNB_THREADS", "many")
    with pytest.raises(UsageError, match="OPPNB_THREADS is 'many'"):
        n_threads()
