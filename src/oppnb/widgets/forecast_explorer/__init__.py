"""The forecast of a period, moved by hand: target, scenarios, roll-up, overrides, and whether it was right before."""

from oppnb.widgets.forecast_explorer.widget import ForecastExplorer

__all__ = ["ForecastExplorer"]
