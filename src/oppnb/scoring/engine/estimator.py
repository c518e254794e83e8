"""The boosted tables as scikit-learn estimators: for pipelines, searches and second opinions.

Needs the extra `scoring`; imported by nobody at start.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from oppnb.scoring.engine.bins import MAX_BINS, ColumnBins, bin_centres, number_codes, number_edges
from oppnb.scoring.engine.boosted import BoostSettings, Sample, fit_tables
from oppnb.scoring.engine.columns import level_masses, positions_by_target
from oppnb.scoring.engine.pairs import TableSum
from oppnb.scoring.engine.paths import logistic
from oppnb.scoring.threads import limited_threads

__all__ = ["PairwiseBoostedClassifier", "QuantileBinner"]

Floats = npt.NDArray[np.float64]


class QuantileBinner(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Numbers to levels: 0 for "not known", then 1, 2, … by quantile.

    Parameters
    ----------
    max_bins : int
        From 2 to 250.

    Examples
    --------
    >>> QuantileBinner().fit_transform([[1.0], [3.0], [float("nan")]]).ravel().tolist()
    [1.0, 2.0, 0.0]
    """

    def __init__(self, max_bins: int = MAX_BINS) -> None:
        self.max_bins = max_bins

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803, ARG002
        """Find the edges of each column."""
        values = validate_data(self, X, dtype="float64", ensure_all_finite="allow-nan")
        self.edges_ = [number_edges(values[:, column], max_bins=self.max_bins) for column in range(values.shape[1])]
        return self

    def transform(self, X: Any) -> Floats:  # noqa: N803
        """Level of each value, as float64, shape (n, n_columns)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype="float64", ensure_all_finite="allow-nan", reset=False)
        codes = [number_codes(values[:, column], edges) for column, edges in enumerate(self.edges_)]
        found: Floats = np.stack(codes, axis=1).astype("float64")
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class PairwiseBoostedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Two classes from a sum of tables of one and two columns; NaN is a level of its own.

    Parameters
    ----------
    n_trees, learning_rate, n_pairs, n_bags, min_weight, shrink, strength
        See `oppnb.scoring.engine.boosted.BoostSettings`; `strength` of the plain part, None for none.
    max_bins : int
    random_state : int

    Attributes
    ----------
    tables_ : TableSum
        The score of the second of `classes_`.
    """

    def __init__(
        self,
        n_trees: int = 200,
        learning_rate: float = 0.05,
        n_pairs: int = 24,
        n_bags: int = 1,
        min_weight: float = 2.0,
        shrink: float = 2.0,
        strength: float | None = 0.1,
        max_bins: int = MAX_BINS,
        random_state: int = 0,
    ) -> None:
        self.n_trees = n_trees
        self.learning_rate = learning_rate
        self.n_pairs = n_pairs
        self.n_bags = n_bags
        self.min_weight = min_weight
        self.shrink = shrink
        self.strength = strength
        self.max_bins = max_bins
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Learn the tables.

        Parameters
        ----------
        X : array-like of float, shape (n, n_columns)
        y : array-like, shape (n,)
            Two classes, or one.
        sample_weight : array-like of float, shape (n,), optional
            A row with weight 2 counts as two.
        """
        values, y = validate_data(self, X, y, dtype="float64", ensure_all_finite="allow-nan")
        check_classification_targets(y)
        self.classes_, hit = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(f"Only binary classification is supported. The type of the target is {type_of_target(y)}.")
        weight = _check_sample_weight(sample_weight, values, ensure_non_negative=True)
        with limited_threads():
            self._fit_rows(values[weight > 0], hit[weight > 0].astype("float64"), weight[weight > 0])
        return self

    def _fit_rows(self, values: Floats, hit: Floats, weight: Floats) -> None:
        self.columns_ = [
            ColumnBins(str(column), "other", *_bins(values[:, column], weight, self.max_bins))
            for column in range(values.shape[1])
        ]
        codes = self._codes(values)
        masses = level_masses(self.columns_, codes, weight)
        positions = positions_by_target(self.columns_, codes, hit, weight)
        sample = Sample(codes, positions, hit, weight, np.zeros(len(hit)), np.arange(len(hit)))
        self.tables_: TableSum = fit_tables(sample, self.columns_, masses, self._settings())

    def _settings(self) -> BoostSettings:
        return BoostSettings(
            n_trees=self.n_trees,
            learning_rate=self.learning_rate,
            n_pairs=self.n_pairs,
            n_bags=self.n_bags,
            min_weight=self.min_weight,
            shrink=self.shrink,
            strength=self.strength,
            choose=False,
            seed=self.random_state,
        )

    def _codes(self, values: Floats) -> npt.NDArray[np.uint8]:
        edges = [column.edges for column in self.columns_]
        return np.stack(
            [number_codes(values[:, place], own) for place, own in enumerate(edges) if own is not None], axis=1
        )

    def decision_function(self, X: Any) -> Floats:  # noqa: N803
        """Logit of the second class, shape (n,)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype="float64", ensure_all_finite="allow-nan", reset=False)
        return self.tables_.output(slice(0, 1)).score(self._codes(values))[:, 0]

    def predict_proba(self, X: Any) -> Floats:  # noqa: N803
        """Probability of each class, shape (n, n_classes)."""
        second = logistic(self.decision_function(X))
        if len(self.classes_) == 1:
            return np.ones((len(second), 1))
        return np.stack([1 - second, second], axis=1)

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803
        """The likelier class, shape (n,)."""
        likelier = self.predict_proba(X).argmax(axis=1)
        chosen: npt.NDArray[Any] = self.classes_[likelier]
        return chosen

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def _bins(values: Floats, weight: Floats, max_bins: int) -> tuple[Floats, None, Floats]:
    edges = number_edges(values, weight=weight, max_bins=max_bins)
    return edges, None, bin_centres(values, edges, weight)
