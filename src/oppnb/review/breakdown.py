"""The pipeline by owner, region, product or any other attribute."""

import pandas as pd

from oppnb.metrics import MetricInputs, measure, missing_needs
from oppnb.review.scope import is_untold_of_open

__all__ = ["build_breakdown"]

_PARTS: tuple[tuple[str, str, str | None], ...] = (
    ("open_count", "open_count", None),
    ("open_amount", "open_amount", None),
    ("weighted_amount", "weighted_pipeline", "set_odds"),
    ("won_count", "won_count", None),
    ("won_amount", "won_amount", None),
    ("lost_count", "lost_count", None),
    ("win_rate", "win_rate", "closed"),
    ("target", "target_amount", None),
    ("coverage", "coverage", "remaining"),
)
_OF_OPEN = ("open_count", "open_amount", "weighted_amount", "coverage")


def build_breakdown(inputs: MetricInputs, by: str, *, odds: str = "set_odds") -> pd.DataFrame:
    """One row a value of the attribute, the largest open amount first.

    Parameters
    ----------
    inputs : MetricInputs
        On the day of knowledge.
    by : str
        A column of the snapshot, e.g. `owner_id`, `region`, `product`, `team`, `industry`, `source`.
    odds : {'set_odds', 'observed_odds'}
        Which odds weigh the open amounts.

    Returns
    -------
    DataFrame
        `slice` (null: the attribute is empty), `open_count`, `open_amount`, `weighted_amount`, `won_count`,
        `won_amount`, `lost_count` (of the period), `win_rate` with `low`, `high` (95 %) and `n` (closed deals),
        `target`, `coverage`. What cannot be told is null, so also what is open in a slice if no open deal says to
        which one it belongs.

    Raises
    ------
    ColumnMissingError
        If there is no such column; names the nearest.
    """
    frame: pd.DataFrame | None = None
    for name, metric, variant in _PARTS:
        wanted = odds if variant == "set_odds" else variant
        part = _one(inputs, metric, wanted, by=by, name=name)
        if part is None:
            frame = frame if frame is None else frame.assign(**{name: float("nan")})
        else:
            frame = part if frame is None else frame.merge(part, on="slice", how="left")
    if frame is None:
        raise AssertionError("open_count can always be measured")
    for name in ("open_count", "won_count", "lost_count", "n"):
        frame[name] = frame[name].fillna(0).astype("int64")
    empty = (frame[["open_count", "won_count", "lost_count"]].sum(axis=1) == 0) & frame["target"].isna()
    frame = frame[~empty].sort_values("slice", kind="stable", na_position="last")
    if is_untold_of_open(inputs.snapshot, by):
        frame[list(_OF_OPEN)] = frame[list(_OF_OPEN)].astype("float64").where(frame["slice"].isna())
    return frame.sort_values("open_amount", ascending=False, kind="stable", na_position="last", ignore_index=True)


def _one(inputs: MetricInputs, metric: str, variant: str | None, *, by: str, name: str) -> pd.DataFrame | None:
    if missing_needs(metric, inputs, variant=variant):
        return None
    found = measure(metric, inputs, variant=variant, by=by).rename(columns={by: "slice", "value": name})
    columns = ["slice", name, *(("low", "high", "n") if name == "win_rate" else ())]
    return found[columns].astype({"slice": "str"})
