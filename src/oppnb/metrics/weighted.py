"""Weighted pipeline: each open amount times the odds of its stage; stages without odds are named, not taken as zero.

Observed odds are those of the deals that stood in the stage on earlier days, as the open ones stand there now.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, Floats, column_of, notes_of, total
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["WEIGHTED_PIPELINE"]

_NEEDS = {"snapshot": ("opportunity_id", "outcome", "process", "stage", "amount_base")}


def _by_stage_odds(column: str, *, due: bool) -> Callable[[Ask], pd.DataFrame]:
    def rows(ask: Ask) -> pd.DataFrame:
        deals = ask.open_deals("process", "stage", "amount_base", due=due)
        odds = ask.frame("odds").drop_duplicates(["process", "stage"])
        keys = pd.MultiIndex.from_frame(deals[["process", "stage"]])
        position = pd.MultiIndex.from_frame(odds[["process", "stage"]]).get_indexer(keys)
        used, stands_in = (
            np.where(position >= 0, known[position], np.nan) if len(odds) else np.full(len(deals), np.nan)
            for known in _odds_to_use(odds, column)
        )
        return deals.assign(odds=used, is_of_entered=stands_in == 1)

    return rows


def _odds_to_use(odds: pd.DataFrame, column: str) -> tuple[Floats, Floats]:
    """Odds by stage, and where those of who entered stand in (1) for the unknown ones of who stand there."""
    told = column_of(odds, column)
    if column != "observed_odds":
        return told, np.zeros(len(odds))
    standing = column_of(odds, "standing_odds") if "standing_odds" in odds else np.full(len(odds), np.nan)
    stands_in = np.isnan(standing) & ~np.isnan(told)
    return np.where(stands_in, told, standing), stands_in.astype("float64")


def _by_probability(ask: Ask) -> pd.DataFrame:
    deals = ask.open_deals("process", "stage", "amount_base", "win_probability")
    return deals.assign(odds=deals["win_probability"], is_of_entered=False)


def _weighted(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    weighted = column_of(rows, "amount_base") * column_of(rows, "odds")
    usable = ~np.isnan(weighted)
    n, n_missing = int(usable.sum()), int((~usable).sum())
    note = notes_of(
        stages_without_odds=_stages(rows, rows["odds"].isna()),
        stages_at_entered_odds=_stages(rows, rows["is_of_entered"]),
    )
    if n == 0 and n_missing:
        return Figure(n_missing=n_missing, note=note or "all_missing")
    return Figure(total(weighted), n, n_missing=n_missing, note=note)


def _stages(rows: pd.DataFrame, mask: pd.Series) -> str:
    return ", ".join(sorted(str(stage) for stage in rows.loc[mask.to_numpy(dtype=bool), "stage"].dropna().unique()))


def _variant(odds: str, *, due: bool = False) -> Variant:
    columns = {"snapshot": (*_NEEDS["snapshot"], "expected_close_on")} if due else _NEEDS
    return Variant(
        id=odds + ("_due" if due else ""),
        rows=_by_stage_odds(odds, due=due),
        figure=_weighted,
        needs={**columns, "odds": ("process", "stage", odds)},
    )


WEIGHTED_PIPELINE = Metric(
    id="weighted_pipeline",
    unit="money",
    better="higher",
    source="Sum of amount x odds of the stage (common practice); it says nothing of when a deal closes",
    variants=(
        _variant("set_odds"),
        _variant("observed_odds"),
        _variant("set_odds", due=True),
        _variant("observed_odds", due=True),
        Variant(
            id="win_probability",
            rows=_by_probability,
            figure=_weighted,
            needs={"snapshot": (*_NEEDS["snapshot"], "win_probability")},
        ),
    ),
)
