"""How often something had happened to a key by a day: sorted once, asked often."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.moments import local_day

__all__ = ["NEVER", "Spans", "Tally", "day_numbers", "local_day_numbers", "quantiles_then"]

Days = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NEVER = 4_000_000
"""A day number later than any (the year 12,900)."""
_SPAN = 8_000_000


def day_numbers(days: pd.Series) -> Days:
    """Days since 1970; `NEVER` for null."""
    numbers = days.to_numpy(dtype="datetime64[us]").astype("datetime64[D]")
    return np.where(np.isnat(numbers), NEVER, numbers.astype("int64"))


def local_day_numbers(moments: pd.Series, time_zone: str) -> Days:
    """The number of the first day at whose end the moment was known: that on which it fell; `NEVER` for null."""
    moments = moments.astype("datetime64[us]")
    return day_numbers(moments if time_zone == "UTC" else local_day(moments, time_zone))


class Tally:
    """Happenings by key and day.

    Parameters
    ----------
    keys : Series of str
        What it happened to; happenings without a key, or on `NEVER`, are left out.
    days : array of int
        Of `day_numbers`.
    values : array of float, optional
        What to add up; by default each happening counts 1.

    Examples
    --------
    >>> tally = Tally(pd.Series(["a", "a", "b"]), np.array([3, 5, 4]))
    >>> tally.up_to(pd.Series(["a", "b", "c"]), np.array([4, 3, 9])).tolist()
    [1.0, 0.0, 0.0]
    >>> tally.last(pd.Series(["a", "b"]), np.array([9, 3])).tolist()
    [5.0, nan]
    """

    def __init__(self, keys: pd.Series, days: Days, values: Floats | None = None) -> None:
        there = keys.notna().to_numpy() & (days < NEVER)
        codes, names = pd.factorize(keys[there])
        self._names = pd.Index(names)
        places = codes * np.int64(_SPAN) + np.clip(days[there] + _SPAN // 2, 0, _SPAN - 1)
        order = np.argsort(places, kind="stable")
        self._places = places[order]
        counted = np.ones(len(places)) if values is None else values[there][order]
        self._sums = np.concatenate([[0.0], np.cumsum(counted)])
        self._days = days[there][order]

    def _bounds(self, keys: pd.Series, days: Days) -> tuple[Days, Days, npt.NDArray[np.bool_]]:
        codes = self._names.get_indexer(pd.Index(keys)).astype("int64")
        known = (codes >= 0) & keys.notna().to_numpy()
        first = np.searchsorted(self._places, codes * _SPAN, side="left")
        until = np.clip(days + _SPAN // 2, 0, _SPAN - 1)
        return first, np.searchsorted(self._places, codes * _SPAN + until, side="right"), known

    def up_to(self, keys: pd.Series, days: Days) -> Floats:
        """How many (or the sum of what) happened on or before each day; 0 for a key that is not known."""
        first, after, known = self._bounds(keys, days)
        found: Floats = np.where(known, self._sums[after] - self._sums[first], 0.0)
        return found

    def last(self, keys: pd.Series, days: Days) -> Floats:
        """The number of the last day on which it happened, on or before each day; null if never."""
        first, after, known = self._bounds(keys, days)
        there = known & (after > first)
        found: Floats = np.where(there, np.append(self._days, 0)[np.maximum(after - 1, 0)], np.nan)
        return found

    def within(self, keys: pd.Series, days: Days, *, last: int) -> Floats:
        """As `up_to`, of the last so many days."""
        return self.up_to(keys, days) - self.up_to(keys, days - last)


class Spans:
    """What held from a day on (that day too) until another (that day not), by key.

    Examples
    --------
    >>> spans = Spans(pd.Series(["a", "a"]), np.array([3, 4]), np.array([5, 9]))
    >>> spans.on(pd.Series(["a", "a", "a"]), np.array([3, 4, 5])).tolist()
    [1.0, 2.0, 1.0]
    """

    def __init__(self, keys: pd.Series, from_day: Days, to_day: Days, values: Floats | None = None) -> None:
        real = (from_day < to_day) & (from_day < NEVER)
        keys = keys[real]
        kept = None if values is None else values[real]
        self._from = Tally(keys, from_day[real], kept)
        self._to = Tally(keys, to_day[real], kept)

    def on(self, keys: pd.Series, days: Days) -> Floats:
        """How many (or the sum of what) held on each day."""
        return self._from.up_to(keys, days) - self._to.up_to(keys, days)


def quantiles_then(
    happened: pd.DataFrame, rows: pd.DataFrame, *, by: list[str], share: float, window_days: int, at_least: int
) -> Floats:
    """A quantile of what had happened in the days before each row's day, among the rows of the same group.

    Parameters
    ----------
    happened : DataFrame
        `value`, `day` (on which it happened), `from_day` and `to_day` (known from, until), and the columns of `by`.
    rows : DataFrame
        `day` and the columns of `by`.

    Returns
    -------
    array of float, one a row
        Null with fewer than `at_least` values.
    """
    found = np.full(len(rows), np.nan)
    groups = {key: part.sort_values("day") for key, part in happened.dropna(subset=["value"]).groupby(by, sort=True)}
    for key, part in rows.groupby(by, sort=True):
        if key in groups:
            found[part.index] = _of_days(groups[key], part["day"].to_numpy(), share, window_days, at_least)
    return found


def _of_days(happened: pd.DataFrame, days: Days, share: float, window_days: int, at_least: int) -> Floats:
    values, at = happened["value"].to_numpy(dtype="float64"), happened["day"].to_numpy()
    from_day, to_day = happened["from_day"].to_numpy(), happened["to_day"].to_numpy()
    unique, place = np.unique(days, return_inverse=True)
    answers = np.full(len(unique), np.nan)
    for number, day in enumerate(unique):
        inside = slice(np.searchsorted(at, day - window_days, side="right"), np.searchsorted(at, day, side="right"))
        mine = values[inside][(from_day[inside] <= day) & (to_day[inside] > day)]
        if len(mine) >= at_least:
            answers[number] = np.quantile(mine, share)
    return answers[place]
