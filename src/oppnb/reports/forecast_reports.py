"""The forecast review and the retrospective as one call each."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from oppnb.errors import NothingToReadError, path_hint
from oppnb.forecasting.checks import check_period
from oppnb.locale import Words
from oppnb.periods import parse_day, parse_period
from oppnb.reports.executing import Progress
from oppnb.reports.export_check import check_export
from oppnb.reports.forecast_opening import refuse_unfinished
from oppnb.reports.run import ReportResult, run_report
from oppnb.reports.slices import check_slice
from oppnb.sources import find_files, read_tables
from oppnb.stages import with_presets
from oppnb.workspace import Workspace, read_workspace

_QUICK_BYTES = 50_000_000
__all__ = ["run_forecast_review", "run_retrospective"]


def run_forecast_review(
    data: str | Path,
    *,
    as_of: str | date | None = None,
    period: str | None = None,
    workspace: str | Path | None = None,
    locale: str | None = None,
    by: str | None = None,
    only: Mapping[str, str] | None = None,
    out: str | Path = "reports",
    pdf: bool = False,
    progress: Progress | None = None,
) -> ReportResult:
    """Make the forecast review of an export: for a leadership meeting, once a month.

    Parameters
    ----------
    data : path
        File, folder or archive.
    as_of : day, optional
        Day of knowledge; by default the day of the export.
    period : str, optional
        `2026Q4`, `2026-11` or `FY2026`; by default the one that holds the next day.
    workspace : path, optional
        `oppnb.yaml`.
    locale : {'en', 'zh_CN'}, optional
        By default the workspace's.
    by : str, optional
        Columns that past forecasts are judged by, each apart, with commas; by default the workspace's hierarchy.
    only : mapping of str to str, optional
        A slice, e.g. `{"region": "North"}`: the report is of those rows alone.
    out : path
        The report comes to `OUT/forecast_review/AS_OF`.
    pdf : bool
        Print report.pdf as well; see `run_report`.
    progress : callable, optional
        Called with (cells done, cells in all).

    Returns
    -------
    ReportResult

    Raises
    ------
    NothingToReadError, PeriodError, WorkspaceError, UsageError, DataError
        Before anything starts, for a mistake in the call or an export that cannot be read.
    ReportFailedError
        If a cell fails.
    """
    settings = _settings(data, period, workspace)
    if period is not None and as_of is not None:
        check_period(parse_period(period, fiscal_year_start=settings.calendar.fiscal_year_start), parse_day(as_of))
    given: dict[str, Any] = {
        "data": str(data),
        "as_of": None if as_of is None else parse_day(as_of),
        "period": period,
        "workspace": None if workspace is None else str(workspace),
        "locale": None if locale is None else Words(locale).locale,
        "by": by,
        "only": dict(only) if only else None,
    }
    check_export(data, workspace=settings)
    check_slice(data, only, workspace=settings, as_of=given["as_of"])
    return run_report("forecast_review", given, out=out, pdf=pdf, progress=progress)


def run_retrospective(
    data: str | Path,
    *,
    period: str,
    workspace: str | Path | None = None,
    locale: str | None = None,
    only: Mapping[str, str] | None = None,
    out: str | Path = "reports",
    pdf: bool = False,
    progress: Progress | None = None,
) -> ReportResult:
    """Look back at a period: what was expected at its opening, what came, why, and what to set otherwise.

    Parameters
    ----------
    data, workspace, locale, only, pdf, progress
        As in `run_forecast_review`.
    period : str
        `2026Q3`, `2026-09` or `FY2026`; over by the day of the export.
    out : path
        The report comes to `OUT/retrospective/LAST_DAY`.

    Returns
    -------
    ReportResult

    Raises
    ------
    NothingToReadError, PeriodError, WorkspaceError, UsageError, DataError
        Before anything starts, for a mistake in the call or an export that cannot be read.
    ReportFailedError
        If a cell fails.
    """
    settings = _settings(data, period, workspace)
    given: dict[str, Any] = {
        "data": str(data),
        "period": period,
        "workspace": None if workspace is None else str(workspace),
        "locale": None if locale is None else Words(locale).locale,
        "only": dict(only) if only else None,
    }
    meant = parse_period(period, fiscal_year_start=settings.calendar.fiscal_year_start)
    refuse_unfinished(meant, settings.sources.exported_on)  # where the file says it: before anything is read
    check_export(data, workspace=settings)
    if settings.sources.exported_on is None and _is_quick_to_read(data):
        refuse_unfinished(meant, read_tables(data, workspace=settings).tables.exported_on)
    check_slice(data, only, workspace=settings)
    return run_report("retrospective", given, out=out, pdf=pdf, progress=progress)


def _is_quick_to_read(data: str | Path) -> bool:
    """Whether an export may be read once more before a kernel starts; the report itself refuses the others."""
    return "://" not in str(data) and sum(file.n_bytes for file in find_files(data)) <= _QUICK_BYTES


def _settings(data: str | Path, period: str | None, workspace: str | Path | None) -> Workspace:
    if "://" not in str(data) and not Path(data).exists():
        raise NothingToReadError(f"There is no file or folder '{data}'.{path_hint(data)}")
    settings = with_presets(read_workspace(workspace))
    if period is not None:
        parse_period(period, fiscal_year_start=settings.calendar.fiscal_year_start)
    return settings
