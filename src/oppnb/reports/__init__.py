"""Reports: a parameterised notebook becomes HTML, a workbook and figures that machines read."""

from oppnb.reports.card import write_card
from oppnb.reports.checking import check_parameters
from oppnb.reports.columns import header
from oppnb.reports.figures import figures_text
from oppnb.reports.handover import input_path
from oppnb.reports.normal_form import format_template, in_normal_form, rewrite_template
from oppnb.reports.page import Page
from oppnb.reports.parameters import Parameter, read_parameters
from oppnb.reports.review import run_review
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.review_scores import SCORE_FIGURES, ReviewScores, score_review
from oppnb.reports.run import ReportResult, run_report
from oppnb.reports.tables_html import TableLook, table_html
from oppnb.reports.templates import find_template, template_names
from oppnb.reports.workbook import write_workbook

__all__ = [
    "SCORE_FIGURES",
    "Page",
    "Parameter",
    "ReportResult",
    "ReviewPage",
    "ReviewScores",
    "TableLook",
    "check_parameters",
    "figures_text",
    "find_template",
    "format_template",
    "header",
    "in_normal_form",
    "input_path",
    "read_parameters",
    "rewrite_template",
    "run_report",
    "run_review",
    "score_review",
    "table_html",
    "template_names",
    "write_card",
    "write_workbook",
]
