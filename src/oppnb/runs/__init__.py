"""Named runs of many reports: planned from `oppnb.yaml`, locked, resumed, remembered, compared."""

from oppnb.runs.again import RerunResult, rerun
from oppnb.runs.catalogue import list_runs
from oppnb.runs.comparing import FigureChange, ReportDiff, diff_runs
from oppnb.runs.index_page import index_html
from oppnb.runs.outcome import RunResult, exit_code_of
from oppnb.runs.running import run_reports

__all__ = [
    "FigureChange",
    "ReportDiff",
    "RerunResult",
    "RunResult",
    "diff_runs",
    "exit_code_of",
    "index_html",
    "list_runs",
    "rerun",
    "run_reports",
]
