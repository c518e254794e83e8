"""Reports: a parameterised notebook becomes HTML, a workbook and figures that machines read."""

from oppnb.reports.baseline_page import BaselinePage
from oppnb.reports.calibration import StageCalibration, calibrate_stages
from oppnb.reports.calibration_page import CalibrationPage
from oppnb.reports.card import write_card
from oppnb.reports.checking import check_parameters
from oppnb.reports.columns import header
from oppnb.reports.figures import figures_text
from oppnb.reports.forecast_ahead import cash_ahead, demand_ahead, renewals_ahead
from oppnb.reports.forecast_judged import judged_columns, show_judged_nodes
from oppnb.reports.forecast_opening import LookedBack, backtest_by_weeks, look_back, tell_forecast_of
from oppnb.reports.forecast_page import ForecastPage
from oppnb.reports.forecast_people import people_of
from oppnb.reports.forecast_reports import run_forecast_review, run_retrospective
from oppnb.reports.forecast_views import categories, deciding_deals, needed
from oppnb.reports.handover import input_path
from oppnb.reports.model_card import ModelFound, find_model
from oppnb.reports.model_card_page import ModelCardPage
from oppnb.reports.normal_form import format_template, in_normal_form, rewrite_template
from oppnb.reports.one_on_one_page import OneOnOnePage
from oppnb.reports.page import Page
from oppnb.reports.parameters import Parameter, parameter_help, read_parameters
from oppnb.reports.published import show_published
from oppnb.reports.quality_page import QualityPage
from oppnb.reports.quality_read import look_at_export
from oppnb.reports.retrospective_page import RetrospectivePage
from oppnb.reports.review import run_review
from oppnb.reports.review_forecast import ReviewForecast, forecast_review
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.review_scores import SCORE_FIGURES, ReviewScores, score_review
from oppnb.reports.run import ReportResult, run_report
from oppnb.reports.seller import rates_beside
from oppnb.reports.summary_page import SummaryPage, period_ahead
from oppnb.reports.tables_html import TableLook, table_html
from oppnb.reports.templates import find_template, template_names
from oppnb.reports.told_forecast import ToldForecast
from oppnb.reports.workbook import write_workbook

__all__ = [
    "SCORE_FIGURES",
    "BaselinePage",
    "CalibrationPage",
    "ForecastPage",
    "LookedBack",
    "ModelCardPage",
    "ModelFound",
    "OneOnOnePage",
    "Page",
    "Parameter",
    "QualityPage",
    "ReportResult",
    "RetrospectivePage",
    "ReviewForecast",
    "ReviewPage",
    "ReviewScores",
    "StageCalibration",
    "SummaryPage",
    "TableLook",
    "ToldForecast",
    "backtest_by_weeks",
    "calibrate_stages",
    "cash_ahead",
    "categories",
    "check_parameters",
    "deciding_deals",
    "demand_ahead",
    "figures_text",
    "find_model",
    "find_template",
    "forecast_review",
    "format_template",
    "header",
    "in_normal_form",
    "input_path",
    "judged_columns",
    "look_at_export",
    "look_back",
    "needed",
    "parameter_help",
    "people_of",
    "period_ahead",
    "rates_beside",
    "read_parameters",
    "renewals_ahead",
    "rewrite_template",
    "run_forecast_review",
    "run_report",
    "run_retrospective",
    "run_review",
    "score_review",
    "show_judged_nodes",
    "show_published",
    "table_html",
    "tell_forecast_of",
    "template_names",
    "write_card",
    "write_workbook",
]
