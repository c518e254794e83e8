"""Features as numbers for models that add: clipped and standardised, with a flag for missing; levels as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.engine.windows import features_with_full_windows
from oppnb.scoring.models.weighing import deal_codes
from oppnb.scoring.rows import GROUPS, Feature, ScoringRows

__all__ = ["Encoder", "category_texts", "numbers_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_CLIP = (0.01, 0.99)
_LEAST_DEALS = 5
_MOST_LEVELS = 20


def numbers_of(column: pd.Series) -> Floats:
    """The column as float64; what is no number, or not finite, is missing."""
    values: Floats = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def category_texts(column: pd.Series) -> tuple[Ints, list[str]]:
    """The column as codes of its levels in the order of their text; -1 where missing.

    Examples
    --------
    >>> category_texts(pd.Series(["b", None, "a"]))
    (array([ 1, -1,  0]), ['a', 'b'])
    """
    codes, levels = pd.factorize(column.astype("str"), sort=True)
    return np.asarray(codes, dtype="int64"), [str(level) for level in levels]


@dataclass(frozen=True)
class _Number:
    """A number: x clipped, centred and scaled; and, where some are missing, a column that is 1 for those."""

    name: str
    low: float
    high: float
    center: float
    scale: float
    has_flag: bool

    @property
    def labels(self) -> list[str]:
        return [self.name, f"{self.name} is missing"] if self.has_flag else [self.name]

    def encode(self, column: pd.Series) -> list[Floats]:
        values = numbers_of(column)
        missing = np.isnan(values)
        told = (np.clip(values, self.low, self.high) - self.center) / self.scale
        filled = np.where(missing, 0.0, told)
        return [filled, missing.astype("float64")] if self.has_flag else [filled]


@dataclass(frozen=True)
class _Category:
    """A category: a column a level; one for the rare levels together, which takes unseen ones; one for missing."""

    name: str
    levels: tuple[str, ...]
    has_rare: bool
    has_missing: bool

    @property
    def labels(self) -> list[str]:
        named = [f"{self.name} = {level}" for level in self.levels]
        return [*named, *[f"{self.name} is rare"] * self.has_rare, *[f"{self.name} is missing"] * self.has_missing]

    def encode(self, column: pd.Series) -> list[Floats]:
        codes, levels = category_texts(column)
        known = {level: number for number, level in enumerate(self.levels)}
        rare = len(self.levels)
        place = np.array([known.get(level, rare) for level in levels] + [rare + 1], dtype="int64")[codes]
        columns = [place == number for number in range(rare)]
        columns += [place == rare] * self.has_rare + [place == rare + 1] * self.has_missing
        return [column.astype("float64") for column in columns]


class Encoder:
    """Learns from rows how to write features as columns of numbers, and writes them.

    Numbers are clipped to the 1st and 99th percentile and standardised (mean 0, spread 1 where known); a missing one
    is 0 and has a flag. Categories become a column a level: the 20 most frequent of those with five deals or more;
    the rest, and what was never seen, together; missing is a level of its own. Features that are never filled or
    never vary are dropped.

    Parameters
    ----------
    clip : bool
        Whether numbers are clipped; the plain baselines do not.

    Attributes
    ----------
    labels_ : list of str
        What each column is.
    feature_of_ : list of str
        The feature of each column.
    group_of_ : array of int
        Place of each column's group in `GROUPS`.

    Examples
    --------
    >>> from oppnb.workspace.models import Calendar
    >>> keys = pd.DataFrame({"opportunity_id": [str(number) for number in range(12)]})
    >>> values = pd.DataFrame({"source": ["web"] * 6 + ["event"] * 5 + [None], "never": [None] * 12})
    >>> features = (Feature("source", "account", "category"), Feature("never", "other", "number"))
    >>> rows = ScoringRows(keys, values, features, None, Calendar())
    >>> encoder = Encoder().fit(rows)
    >>> encoder.labels_, encoder.encode(rows)[[0, 11]].tolist()
    (['source = event', 'source = web', 'source is missing'], [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    """

    def __init__(self, *, clip: bool = True) -> None:
        self.clip = clip

    def fit(self, rows: ScoringRows, *, only: Sequence[str] | None = None) -> Self:
        """Learn percentiles, means and levels; of the features named by `only`, or of all."""
        given = features_with_full_windows(rows) if self.clip else rows.features
        wanted = [feature for feature in given if only is None or feature.name in only]
        deals = deal_codes(rows)
        self.parts_: list[_Number | _Category] = []
        self.labels_: list[str] = []
        self.feature_of_: list[str] = []
        groups: list[int] = []
        for feature in wanted:
            part = self._part(feature, rows.values[feature.name], deals)
            if part is None:
                continue
            self.parts_.append(part)
            self.labels_ += part.labels
            self.feature_of_ += [feature.name] * len(part.labels)
            groups += [GROUPS.index(feature.group)] * len(part.labels)
        self.group_of_ = np.array(groups, dtype="int64")
        return self

    def _part(self, feature: Feature, column: pd.Series, deals: Ints) -> _Number | _Category | None:
        if not len(column):
            return None
        if feature.kind == "number":
            return _number(feature.name, numbers_of(column), clip=self.clip)
        return _category(feature.name, *category_texts(column), deals)

    def columns(self) -> list[tuple[str, str, str | None, float]]:
        """What each column tells: feature, kind (step, value, other, not_known), the text, the step of a number."""
        return [column for part in self.parts_ for column in _told(part)]

    def encode(self, rows: ScoringRows) -> Floats:
        """Write the features.

        Returns
        -------
        array of float, shape (n, n_columns)
            No value is missing. A feature that the rows do not have counts as missing everywhere.
        """
        columns: list[Floats] = []
        for part in self.parts_:
            absent = part.name not in rows.values.columns
            column = pd.Series([None] * len(rows), dtype="object") if absent else rows.values[part.name]
            columns += part.encode(column)
        return np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0))


def _told(part: _Number | _Category) -> list[tuple[str, str, str | None, float]]:
    """Each column of a feature: its name, kind, text, and the step that one stands for."""
    if isinstance(part, _Number):
        step = (part.name, "step", None, float(part.scale))
        return [step, (part.name, "not_known", None, np.nan)] if part.has_flag else [step]
    values: list[tuple[str, str, str | None, float]] = [(part.name, "value", level, np.nan) for level in part.levels]
    other, missing = (part.name, "other", None, np.nan), (part.name, "not_known", None, np.nan)
    return [*values, *[other] * part.has_rare, *[missing] * part.has_missing]


def _number(name: str, values: Floats, *, clip: bool) -> _Number | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, _CLIP, method="inverted_cdf") if clip else (known.min(), known.max())
    if low == high:  # nearly all are the same: the few others still tell something
        low, high = known.min(), known.max()
    inside = np.clip(known, low, high)
    has_flag = len(known) < len(values)
    if low == high and not has_flag:
        return None
    spread = float(inside.std()) or 1.0
    edges = (float(low), float(high)) if clip else (-np.inf, np.inf)
    return _Number(name, *edges, float(inside.mean()), spread, has_flag)


def _category(name: str, codes: Ints, levels: list[str], deals: Ints) -> _Category | None:
    pairs = np.unique(np.stack([codes, deals]), axis=1)[0]
    n_deals = np.bincount(pairs[pairs >= 0], minlength=len(levels))
    often = sorted(range(len(levels)), key=lambda level: (-n_deals[level], levels[level]))[:_MOST_LEVELS]
    kept = sorted(level for level in often if n_deals[level] >= _LEAST_DEALS)
    has_rare, has_missing = len(kept) < len(levels), bool((codes < 0).any())
    if len(kept) + has_rare + has_missing < 2:
        return None
    return _Category(name, tuple(levels[level] for level in kept), has_rare, has_missing)
