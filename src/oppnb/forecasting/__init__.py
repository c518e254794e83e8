"""How much will be won in a period, when, how sure is that, and was it right before."""

from oppnb.forecasting.curves import curve_name, won_within
from oppnb.forecasting.distribution import Distribution, blended
from oppnb.forecasting.parts import ForecastParts, forecast_parts
from oppnb.forecasting.points import Point, past_points
from oppnb.forecasting.scenarios import apply_scenario, compare_scenarios, saved_scenario
from oppnb.workspace import Scenario, ScenarioChange

__all__ = [
    "Distribution",
    "ForecastParts",
    "Point",
    "Scenario",
    "ScenarioChange",
    "apply_scenario",
    "blended",
    "compare_scenarios",
    "curve_name",
    "forecast_parts",
    "past_points",
    "saved_scenario",
    "won_within",
]
