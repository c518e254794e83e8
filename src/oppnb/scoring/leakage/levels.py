"""A field cut into levels that closed and open deals share: blank, values, ranges, shapes of a text."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.leakage.sample import Sample
from oppnb.scoring.rows import Feature

__all__ = ["Levels", "Values", "cleaned", "filled_levels", "is_reference", "shape_levels", "shape_of", "value_levels"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

MAX_LEVELS = 300
MAX_BINS = 20
BLANK = 0
RARE = 1
LEAST_TEXTS = 15


@dataclass(frozen=True)
class Values:
    """One field in closed rows and in open deals; texts are null where blank."""

    closed: pd.Series
    open_now: pd.Series
    kind: Literal["number", "category"]

    @classmethod
    def of(cls, feature: Feature, sample: Sample) -> "Values":
        """The values of a feature; a field that open deals lack altogether is blank in all of them."""
        closed = sample.closed.values[feature.name]
        if feature.name in sample.open_now.values:
            open_now = sample.open_now.values[feature.name]
        else:
            open_now = pd.Series([None] * len(sample.open_now), dtype=object)
        return cls(cleaned(closed, feature.kind), cleaned(open_now, feature.kind), feature.kind)


def cleaned(values: pd.Series, kind: str) -> pd.Series:
    """Finite numbers, or texts that say something; all else null."""
    if kind == "number":
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        return numbers.where(np.isfinite(numbers))
    return values.astype("object").map(_text_of, na_action="ignore").astype("object")


def _text_of(value: object) -> str | None:
    """A value as text; a whole number without its decimals, as it reads in a column that has texts too."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value).strip() or None


@dataclass(frozen=True)
class Levels:
    """Codes of closed rows and open deals; 0 is blank, 1 pools what is rare."""

    closed: Codes
    open_now: Codes
    n: int


def filled_levels(values: Values) -> Levels:
    """Two levels only: blank and filled."""
    return Levels(
        values.closed.notna().to_numpy().astype("int64"), values.open_now.notna().to_numpy().astype("int64"), 2
    )


def value_levels(values: Values, sample: Sample) -> Levels:
    """Values of a category; single frequent numbers and ranges of the others for a number."""
    if values.kind == "number":
        return _number_levels(values, sample)
    return _text_levels(values.closed, values.open_now, sample)


def _text_levels(closed: pd.Series, open_now: pd.Series, sample: Sample) -> Levels:
    codes, found = pd.factorize(closed)
    counts = np.bincount(codes + 1, weights=sample.weight, minlength=len(found) + 1)[1:]
    least = 2.0 if sample.n_deals < 100 else 5.0
    frequent = np.argsort(-counts, kind="stable")[:MAX_LEVELS]
    frequent = frequent[counts[frequent] >= least - 1e-9]
    number = np.full(len(found) + 1, RARE, dtype="int64")
    number[frequent] = np.arange(len(frequent)) + 2
    number[-1] = BLANK  # factorize says -1 for a blank
    positions = pd.Index(found).get_indexer(pd.Index(open_now.to_numpy(dtype=object)))
    open_codes = np.where(open_now.isna().to_numpy(), BLANK, np.where(positions < 0, RARE, number[positions]))
    return Levels(number[codes], open_codes.astype("int64"), len(frequent) + 2)


def _number_levels(values: Values, sample: Sample) -> Levels:
    closed, open_now = values.closed.to_numpy("float64"), values.open_now.to_numpy("float64")
    atoms = _atoms(closed, sample.weight, least=max(3.0, 0.03 * sample.n_deals))
    if len(open_now):
        atoms = np.union1d(atoms, _atoms(open_now, np.ones(len(open_now)), least=max(3.0, 0.1 * len(open_now))))
    rest = closed[~np.isnan(closed) & ~np.isin(closed, atoms)]
    n_bins = int(np.clip(sample.n_deals // 15, 2, MAX_BINS))
    edges = np.unique(np.quantile(rest, np.arange(1, n_bins) / n_bins)) if len(rest) else np.empty(0)
    n = 2 + len(atoms) + len(edges) + 1
    return Levels(_number_codes(closed, atoms, edges), _number_codes(open_now, atoms, edges), n)


def _atoms(numbers: Floats, weight: Floats, *, least: float) -> Floats:
    """Single values that many deals share, such as the 0 of a deal that was lost."""
    known = ~np.isnan(numbers)
    found, codes = np.unique(numbers[known], return_inverse=True)
    counts = np.bincount(codes, weights=weight[known], minlength=len(found))
    return np.asarray(found[counts >= least][:MAX_LEVELS])


def _number_codes(numbers: Floats, atoms: Floats, edges: Floats) -> Codes:
    codes = np.searchsorted(edges, numbers, side="right") + 2 + len(atoms)
    if len(atoms):
        place = np.clip(np.searchsorted(atoms, numbers), 0, len(atoms) - 1)
        codes = np.where(atoms[place] == numbers, place + 2, codes)
    return np.where(np.isnan(numbers), BLANK, codes).astype("int64")


def is_reference(values: Values, sample: Sample) -> bool:
    """Whether nearly every deal has a text of its own: a number of a document, a title, a note."""
    if values.kind == "number":
        return False
    first = pd.Series(sample.deal).drop_duplicates().index
    texts = values.closed.iloc[first].dropna()
    return len(texts) >= LEAST_TEXTS and texts.nunique() >= 0.8 * len(texts)


def shape_levels(values: Values, sample: Sample) -> tuple[Levels, ...]:
    """What a text looks like without what it says: its first letters, its pattern, its length."""
    return tuple(
        _text_levels(
            values.closed.map(shape, na_action="ignore"), values.open_now.map(shape, na_action="ignore"), sample
        )
        for shape in (_prefix, _pattern, _length)
    )


def _prefix(text: str) -> str:
    letters = re.match(r"[^\W\d_]*", text)
    return ">" + (letters.group() if letters else "").casefold()[:6]


def _pattern(text: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", text))[:20]


def _length(text: str) -> str:
    return str(len(text))


def shape_of(values: pd.Series, is_text_of_its_own: bool) -> pd.Series:
    """The values themselves; the first letters of a reference, which is all that could be learned from it."""
    if not is_text_of_its_own or pd.api.types.is_numeric_dtype(values):
        return values
    return cleaned(values, "category").map(_prefix, na_action="ignore")
