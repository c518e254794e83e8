"""Values of a feature as a few levels: quantile bins of a number, texts of a category, and one level for 'not known'.

Level 0 is always "not known". A number has levels 1, 2, … from small to large; a category one per frequent text and a
last one for every other text, those never seen before included.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "MAX_BINS",
    "ColumnBins",
    "bin_centres",
    "bins_of_numbers",
    "bins_of_texts",
    "level_labels",
    "number_codes",
    "number_edges",
    "numbers_of",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

MAX_BINS = 32
_BINS_WITH_TAILS = 16


@dataclass(frozen=True)
class ColumnBins:
    """The levels of one feature.

    Attributes
    ----------
    name, group : str
        The feature and the idea it belongs to.
    edges : array or None
        Inner edges of a number's bins, rising; a value equal to an edge is in the bin above it. None for a category.
    texts : tuple of str or None
        The frequent texts of a category; None for a number.
    centres : array or None
        Mean value of each of a number's bins.
    """

    name: str
    group: str
    edges: Floats | None
    texts: tuple[str, ...] | None
    centres: Floats | None = None

    @property
    def n_levels(self) -> int:
        """How many levels there are, "not known" and "any other text" included."""
        if self.edges is not None:
            return len(self.edges) + 2
        return len(self.texts or ()) + 2

    @property
    def is_number(self) -> bool:
        """Whether levels 1, 2, … have an order of their own."""
        return self.edges is not None

    def codes(self, values: pd.Series) -> Codes:
        """Give each value its level, shape (n,)."""
        if self.edges is not None:
            return number_codes(numbers_of(values), self.edges)
        places = pd.Index(list(self.texts or ()), dtype=object).get_indexer(pd.Index(values.astype(object)))
        codes = np.where(places >= 0, places + 1, self.n_levels - 1)
        return np.where(values.isna().to_numpy(), 0, codes).astype(np.uint8)

    def label(self, level: int) -> str:
        """The level in signs and the export's own words, not in a language: `< 3`, `3 – 7`, `>= 7`, `web`, `?`, `*`.

        `?` is "not known", `*` any other text.
        """
        if level == 0:
            return "?"
        if self.edges is None:
            texts = self.texts or ()
            return texts[level - 1] if level <= len(texts) else "*"
        if len(self.edges) == 0:
            return "any"
        if level == 1:
            return f"< {self.edges[0]:.4g}"
        if level == self.n_levels - 1:
            return f">= {self.edges[-1]:.4g}"
        return f"{self.edges[level - 2]:.4g} – {self.edges[level - 1]:.4g}"


def numbers_of(values: pd.Series) -> Floats:
    """Read as float64; truth values become 0 and 1, nulls NaN."""
    return np.asarray(pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64", na_value=np.nan))


def number_codes(values: Floats, edges: Floats) -> Codes:
    """Level of each number, any shape: 0 for NaN, else 1 + the number of edges at or below it."""
    codes = np.searchsorted(edges, values, side="right") + 1
    return np.where(np.isnan(values), 0, codes).astype(np.uint8)


def number_edges(values: Floats, *, weight: Floats | None = None, max_bins: int = MAX_BINS) -> Floats:
    """Inner edges of at most `max_bins` bins of equal weight; each edge lies midway between two values that occur.

    A value that fills more than its share has a bin of its own, so that a count of 0 stays apart from a count of 1.

    Parameters
    ----------
    values : array, shape (n,)
        NaN and infinite values are left out.
    weight : array, shape (n,), optional
        A value with weight 2 counts like two of it.
    max_bins : int
        From 2 on.

    Returns
    -------
    array
        Rising, shorter than `max_bins`; empty where fewer than two values occur.

    Examples
    --------
    >>> number_edges(np.array([0.0, 0.0, 1.0, 5.0])).tolist()
    [0.5, 3.0]
    """
    weight = np.ones(len(values)) if weight is None else weight
    chosen = np.isfinite(values) & (weight > 0)
    found, inverse = np.unique(values[chosen], return_inverse=True)
    if len(found) < 2:
        return np.empty(0)
    middles = found[:-1] / 2 + found[1:] / 2
    if len(found) <= max_bins:
        return middles
    masses = np.bincount(inverse, weights=weight[chosen])
    reached = np.cumsum(masses)[:-1] / masses.sum()
    # rounded: the same quantiles whether a value is there twice or has weight 2
    wanted = np.searchsorted(np.round(reached, 12), np.round(_quantiles(max_bins), 12))
    return middles[np.unique(np.clip(wanted, 0, len(middles) - 1))]


def _quantiles(max_bins: int) -> Floats:
    """Where to cut: evenly, and with enough bins once more at 1 % and 99 %: the oldest deals are unlike the old."""
    if max_bins < _BINS_WITH_TAILS:
        return np.arange(1, max_bins) / max_bins
    even = np.arange(1, max_bins - 2) / (max_bins - 2)
    return np.concatenate([[0.01], even, [0.99]])


def bins_of_numbers(name: str, group: str, values: pd.Series, *, weight: Floats, max_bins: int) -> ColumnBins:
    """Quantile bins of a number."""
    numbers = numbers_of(values)
    edges = number_edges(numbers, weight=weight, max_bins=max_bins)
    return ColumnBins(name, group, edges, None, bin_centres(numbers, edges, weight))


def bin_centres(numbers: Floats, edges: Floats, weight: Floats) -> Floats:
    """Weighted mean of the finite values of each bin, shape (n_edges + 1,)."""
    chosen = np.isfinite(numbers) & (weight > 0)
    codes = number_codes(numbers[chosen], edges).astype(np.int64) - 1
    mass = np.bincount(codes, weights=weight[chosen], minlength=len(edges) + 1)
    sums = np.bincount(codes, weights=weight[chosen] * numbers[chosen], minlength=len(edges) + 1)
    return np.divide(sums, mass, out=np.zeros(len(mass)), where=mass > 0)


def bins_of_texts(
    name: str, group: str, values: pd.Series, *, weight: Floats, max_bins: int, min_weight: float
) -> ColumnBins:
    """One level for each of the `max_bins` most frequent texts that weigh at least `min_weight`, sorted by text."""
    known = values.notna().to_numpy()
    texts = values.astype(object).to_numpy()[known]
    masses = pd.Series(weight[known]).groupby(texts).sum()
    order = sorted(zip(-masses.to_numpy(), masses.index, strict=True))
    kept = [str(text) for mass, text in order[:max_bins] if -mass >= min_weight]
    return ColumnBins(name, group, None, tuple(sorted(kept)))


def level_labels(bins: Sequence[ColumnBins]) -> list[list[str]]:
    """Labels of all levels of all columns."""
    return [[column.label(level) for level in range(column.n_levels)] for column in bins]
