"""Qualification evidence as it is recorded over time: MEDDPICC elements, partial or confirmed."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.spans import Span
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["ELEMENTS", "evidence_table"]

ELEMENTS = (
    "identify_pain", "metrics", "champion", "decision_criteria", "economic_buyer", "decision_process", "paper_process",
)  # fmt: skip
_FIRST_STAGE = np.array([0, 0, 0, 1, 1, 2, 2])
_A_WEEK = 0.065


def evidence_table(settings: SyntheticSettings, weeks: Weeks, *, deals: Deals, span: Span) -> pd.DataFrame:
    """The canonical table `evidence`: each element is recorded once as partial and once as confirmed, or not at all.

    Good deals show evidence sooner: the pace follows the hidden quality, not the outcome.
    """
    rng = stream(settings, "evidence")
    pace = 1 - np.exp(-_A_WEEK * np.exp(0.5 * deals.quality[span.deal]))
    happens = rng.random((len(span.deal), len(ELEMENTS))) < pace[:, None]
    happens &= span.stage[:, None] >= _FIRST_STAGE[None, :]
    row, element = np.nonzero(happens)
    moment = weeks.moments(rng, span.week[row])
    inside = (moment > span.after[row]) & (moment < span.before[row])
    row, element, moment = row[inside], element[inside], moment[inside]
    order = np.lexsort((moment.astype("int64"), element, span.deal[row]))
    deal, element, moment = span.deal[row][order], element[order], moment[order]
    nth = _nth(deal * len(ELEMENTS) + element)
    goes_straight = rng.random(len(deal)) < 0.3
    state = np.where((nth > 0) | goes_straight, "confirmed", "partial").astype(object)
    keep = np.flatnonzero((nth == 0) | ((nth == 1) & (np.append("", state[:-1]) == "partial")))
    keep = keep[np.lexsort((element[keep], moment[keep].astype("int64"), deal[keep]))]
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(deals.ids()[deal[keep]], dtype="str"),
            "element": pd.Series(np.array(ELEMENTS, dtype=object)[element[keep]], dtype="str"),
            "state": pd.Series(state[keep], dtype="str"),
            "recorded_at": pd.Series(moment[keep].astype("datetime64[us]")),
        }
    )


def _nth(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of each entry within its run of equal values."""
    position = np.arange(len(group))
    starts = np.append(True, group[1:] != group[:-1])
    return position - np.maximum.accumulate(np.where(starts, position, 0))
