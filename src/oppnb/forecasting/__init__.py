"""How much will be won in a period, when, how sure is that, and was it right before."""

from oppnb.forecasting.accepted import decide, decisions, declined_before, help_summary, helped
from oppnb.forecasting.accuracy import accuracy_by_source
from oppnb.forecasting.adjusted import adjusted_parts, with_overrides
from oppnb.forecasting.backtest import ForecastBacktest, backtest_forecasts, points_of
from oppnb.forecasting.cash import CashForecast, cash_by_week, forecast_cash
from oppnb.forecasting.categories import categories
from oppnb.forecasting.chosen import ChosenForecast, choose_forecast
from oppnb.forecasting.curves import curve_name, won_within
from oppnb.forecasting.demand import DemandForecast, demand_by_product, forecast_demand
from oppnb.forecasting.distribution import Distribution, blended
from oppnb.forecasting.forecast import Forecast, forecast_frame, forecast_period
from oppnb.forecasting.forecast_ledger import append_forecasts, forecasts_known, remember_forecasts
from oppnb.forecasting.influence import Influence, influence, what_if_largest_lost
from oppnb.forecasting.measures import compare_forecasts, measure_forecasts
from oppnb.forecasting.node_measures import measure_columns, measure_nodes, node_notes
from oppnb.forecasting.node_told import tell_judged_nodes, tell_judged_table
from oppnb.forecasting.nodes import node_name
from oppnb.forecasting.override import Override
from oppnb.forecasting.overrides import append_override, overrides_known, withdraw_override
from oppnb.forecasting.owner_optimism import optimism
from oppnb.forecasting.parts import ForecastParts, forecast_parts
from oppnb.forecasting.payment_lag import PaymentLag, learn_payment_lag
from oppnb.forecasting.payment_terms import PaymentTerms, learn_payment_terms, stated_terms
from oppnb.forecasting.people_told import tell_accuracy, tell_optimism, tell_overrides
from oppnb.forecasting.points import Point, past_points
from oppnb.forecasting.proposals import Proposal, Proposals
from oppnb.forecasting.proposing import propose_changes, propose_stage_odds
from oppnb.forecasting.renewals import renewal_notes, renewal_outcomes, renewals_due
from oppnb.forecasting.retrospective import Retrospective, retrospective
from oppnb.forecasting.retrospective_told import (
    tell_decided,
    tell_declined,
    tell_help,
    tell_proposals,
    tell_record,
    tell_retrospective,
    waterfall,
)
from oppnb.forecasting.rollup import roll_up
from oppnb.forecasting.scenarios import apply_scenario, compare_scenarios, saved_scenario
from oppnb.forecasting.scenarios_told import tell_assumptions, tell_scenarios
from oppnb.forecasting.slip import predicted_slips, slips_by
from oppnb.forecasting.weighted_due import Change
from oppnb.workspace import Scenario, ScenarioChange

__all__ = [
    "CashForecast",
    "Change",
    "ChosenForecast",
    "DemandForecast",
    "Distribution",
    "Forecast",
    "ForecastBacktest",
    "ForecastParts",
    "Influence",
    "Override",
    "PaymentLag",
    "PaymentTerms",
    "Point",
    "Proposal",
    "Proposals",
    "Retrospective",
    "Scenario",
    "ScenarioChange",
    "accuracy_by_source",
    "adjusted_parts",
    "append_forecasts",
    "append_override",
    "apply_scenario",
    "backtest_forecasts",
    "blended",
    "cash_by_week",
    "categories",
    "choose_forecast",
    "compare_forecasts",
    "compare_scenarios",
    "curve_name",
    "decide",
    "decisions",
    "declined_before",
    "demand_by_product",
    "forecast_cash",
    "forecast_demand",
    "forecast_frame",
    "forecast_parts",
    "forecast_period",
    "forecasts_known",
    "help_summary",
    "helped",
    "influence",
    "learn_payment_lag",
    "learn_payment_terms",
    "measure_columns",
    "measure_forecasts",
    "measure_nodes",
    "node_name",
    "node_notes",
    "optimism",
    "overrides_known",
    "past_points",
    "points_of",
    "predicted_slips",
    "propose_changes",
    "propose_stage_odds",
    "remember_forecasts",
    "renewal_notes",
    "renewal_outcomes",
    "renewals_due",
    "retrospective",
    "roll_up",
    "saved_scenario",
    "slips_by",
    "stated_terms",
    "tell_accuracy",
    "tell_assumptions",
    "tell_decided",
    "tell_declined",
    "tell_help",
    "tell_judged_nodes",
    "tell_judged_table",
    "tell_optimism",
    "tell_overrides",
    "tell_proposals",
    "tell_record",
    "tell_retrospective",
    "tell_scenarios",
    "waterfall",
    "what_if_largest_lost",
    "with_overrides",
    "withdraw_override",
    "won_within",
]
