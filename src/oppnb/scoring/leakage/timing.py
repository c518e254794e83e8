"""Fields that know when the deal closed: the closing date under another name, days that lie in the future."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.levels import BLANK, Levels, Values
from oppnb.scoring.leakage.sample import Sample
from oppnb.scoring.leakage.shares import ALPHA, lack, level_shares

__all__ = ["is_moving_date", "knows_the_close", "lies_after_the_day"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEAR = 1.5
LEAST_NEAR = 0.25
LEAST_NEAR_DATED = 0.9
TIMES_CHANCE = 4.0
LEAST_RANK = 0.95
LEAST_DEALS = 15
LEAST_AFTER = 40


def is_moving_date(values: Values, sample: Sample) -> bool:
    """Whether a number is a date seen from the day of the row: it falls by one with each day that passes."""
    if values.kind != "number" or np.isnan(sample.days).any():
        return False
    frame = pd.DataFrame({"deal": sample.deal, "gap": values.closed.to_numpy("float64") - sample.days})
    by_deal = frame.dropna().groupby("deal")["gap"].agg(["size", "min", "max"])
    several = by_deal[by_deal["size"] > 1]
    return len(several) >= 3 and float(((several["max"] - several["min"]) < NEAR).mean()) > 0.95


def knows_the_close(values: Values, sample: Sample, *, is_dated: bool) -> Evidence | None:
    """A number that is the days to the close, or the length of the deal, for too many deals to be a plan."""
    if values.kind != "number" or not len(sample.days) or np.isnan(sample.days).any():
        return None
    numbers = values.closed.to_numpy("float64")
    known = ~np.isnan(numbers)
    weight = sample.weight[known]
    n = float(weight.sum())
    if n < LEAST_DEALS or n < 0.05 * sample.n_deals:
        return None
    for target in (sample.days, sample.days + sample.age):
        gap = numbers[known] - target[known]
        near = float(weight[np.abs(gap) <= NEAR].sum() / n)
        chance = _by_chance(numbers[known], target[known], weight)
        wanted = LEAST_NEAR_DATED if is_dated else LEAST_NEAR
        if near >= wanted and near >= TIMES_CHANCE * chance:
            return Evidence("is_the_closing_day", {"share": near, "n": round(n)})
    return None if is_dated else _never_before(numbers, known, sample) or _ranks_with(numbers, known, sample)


def _by_chance(numbers: Floats, target: Floats, weight: Floats) -> float:
    """The share that would be near if the numbers were dealt out anew, or meant a day some weeks off."""
    gap = numbers - target
    shares = [weight[np.abs(gap - shift) <= NEAR].sum() / weight.sum() for shift in (-21.0, -14.0, 14.0, 21.0)]
    dealt = np.random.default_rng(0).permutation(numbers) - target
    shares.append(weight[np.abs(dealt) <= NEAR].sum() / weight.sum())
    return float(max(shares))


def _never_before(numbers: Floats, known: Flags, sample: Sample) -> Evidence | None:
    """A day that never lies before the close, though other deals' days would: written at the close or after it."""
    weight, days = sample.weight[known], sample.days[known]
    n = float(weight.sum())
    if n < LEAST_AFTER:
        return None
    after = float(weight[numbers[known] >= days - NEAR].sum() / n)
    dealt = np.random.default_rng(1).permutation(numbers[known])
    by_chance = float(weight[dealt >= days - NEAR].sum() / n)
    if after < 0.97 or by_chance > after - 0.15:
        return None
    return Evidence("never_before_the_close", {"share": after, "n": round(n)})


def _ranks_with(numbers: Floats, known: Flags, sample: Sample) -> Evidence | None:
    if sample.weight[known].sum() < 0.2 * sample.n_deals:
        return None
    first = np.unique(sample.deal[known], return_index=True)[1]
    one = pd.Series(numbers[known][first])
    if one.nunique() < 5:
        return None
    for target in (sample.days, sample.days + sample.age):
        other = pd.Series(target[known][first])
        if other.nunique() < 5:
            continue
        rank = abs(float(one.rank().corr(other.rank())))
        if rank >= LEAST_RANK:
            return Evidence("ranks_with_the_close", {"rank": rank, "n": len(one)})
    return None


def lies_after_the_day(values: Values, sample: Sample) -> Evidence | None:
    """A date that lies after the day for deals that have closed since, and not for open deals on their day.

    Somebody wrote it later: the last change, the last contact, the day the contract was signed.
    """
    if values.open_now.notna().sum() < 5 or sample.weight[values.closed.notna()].sum() < LEAST_DEALS:
        return None
    levels = Levels(_is_late(values.closed), _is_late(values.open_now), 3)
    shares = level_shares(levels, sample)
    filled, open_filled = 1.0 - shares.closed[BLANK], 1.0 - shares.open_now[BLANK]
    if filled <= 0 or open_filled <= 0:
        return None
    late, open_late = float(shares.closed[2] / filled), float(shares.open_now[2] / open_filled)
    if late < 0.25 or open_late > 0.25 * late:
        return None
    if lack(late, filled * shares.n_closed, open_late, round(open_filled * shares.n_open)) > 10 * ALPHA:
        return None
    return Evidence("lies_after_the_day", {"share": late, "open": open_late})


def _is_late(numbers: pd.Series) -> npt.NDArray[np.int64]:
    late = np.where(numbers.to_numpy("float64") > NEAR, 2, 1)
    return np.where(numbers.isna(), BLANK, late).astype("int64")
