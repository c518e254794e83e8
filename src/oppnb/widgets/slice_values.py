"""Whether any deal has the value that a slice names."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from oppnb.errors import ParameterError, nearest
from oppnb.review import Review

__all__ = ["check_values", "known_on"]

_MOST_NAMES = 10


def known_on(review: Review, *days: date) -> Iterator[pd.DataFrame]:
    """The pipeline as known on the days of the review, then on others: each is made only if it is asked for."""
    yield review.snapshot
    yield review.previous
    for day in days:
        if day not in (review.as_of, review.compare_to):
            yield review.snapshot_on(day)


def check_values(slice_of: Mapping[str, Any], snapshots: Iterable[pd.DataFrame]) -> None:
    """Refuse a value that no deal has on any of the days; a column in which nothing is told has no wrong value.

    Raises
    ------
    ParameterError
        Names the nearest value, else the first ten.

    Examples
    --------
    >>> check_values({"region": "Eats"}, [pd.DataFrame({"region": ["East", "North"]})])
    Traceback (most recent call last):
    oppnb.errors.ParameterError: No deal has 'Eats' in 'region'. Did you mean 'East'?
    """
    sought: dict[str, set[Any]] = {column: set() for column in slice_of}
    for day in snapshots if sought else ():
        for column in sought:
            sought[column] |= set(day[column].dropna().unique()) if column in day else set()
        if all(slice_of[column] in known for column, known in sought.items()):
            return
    for column, known in sought.items():
        if known and slice_of[column] not in known:
            raise ParameterError(f"No deal has '{slice_of[column]}' in '{column}'.{_hint(slice_of[column], known)}")


def _hint(value: Any, known: Iterable[Any]) -> str:
    names = sorted(map(str, known))
    near = nearest(str(value), names)
    return f" Did you mean '{near}'?" if near else f" There are: {', '.join(names[:_MOST_NAMES])}."
