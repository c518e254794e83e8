"""How much will be won in a period, when, how sure is that, and was it right before."""

from oppnb.forecasting.accuracy import accuracy_by_source
from oppnb.forecasting.adjusted import adjusted_parts, with_overrides
from oppnb.forecasting.curves import curve_name, won_within
from oppnb.forecasting.distribution import Distribution, blended
from oppnb.forecasting.forecast_ledger import append_forecasts, forecasts_known
from oppnb.forecasting.nodes import node_name
from oppnb.forecasting.override import Override
from oppnb.forecasting.overrides import append_override, overrides_known, withdraw_override
from oppnb.forecasting.parts import ForecastParts, forecast_parts
from oppnb.forecasting.points import Point, past_points
from oppnb.forecasting.scenarios import apply_scenario, compare_scenarios, saved_scenario
from oppnb.workspace import Scenario, ScenarioChange

__all__ = [
    "Distribution",
    "ForecastParts",
    "Override",
    "Point",
    "Scenario",
    "ScenarioChange",
    "accuracy_by_source",
    "adjusted_parts",
    "append_forecasts",
    "append_override",
    "apply_scenario",
    "blended",
    "compare_scenarios",
    "curve_name",
    "forecast_parts",
    "forecasts_known",
    "node_name",
    "overrides_known",
    "past_points",
    "saved_scenario",
    "with_overrides",
    "withdraw_override",
    "won_within",
]
