"""The baselines by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from oppnb.forecasting.baselines.conversion_table import conversion_table
from oppnb.forecasting.baselines.point_forecast import PointForecast
from oppnb.forecasting.baselines.repeated import last_period, same_period_last_year
from oppnb.forecasting.baselines.top_down import top_down
from oppnb.forecasting.baselines.weighted_pipeline import commit, observed_odds, set_odds
from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook

__all__ = ["BASELINES", "Baseline", "PointForecast"]

Baseline = Callable[[PipelineBook, Point], PointForecast | None]
"""From what is known on the point's day to a forecast; None where the data do not carry it."""

BASELINES: Mapping[str, Baseline] = MappingProxyType(
    {
        "conversion_table": conversion_table,
        "set_odds": set_odds,
        "observed_odds": observed_odds,
        "commit": commit,
        "last_period": last_period,
        "same_period_last_year": same_period_last_year,
        "top_down": top_down,
    }
)
"""In the order in which tables show them; titles are `forecasting.model_<name>` in the catalogue."""
