"""The same question of fewer deals: a slice, or deals that somebody chose."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pandas as pd

from oppnb.metrics import MetricInputs, measure, missing_needs
from oppnb.review.funnel import CONVERSION
from oppnb.review.scope import in_slice

__all__ = ["build_funnel_by", "narrow_inputs"]


def narrow_inputs(
    inputs: MetricInputs, *, slice_of: Mapping[str, str] | None = None, only: Collection[str] | None = None
) -> MetricInputs:
    """What metrics are worked out from, of some deals only; the snapshots and stays of the others are left out.

    Parameters
    ----------
    inputs : MetricInputs
        Of all deals.
    slice_of : mapping of column to value, optional
        E.g. `{"region": "East"}`, as known on the day of knowledge.
    only : collection of str, optional
        Keys of deals.

    Raises
    ------
    ColumnMissingError
        If the deals have no such column; names the nearest.
    """
    if not slice_of and only is None:
        return inputs
    snapshot = inputs.snapshot[in_slice(inputs.snapshot, slice_of)]
    if only is not None:
        snapshot = snapshot[snapshot["opportunity_id"].isin(list(only))]

    def kept(frame: pd.DataFrame | None) -> pd.DataFrame | None:
        if frame is None:
            return None
        return frame[frame["opportunity_id"].isin(snapshot["opportunity_id"])].reset_index(drop=True)

    return replace(
        inputs, snapshot=snapshot.reset_index(drop=True), opening=kept(inputs.opening), spells=kept(inputs.spells)
    )


def build_funnel_by(inputs: MetricInputs, by: str) -> pd.DataFrame:
    """Conversion and dwell of each stage by an attribute.

    Parameters
    ----------
    inputs : MetricInputs
        On the day of knowledge.
    by : str
        A column of the snapshot, e.g. `region`, `owner_id`, `product`.

    Returns
    -------
    DataFrame
        `process`, `stage`, `slice` (null: the attribute is empty), then as `build_funnel`: `conversion` with
        `conversion_low`, `conversion_high`, `n_entered`, `n_undecided`; `median_days` with `median_low`,
        `median_high`; and `heads` (open deals in the next stage for each one in this), `count` (open deals there).
        Sorted. What the data does not allow is null.

    Raises
    ------
    ColumnMissingError
        If there is no such column; names the nearest.
    """
    in_slice(inputs.snapshot, {by: ""})  # says which columns there are
    conversion = _one(inputs, ("stage_conversion", CONVERSION), by, value="conversion")
    conversion = conversion.rename(
        columns={"low": "conversion_low", "high": "conversion_high", "n": "n_entered", "n_open": "n_undecided"}
    )
    dwell = _one(inputs, ("days_in_stage", "median"), by, value="median_days")
    dwell = dwell.rename(columns={"low": "median_low", "high": "median_high"}).drop(columns=["n", "n_open"])
    heads = _one(inputs, ("stage_conversion", "snapshot"), by, value="heads").drop(
        columns=["low", "high", "n", "n_open"]
    )
    standing = _standing(inputs.snapshot, by)
    keys = ["process", "stage", "slice"]
    frame = conversion.merge(dwell, on=keys, how="outer").merge(heads, on=keys, how="outer")
    frame = frame.merge(standing, on=keys, how="outer")
    counts = ["n_entered", "n_undecided", "count"]
    frame = frame.assign(**{name: frame[name].fillna(0).astype("int64") for name in counts})
    frame = frame[(frame[counts].sum(axis=1) > 0) | frame["median_days"].notna()]
    return frame.sort_values(keys, kind="stable", na_position="last", ignore_index=True)


def _one(inputs: MetricInputs, which: tuple[str, str], by: str, *, value: str) -> pd.DataFrame:
    metric, variant = which
    keys = {"process": "str", "stage": "str", "slice": "str"}
    columns = [*keys, value, "low", "high", "n", "n_open"]
    if missing_needs(metric, inputs, variant=variant):
        empty = pd.DataFrame({name: pd.Series(dtype="float64") for name in columns})
        return empty.astype(keys)
    found = measure(metric, inputs, variant=variant, by=["process", "stage", by])
    return found.rename(columns={by: "slice", "value": value})[columns].astype(keys)


def _standing(snapshot: pd.DataFrame, by: str) -> pd.DataFrame:
    deals = snapshot[snapshot["outcome"].eq("open").fillna(False).astype(bool)]
    groups = deals.groupby(["process", "stage", by], dropna=False, sort=True)["opportunity_id"].size()
    return groups.reset_index(name="count").rename(columns={by: "slice"}).astype({"slice": "str"})
