"""How much will be won in a period, when, how sure is that, and was it right before."""

from oppnb.forecasting.curves import curve_name, won_within
from oppnb.forecasting.distribution import Distribution, blended
from oppnb.forecasting.parts import ForecastParts, forecast_parts
from oppnb.forecasting.points import Point, past_points

__all__ = [
    "Distribution",
    "ForecastParts",
    "Point",
    "blended",
    "curve_name",
    "forecast_parts",
    "past_points",
    "won_within",
]
