"""The figures that a review opens with, against target and against the last review."""

from collections.abc import Iterable

import pandas as pd

from oppnb.locale import Words
from oppnb.metrics import METRICS, MetricInputs, measure, missing_needs, note_text

__all__ = ["KPIS", "build_kpis", "kpi_name", "missing_metrics"]

KPIS: tuple[tuple[str, str], ...] = (
    ("won_amount", "period"),
    ("won_count", "period"),
    ("quota_attainment", "period"),
    ("quota_gap", "period"),
    ("lost_count", "period"),
    ("lost_amount", "period"),
    ("win_rate", "closed"),
    ("win_rate", "closed_value"),
    ("open_count", "all"),
    ("open_amount", "all"),
    ("open_count", "due"),
    ("open_amount", "due"),
    ("weighted_pipeline", "set_odds"),
    ("weighted_pipeline", "observed_odds"),
    ("weighted_pipeline", "set_odds_due"),
    ("weighted_pipeline", "observed_odds_due"),
    ("coverage", "remaining"),
    ("coverage", "whole_target"),
    ("coverage", "required"),
    ("slipped_count", "period"),
    ("slipped_amount", "period"),
    ("slippage", "count"),
    ("created_count", "period"),
    ("created_amount", "at_creation"),
    ("deal_size", "won_median"),
    ("cycle_length", "won_median"),
    ("velocity", "stock"),
    ("pacing", "against_past"),
    ("projected_amount", "at_past_pace"),
    ("linearity", "last_month"),
    ("push_rate", "ever"),
    ("overdue", "count"),
    ("never_moved", "count"),
    ("open_age", "median"),
    ("over_limit", "stage_limit"),
)

_TARGET_OF = {"won_amount": ("target_amount", "period"), "projected_amount": ("target_amount", "period")}


def build_kpis(
    inputs: MetricInputs, previous: MetricInputs | None, *, words: Words, kpis: Iterable[tuple[str, str]] = KPIS
) -> pd.DataFrame:
    """Measure the headline metrics that the data allows.

    Returns
    -------
    DataFrame
        `metric`, `variant`, `name` (in the reader's language), `value`, `unit`, `target` (of won and projected amount:
        the quota; of attainment: 1; of coverage: what the win rate requires; else null), `previous` (the same on the
        day of the last review, for the same period), `n`, `low`, `high` (95 %), `better`, `note`.
    """
    rows = [_one(metric, variant, inputs, previous, words) for metric, variant in kpis if _is_known(metric, variant)]
    columns = ["metric", "variant", "name", "value", "unit", "target", "previous", "n", "low", "high", "better", "note"]
    frame = pd.DataFrame([row for row in rows if row is not None], columns=columns)
    numbers = ["value", "target", "previous", "low", "high"]
    text = ["metric", "variant", "name", "unit", "better", "note"]
    return frame.astype({**dict.fromkeys(numbers, "float64"), "n": "int64", **dict.fromkeys(text, "str")})


def _one(
    metric: str, variant: str, inputs: MetricInputs, previous: MetricInputs | None, words: Words
) -> list[object] | None:
    now = _value(metric, variant, inputs)
    if now is None:
        return None
    before = None if previous is None else _value(metric, variant, previous)
    found = METRICS[metric]
    chosen = next(one for one in found.variants if one.id == variant)
    return [
        metric,
        variant,
        kpi_name(metric, variant, words),
        now["value"],
        now["unit"],
        _target(metric, variant, inputs),
        None if before is None else before["value"],
        now["n"],
        now["low"],
        now["high"],
        found.better_of(chosen),
        note_text(now["note"], words),
    ]


def kpi_name(metric: str, variant: str, words: Words) -> str:
    """Name of a metric, with its variant where that is not the default one."""
    found = METRICS[metric]
    if variant == found.variants[0].id:
        return found.name(words)
    return words("review.kpi_variant", metric=found.name(words), variant=found.name(words, variant=variant))


def _target(metric: str, variant: str, inputs: MetricInputs) -> float | None:
    if metric == "quota_attainment":
        return 1.0
    wanted = ("coverage", "required") if (metric, variant) == ("coverage", "remaining") else _TARGET_OF.get(metric)
    found = None if wanted is None else _value(*wanted, inputs)
    return None if found is None else found["value"]


def _value(metric: str, variant: str, inputs: MetricInputs) -> pd.Series | None:
    if missing_needs(metric, inputs, variant=variant):
        return None
    return measure(metric, inputs, variant=variant).iloc[0]


def _is_known(metric: str, variant: str) -> bool:
    return metric in METRICS and any(one.id == variant for one in METRICS[metric].variants)


def missing_metrics(inputs: MetricInputs, *, words: Words) -> pd.DataFrame:
    """Headline metrics that the data does not allow: `metric`, `variant`, `name`, `needs` (what is lacking)."""
    rows = [
        [metric, variant, kpi_name(metric, variant, words), " ".join(need.text(words) for need in lacking)]
        for metric, variant in KPIS
        if _is_known(metric, variant) and (lacking := missing_needs(metric, inputs, variant=variant))
    ]
    return pd.DataFrame(rows, columns=["metric", "variant", "name", "needs"]).astype("str")
