"""Fit a sum of tables to won or not: boosted trees of depth 2 over levels, on bags of deals.

Three steps. How many trees: by deals left out in turn. Which pairs: those that gain most in trees that may use any.
Then one fit per bag with those pairs only, and the mean of the bags' tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from oppnb.errors import ExtraMissingError
from oppnb.scoring.engine.additive import Basis, fit_additive, learn_precision
from oppnb.scoring.engine.bags import bag_weights, equal_weights, folds_of
from oppnb.scoring.engine.bins import ColumnBins
from oppnb.scoring.engine.crossings import Cells, Crossings, find_crossings
from oppnb.scoring.engine.pairs import TableSum, added, fold_trees, mean_and_bags
from oppnb.scoring.engine.paths import logistic
from oppnb.scoring.threads import n_threads

__all__ = ["BoostSettings", "Sample", "fit_tables", "level_shift"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

_LEVEL_SHRINK = 0.5
_FOLDS = 4
_LEAST_DEALS = 16
_MOST_PLAIN_ROWS = 40_000
_FEW_CELLS = 2_000_000
"""Below so many cells a second thread costs more than it saves, on a busy machine ten times as much."""


@dataclass(frozen=True)
class BoostSettings:
    """How a sum of tables is boosted.

    Attributes
    ----------
    n_trees : int
        At most; with `choose` as many as serve deals left out best, 0 among the choices. So are crossings.
    strength : float or None
        Variance of a slope of the plain ridge logistic part that is believed before the rows have spoken, smaller
        trusts them less. None: no such part.
    n_knots : int
        Bends of each number's line in the plain part.
    n_crossings : int
        Pairs of columns, at most, that the plain part holds with a constant for each of their cells.
    n_pairs : int
        Tables of two columns from the trees, at most.
    n_bags : int
        Fits on bags of deals whose mean is the model; their spread says how sure it is. 1: one fit on the deals as
        they are.
    left_out : tuple of str
        Columns that are for the trees alone.
    counts_hits : bool
        Rows weigh together as many deals as they are of, counted by their hits instead of all of them.
    most_rows : int
        Of more, evenly spaced deal-days are taken.
    min_weight : float
        Least sum of p (1 - p) of a leaf; 2 is about ten deals.
    """

    n_trees: int = 300
    learning_rate: float = 0.05
    n_pairs: int = 24
    n_bags: int = 8
    min_weight: float = 2.0
    shrink: float = 2.0
    strength: float | None = 0.05
    n_knots: int = 0
    n_crossings: int = 0
    left_out: tuple[str, ...] = ()
    choose: bool = True
    counts_hits: bool = False
    most_rows: int = 600_000
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
        columns = [levels.astype(np.float32)[self.codes[:, column]] for column, levels in enumerate(self.positions)]
        return np.stack(columns, axis=1)


def fit_tables(
    sample: Sample, columns: Sequence[ColumnBins], masses: Sequence[Floats], settings: BoostSettings
) -> TableSum:
    """Fit a score to rows: a plain additive one first, then trees that correct it.

    How strongly the plain part is believed and how many trees follow (perhaps none) is what serves deals left out in
    turn best.

    Parameters
    ----------
    sample : Sample
    columns, masses : sequences
        The columns' levels, and the weight of each level (`level_masses`).
    settings : BoostSettings

    Returns
    -------
    TableSum
        Purified. One output, or with several bags 1 + `n_bags`: their mean, then each. The offset is not part of it.

    Raises
    ------
    ExtraMissingError
        If LightGBM is not installed.
    """
    learner = _Learner.of(sample, columns, masses, settings)
    weights = bag_weights(sample.clusters, n_bags=settings.n_bags, seed=settings.seed)
    plan = learner.plan()
    centres = _centres(plan.plain, n_bags=settings.n_bags, seed=settings.seed)
    bags = [
        learner.fit_bag(sample.weight * weight, plan, centre) for weight, centre in zip(weights, centres, strict=True)
    ]
    return mean_and_bags(bags).purified(masses)


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


@dataclass(frozen=True)
class _Plain:
    """What is settled of the plain part before each fit: crossings, how firmly slopes are held, where they start."""

    crossings: Crossings | None
    precision: Floats
    start: Floats


@dataclass(frozen=True)
class _Plan:
    """What was found to serve deals left out: the plain part (None: leave it out), trees, pairs."""

    plain: "_Plain | None"
    n_trees: int
    allowed: list[list[int]]


@dataclass(frozen=True)
class _Learner:
    sample: Sample
    basis: Basis
    cells: Cells
    settings: BoostSettings
    data: Any  # lightgbm.Dataset, binned once and shared by every fit

    @classmethod
    def of(
        cls, sample: Sample, columns: Sequence[ColumnBins], masses: Sequence[Floats], settings: BoostSettings
    ) -> "_Learner":
        if not _can_learn(sample):
            settings = replace(settings, n_trees=0, strength=None)
        settings = replace(settings, threads=n_threads() if sample.codes.size > _FEW_CELLS else 1)
        data = None
        if settings.n_trees:
            parameters = _parameters(settings)
            data = _lightgbm().Dataset(sample.numbers(), label=sample.won, weight=sample.weight, params=parameters)
            data.construct()
        basis = Basis.of(columns, masses, n_knots=settings.n_knots, left_out=settings.left_out)
        return cls(sample, basis, Cells.of(columns, masses), settings, data)

    def plan(self) -> _Plan:
        tried = self._plain()
        plain, n_trees = self._choose(tried) if self.settings.choose else (tried[-1], self.settings.n_trees)
        start = self._start(plain, self._every, self.sample.weight)
        pairs = self._best_pairs(n_trees, start.score(self.sample.codes)[:, 0]) if n_trees else []
        columns = [[column] for column in range(len(self.sample.positions))]
        return _Plan(plain, n_trees, columns + [list(pair) for pair in pairs])

    def fit_bag(self, weight: Floats, plan: _Plan, centre: Floats | None) -> TableSum:
        """The plain part of a bag, and the trees on top of it."""
        start = self._start(plan.plain, self._every, weight, centre)
        if plan.n_trees == 0:
            return start
        self.data.set_weight(weight)
        self.data.set_init_score(self.sample.offset + start.score(self.sample.codes)[:, 0])
        parameters = _parameters(self.settings, interaction_constraints=plan.allowed)
        booster = _lightgbm().train(parameters, self.data, num_boost_round=plan.n_trees)
        return added(start, fold_trees(booster.dump_model(), self.sample.positions, intercept=0.0))

    @property
    def _every(self) -> Ints:
        return np.arange(len(self.sample.won))

    def _plain(self) -> "list[_Plain | None]":
        """The plain part, and the one with crossings if there are any."""
        if self.settings.strength is None:
            return [None]
        plain = self._settled(None)
        crossings = self._crossings(plain) if self.settings.n_crossings else None
        return [plain, self._settled(crossings)] if crossings and crossings.pairs else [plain]

    def _choose(self, plain: "list[_Plain | None]") -> "tuple[_Plain | None, int]":
        """Whether crossings are believed and how many trees follow, by the log loss of deals left out."""
        if len(plain) == 1 and self.settings.n_trees == 0:
            return plain[0], 0
        folds = folds_of(self.sample.clusters, n_folds=_FOLDS, seed=self.settings.seed)
        starts = [
            [self._start(each, np.flatnonzero(folds != fold), self.sample.weight) for fold in range(_FOLDS)]
            for each in plain
        ]
        losses = [sum(self._loss(start, folds == fold) for fold, start in enumerate(each)) for each in starts]
        best = int(np.argmin(losses))
        if self.settings.n_trees == 0:
            return plain[best], 0
        by_trees = sum(self._losses_by_trees(starts[best][fold], folds == fold) for fold in range(_FOLDS))
        return plain[best], int(np.argmin(by_trees))

    def _settled(self, crossings: Crossings | None) -> _Plain:
        rows = _some(self._every, _MOST_PLAIN_ROWS)
        design, blocks = self._design(rows, crossings)
        sample, weight = self.sample, self._scaled(rows, self.sample.weight)
        strength = self.settings.strength or 1.0
        told = (sample.won[rows], weight, sample.offset[rows])
        if self.settings.choose:
            return _Plain(crossings, *learn_precision(design, blocks, *told, strength=strength))
        precision = np.full(len(blocks), 1 / strength)  # many rows: they speak for themselves
        return _Plain(crossings, precision, fit_additive(design, *told, precision=precision))

    def _design(self, rows: Ints, crossings: Crossings | None) -> tuple[Floats, Ints]:
        codes = self.sample.codes[rows]
        design, blocks = self.basis.design(codes), self.basis.blocks
        if crossings is None:
            return design, blocks
        after = int(blocks.max(initial=-1)) + 1
        return np.concatenate([design, crossings.design(codes)], axis=1), np.append(blocks, crossings.blocks + after)

    def _scaled(self, rows: Ints, weight: Floats) -> Floats:
        """Weights of some rows that stand for all the sample's."""
        found: Floats = weight[rows] * (self.sample.weight.sum() / weight[rows].sum())
        return found

    def _crossings(self, plain: _Plain) -> Crossings:
        """Pairs that a plain part leaves over, each deal counting once: its rows are off together."""
        sample, rows = self.sample, _some(self._every, _MOST_PLAIN_ROWS)
        weight = equal_weights(np.unique(sample.clusters[rows], return_inverse=True)[1])
        every = np.zeros(len(sample.won))
        every[rows] = weight
        codes = sample.codes[rows]
        share = logistic(sample.offset[rows] + self._start(plain, rows, every).score(codes)[:, 0])
        return find_crossings(
            self.cells,
            codes,
            weight * (sample.won[rows] - share),
            weight * share * (1 - share),
            most=self.settings.n_crossings,
            left_out=self.basis.left_out,
        )

    def _start(self, plain: _Plain | None, rows: Ints, weight: Floats, centre: Floats | None = None) -> TableSum:
        sample = self.sample
        if plain is None:
            shift = level_shift(sample.won[rows], sample.offset[rows], weight[rows])
            return fold_trees({"tree_info": []}, sample.positions, intercept=shift)
        share, rows = float(weight[rows].sum()), _some(rows, _MOST_PLAIN_ROWS)
        design = self._design(rows, plain.crossings)[0]
        held_at = np.zeros(design.shape[1] + 1) if centre is None else centre
        found = held_at + fit_additive(
            design,
            sample.won[rows],
            weight[rows] * (share / weight[rows].sum()),
            sample.offset[rows] + design @ held_at[:-1],
            precision=plain.precision,
            start=plain.start - held_at,
        )
        n_terms = len(self.basis.blocks)
        tables = self.basis.tables(np.append(found[:n_terms], found[-1]))
        return added(tables, plain.crossings.tables(found[n_terms:-1])) if plain.crossings else tables

    def _loss(self, start: TableSum, outside: npt.NDArray[np.bool_]) -> float:
        score = self.sample.offset[outside] + start.score(self.sample.codes[outside])[:, 0]
        losses = np.logaddexp(0.0, score) - self.sample.won[outside] * score
        return float(self.sample.weight[outside] @ losses)

    def _losses_by_trees(self, start: TableSum, outside: npt.NDArray[np.bool_]) -> Floats:
        """Weighted log loss of the rows outside after 0, 1, … trees on top of a plain part learned from the others."""
        lightgbm = _lightgbm()
        n_trees = self.settings.n_trees
        if not outside.any() or outside.all():
            return np.zeros(n_trees + 1)
        score = self.sample.offset + start.score(self.sample.codes)[:, 0]
        parts = []
        for chosen in (~outside, outside):
            part = self.data.subset(np.flatnonzero(chosen).tolist()).construct()
            part.set_weight(self.sample.weight[chosen])
            parts.append(part.set_init_score(score[chosen]))
        seen: dict[str, Any] = {}
        lightgbm.train(
            _parameters(self.settings, metric="binary_logloss"),
            parts[0],
            num_boost_round=n_trees,
            valid_sets=[parts[1]],
            valid_names=["outside"],
            callbacks=[lightgbm.record_evaluation(seen)],
        )
        after = np.array(seen["outside"]["binary_logloss"]) * self.sample.weight[outside].sum()
        return np.concatenate([[self._loss(start, outside)], after, np.full(n_trees - len(after), after[-1])])

    def _best_pairs(self, n_trees: int, score: Floats) -> list[tuple[int, int]]:
        """Pairs by what their second splits gain in trees that may use any pair."""
        self.data.set_weight(self.sample.weight)
        self.data.set_init_score(self.sample.offset + score)
        free = _lightgbm().train(_parameters(self.settings), self.data, num_boost_round=n_trees)
        gains: dict[tuple[int, int], float] = {}
        for tree in free.dump_model()["tree_info"]:
            for pair, gain in _second_splits(tree["tree_structure"]):
                gains[pair] = gains.get(pair, 0.0) + gain
        return sorted(gains, key=lambda pair: (-gains[pair], pair))[: self.settings.n_pairs]


def _centres(plain: _Plain | None, *, n_bags: int, seed: int) -> list[Floats | None]:
    """Where the slopes of each bag are held: drawn as they were believed before, in opposite pairs.

    Bags of the same deals, all held at 0, agree on what the deals do not tell: few deals would look sure. Held at what
    might as well be, they differ by what was believed and by what was seen; opposite pairs leave their mean alone.
    """
    if plain is None or n_bags == 1:
        return [None] * n_bags
    drawn = np.random.default_rng([seed, 3]).normal(size=(n_bags // 2, len(plain.precision)))
    centres = [np.append(sign * one / np.sqrt(plain.precision), 0.0) for one in drawn for sign in (1, -1)]
    return [*centres, *([None] * (n_bags % 2))]


def _some(rows: Ints, most: int) -> Ints:
    """All rows, or of too many evenly spaced ones, which keep all days: a few dozen slopes are known from fewer."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def _can_learn(sample: Sample) -> bool:
    return len(sample.positions) > 0 and len(np.unique(sample.won)) == 2 and sample.weight.sum() >= _LEAST_DEALS


def _second_splits(root: Mapping[str, Any]) -> list[tuple[tuple[int, int], float]]:
    found = []
    for child in (root.get("left_child", {}), root.get("right_child", {})):
        if "split_feature" in child and child["split_feature"] != root["split_feature"]:
            first, second = sorted((int(root["split_feature"]), int(child["split_feature"])))
            found.append(((first, second), float(child["split_gain"])))
    return found


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
