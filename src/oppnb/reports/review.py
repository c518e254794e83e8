"""The pipeline review as one call."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from oppnb.errors import NothingToReadError, ParameterError, path_hint
from oppnb.locale import Words
from oppnb.periods import parse_day, parse_period
from oppnb.reports.executing import Progress
from oppnb.reports.export_check import check_export
from oppnb.reports.review_model import AUTO, OFF, ON
from oppnb.reports.run import ReportResult, run_report
from oppnb.reports.slices import check_slice
from oppnb.stages import with_presets
from oppnb.workspace import Workspace, read_workspace

__all__ = ["run_review"]


def run_review(
    data: str | Path,
    *,
    as_of: str | date | None = None,
    period: str | None = None,
    compare_to: str | date | None = None,
    workspace: str | Path | None = None,
    locale: str | None = None,
    scoring: str = "auto",
    forecast: str = "auto",
    only: Mapping[str, str] | None = None,
    out: str | Path = "reports",
    pdf: bool = False,
    progress: Progress | None = None,
) -> ReportResult:
    """Make the pipeline review of an export.

    Parameters
    ----------
    data : path
        File, folder or archive.
    as_of : day, optional
        Day of knowledge; by default the day of the export.
    period : str, optional
        `2017Q3`, `2017-08` or `FY2017`; by default the quarter that holds `as_of`.
    compare_to : day, optional
        Day of the last review; by default seven days before.
    workspace : path, optional
        `oppnb.yaml`.
    locale : {'en', 'zh_CN'}, optional
        By default the workspace's.
    scoring : str
        Win probabilities: `auto` (with the model that the workspace names, else a sentence how to get one), `off`,
        `on` (a model is trained where none is named; this takes minutes), or the file of a trained model.
    forecast : {'auto', 'on', 'off'}
        A forecast of the period: `auto` where the workspace has a section `forecast` (else a sentence how to get one,
        or the last forecast of the store), `on` (models learn from the past first: a minute or more), `off`.
    only : mapping of str to str, optional
        A slice, e.g. `{"region": "North"}`: the report is of those rows alone.
    out : path
        The report comes to `OUT/pipeline_review/AS_OF`.
    pdf : bool
        Print report.pdf as well; see `run_report`.
    progress : callable, optional
        Called with (cells done, cells in all).

    Returns
    -------
    ReportResult

    Raises
    ------
    NothingToReadError, PeriodError, ParameterError, WorkspaceError, UsageError, DataError
        Before anything starts, for a mistake in the call or an export that cannot be read.
    ReportFailedError
        If a cell fails.
    """
    settings = _check_call(data, as_of, period, compare_to, workspace)
    if scoring not in (AUTO, ON, OFF) and not Path(scoring).is_file():
        raise NothingToReadError(f"There is no model '{scoring}'. Scoring is auto, on, off, or the file of a model.")
    # Every parameter is named, so that the template's own defaults (its sample) never slip in.
    given: dict[str, Any] = {
        "data": str(data),
        "as_of": None if as_of is None else parse_day(as_of),
        "period": period,
        "compare_to": None if compare_to is None else parse_day(compare_to),
        "workspace": None if workspace is None else str(workspace),
        "locale": None if locale is None else Words(locale).locale,
        "scoring": scoring,
        "forecast": forecast,
        "only": dict(only) if only else None,
    }
    check_export(data, workspace=settings)
    check_slice(data, only, workspace=settings, as_of=given["as_of"])
    return run_report("pipeline_review", given, out=out, pdf=pdf, progress=progress)


def _check_call(data: Any, as_of: Any, period: Any, compare_to: Any, workspace: Any) -> Workspace:
    if "://" not in str(data) and not Path(data).exists():
        raise NothingToReadError(f"There is no file or folder '{data}'.{path_hint(data)}")
    settings = with_presets(read_workspace(workspace))
    if period is not None:
        parse_period(period, fiscal_year_start=settings.calendar.fiscal_year_start)
    if as_of is not None and compare_to is not None and parse_day(compare_to) >= parse_day(as_of):
        raise ParameterError(
            f"The day of the last review ({parse_day(compare_to)}) must lie before the day of knowledge "
            f"({parse_day(as_of)})."
        )
    return settings
