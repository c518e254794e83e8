"""Named runs of many reports: planned from `oppnb.yaml`, locked, resumed, remembered, compared.

A name is imported when it is first used: JupyterLab reads records of runs while it starts, and must not wait for
reports.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oppnb.runs.again import RerunResult, rerun
    from oppnb.runs.catalogue import list_runs
    from oppnb.runs.comparing import FigureChange, ReportDiff, diff_runs
    from oppnb.runs.index_page import index_html
    from oppnb.runs.outcome import RunResult, exit_code_of, reason_of, told_reason
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
    "reason_of",
    "rerun",
    "run_reports",
    "told_reason",
]

_MODULE_OF = {
    "FigureChange": "comparing",
    "ReportDiff": "comparing",
    "RerunResult": "again",
    "RunResult": "outcome",
    "diff_runs": "comparing",
    "exit_code_of": "outcome",
    "reason_of": "outcome",
    "index_html": "index_page",
    "list_runs": "catalogue",
    "rerun": "again",
    "run_reports": "running",
    "told_reason": "outcome",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'oppnb.runs' has no attribute {name!r}")
    return getattr(import_module(f"oppnb.runs.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULE_OF])
