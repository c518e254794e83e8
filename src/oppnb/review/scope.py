"""Which deals a question is about: those due in a period, those of a slice."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from oppnb.errors import ColumnMissingError, nearest
from oppnb.periods import Period

__all__ = [
    "KNOWN_ENOUGH",
    "amounts_are_known",
    "as_stamp",
    "has_expected_close",
    "in_slice",
    "is_due",
    "is_open",
    "is_untold_of_open",
]

KNOWN_ENOUGH = 0.5
"""With less than this share of the amounts known, their sum says nothing of the whole."""


def is_open(snapshot: pd.DataFrame) -> pd.Series:
    """Deals that were open on the snapshot's day."""
    return snapshot["outcome"].eq("open").fillna(False).astype(bool)


def is_due(days: pd.Series, period: Period | None) -> pd.Series:
    """Days that fall into the period; without a period every row counts, dated or not."""
    if period is None:
        return pd.Series(True, index=days.index)
    return days.between(pd.Timestamp(period.start), pd.Timestamp(period.end)).fillna(False).astype(bool)


def in_slice(snapshot: pd.DataFrame, slice_of: Mapping[str, str] | None) -> pd.Series:
    """Deals of the slice, e.g. `{"region": "East"}`; every deal where there is none.

    Raises
    ------
    ColumnMissingError
        If the slice names a column that the snapshot lacks, with the nearest one.
    """
    mask = pd.Series(True, index=snapshot.index)
    for column, value in (slice_of or {}).items():
        if column not in snapshot.columns:
            near = nearest(column, [str(name) for name in snapshot.columns])
            raise ColumnMissingError(
                f"The deals have no column '{column}' to slice by." + (f" The nearest is '{near}'." if near else "")
            )
        mask &= snapshot[column].eq(value).fillna(False).astype(bool)
    return mask


def has_expected_close(*snapshots: pd.DataFrame) -> bool:
    """True if on each day an open deal says when it is expected to close; a day without open deals says nothing.

    A flat export knows it on its own day only: compared with a day before, every deal would seem pulled in.
    """
    days = [frame.loc[is_open(frame), "expected_close_on"] for frame in snapshots]
    return any(len(day) for day in days) and all(day.notna().any() for day in days if len(day))


def amounts_are_known(*snapshots: pd.DataFrame) -> bool:
    """True if the amounts of open deals are known on each day about alike; a day without open deals says nothing.

    A flat export knows them on its own day only: held against a day before, every amount would seem to have risen. Of
    the day that knows fewer, at least half the share of the other is wanted, and of one day some amount at all.
    """
    days = [frame.loc[is_open(frame), "amount_base"] for frame in snapshots]
    known = [float(day.notna().mean()) for day in days if len(day)]
    return not known or (max(known) > 0 and min(known) >= KNOWN_ENOUGH * max(known))


def is_untold_of_open(snapshot: pd.DataFrame, column: str) -> bool:
    """True if closed deals tell a column and no open deal does: which open deals belong to a slice is not known then.

    So it is with owners before the day of a flat export: nobody has 0 open deals, it is not known who has them.
    """
    told = snapshot[column].notna()
    of_open = is_open(snapshot)
    return bool(of_open.any() and told.any() and not told[of_open].any())


def as_stamp(day: date) -> pd.Timestamp:
    """Midnight at the start of a day, as the `_on` columns hold it."""
    return pd.Timestamp(day.year, day.month, day.day)
