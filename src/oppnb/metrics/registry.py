"""All metrics there are, by id, and their definitions in words."""

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from oppnb.errors import UsageError, nearest
from oppnb.locale import Words
from oppnb.metrics.accuracy import FORECAST_ACCURACY
from oppnb.metrics.ageing import OPEN_AGE, OVER_LIMIT, OVERDUE
from oppnb.metrics.concentration import CONCENTRATION
from oppnb.metrics.conversion import STAGE_CONVERSION
from oppnb.metrics.creation import CREATED_AMOUNT, CREATED_COUNT
from oppnb.metrics.cycle import CYCLE_LENGTH
from oppnb.metrics.dwell import DAYS_IN_STAGE, NEVER_MOVED
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.leads import LEAD_CONVERSION, LEAD_DAYS
from oppnb.metrics.linearity import LINEARITY
from oppnb.metrics.load import DEALS_PER_OWNER
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.needs import Need, lacking
from oppnb.metrics.pacing import PACING, PROJECTED_AMOUNT
from oppnb.metrics.pushes import DAYS_PUSHED, PUSH_RATE, PUSHES
from oppnb.metrics.quota import COVERAGE, QUOTA_ATTAINMENT, QUOTA_GAP, TARGET_AMOUNT
from oppnb.metrics.slippage import SLIPPAGE, SLIPPED_AMOUNT, SLIPPED_COUNT
from oppnb.metrics.totals import (
    DEAL_SIZE,
    LOST_AMOUNT,
    LOST_COUNT,
    OPEN_AMOUNT,
    OPEN_COUNT,
    WON_AMOUNT,
    WON_COUNT,
)
from oppnb.metrics.velocity import VELOCITY
from oppnb.metrics.weighted import WEIGHTED_PIPELINE
from oppnb.metrics.win_rate import WIN_RATE

__all__ = ["METRICS", "definitions_frame", "describe", "find_metric", "find_variant", "missing_needs"]

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.id: metric
        for metric in (
            OPEN_COUNT,
            OPEN_AMOUNT,
            WEIGHTED_PIPELINE,
            WON_COUNT,
            WON_AMOUNT,
            LOST_COUNT,
            LOST_AMOUNT,
            DEAL_SIZE,
            WIN_RATE,
            CYCLE_LENGTH,
            VELOCITY,
            TARGET_AMOUNT,
            QUOTA_ATTAINMENT,
            QUOTA_GAP,
            COVERAGE,
            PACING,
            PROJECTED_AMOUNT,
            LINEARITY,
            STAGE_CONVERSION,
            DAYS_IN_STAGE,
            NEVER_MOVED,
            SLIPPAGE,
            SLIPPED_COUNT,
            SLIPPED_AMOUNT,
            PUSH_RATE,
            PUSHES,
            DAYS_PUSHED,
            OPEN_AGE,
            OVER_LIMIT,
            OVERDUE,
            CREATED_COUNT,
            CREATED_AMOUNT,
            CONCENTRATION,
            FORECAST_ACCURACY,
            LEAD_CONVERSION,
            LEAD_DAYS,
            DEALS_PER_OWNER,
        )
    }
)
"""Every metric by id, in the order in which definitions are printed."""


def find_metric(metric_id: str) -> Metric:
    """Look up a metric.

    Raises
    ------
    UsageError
        If there is none of that id; names the nearest.

    Examples
    --------
    >>> find_metric("win_rate").unit
    'share'
    """
    if metric_id in METRICS:
        return METRICS[metric_id]
    near = nearest(metric_id, METRICS)
    raise UsageError(f"There is no metric '{metric_id}'." + (f" Did you mean '{near}'?" if near else ""))


def find_variant(metric: Metric, variant: str | None) -> Variant:
    """Look up a variant of a metric; the first one if none is named.

    Raises
    ------
    UsageError
        If the metric has no such variant; lists those it has.
    """
    if variant is None:
        return metric.variants[0]
    for found in metric.variants:
        if found.id == variant:
            return found
    known = ", ".join(found.id for found in metric.variants)
    raise UsageError(f"The metric '{metric.id}' has no variant '{variant}'. It has: {known}.")


def missing_needs(metric_id: str, inputs: MetricInputs, *, variant: str | None = None) -> tuple[Need, ...]:
    """What a metric needs that the inputs do not have; empty if it can be worked out. `str(need)` says it in words."""
    return tuple(lacking(find_variant(find_metric(metric_id), variant).needs, inputs))


def describe(metric_id: str, words: Words) -> str:
    """The definition of a metric as it is printed: name, unit, direction, formula, variants, source.

    Raises
    ------
    UsageError
        If there is no such metric.

    Examples
    --------
    >>> print(describe("won_count", Words("en")).splitlines()[0])
    Deals won (won_count): count, higher is better
    """
    metric = find_metric(metric_id)
    lines = [
        words(
            "metric_text.title",
            name=metric.name(words),
            id=metric.id,
            unit=words(f"metric_unit.{metric.unit}"),
            better=words(f"metric_better.{metric.better}"),
        ),
        metric.definition(words),
    ]
    lines += [
        words(
            "metric_text.variant",
            id=variant.id,
            name=metric.name(words, variant=variant.id),
            definition=metric.definition(words, variant=variant.id),
        )
        for variant in metric.variants
    ]
    return "\n".join([*lines, words("metric_text.source", source=metric.source)])


def definitions_frame(words: Words) -> pd.DataFrame:
    """All definitions, one row a variant.

    Returns
    -------
    DataFrame
        `metric`, `variant`, `is_default`, `name`, `variant_name`, `unit`, `better`, `definition` (the metric's and
        the variant's), `source`.
    """
    return pd.DataFrame(
        [
            {
                "metric": metric.id,
                "variant": variant.id,
                "is_default": variant is metric.variants[0],
                "name": metric.name(words),
                "variant_name": metric.name(words, variant=variant.id),
                "unit": metric.unit_of(variant),
                "better": metric.better_of(variant),
                "definition": words(
                    "metric_text.definition",
                    metric=metric.definition(words),
                    variant=metric.definition(words, variant=variant.id),
                ),
                "source": metric.source,
            }
            for metric in METRICS.values()
            for variant in metric.variants
        ]
    )
