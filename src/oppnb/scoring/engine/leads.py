"""From a deal and a day to the weeks ahead: what was seen of each, and what the calendar will say in each."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.periods import period_of
from oppnb.scoring.engine.bins import ColumnBins, number_codes
from oppnb.scoring.prediction import LEAD_DAYS
from oppnb.scoring.rows import ScoringRows

__all__ = ["LEAD_COLUMNS", "LEAD_STARTS", "N_LEADS", "LeadRows", "lead_codes", "lead_rows"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]

N_LEADS = len(LEAD_DAYS)
LEAD_STARTS: Floats = np.concatenate([[0.0], LEAD_DAYS[:-1]])
_LONGEST_WITH_PERIOD = 28.5
_EXPECTED_CLOSE_EDGES = np.array([-182, -91, -56, -28, -14, -7, 0, 7, 14, 28, 56, 91, 182.0])


def _whole_numbers(name: str, last: int) -> ColumnBins:
    return ColumnBins(name, "timing", np.arange(last, dtype="float64") + 0.5, None, np.arange(last + 1.0))


LEAD_COLUMNS: tuple[ColumnBins, ColumnBins, ColumnBins] = (
    _whole_numbers("lead", N_LEADS - 1),
    _whole_numbers("weeks_to_period_end_then", 12),
    ColumnBins(
        "days_to_expected_close_then",
        "timing",
        _EXPECTED_CLOSE_EDGES,
        None,
        np.concatenate([[-230], _EXPECTED_CLOSE_EDGES[:-1] / 2 + _EXPECTED_CLOSE_EDGES[1:] / 2, [230]]),
    ),
)
"""What is known beforehand of a lead bin: which it is, the period's end and the expected close seen from its start."""


@dataclass(frozen=True)
class LeadRows:
    """One row per deal-day and lead bin that was followed to its end or in which the deal ended.

    Attributes
    ----------
    row, lead : array of int, shape (n,)
        Row of the deal-day; lead bin, from 0.
    ended : array of bool, shape (n,)
    """

    row: Ints
    lead: Ints
    ended: npt.NDArray[np.bool_]


def lead_rows(days: Floats, is_closed: npt.NDArray[np.bool_]) -> LeadRows:
    """Expand deal-days into lead bins.

    Parameters
    ----------
    days : array, shape (n,)
        To the close, or followed so far.
    is_closed : array of bool, shape (n,)

    Examples
    --------
    >>> lead_rows(np.array([8.0, 15.0]), np.array([True, False])).ended.tolist()  # ends in week 2; two full weeks
    [False, True, False, False]
    """
    seen_in_full = np.searchsorted(LEAD_DAYS, days, side="right")
    end_bin = np.searchsorted(LEAD_DAYS, days, side="right")  # a close at the very end of a bin is one of the next day
    ends_within = is_closed & (end_bin < N_LEADS)
    counts = np.where(is_closed, np.minimum(end_bin + 1, N_LEADS), seen_in_full)
    row = np.repeat(np.arange(len(days)), counts)
    lead = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return LeadRows(row, lead, ends_within[row] & (lead == end_bin[row]))


def lead_codes(rows: ScoringRows, *, last_lead: int) -> Codes:
    """Levels of `LEAD_COLUMNS` for each row and lead bin, shape (n, 27, 3).

    Leads beyond `last_lead` count as that one: nothing was seen of them.
    """
    found = np.zeros((len(rows), N_LEADS, 3), dtype=np.uint8)
    found[..., 0] = 1 + np.minimum(np.arange(N_LEADS), last_lead)
    days, place = np.unique(rows.keys["as_of"].to_numpy(dtype="datetime64[D]"), return_inverse=True)
    ends = np.stack([_weeks_to_period_end(day, rows) for day in days]) if len(days) else np.zeros((0, N_LEADS))
    found[..., 1] = number_codes(ends, LEAD_COLUMNS[1].edges)[place] if len(days) else 0  # type: ignore[arg-type]
    expected = pd.to_datetime(rows.keys["expected_close_on"]) - pd.to_datetime(rows.keys["as_of"])
    away = (expected / pd.Timedelta(days=1)).to_numpy(dtype="float64", na_value=np.nan)
    found[..., 2] = number_codes(away[:, None] - LEAD_STARTS, _EXPECTED_CLOSE_EDGES)
    return found


def _weeks_to_period_end(day: np.datetime64, rows: ScoringRows) -> Floats:
    """Whole weeks from the start of each bin to the end of its quarter; NaN for bins that are about as long."""
    weeks = np.full(N_LEADS, np.nan)
    if np.isnat(day):
        return weeks
    for lead in range(N_LEADS):
        if LEAD_DAYS[lead] - LEAD_STARTS[lead] < _LONGEST_WITH_PERIOD:
            first: date = (day + np.timedelta64(int(LEAD_STARTS[lead]) + 1, "D")).astype(object)
            period = period_of(first, fiscal_year_start=rows.calendar.fiscal_year_start)
            weeks[lead] = (period.end - first).days // 7
    return weeks
