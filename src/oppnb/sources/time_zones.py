"""Local time to UTC and back, over clock changes without a stop."""

from zoneinfo import available_timezones

import numpy as np
import pandas as pd

from oppnb.errors import UsageError, nearest
from oppnb.sources.coerced import Decision, decision

__all__ = ["days_in_zone", "moments_in_utc"]


def moments_in_utc(moments: np.ndarray, is_utc: np.ndarray, time_zone: str) -> tuple[np.ndarray, tuple[Decision, ...]]:
    """Bring local moments to UTC; those marked `is_utc` are there already.

    A time that a clock change skips becomes the first moment after the gap; a time that it repeats is the earlier.

    Returns
    -------
    moments : ndarray of datetime64[us]
        Without zone, in UTC.
    told : tuple of Decision
        How many times fell into a gap.

    Raises
    ------
    UsageError
        If there is no such zone.
    """
    local = ~is_utc & ~np.isnat(moments)
    if time_zone == "UTC" or not local.any():
        return moments, ()
    _check(time_zone)
    naive = pd.DatetimeIndex(moments[local])
    zoned = naive.tz_localize(time_zone, ambiguous=np.ones(len(naive), bool), nonexistent="shift_forward")
    in_utc = moments.copy()
    in_utc[local] = zoned.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    n_skipped = int((zoned.tz_localize(None) != naive).sum())
    return in_utc, (decision("clock_change", n=n_skipped),) if n_skipped else ()


def days_in_zone(moments: np.ndarray, is_utc: np.ndarray, time_zone: str) -> np.ndarray:
    """Give the local day of each moment as a midnight; those not marked `is_utc` are local already.

    Raises
    ------
    UsageError
        If there is no such zone.
    """
    local = moments.copy()
    shifted = is_utc & ~np.isnat(moments)
    if time_zone != "UTC" and shifted.any():
        _check(time_zone)
        zoned = pd.DatetimeIndex(moments[shifted]).tz_localize("UTC").tz_convert(time_zone)
        local[shifted] = zoned.tz_localize(None).to_numpy().astype("datetime64[us]")
    return local.astype("datetime64[D]").astype("datetime64[us]")


def _check(time_zone: str) -> None:
    if time_zone not in available_timezones():
        near = nearest(time_zone, sorted(available_timezones()))
        raise UsageError(f"There is no time zone '{time_zone}'." + (f" Did you mean '{near}'?" if near else ""))
