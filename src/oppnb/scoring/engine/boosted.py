"""Fit a sum of tables to won or not: boosted trees of depth 2 over levels, on bags of deals.

Three steps. How many trees: by deals left out in turn. Which pairs: those that gain most in trees that may use any.
Then one fit per bag with those pairs only, and the mean of the bags' tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from oppnb.errors import ExtraMissingError
from oppnb.scoring.engine.bags import bag_weights, folds_of
from oppnb.scoring.engine.pairs import TableSum, fold_trees, mean_and_bags
from oppnb.scoring.engine.paths import logistic
from oppnb.scoring.threads import n_threads

if TYPE_CHECKING:
    import lightgbm

__all__ = ["BoostSettings", "Sample", "fit_tables", "level_shift"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

_LEVEL_SHRINK = 0.5
_FEW_CELLS = 2_000_000
"""Below so many cells a second thread costs more than it saves, on a busy machine ten times as much."""


@dataclass(frozen=True)
class BoostSettings:
    """How a sum of tables is boosted.

    Attributes
    ----------
    n_trees : int
        At most; with `choose_trees` as many as serve deals left out best, 0 among the choices.
    n_pairs : int
        Tables of two columns, at most.
    n_bags : int
        Fits on bags of deals whose mean is the model; their spread says how sure it is. 1: one fit on the deals as
        they are.
    min_weight : float
        Least sum of p (1 - p) of a leaf; 2 is about ten deals.
    """

    n_trees: int = 300
    learning_rate: float = 0.05
    n_pairs: int = 24
    n_bags: int = 8
    min_weight: float = 2.0
    shrink: float = 2.0
    choose_trees: bool = True
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True)
class Sample:
    """Rows to learn from.

    Attributes
    ----------
    codes : array, shape (n, n_columns)
        Level of each column.
    positions : sequence of arrays, shape (n_levels,)
        For each column, where its levels stand on a line; NaN for "not known".
    won : array of float, shape (n,)
        1 or 0.
    weight : array, shape (n,)
        0 and above.
    offset : array, shape (n,)
        Score the trees are added to.
    clusters : array of int, shape (n,)
        Deal of each row, 0, 1, …; a deal is in or out of a bag or fold as a whole.
    """

    codes: Codes
    positions: Sequence[Floats]
    won: Floats
    weight: Floats
    offset: Floats
    clusters: npt.NDArray[np.int64]

    def numbers(self) -> npt.NDArray[np.float32]:
        """What the trees see, shape (n, n_columns)."""
        columns = [
            levels.astype(np.float32)[self.codes[:, column]] for column, levels in enumerate(self.positions)
        ]
        return np.stack(columns, axis=1)


def fit_tables(sample: Sample, settings: BoostSettings) -> TableSum:
    """Boost tables; the offset is not part of them. Each bag's own level is, so that bags differ in it too.

    Returns
    -------
    TableSum
        One output, or with several bags 1 + `n_bags`: their mean, then each. Not purified.

    Raises
    ------
    ExtraMissingError
        If LightGBM is not installed.
    """
    if len(sample.won) == 0 or len(sample.positions) == 0 or len(np.unique(sample.won)) < 2:
        settings = replace(settings, n_trees=0)
    settings = replace(settings, threads=n_threads() if sample.codes.size > _FEW_CELLS else 1)
    data = _dataset(sample, settings) if settings.n_trees else None
    if settings.choose_trees and settings.n_trees:
        settings = replace(settings, n_trees=_best_number_of_trees(data, sample, settings))
    pairs = _best_pairs(data, sample, settings) if settings.n_trees else []
    weights = bag_weights(sample.clusters, n_bags=settings.n_bags, seed=settings.seed)
    allowed = _constraints(pairs, len(sample.positions))
    return mean_and_bags([_fit_bag(data, sample, sample.weight * weight, settings, allowed) for weight in weights])


def level_shift(won: Floats, offset: Floats, weight: Floats) -> float:
    """What must be added to the offset so that as many are expected as were won; a little less for a few deals.

    Examples
    --------
    >>> shift = level_shift(np.array([1.0] * 300 + [0.0] * 100), np.zeros(400), np.ones(400))
    >>> round(float(logistic(np.array(shift))), 2)
    0.75
    """
    shift = 0.0
    for _ in range(20):
        share = logistic(offset + shift)
        step = (weight @ (won - share) - _LEVEL_SHRINK * shift) / (weight @ (share * (1 - share)) + _LEVEL_SHRINK)
        shift += float(np.clip(step, -1.0, 1.0))
    return shift


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError:
        raise ExtraMissingError.for_extra("scoring", what="Fitting a boosted model") from None
    return lightgbm


def _dataset(sample: Sample, settings: BoostSettings) -> "lightgbm.Dataset":
    data: lightgbm.Dataset = _lightgbm().Dataset(
        sample.numbers(),
        label=sample.won,
        weight=sample.weight,
        init_score=sample.offset,
        params=_parameters(settings),
        free_raw_data=True,
    )
    return data.construct()


def _parameters(settings: BoostSettings, **others: object) -> dict[str, Any]:
    return {
        "objective": "binary",
        "boost_from_average": False,
        "max_depth": 2,
        "num_leaves": 4,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": settings.min_weight,
        "lambda_l2": settings.shrink,
        "max_bin": 255,
        "min_data_in_bin": 1,
        "feature_pre_filter": False,
        "enable_bundle": False,
        "deterministic": True,
        "force_row_wise": True,
        "seed": settings.seed,
        "num_threads": settings.threads,
        "verbosity": -1,
        **others,
    }


def _best_number_of_trees(data: "lightgbm.Dataset", sample: Sample, settings: BoostSettings) -> int:
    folds = folds_of(sample.clusters, n_folds=4, seed=settings.seed)
    losses = np.zeros(settings.n_trees + 1)
    for fold in range(4):
        outside = np.flatnonzero(folds == fold)
        if len(outside) and len(outside) < len(folds):
            losses += _loss_by_trees(data, sample, settings, np.flatnonzero(folds != fold), outside)
    return int(np.argmin(losses))


def _loss_by_trees(
    data: "lightgbm.Dataset",
    sample: Sample,
    settings: BoostSettings,
    inside: npt.NDArray[np.int64],
    outside: npt.NDArray[np.int64],
) -> Floats:
    """Weighted log loss of the rows outside after 0, 1, … trees."""
    lightgbm = _lightgbm()
    seen: dict[str, Any] = {}
    test = data.subset(outside.tolist())
    lightgbm.train(
        _parameters(settings, metric="binary_logloss"),
        data.subset(inside.tolist()),
        num_boost_round=settings.n_trees,
        valid_sets=[test],
        valid_names=["outside"],
        callbacks=[lightgbm.record_evaluation(seen)],
    )
    weight, won, score = sample.weight[outside], sample.won[outside], sample.offset[outside]
    before = float(np.average(np.logaddexp(0, score) - won * score, weights=weight))
    after = seen["outside"]["binary_logloss"]
    losses = np.concatenate([[before], after, np.full(settings.n_trees - len(after), after[-1])])
    return losses * weight.sum()


def _best_pairs(data: "lightgbm.Dataset", sample: Sample, settings: BoostSettings) -> list[tuple[int, int]]:
    """Pairs by what their second splits gain in trees that may use any pair."""
    data.set_weight(sample.weight)
    free = _lightgbm().train(_parameters(settings), data, num_boost_round=settings.n_trees)
    gains: dict[tuple[int, int], float] = {}
    for tree in free.dump_model()["tree_info"]:
        root = tree["tree_structure"]
        for child in (root.get("left_child", {}), root.get("right_child", {})):
            if "split_feature" in child and child["split_feature"] != root["split_feature"]:
                pair = tuple(sorted((int(root["split_feature"]), int(child["split_feature"]))))
                gains[pair[0], pair[1]] = gains.get((pair[0], pair[1]), 0.0) + float(child["split_gain"])
    return sorted(gains, key=lambda pair: (-gains[pair], pair))[: settings.n_pairs]


def _constraints(pairs: Sequence[tuple[int, int]], n_columns: int) -> list[list[int]]:
    return [[column] for column in range(n_columns)] + [list(pair) for pair in pairs]


def _fit_bag(
    data: "lightgbm.Dataset", sample: Sample, weight: Floats, settings: BoostSettings, allowed: list[list[int]]
) -> TableSum:
    shift = level_shift(sample.won, sample.offset, weight)
    if settings.n_trees == 0:
        return fold_trees({"tree_info": []}, sample.positions, intercept=shift)
    data.set_weight(weight)
    data.set_init_score(sample.offset + shift)
    parameters = _parameters(settings, interaction_constraints=allowed)
    booster = _lightgbm().train(parameters, data, num_boost_round=settings.n_trees)
    return fold_trees(booster.dump_model(), sample.positions, intercept=shift)
