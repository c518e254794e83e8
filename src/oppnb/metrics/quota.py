"""Won against target, and open against what is still missing."""

import pandas as pd

from oppnb.metrics.figure import Figure, column_of, rate_of, total
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask, stack
from oppnb.metrics.targets import target_rows

__all__ = ["COVERAGE", "QUOTA_ATTAINMENT", "QUOTA_GAP", "TARGET_AMOUNT"]

_TARGETS = ("period_start", "period_end", "amount")
_WON = ("outcome", "closed_at", "amount_base")
_NEEDS = {"snapshot": _WON, "targets": _TARGETS}
_NEEDS_DUE = {"snapshot": (*_WON, "expected_close_on"), "targets": _TARGETS}


def _won_and_target(ask: Ask) -> pd.DataFrame:
    return stack(won=ask.closed_deals("amount_base", outcome="won"), target=target_rows(ask))


def _due_and_target(ask: Ask) -> pd.DataFrame:
    return stack(
        due=ask.open_deals("amount_base", due=True),
        won=ask.closed_deals("amount_base", outcome="won"),
        target=target_rows(ask),
    )


def _closed(ask: Ask) -> pd.DataFrame:
    return ask.closed_deals()


def _parts(rows: pd.DataFrame, part: str) -> tuple[float, int, int]:
    """Sum, rows with an amount, rows without."""
    amounts = column_of(rows[rows["part"] == part], "amount_base")
    n_missing = int(pd.isna(amounts).sum())
    return total(amounts), len(amounts) - n_missing, n_missing


def _target_note(rows: pd.DataFrame) -> str | None:
    pro_rata = rows.loc[rows["part"] == "target", "is_pro_rata"]
    return "target_by_days" if pro_rata.astype(bool).any() else None


def _attainment(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    (won, n, n_missing), (target, _, _) = _parts(rows, "won"), _parts(rows, "target")
    if target <= 0:
        return Figure(None, n, n_missing=n_missing, note="no_target")
    return Figure(won / target, n, n_missing=n_missing, note=_target_note(rows))


def _attainment_of_elapsed(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    elapsed = ((inputs.last_day - inputs.period.start).days + 1) / inputs.period.n_days
    figure = _attainment(rows, inputs)
    if elapsed <= 0:
        return Figure(None, figure.n, n_missing=figure.n_missing, note=figure.note)
    if figure.value is None:
        return figure
    return Figure(figure.value / elapsed, figure.n, n_missing=figure.n_missing, note=figure.note)


def _gap(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    (won, n, n_missing), (target, n_targets, _) = _parts(rows, "won"), _parts(rows, "target")
    if not n_targets:
        return Figure(None, n, n_missing=n_missing, note="no_target")
    return Figure(target - won, n, n_missing=n_missing, note=_target_note(rows))


def _target(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    target, n, n_missing = _parts(rows, "target")
    return Figure(target, n, n_missing=n_missing, note=_target_note(rows)) if n else Figure(note="no_target")


def _coverage(rows: pd.DataFrame, *, remaining: bool) -> Figure:
    (due, n, n_missing), (won, _, _) = _parts(rows, "due"), _parts(rows, "won")
    target, _, _ = _parts(rows, "target")
    if target <= 0:
        return Figure(None, n, n_missing=n_missing, note="no_target")
    wanted = target - won if remaining else target
    if wanted <= 0:
        return Figure(None, n, n_missing=n_missing, note="target_is_met")
    if n == 0 and n_missing:  # what is due has no amount: it does not cover nothing, it is not known
        return Figure(None, 0, n_missing=n_missing, note="all_missing")
    return Figure(due / wanted, n, n_missing=n_missing, note=_target_note(rows))


def _coverage_of_remaining(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    return _coverage(rows, remaining=True)


def _coverage_of_whole(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    return _coverage(rows, remaining=False)


def _required(rows: pd.DataFrame, inputs: MetricInputs) -> Figure:
    """One over the win rate; its interval is that of the rate, turned round."""
    rate = rate_of("is_won")(rows, inputs)
    if not rate.value:
        return Figure(None, rate.n, n_missing=rate.n_missing, note="no_won" if rate.n else "no_rows")
    low = 1 / rate.high if rate.high else None
    high = 1 / rate.low if rate.low else None
    return Figure(1 / rate.value, rate.n, low, high, rate.n_missing)


TARGET_AMOUNT = Metric(
    id="target_amount",
    unit="money",
    better="none",
    variants=(Variant(id="period", rows=_won_and_target, figure=_target, needs=_NEEDS),),
)
QUOTA_ATTAINMENT = Metric(
    id="quota_attainment",
    unit="share",
    better="higher",
    variants=(
        Variant(id="period", rows=_won_and_target, figure=_attainment, needs=_NEEDS),
        Variant(id="elapsed", rows=_won_and_target, figure=_attainment_of_elapsed, needs=_NEEDS),
    ),
)
QUOTA_GAP = Metric(
    id="quota_gap",
    unit="money",
    better="lower",
    variants=(Variant(id="period", rows=_won_and_target, figure=_gap, needs=_NEEDS),),
)
COVERAGE = Metric(
    id="coverage",
    unit="ratio",
    better="higher",
    source="Open due in the period / (target - won); required = 1 / win rate (both common practice)",
    variants=(
        Variant(id="remaining", rows=_due_and_target, figure=_coverage_of_remaining, needs=_NEEDS_DUE),
        Variant(id="whole_target", rows=_due_and_target, figure=_coverage_of_whole, needs=_NEEDS_DUE),
        Variant(
            id="required",
            rows=_closed,
            figure=_required,
            needs={"snapshot": ("outcome", "closed_at")},
            better="lower",
        ),
    ),
)
