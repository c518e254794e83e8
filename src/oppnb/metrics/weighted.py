"""Weighted pipeline: each open amount times the odds of its stage; stages without odds are named, not taken as zero."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, column_of, note_of, total
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
        known = pd.Series(column_of(odds, column), index=pd.MultiIndex.from_frame(odds[["process", "stage"]]))
        position = known.index.get_indexer(keys)
        found = np.where(position >= 0, known.to_numpy()[position], np.nan) if len(known) else np.nan
        return deals.assign(odds=found)

    return rows


def _by_probability(ask: Ask) -> pd.DataFrame:
    deals = ask.open_deals("process", "stage", "amount_base", "win_probability")
    return deals.assign(odds=deals["win_probability"])


def _weighted(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    weighted = column_of(rows, "amount_base") * column_of(rows, "odds")
    usable = ~np.isnan(weighted)
    n, n_missing = int(usable.sum()), int((~usable).sum())
    without = sorted({str(stage) for stage in rows.loc[rows["odds"].isna().to_numpy(), "stage"].dropna().unique()})
    note = note_of("stages_without_odds", detail=", ".join(without)) if without else None
    if n == 0 and n_missing:
        return Figure(n_missing=n_missing, note=note or "all_missing")
    return Figure(total(weighted), n, n_missing=n_missing, note=note)


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
