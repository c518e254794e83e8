"""From an export to its forecast: `oppnb.opening`, by the name that reports have always used."""

from oppnb.opening.forecast import OpenedForecast, Ready, forecast_pipeline, open_forecast

__all__ = ["OpenedForecast", "Ready", "forecast_pipeline", "open_forecast"]
