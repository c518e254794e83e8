"""Metrics: each with a name, a formula, a unit, its variants and an interval; frames in, frames out.

>>> from oppnb.metrics import METRICS
>>> METRICS["win_rate"].names["zh_CN"]
'赢率'
"""

from oppnb.metrics.figure import Figure
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.intervals import mean_interval, median_interval, weighted_share, wilson
from oppnb.metrics.measure import measure, measure_all, metric_rows
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.needs import Need
from oppnb.metrics.notes import note_text
from oppnb.metrics.pacing import pacing_curve
from oppnb.metrics.registry import METRICS, definitions_frame, describe, missing_needs
from oppnb.metrics.repeated import clustered_limits, incidence_and_influence
from oppnb.metrics.survival import cumulative_incidence, median_survival
from oppnb.metrics.targets import targets_in

__all__ = [
    "METRICS",
    "Figure",
    "Metric",
    "MetricInputs",
    "Need",
    "Variant",
    "clustered_limits",
    "cumulative_incidence",
    "definitions_frame",
    "describe",
    "incidence_and_influence",
    "mean_interval",
    "measure",
    "measure_all",
    "median_interval",
    "median_survival",
    "metric_rows",
    "missing_needs",
    "note_text",
    "pacing_curve",
    "targets_in",
    "weighted_share",
    "wilson",
]
