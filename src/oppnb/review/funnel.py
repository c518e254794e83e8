"""The funnel: what stands in each stage, how many go on from it, how long they stay."""

import pandas as pd

from oppnb.metrics import MetricInputs, measure, missing_needs
from oppnb.review.cents import from_cents, to_cents
from oppnb.review.scope import is_open
from oppnb.stages import find_process, open_stages, stage_preset_details
from oppnb.workspace import Workspace

__all__ = ["build_funnel", "stage_ladder"]

CONVERSION = "eventual"
_BY = ["process", "stage"]


def stage_ladder(workspace: Workspace, snapshot: pd.DataFrame) -> pd.DataFrame:
    """Open stages in the configured order, then stages of open deals that the configuration does not know.

    Columns: `process`, `stage` (null: not known on the day), `position` (null: not configured).
    """
    rows = [
        [process.name, stage.name, float(position)]
        for process in workspace.processes
        for position, stage in open_stages(process)
    ]
    configured = {(process, stage) for process, stage, _ in rows}
    others = [pair for pair in _keys(snapshot.loc[is_open(snapshot), _BY].drop_duplicates()) if pair not in configured]
    rows += [[*pair, None] for pair in sorted(others, key=lambda pair: [(part is None, part or "") for part in pair])]
    frame = pd.DataFrame(rows, columns=["process", "stage", "position"])
    return frame.astype({"process": "str", "stage": "str", "position": "float64"})


def build_funnel(inputs: MetricInputs, *, workspace: Workspace) -> pd.DataFrame:
    """One row an open stage, in order.

    Returns
    -------
    DataFrame
        `process`, `stage`, `position`, `count` and `amount` (open deals there; null if none of them has an amount),
        `conversion` with `conversion_low`, `conversion_high` (probability that a deal goes on sooner or
        later, of those that entered in the last 365 days, the undecided followed as far as they are known; null
        without history), `n_entered`, `n_undecided` (of those, still open and not yet further),
        `conversion_benchmark` (of the preset, where the process names one), `median_days` with `median_low`,
        `median_high` (Kaplan-Meier, stays that last counted as unfinished), `n_never_moved` (open deals there that
        have never changed their stage; null where the history is not known), `time_limit_days`.
    """
    ladder = stage_ladder(workspace, inputs.snapshot)
    frame = ladder.merge(_standing(inputs.snapshot), on=_BY, how="left")
    frame["count"] = frame["count"].fillna(0).astype("int64")
    frame["amount"] = frame["amount"].where(frame["count"] > 0, 0.0)
    conversion = _measured(inputs, "stage_conversion", CONVERSION).rename(
        columns={
            "value": "conversion",
            "low": "conversion_low",
            "high": "conversion_high",
            "n": "n_entered",
            "n_open": "n_undecided",
        }
    )
    dwell = _measured(inputs, "days_in_stage", "median").rename(
        columns={"value": "median_days", "low": "median_low", "high": "median_high"}
    )
    frame = frame.merge(conversion, on=_BY, how="left").merge(dwell.drop(columns=["n", "n_open"]), on=_BY, how="left")
    for name in ("n_entered", "n_undecided"):
        frame[name] = frame[name].fillna(0).astype("int64")
    frame["conversion_benchmark"] = [_benchmark(workspace, *key) for key in _keys(frame)]
    frame["time_limit_days"] = [_time_limit(workspace, *key) for key in _keys(frame)]
    return frame.astype({"conversion_benchmark": "float64", "time_limit_days": "float64"})


def _keys(frame: pd.DataFrame) -> list[tuple[str | None, str | None]]:
    texts = ([value if isinstance(value, str) else None for value in pair] for pair in frame[_BY].to_numpy())
    return [(process, stage) for process, stage in texts]


def _standing(snapshot: pd.DataFrame) -> pd.DataFrame:
    deals = snapshot[is_open(snapshot)]
    deals = deals.assign(
        cents=to_cents(deals["amount_base"]),
        is_valued=deals["amount_base"].notna(),
        never_moved=deals["has_moved"].astype("boolean").eq(other=False).astype("Float64"),
    )
    groups = deals.groupby(_BY, dropna=False, sort=True)
    frame = groups.agg(
        count=("opportunity_id", "size"), cents=("cents", "sum"), n_valued=("is_valued", "sum")
    ).reset_index()
    never_moved = groups["never_moved"].sum(min_count=1).to_numpy(dtype="float64", na_value=float("nan"))
    amount = [from_cents(cents) if n else None for cents, n in zip(frame["cents"], frame["n_valued"], strict=True)]
    frame = frame.assign(amount=pd.Series(amount, dtype="float64"), n_never_moved=never_moved)
    return frame.drop(columns=["cents", "n_valued"]).astype({"process": "str", "stage": "str"})


def _measured(inputs: MetricInputs, metric: str, variant: str) -> pd.DataFrame:
    columns = [*_BY, "value", "low", "high", "n", "n_open"]
    if missing_needs(metric, inputs, variant=variant):
        empty = pd.DataFrame(columns=columns).astype(dict.fromkeys(columns[2:], "float64"))
        return empty.astype(dict.fromkeys(_BY, "str"))
    return measure(metric, inputs, variant=variant, by=_BY)[columns].astype(dict.fromkeys(_BY, "str"))


def _benchmark(workspace: Workspace, process: str | None, stage: str | None) -> float | None:
    """The published conversion of the stage in the preset of the process, by the stage's place among the open ones."""
    found = find_process(workspace, process)
    preset = stage_preset_details().get(found.preset or "") if found else None
    if found is None or preset is None or not preset.conversion:
        return None
    mine = [one.name for _, one in open_stages(found)]
    theirs = [one.name for _, one in open_stages(preset.process)]
    if stage not in mine or len(mine) != len(theirs):
        return None
    return preset.conversion.get(theirs[mine.index(stage)])


def _time_limit(workspace: Workspace, process: str | None, stage: str | None) -> float | None:
    found = find_process(workspace, process)
    stages = found.stages if found else []
    return next((one.time_limit_days for one in stages if one.name == stage), None)
