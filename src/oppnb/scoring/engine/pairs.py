"""A score that is a sum of tables, one or two features each: what boosted trees of depth 2 come to, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["TableSum", "added", "fold_trees", "group_scores", "joined", "mean_and_bags", "pair_values", "with_level"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TableSum:
    """score = intercept + a number per level of each column + a number per pair of levels of some pairs of columns.

    Attributes
    ----------
    intercept : array, shape (n_outputs,)
        Several scores may live side by side, e.g. the mean of bags and each bag.
    mains : tuple of arrays, shape (n_levels of the column, n_outputs)
        One per column, zeros where the column says nothing.
    pairs : tuple of (int, int)
        Columns of each pair table, the smaller first, sorted.
    pair_tables : tuple of arrays, shape (n_levels of the first, n_levels of the second, n_outputs)
    """

    intercept: Floats
    mains: tuple[Floats, ...]
    pairs: tuple[tuple[int, int], ...]
    pair_tables: tuple[Floats, ...]

    @property
    def n_outputs(self) -> int:
        """Scores side by side."""
        return len(self.intercept)

    def score(self, codes: npt.NDArray[np.uint8]) -> Floats:
        """Sum the tables at the levels of each row.

        Parameters
        ----------
        codes : array, shape (n, n_columns)

        Returns
        -------
        array, shape (n, n_outputs)
        """
        found = np.tile(self.intercept, (len(codes), 1))
        for column, table in enumerate(self.mains):
            found += table[codes[:, column]]
        for (first, second), table in zip(self.pairs, self.pair_tables, strict=True):
            found += pair_values(table, codes[:, first], codes[:, second])
        return found

    def purified(self, masses: Sequence[Floats]) -> "TableSum":
        """The same score with each table's mean zero, so that a pair holds only what its two columns do not say alone.

        Means are taken over `masses`, the weight of each level, column by column. A level without any weight was never
        seen: its own effects are set to 0, the average, if it has no order among its neighbours (`masses` NaN there).
        """
        shares = [_shares(mass) for mass in masses]
        intercept, mains = self.intercept.copy(), [table.copy() for table in self.mains]
        tables = []
        for (first, second), table in zip(self.pairs, self.pair_tables, strict=True):
            by_first = np.einsum("jkc,k->jc", table, shares[second])
            by_second = np.einsum("jkc,j->kc", table, shares[first])
            overall = shares[first] @ by_first
            mains[first] += by_first - overall
            mains[second] += by_second - overall
            intercept += overall
            tables.append(table - by_first[:, None] - by_second[None] + overall)
        for column, share in enumerate(shares):
            mean = share @ mains[column]
            mains[column] -= mean
            intercept += mean
        return _without_unseen(TableSum(intercept, tuple(mains), self.pairs, tuple(tables)), masses)

    def output(self, chosen: slice | Ints) -> "TableSum":
        """Only some of the scores."""
        return TableSum(
            self.intercept[chosen],
            tuple(table[..., chosen] for table in self.mains),
            self.pairs,
            tuple(table[..., chosen] for table in self.pair_tables),
        )


def _shares(mass: Floats) -> Floats:
    known = np.nan_to_num(mass)
    total = known.sum()
    return known / total if total > 0 else np.full(len(mass), 1 / len(mass))


def _without_unseen(tables: TableSum, masses: Sequence[Floats]) -> TableSum:
    for column, mass in enumerate(masses):
        tables.mains[column][np.isnan(mass)] = 0.0
    for (first, second), table in zip(tables.pairs, tables.pair_tables, strict=True):
        table[np.isnan(masses[first])] = 0.0
        table[:, np.isnan(masses[second])] = 0.0
    return tables


Region = dict[int, npt.NDArray[np.bool_]]


def fold_trees(dumped: Mapping[str, Any], positions: Sequence[Floats], *, intercept: float) -> TableSum:
    """Add up trees of depth 2 into tables.

    Parameters
    ----------
    dumped : mapping
        What LightGBM's `Booster.dump_model()` gives.
    positions : sequence of arrays, shape (n_levels,)
        For each column, the number the trees saw for each level; NaN for "not known".
    intercept : float
        The score the trees were added to.

    Returns
    -------
    TableSum
        With one output. Every leaf reads at most two columns, or it is a defect.

    Raises
    ------
    ValueError
        If a leaf reads three columns: the trees are too deep.
    """
    mains = [np.zeros(len(levels)) for levels in positions]
    tables: dict[tuple[int, int], Floats] = {}
    for tree in dumped["tree_info"]:
        for region, value in _leaves(tree["tree_structure"], {}, positions):
            intercept += _add(region, value, mains, tables)
    pairs = tuple(sorted(tables))
    return TableSum(
        np.array([intercept]),
        tuple(table[:, None] for table in mains),
        pairs,
        tuple(tables[pair][..., None] for pair in pairs),
    )


def _add(region: Region, value: float, mains: list[Floats], tables: dict[tuple[int, int], Floats]) -> float:
    """Add a leaf's value where it holds; what holds everywhere is given back."""
    if not region:
        return value
    columns = sorted(region)
    if len(columns) == 1:
        mains[columns[0]][region[columns[0]]] += value
        return 0.0
    if len(columns) > 2:
        raise ValueError("a leaf of a tree reads more than two columns")
    first, second = columns
    table = tables.setdefault((first, second), np.zeros((len(mains[first]), len(mains[second]))))
    table[np.ix_(region[first], region[second])] += value
    return 0.0


def _leaves(node: Mapping[str, Any], region: Region, positions: Sequence[Floats]) -> list[tuple[Region, float]]:
    if "split_feature" not in node:
        return [(region, float(node["leaf_value"]))]
    column = int(node["split_feature"])
    left = _goes_left(node, positions[column])
    before = region.get(column, np.ones(len(left), dtype=bool))
    return [
        *_leaves(node["left_child"], {**region, column: before & left}, positions),
        *_leaves(node["right_child"], {**region, column: before & ~left}, positions),
    ]


def _goes_left(node: Mapping[str, Any], levels: Floats) -> npt.NDArray[np.bool_]:
    missing = np.isnan(levels)
    # without a null in the rows it learned from, LightGBM reads a null as 0
    when_missing = bool(node["default_left"]) if node["missing_type"] == "NaN" else float(node["threshold"]) >= 0
    below = np.less_equal(levels, float(node["threshold"]), where=~missing, out=np.zeros(len(levels), dtype=bool))
    return np.where(missing, when_missing, below)


def joined(parts: Sequence[TableSum]) -> TableSum:
    """Put the outputs of several sums over the same columns side by side; a table one of them lacks is zero there."""
    pairs = tuple(sorted({pair for part in parts for pair in part.pairs}))
    sizes = [len(table) for table in parts[0].mains]
    by_pair = [dict(zip(part.pairs, part.pair_tables, strict=True)) for part in parts]
    tables = [
        np.concatenate(
            [
                own.get(pair, np.zeros((sizes[pair[0]], sizes[pair[1]], part.n_outputs)))
                for own, part in zip(by_pair, parts, strict=True)
            ],
            axis=2,
        )
        for pair in pairs
    ]
    mains = [np.concatenate([part.mains[column] for part in parts], axis=1) for column in range(len(sizes))]
    return TableSum(np.concatenate([part.intercept for part in parts]), tuple(mains), pairs, tuple(tables))


def with_level(tables: TableSum, level: float) -> TableSum:
    """The same tables with `level` added to every score."""
    return TableSum(tables.intercept + level, tables.mains, tables.pairs, tables.pair_tables)


def added(first: TableSum, second: TableSum) -> TableSum:
    """The sum of two scores over the same columns."""
    both = joined([first, second])
    n = first.n_outputs

    def total(table: Floats) -> Floats:
        return table[..., :n] + table[..., n:]

    return TableSum(
        total(both.intercept),
        tuple(total(table) for table in both.mains),
        both.pairs,
        tuple(total(table) for table in both.pair_tables),
    )


def mean_and_bags(bags: Sequence[TableSum]) -> TableSum:
    """First output: the mean of the bags, which is a sum of tables again; after it each bag, if there are several."""
    every = joined(bags)
    if len(bags) == 1:
        return every

    def with_mean(table: Floats) -> Floats:
        return np.concatenate([table.mean(axis=-1, keepdims=True), table], axis=-1)

    return TableSum(
        with_mean(every.intercept),
        tuple(with_mean(table) for table in every.mains),
        every.pairs,
        tuple(with_mean(table) for table in every.pair_tables),
    )


def group_scores(tables: TableSum, codes: npt.NDArray[np.uint8], groups: Ints, n_groups: int) -> Floats:
    """What each group of columns adds to the first score; a pair of two groups is split half and half.

    Parameters
    ----------
    codes : array, shape (n, n_columns)
    groups : array of int, shape (n_columns,)
        Group of each column, below `n_groups`.

    Returns
    -------
    array, shape (n, n_groups)
        Sums to the score less its intercept.
    """
    found = np.zeros((n_groups, len(codes)))
    for column, table in enumerate(tables.mains):
        if table[:, 0].any():
            found[groups[column]] += table[:, 0][codes[:, column]]
    for (first, second), table in zip(tables.pairs, tables.pair_tables, strict=True):
        values = pair_values(table[..., :1], codes[:, first], codes[:, second])[:, 0] / 2
        found[groups[first]] += values
        found[groups[second]] += values
    return found.T


def pair_values(table: Floats, first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> Floats:
    """Look a pair up, shape (..., n_outputs); one flat look-up is twice as quick as one in two steps."""
    n_first, n_second, n_outputs = table.shape
    flat = np.ascontiguousarray(table).reshape(n_first * n_second, n_outputs)
    places = first.astype(np.int64) * n_second + second
    found: Floats = flat.take(places, axis=0)
    return found
