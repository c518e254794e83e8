"""What a forecast has to beat: the sums that sales teams work with, and the past repeated."""

from oppnb.forecasting.baselines.baseline import BASELINES, Baseline, PointForecast
from oppnb.forecasting.baselines.conversion_table import conversion_table

__all__ = ["BASELINES", "Baseline", "PointForecast", "conversion_table"]
