"""What the numbers of an imported score are: a probability, a place among others, or points."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import DataError, first_keys

__all__ = ["ScoreScale", "find_scale", "score_numbers"]

Floats = npt.NDArray[np.float64]
ScoreKind = Literal["probability", "percentile", "rank", "points"]

_TOLD: Mapping[str, ScoreKind] = {
    "probability": "probability",
    "prob": "probability",
    "percent": "probability",
    "概率": "probability",
    "赢率": "probability",
    "percentile": "percentile",
    "百分位": "percentile",
    "rank": "rank",
    "ranking": "rank",
    "排名": "rank",
    "points": "points",
    "point": "points",
    "score": "points",
    "分": "points",
    "分数": "points",
}
_MEANS_PROBABILITY = re.compile(r"prob|chance|likelihood|odds|win.?rate|概率|赢率|可能性", re.IGNORECASE)
_LEAST = 20
_MOSTLY = 0.95


@dataclass(frozen=True)
class ScoreScale:
    """How a score is to be read.

    Attributes
    ----------
    kind : str
        `probability`, `percentile` (share of deals that score less), `rank` (1 is the best) or `points`. Only the
        first is judged as a probability; of the others only the order means anything.
    origin : str
        Who says so: `told` (the column `crm_score_kind`), `name` (of the column), `values`, or `out_of_range` (it is
        told to be a probability, and its values are none).
    low, high : float
        Least and largest value, as exported.
    factor : float
        What a probability is multiplied by to lie in [0, 1].
    """

    kind: ScoreKind
    origin: str
    low: float
    high: float
    factor: float = 1.0

    @property
    def is_probability(self) -> bool:
        """Whether its values are judged as probabilities."""
        return self.kind == "probability"

    def places(self, numbers: Floats) -> Floats:
        """Values in [0, 1], higher being better: the probability itself, else the place in the order of the values.

        Examples
        --------
        >>> ScoreScale("probability", "told", 0, 100, 0.01).places(np.array([30.0, 80.0])).tolist()
        [0.3, 0.8]
        >>> ScoreScale("rank", "values", 1, 3).places(np.array([3.0, 1.0, np.nan, 2.0])).tolist()
        [0.25, 0.75, nan, 0.5]
        """
        if self.is_probability:
            return np.asarray(numbers * self.factor, dtype="float64")
        worth = -numbers if self.kind == "rank" else numbers
        values = np.unique(worth[np.isfinite(worth)])
        place = (np.searchsorted(values, worth) + 1.0) / (len(values) + 1.0)
        return np.asarray(np.where(np.isfinite(worth), place, np.nan), dtype="float64")


def score_numbers(values: pd.Series, *, column: str) -> pd.Series:
    """The score of each row as a number: `85`, `85 %`, `1,200`; null where there is none.

    Raises
    ------
    DataError
        If more than a twentieth of the values are no numbers.

    Examples
    --------
    >>> score_numbers(pd.Series(["85 %", None, "1,200"]), column="fit").tolist()
    [85.0, nan, 1200.0]
    """
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("float64")
    else:
        texts = values.astype("str").str.strip().str.rstrip("%").str.strip().str.replace(",", "", regex=False)
        numbers = pd.to_numeric(texts, errors="coerce").astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    wrong = values.notna() & numbers.isna()
    if int(wrong.sum()) > (1 - _MOSTLY) * int(values.notna().sum()):
        raise DataError(
            f"'{column}' is no score: {int(wrong.sum()):,} of {int(values.notna().sum()):,} values are no numbers "
            f"(first: {first_keys(values[wrong].astype('str'))}).\nGrades in words are judged after they were given "
            "numbers in the mapping: values: {A: 4, B: 3, …}."
        )
    return numbers


def find_scale(numbers: pd.Series, *, column: str, told: pd.Series | None = None) -> ScoreScale:
    """What the numbers are: as the export says, else as the column's name or its values say.

    A rank or a percentile is never taken for a probability: values between 0 and 1, or up to 100, that are spread as
    evenly as places are count as percentiles unless the export says that they are probabilities. Whole numbers up to
    100 are points unless export or name say more.

    Parameters
    ----------
    numbers : Series of float
        The score of each deal; nulls do not count.
    column : str
        Its name.
    told : Series of str, optional
        What the export says of each (`crm_score_kind`); the commonest counts.

    Examples
    --------
    >>> find_scale(pd.Series([0.1, 0.1, 0.2, 0.35]), column="score").kind
    'probability'
    >>> find_scale(pd.Series([10.0, 20.0, 35.0]), column="score").kind
    'points'
    >>> find_scale(pd.Series([10.0, 20.0, 35.0]), column="win_chance").kind
    'probability'
    """
    values = numbers.dropna().to_numpy(dtype="float64")
    if not len(values):
        raise DataError(f"'{column}' is empty: no deal has a score that could be judged.")
    low, high = float(values.min()), float(values.max())
    factor = 1.0 if high <= 1 else 0.01
    said = _said(told)
    is_share = low >= 0 and high <= 100
    if said is not None:
        if said == "probability" and not is_share:
            return ScoreScale("points", "out_of_range", low, high)
        return ScoreScale(said, "told", low, high, factor if said == "probability" else 1.0)
    if _is_rank(values):
        return ScoreScale("rank", "values", low, high)
    if is_share and _MEANS_PROBABILITY.search(column) and len(np.unique(values)) > 2:
        return ScoreScale("probability", "name", low, high, factor)
    if is_share and _is_even(values, 1.0 if high <= 1 else 100.0):
        return ScoreScale("percentile", "values", low, high)
    if high <= 1 and low >= 0 and ((values > 0) & (values < 1)).any():
        return ScoreScale("probability", "values", low, high)
    return ScoreScale("points", "values", low, high)


def _said(told: pd.Series | None) -> ScoreKind | None:
    if told is None:
        return None
    known = told.dropna().astype("str").str.strip().str.casefold().map(_TOLD).dropna()
    if known.empty:
        return None
    counts = known.value_counts()
    found: ScoreKind = min(counts[counts == counts.max()].index)
    return found


def _is_rank(values: Floats) -> bool:
    """Whole numbers from 1 on, nearly each once and nearly without gaps."""
    n = len(values)
    if n < _LEAST or not bool((values == np.round(values)).all()) or values.min() < 1:
        return False
    return len(np.unique(values)) >= _MOSTLY * n and float(values.max()) <= n / _MOSTLY + 1


def _is_even(values: Floats, most: float) -> bool:
    """Spread evenly from 0 to the most, as closely as chance lets the places of so many deals be."""
    n = len(values)
    if n < 5 * _LEAST:
        return False
    place = np.sort(values) / most
    distance = float(np.max(np.abs(place - (np.arange(n) + 0.5) / n)))
    return distance < max(0.03, float(1.0 / np.sqrt(n)))
