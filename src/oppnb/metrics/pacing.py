"""Where the period stands beside earlier ones on the same day of theirs."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, column_of, total
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask, between, stack
from oppnb.periods import Period

__all__ = ["PACING", "PROJECTED_AMOUNT", "pacing_curve"]

_NEEDS = {"snapshot": ("outcome", "closed_at", "amount_base"), "past": ("outcome", "closed_at", "amount_base")}


def _same_day(inputs: MetricInputs, period: Period) -> date:
    """The day of an earlier period that is as far into it; all of it once the present one is over."""
    if inputs.is_over:
        return period.end
    return min(period.start + (inputs.as_of - inputs.period.start), period.end)


def _won_in(ask: Ask, frame: pd.DataFrame, period: Period, *, until: date) -> pd.DataFrame:
    bounds = ask.inputs.moments(period, until=until)
    rows = ask.take(
        frame, (frame["outcome"] == "won") & between(frame["closed_at"], *bounds), "closed_at", "amount_base"
    )
    return rows.assign(period=period.name)


def _now_and_past(ask: Ask) -> pd.DataFrame:
    """Won so far, and won in each earlier period with `is_by_then`: by the same day of it."""
    inputs = ask.inputs
    now = _won_in(ask, ask.snapshot, inputs.period, until=inputs.last_day).assign(is_by_then=True)
    past = []
    for period, frame in sorted((inputs.past or {}).items(), key=lambda item: item[0].start):
        rows = _won_in(ask, frame, period, until=period.end)
        _, end = inputs.moments(period, until=_same_day(inputs, period))
        past.append(rows.assign(is_by_then=(rows["closed_at"] < end).to_numpy()))
    return stack(now=now, past=pd.concat(past, ignore_index=True) if past else now.iloc[:0])


def _sums(rows: pd.DataFrame) -> tuple[float, float, float, int]:
    """Won now; won in the past by the same day; in the past altogether; rows without amount."""
    amount = column_of(rows, "amount_base")
    is_past = (rows["part"] == "past").to_numpy()
    by_then = rows["is_by_then"].to_numpy(dtype=bool)
    n_missing = int(np.isnan(amount).sum())
    return total(amount[~is_past]), total(amount[is_past & by_then]), total(amount[is_past]), n_missing


def _against_past(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    now, by_then, _, n_missing = _sums(rows)
    n = len(inputs.past or {})
    if by_then <= 0:
        return Figure(None, n, n_missing=n_missing, note="nothing_won_in_the_past")
    return Figure(now / (by_then / n), n, n_missing=n_missing)


def _share_by_then(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    _, by_then, altogether, n_missing = _sums(rows)
    n = len(inputs.past or {})
    if altogether <= 0:
        return Figure(None, n, n_missing=n_missing, note="nothing_won_in_the_past")
    return Figure(by_then / altogether, n, n_missing=n_missing)


def _projected(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    now, by_then, altogether, n_missing = _sums(rows)
    n = len(inputs.past or {})
    if by_then <= 0:
        return Figure(None, n, n_missing=n_missing, note="nothing_won_in_the_past")
    return Figure(now / (by_then / altogether), n, n_missing=n_missing)


def pacing_curve(inputs: MetricInputs, *, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Amount won so far on each day of the period and of the earlier ones.

    Returns
    -------
    DataFrame
        The slices, `period` (name), `day` (1 is the first day), `won_amount` (sum up to and with the day). The
        present period ends on the day of knowledge. Amounts that are missing are left out.
    """
    ask = Ask(inputs, by)
    spans = [(period, frame, period.end) for period, frame in (inputs.past or {}).items()]
    spans = [*sorted(spans, key=lambda span: span[0].start), (inputs.period, inputs.snapshot, inputs.last_day)]
    parts = [_curve(_won_in(ask, frame, period, until=end), ask, period, end) for period, frame, end in spans]
    return pd.concat(parts, ignore_index=True)


def _curve(rows: pd.DataFrame, ask: Ask, period: Period, end: date) -> pd.DataFrame:
    n_days = max((end - period.start).days + 1, 0)
    ends = [ask.inputs.moments(period, until=period.start + timedelta(days=k))[1] for k in range(n_days)]
    day = np.searchsorted(np.array(ends, dtype="datetime64[us]"), rows["closed_at"].to_numpy(), side="right")
    groups = (
        rows.assign(day=day).groupby(list(ask.by), dropna=False, sort=True) if ask.by else [((), rows.assign(day=day))]
    )
    parts = []
    for key, group in groups:
        added = np.bincount(group["day"], weights=np.nan_to_num(column_of(group, "amount_base")), minlength=n_days)
        labels = dict(zip(ask.by, key, strict=True))
        parts.append(
            pd.DataFrame({**labels, "period": period.name, "day": range(1, n_days + 1), "won_amount": added.cumsum()})
        )
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*ask.by, "period", "day", "won_amount"])
    )


PACING = Metric(
    id="pacing",
    unit="ratio",
    better="higher",
    variants=(
        Variant(id="against_past", rows=_now_and_past, figure=_against_past, needs=_NEEDS),
        Variant(
            id="share_by_then", rows=_now_and_past, figure=_share_by_then, needs=_NEEDS, unit="share", better="none"
        ),
    ),
)
PROJECTED_AMOUNT = Metric(
    id="projected_amount",
    unit="money",
    better="higher",
    variants=(Variant(id="at_past_pace", rows=_now_and_past, figure=_projected, needs=_NEEDS),),
)
