"""Several rows into one: the first, last, smallest, largest, sum or number of their values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import MappingError, nearest
from oppnb.sources.coerce import coerce_column
from oppnb.sources.mapping_columns import blank, plain_text

__all__ = ["Groups", "group_rows", "sorted_rows", "take_one"]


@dataclass(frozen=True)
class Groups:
    """Which group each row belongs to.

    Attributes
    ----------
    codes : array of int, shape (n_rows,)
        Number of the row's group, in order of first appearance; -1 for a row without a key.
    count : int
        Number of groups.
    """

    codes: npt.NDArray[np.intp]
    count: int


def group_rows(frame: pd.DataFrame, headers: Sequence[str], *, file: str) -> Groups:
    """Number the groups of rows that share the values of `headers`; MappingError if one is not there."""
    _check_headers(frame, headers, file=file, key="one_row_per")
    keys = [plain_text(frame[header]).mask(blank(frame[header])) for header in headers]
    codes, words = pd.factorize(keys[0])
    count = len(words)
    for key in keys[1:]:
        more, more_words = pd.factorize(key)
        pairs = np.where((codes < 0) | (more < 0), -1, codes * max(len(more_words), 1) + more)
        codes, distinct = pd.factorize(pd.Series(pairs).where(pairs >= 0))
        count = len(distinct)
    return Groups(np.asarray(codes, dtype=np.intp), count)


def sorted_rows(frame: pd.DataFrame, headers: Sequence[str], *, file: str, time_zone: str) -> pd.DataFrame:
    """Order rows by headers, as numbers or moments where all their values are; equal ones keep their order."""
    _check_headers(frame, headers, file=file, key="order_by")
    order = np.arange(len(frame))
    for header in reversed(headers):
        keys = _sortable(frame[header], time_zone=time_zone).iloc[order].reset_index(drop=True)
        order = order[keys.sort_values(kind="stable", na_position="first").index.to_numpy()]
    return frame.iloc[order].reset_index(drop=True)


def take_one(values: pd.Series, groups: Groups, take: str) -> pd.Series:
    """One value a group; null where a group has none.

    Parameters
    ----------
    values : Series, shape (n_rows,)
        In the order of the rows that were grouped.
    groups : Groups
        From `group_rows`.
    take : {'first', 'last', 'min', 'max', 'sum', 'count'}
        Missing values never count; `count` gives how many are there.

    Returns
    -------
    Series, shape (n_groups,)

    Examples
    --------
    >>> groups = Groups(np.array([0, 0, 1]), 2)
    >>> take_one(pd.Series([3.0, None, 5.0]), groups, "last").tolist()
    [3.0, 5.0]
    """
    usable = np.flatnonzero(values.notna().to_numpy() & (groups.codes >= 0))
    codes = groups.codes[usable]
    if take == "count":
        return pd.Series(np.bincount(codes, minlength=groups.count).astype("float64"))
    if take in ("first", "last"):
        places = np.full(groups.count, -1, dtype=np.intp)
        rows = usable if take == "last" else usable[::-1]
        places[codes if take == "last" else codes[::-1]] = rows  # the last one written stays
        return _take_places(values, places)
    grouped = values.iloc[usable].groupby(codes)
    one = grouped.sum() if take == "sum" else grouped.min() if take == "min" else grouped.max()
    return one.reindex(range(groups.count)).reset_index(drop=True)


def _take_places(values: pd.Series, places: npt.NDArray[np.intp]) -> pd.Series:
    taken = values.array.take(places, allow_fill=True)
    return pd.Series(taken, name=values.name)


def _sortable(values: pd.Series, *, time_zone: str) -> pd.Series:
    filled = int((~blank(values)).sum())
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    if int(numbers.notna().sum()) == filled:
        return numbers
    moments = coerce_column(values, "moment", time_zone=time_zone).values
    return moments if int(moments.notna().sum()) == filled else plain_text(values)


def _check_headers(frame: pd.DataFrame, headers: Sequence[str], *, file: str, key: str) -> None:
    for header in headers:
        if header not in frame.columns:
            near = nearest(header, [str(name) for name in frame.columns])
            raise MappingError(
                f"'{key}' names the column '{header}', which is not in '{file}'."
                + (f" The nearest header is '{near}'." if near else "")
                + f'\nMend it in oppnb.yaml:  {key}: "{near or "…"}"'
            )
