"""Frame in, plotly figure out, in one theme; titles say the finding. Knows frames and plotly and nothing else."""

from oppnb.charts.bars import bars
from oppnb.charts.breakdown import breakdown
from oppnb.charts.bridge import BridgeSteps, bridge, bridge_steps
from oppnb.charts.by_week import by_week
from oppnb.charts.contributions import contributions
from oppnb.charts.distribution import distribution
from oppnb.charts.evaluation import evaluation
from oppnb.charts.forecast_distribution import distribution_bars, forecast_distribution
from oppnb.charts.forecast_track import forecast_track
from oppnb.charts.intervals import Estimate, intervals
from oppnb.charts.lift import lift
from oppnb.charts.months import won_by_month
from oppnb.charts.over_time import over_time
from oppnb.charts.pacing import pacing
from oppnb.charts.probability_curve import probability_curve
from oppnb.charts.reliability import reliability
from oppnb.charts.rolled import rolled
from oppnb.charts.stages import conversion, dwell, funnel, stage_odds
from oppnb.charts.text import plain, text_width, wrapped
from oppnb.charts.theme import COLOURS, FONT, theme

__all__ = [
    "COLOURS",
    "FONT",
    "BridgeSteps",
    "Estimate",
    "bars",
    "breakdown",
    "bridge",
    "bridge_steps",
    "by_week",
    "contributions",
    "conversion",
    "distribution",
    "distribution_bars",
    "dwell",
    "evaluation",
    "forecast_distribution",
    "forecast_track",
    "funnel",
    "intervals",
    "lift",
    "over_time",
    "pacing",
    "plain",
    "probability_curve",
    "reliability",
    "rolled",
    "stage_odds",
    "text_width",
    "theme",
    "won_by_month",
    "wrapped",
]
