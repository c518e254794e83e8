"""Deals as they stand today beside deals that stood there on earlier days, at the same stage and age."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.rows import ScoringRows

__all__ = ["Contrast", "Standing", "make_standing"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Times = Callable[[ScoringRows], tuple[Floats, Floats]]

MAX_ROWS = 60_000
LEAST_NOW = 10
LEAST_EARLIER = 20
N_AGES = 5
N_BEGINNINGS = 8
LEAST_WITH_STAGE = 0.5


@dataclass(frozen=True)
class Contrast:
    """How much less a value is among the deals of today than among earlier ones that stood at the same place.

    Attributes
    ----------
    gap : float
        Earlier less today, a mean over places.
    z : float
        The gap in standard errors, each deal counted as one.
    gap_begun, z_begun : float
        The same between deals that began at the same time as well: what has changed with the years is no gap.
    n_now, n_earlier : int
        Deals that were compared.
    """

    gap: float
    z: float
    gap_begun: float
    z_begun: float
    n_now: int
    n_earlier: int


@dataclass(frozen=True)
class Standing:
    """Rows of earlier days, whatever became of the deals since, followed by the rows of the deals open today.

    A field that never changes is spread alike in both at one stage and age. What differs was written in between.

    Attributes
    ----------
    earlier, now : ScoringRows
    deal : array, shape (n_earlier + n_now,)
        Number of the deal; one that is open today has rows on both sides.
    is_now : array of bool
    weight : array
        How often such a row would be met on the days of the past; 1 today.
    age : array
        Days since the deal began.
    stage : array
        Number of process and stage; 0 throughout where no history tells stages.
    place : array
        Number of stage and age band.
    begun : array, shape (n, k)
        When the deal began: stretches of time, and lines that bend between them.
    stages : tuple of str
        Names of the stages by number; empty where no history tells them.
    """

    earlier: ScoringRows
    now: ScoringRows
    deal: Codes
    is_now: Flags
    weight: Floats
    age: Floats
    stage: Codes
    place: Codes
    begun: Floats
    stages: tuple[str, ...]

    def contrast(self, values: Floats, known: Flags) -> Contrast | None:
        """Compare the values of the known rows; None where too few deals stand at one place."""
        compared = known & self._has_both(known)
        now, earlier = (np.unique(self.deal[compared & side]) for side in (self.is_now, ~self.is_now))
        if len(now) < LEAST_NOW or len(earlier) < LEAST_EARLIER:
            return None
        part = _Part(self.deal[compared], self.weight[compared], self.place[compared])
        today, value = (part.centred(x[compared].astype("float64")) for x in (self.is_now, values))
        gap, z = part.slope(today, value)
        begun = np.column_stack([part.centred(column[compared]) for column in self.begun.T])
        gap_begun, z_begun = part.slope(part.without(begun, today), part.without(begun, value))
        return Contrast(gap, z, gap_begun, z_begun, len(now), len(earlier))

    def ranks(self, values: Floats, known: Flags) -> Floats:
        """Rank of each value at its place, 0 to 1."""
        table = pd.Series(np.where(known, values, np.nan))
        ranks = table.groupby(self.place).rank(pct=True)
        return np.asarray(ranks.to_numpy("float64"))

    def most_usual_stage(self, known: Flags) -> int:
        """The stage with most deals of today that can be compared."""
        return int(np.bincount(self.stage[known & self.is_now & self._has_both(known)]).argmax())

    def _has_both(self, known: Flags) -> Flags:
        size = int(self.place.max()) + 1
        sides = [np.bincount(self.place[known & side], minlength=size) > 0 for side in (self.is_now, ~self.is_now)]
        return np.asarray((sides[0] & sides[1])[self.place])


@dataclass(frozen=True)
class _Part:
    """Rows that can be compared."""

    deal: Codes
    weight: Floats
    place: Codes

    def centred(self, values: Floats) -> Floats:
        """Less the mean of the place."""
        every = np.bincount(self.place, weights=self.weight)
        sums = np.bincount(self.place, weights=self.weight * values)
        return np.asarray(values - (sums / np.where(every > 0, every, 1.0))[self.place])

    def without(self, others: Floats, values: Floats) -> Floats:
        """Less what the other columns explain."""
        weighted = others * self.weight[:, None]
        explained = np.linalg.lstsq(weighted.T @ others, weighted.T @ values, rcond=1e-9)[0]
        return np.asarray(values - others @ explained)

    def slope(self, today: Floats, value: Floats) -> tuple[float, float]:
        """How much lower the value is today, and that in standard errors with deals as units."""
        below = float(self.weight @ today**2)
        by_deal = np.bincount(self.deal, weights=self.weight * today * value)
        error = float(np.sqrt((by_deal**2).sum()))
        if below < 1e-6 * self.weight.sum() or error == 0:
            return 0.0, 0.0
        return -float(by_deal.sum()) / below, -float(by_deal.sum()) / error


def make_standing(rows: ScoringRows, open_now: ScoringRows, times: Times) -> Standing | None:
    """Bring the two together; None without dates, or where there are too few deals to compare.

    `times` gives when the deals of rows began, and how old they were.
    """
    if not (rows.is_dated and open_now.is_dated):
        return None
    earlier = _of_known_age(rows.take(_of_earlier_days(rows, open_now)), times)
    now = _of_known_age(open_now, times)
    if len(now) < LEAST_NOW or len(earlier) < LEAST_EARLIER:
        return None
    (starts, ages), (starts_now, ages_now) = times(earlier), times(now)
    ids = pd.concat([earlier.keys["opportunity_id"], now.keys["opportunity_id"]], ignore_index=True)
    age, begun = np.concatenate([ages, ages_now]), np.concatenate([starts, starts_now])
    stage, stages = _stages(earlier.keys, now.keys)
    band = np.searchsorted(_cuts(ages_now, N_AGES), age, side="right")
    cuts = np.union1d(_cuts(starts_now, N_BEGINNINGS), _cuts(starts, N_BEGINNINGS))
    return Standing(
        earlier=earlier,
        now=now,
        deal=np.asarray(pd.factorize(ids)[0], dtype="int64"),
        is_now=np.arange(len(ids)) >= len(earlier),
        weight=np.concatenate([_met(earlier), np.ones(len(now))]),
        age=age,
        stage=stage,
        place=np.asarray(stage * (N_AGES + 1) + band, dtype="int64"),
        begun=_when(begun, cuts),
        stages=stages,
    )


def _of_known_age(rows: ScoringRows, times: Times) -> ScoringRows:
    return rows.take(~np.isnan(times(rows)[1]))


def _of_earlier_days(rows: ScoringRows, open_now: ScoringRows) -> Codes:
    """Rows before the day of today, of all deals alike; of very many, those of some deals."""
    today = open_now.keys["as_of"].max()
    keys = rows.keys[["opportunity_id", "as_of"]]
    is_now = pd.MultiIndex.from_frame(keys).isin(pd.MultiIndex.from_frame(open_now.keys[["opportunity_id", "as_of"]]))
    chosen = np.flatnonzero((keys["as_of"] < today).to_numpy() & ~is_now)
    if len(chosen) > MAX_ROWS:
        drawn = np.array([zlib.crc32(str(key).encode()) for key in keys["opportunity_id"].iloc[chosen]]) / 2**32
        chosen = chosen[drawn < MAX_ROWS / len(chosen)]
    keys = keys.iloc[chosen].assign(position=chosen)
    return np.asarray(keys.sort_values(["opportunity_id", "as_of"], kind="stable")["position"], dtype="int64")


def _met(rows: ScoringRows) -> Floats:
    if rows.ends is None or "weight" not in rows.ends:
        return np.ones(len(rows))
    return rows.ends["weight"].to_numpy("float64")


def _stages(earlier: pd.DataFrame, now: pd.DataFrame) -> tuple[Codes, tuple[str, ...]]:
    if earlier["stage"].notna().mean() < LEAST_WITH_STAGE:
        return np.zeros(len(earlier) + len(now), dtype="int64"), ()
    both = pd.concat([earlier[["process", "stage"]], now[["process", "stage"]]], ignore_index=True)
    numbers = both.fillna("").groupby(["process", "stage"]).ngroup()
    names = both.assign(number=numbers).drop_duplicates("number").sort_values("number")["stage"]
    return np.asarray(numbers, dtype="int64"), tuple("" if pd.isna(name) else str(name) for name in names)


def _cuts(values: Floats, n: int) -> Floats:
    return np.unique(np.quantile(values, np.arange(1, n) / n))


def _when(begun: Floats, cuts: Floats) -> Floats:
    """Stretches of time, and a line with a bend at each of them: what changed by steps, and what slowly."""
    stretch = np.eye(len(cuts) + 1)[np.searchsorted(cuts, begun, side="right")]
    bends = np.maximum(begun[:, None] - np.concatenate([[begun.min()], cuts])[None, :], 0.0)
    return np.column_stack([stretch, bends / max(float(np.ptp(begun)), 1e-9)])
