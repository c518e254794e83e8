"""How long deals stay in a stage, those still there included, and how many never moved at all."""

import numpy as np
import pandas as pd

from oppnb.metrics.figure import column_of, mean_of, rate_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask
from oppnb.metrics.survival import kaplan_meier_median

__all__ = ["DAYS_IN_STAGE", "NEVER_MOVED"]

_NEEDS = {"spells": ("opportunity_id", "process", "stage", "outcome", "spell", "days", "is_finished")}


def _stays(ask: Ask) -> pd.DataFrame:
    """Stays in open stages; `days` is null where the stay began before it was recorded."""
    spells = ask.frame("spells")
    if "is_first_stage_known" in spells:
        unknown = (spells["spell"] == 1) & ~spells["is_first_stage_known"].astype(bool)
        spells = spells.assign(days=np.where(unknown, np.nan, column_of(spells, "days")))
    return ask.take(spells, spells["outcome"] == "open", "process", "stage", "spell", "days", "is_finished")


def _stays_of_moved(ask: Ask) -> pd.DataFrame:
    rows = _stays(ask)
    return rows[(rows["spell"] > 1) | rows["is_finished"].astype(bool)]


def _finished(ask: Ask) -> pd.DataFrame:
    rows = _stays(ask)
    return rows[rows["is_finished"].astype(bool)]


def _open_with_move(ask: Ask) -> pd.DataFrame:
    rows = ask.open_deals("has_moved")
    moved = column_of(rows, "has_moved")
    return rows.assign(stayed=np.where(np.isnan(moved), np.nan, 1 - moved))


DAYS_IN_STAGE = Metric(
    id="days_in_stage",
    unit="days",
    better="lower",
    source="Kaplan & Meier 1958; Brookmeyer & Crowley 1982 (interval)",
    variants=(
        Variant(id="median", rows=_stays, figure=kaplan_meier_median("days", "is_finished"), needs=_NEEDS),
        Variant(
            id="median_moved", rows=_stays_of_moved, figure=kaplan_meier_median("days", "is_finished"), needs=_NEEDS
        ),
        Variant(id="mean_finished", rows=_finished, figure=mean_of("days"), needs=_NEEDS),
    ),
)

NEVER_MOVED = Metric(
    id="never_moved",
    unit="share",
    better="lower",
    source="Wilson 1927 (interval)",
    variants=(
        Variant(
            id="count",
            rows=_open_with_move,
            figure=rate_of("stayed"),
            needs={"snapshot": ("outcome", "has_moved")},
        ),
    ),
)
