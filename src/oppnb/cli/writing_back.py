"""Scores for the CRM, asked for before the work and written after it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from oppnb.scoring import ScoringRows
    from oppnb.stages import OpenedData

__all__ = ["check_ids", "write_scores_back"]

LEAD_HEADERS = {
    "opportunity_id": "lead_id",
    "as_of": "scored_on",
    "score": "score",
    "win_probability": "conversion_probability",
    "grade": "grade",
    "reasons": "reasons",
}


def check_ids(path: Path | None) -> "Callable[[OpenedData, ScoringRows], None] | None":
    """What refuses, before any training or scoring, ids that the file for the CRM cannot hold."""
    if path is None:
        return None

    def check(_: "OpenedData", rows: "ScoringRows") -> None:
        from oppnb.scoring import check_write_back_ids

        check_write_back_ids(rows.keys["opportunity_id"], kind=_kind(path))

    return check


def _kind(path: Path) -> Literal["csv", "dynamics"]:
    return "csv" if path.suffix.lower() == ".csv" else "dynamics"


def write_scores_back(frame: "pd.DataFrame", path: Path, *, of_leads: bool = False) -> Path:
    """Write the table of scores as the CRM takes it, by the name of the file."""
    from oppnb.scoring import write_dynamics_scores, write_score_csv

    path.parent.mkdir(parents=True, exist_ok=True)
    if not of_leads:
        return write_score_csv(frame, path) if _kind(path) == "csv" else write_dynamics_scores(frame, path)
    told = frame.rename(columns={"lead_id": "opportunity_id", "conversion_probability": "win_probability"})
    if _kind(path) == "csv":
        return write_score_csv(told, path, headers=LEAD_HEADERS)
    return write_dynamics_scores(told, path, entity_type="lead")
