"""An export opened for what several rooms make together: the book of a forecast with the curves of the scoring."""

from oppnb.opening.forecast import OpenedForecast, forecast_pipeline, open_forecast

__all__ = ["OpenedForecast", "forecast_pipeline", "open_forecast"]
