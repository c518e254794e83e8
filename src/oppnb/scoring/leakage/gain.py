"""What a field would have added to the ranking of deals, had it been let in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ExtraMissingError
from oppnb.scoring.leakage.sample import N_BLOCKS, Sample
from oppnb.scoring.leakage.separation import weighted_auc

__all__ = ["Gains"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MAX_DEALS = 6_000
LEAST_DEALS = 40
MAX_VALUES = 60
SETTINGS = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_data_in_leaf": 10,
    "lambda_l2": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 0,
    "num_threads": 1,  # a few thousand deals: a second thread only waits
    "verbose": -1,
}


@dataclass(frozen=True)
class Gains:
    """One row a deal; a quick boosted model learns from the earlier deals and ranks the later ones.

    Attributes
    ----------
    table : DataFrame
        One numeric column a field, one row a deal.
    won : array of bool, shape (n,)
    is_later : array of bool, shape (n,)
        Judged on; the others are learned from.
    honest_auc : float or None
        AUC of the honest fields alone; None where there are too few deals of a kind.
    honest : tuple of str
    """

    table: pd.DataFrame
    won: Flags
    is_later: Flags
    honest: tuple[str, ...]
    honest_auc: float | None

    @classmethod
    def measured(cls, sample: Sample, *, honest: Sequence[str], extra: Mapping[str, pd.Series]) -> "Gains":
        """Take one row a deal with the honest fields and those in question, and rank with the honest ones.

        `extra` gives values for each row of `sample.closed`.
        """
        chosen = _one_row_a_deal(sample)
        columns = {name: _as_numbers(sample.closed.values[name].iloc[chosen]) for name in honest if name not in extra}
        columns |= {name: _as_numbers(values.iloc[chosen]) for name, values in extra.items()}
        table, won, is_later = pd.DataFrame(columns), sample.won[chosen], _is_later(sample, chosen)
        return cls(table, won, is_later, tuple(honest), _ranking(table[list(honest)], won, is_later))

    def added_by(self, name: str) -> tuple[float, float] | None:
        """AUC without the field, and what it is more with it; None where it cannot be measured."""
        if self.honest_auc is None:
            return None
        others = [field for field in self.honest if field != name]
        without = self.honest_auc if name not in self.honest else _ranking(self.table[others], self.won, self.is_later)
        full = _ranking(self.table[[*others, name]], self.won, self.is_later)
        return None if full is None or without is None else (without, full - without)


def _one_row_a_deal(sample: Sample) -> npt.NDArray[np.int64]:
    """The middle row of each deal, at most `MAX_DEALS` of them, spread evenly over time."""
    order = np.lexsort((np.arange(len(sample.deal)), sample.deal))
    counts = np.bincount(sample.deal)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    middle = order[starts + counts // 2] if len(counts) else order
    by_time = middle[np.lexsort((sample.deal[middle], sample.block[middle]))]
    step = max(len(by_time) / MAX_DEALS, 1.0)
    return np.sort(by_time[np.floor(np.arange(0, len(by_time), step)).astype("int64")])


def _is_later(sample: Sample, chosen: npt.NDArray[np.int64]) -> Flags:
    """The later half of the deals; without dates half of them by hash, equal deals on the same side."""
    if sample.closed.is_dated:
        return np.asarray(sample.block[chosen] >= N_BLOCKS // 2)
    values = sample.closed.values.iloc[chosen].astype(str)
    return np.asarray(pd.util.hash_pandas_object(values, index=False).to_numpy() % 2 == 1)


def _as_numbers(values: pd.Series) -> Floats:
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy("float64", na_value=np.nan)
    texts = values.astype("str").where(values.notna(), None)
    frequent = texts.value_counts().index[:MAX_VALUES]
    codes = np.asarray(pd.Index(sorted(map(str, frequent))).get_indexer(pd.Index(texts.to_numpy(dtype=object))))
    rare = np.asarray(texts.notna()) & (codes < 0)
    return np.where(rare, len(frequent), np.where(codes < 0, np.nan, codes)).astype("float64")


def _ranking(table: pd.DataFrame, won: Flags, is_later: Flags) -> float | None:
    sides = [won[is_later], won[~is_later]]
    if len(won) < LEAST_DEALS or any(min(side.sum(), (~side).sum()) < 5 for side in sides):
        return None
    if not table.shape[1]:
        return 0.5
    scores = _boosted(table, won, is_later)
    return weighted_auc(scores, won[is_later].astype("float64"), (~won[is_later]).astype("float64"))


def _boosted(table: pd.DataFrame, won: Flags, is_later: Flags) -> Floats:
    try:
        import lightgbm
    except ImportError:
        raise ExtraMissingError.for_extra("scoring", what="Measuring what a field would have added") from None
    matrix = table.to_numpy("float64")
    data = lightgbm.Dataset(matrix[~is_later], label=won[~is_later].astype("float64"), params={"verbose": -1})
    settings = {**SETTINGS, "min_data_in_leaf": int(np.clip((~is_later).sum() // 20, 3, 20))}
    booster = lightgbm.train(settings, data, num_boost_round=60)
    return np.asarray(booster.predict(matrix[is_later], num_threads=1), dtype="float64")
