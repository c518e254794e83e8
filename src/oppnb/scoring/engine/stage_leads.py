"""The stage seen from a lead: a deal in its first stage is not won within a week, one about to sign is."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.engine.bins import ColumnBins
from oppnb.scoring.prediction import LEAD_DAYS
from oppnb.scoring.rows import ScoringRows

__all__ = ["STAGE_THEN", "frequent_stages", "stage_codes", "stage_column"]

Codes = npt.NDArray[np.uint8]

STAGE_THEN = "stage_then"
_MOST_STAGES = 28
_SPAN_OF_LEAD = np.digitize(np.arange(len(LEAD_DAYS)), [1, 2, 4, 8, 13, 17, 23])
_N_SPANS = int(_SPAN_OF_LEAD.max()) + 1


def frequent_stages(rows: ScoringRows) -> tuple[str, ...]:
    """The stages in which deals stand, by process, at most 28; the others count as one."""
    counts = _names(rows).value_counts()
    kept = counts.sort_index().sort_values(ascending=False, kind="stable").index[:_MOST_STAGES]
    return tuple(sorted(str(name) for name in kept))


def stage_column(stages: Sequence[str]) -> ColumnBins:
    """The column of each of the stages, and of any other, in each of eight spans of leads."""
    names = ("*", *stages)
    return ColumnBins(STAGE_THEN, "stage", None, tuple(f"{name} {span}" for name in names for span in range(_N_SPANS)))


def stage_codes(rows: ScoringRows, stages: Sequence[str], *, last_lead: int) -> Codes:
    """Levels of `stage_column` for each row and lead bin, shape (n, 27).

    Leads beyond `last_lead` count as that one: nothing was seen of them.
    """
    known = {name: 1 + position for position, name in enumerate(stages)}
    at = _names(rows).map(known).fillna(0).to_numpy(dtype=np.int64)
    spans = _SPAN_OF_LEAD[np.minimum(np.arange(len(LEAD_DAYS)), last_lead)]
    found: Codes = (1 + at[:, None] * _N_SPANS + spans[None, :]).astype(np.uint8)
    return found


def _names(rows: ScoringRows) -> pd.Series:
    texts = rows.keys[["process", "stage"]].fillna("").astype("str")
    return texts["process"] + "/" + texts["stage"]
