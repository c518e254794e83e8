"""Make a report: check, run, export, publish; or fail loudly and leave the last good one in place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppnb import errors
from oppnb.errors import OppnbError, ReportFailedError
from oppnb.locale import Words
from oppnb.reports.checking import check_parameters
from oppnb.reports.executing import CellFailedError, Progress, execute
from oppnb.reports.failure import failure_page, redact_errors
from oppnb.reports.handover import HANDOVER, heard, write_orders
from oppnb.reports.injecting import with_parameters
from oppnb.reports.manifest import make_manifest, write_manifest
from oppnb.reports.parameters import Value, read_parameters
from oppnb.reports.pdf import check_pdf, print_pdf
from oppnb.reports.publishing import make_staging, publish, remove, set_failed
from oppnb.reports.redacting import redact
from oppnb.reports.templates import find_template

__all__ = ["ReportResult", "run_report"]


@dataclass(frozen=True)
class ReportResult:
    """Where a report is.

    Attributes
    ----------
    folder : Path
        `OUT/TEMPLATE/AS_OF`.
    seconds : float
        How long it took.
    """

    folder: Path
    seconds: float

    @property
    def report_html(self) -> Path:
        """The page: one file, opens with the network off."""
        return self.folder / "report.html"

    @property
    def report_ipynb(self) -> Path:
        """The executed notebook."""
        return self.folder / "report.ipynb"

    @property
    def report_xlsx(self) -> Path:
        """Every table."""
        return self.folder / "report.xlsx"

    @property
    def report_pdf(self) -> Path | None:
        """The page printed; None where it was not asked for."""
        path = self.folder / "report.pdf"
        return path if path.is_file() else None

    @property
    def tables(self) -> tuple[Path, ...]:
        """Every table as CSV, sorted by name."""
        return tuple(sorted((self.folder / "tables").glob("*.csv")))

    @property
    def figures_json(self) -> Path:
        """Every figure, for machines."""
        return self.folder / "figures.json"

    @property
    def manifest_json(self) -> Path:
        """What it was made from."""
        return self.folder / "manifest.json"


@dataclass(frozen=True)
class _Run:
    template: Path
    parameters: Mapping[str, Value]
    parent: Path
    staging: Path
    started: datetime


def run_report(
    template: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    out: str | Path = "reports",
    folder: str | Path | None = None,
    pdf: bool = False,
    progress: Progress | None = None,
) -> ReportResult:
    """Run a template and publish what it makes.

    Parameters
    ----------
    template : str or path
        Name of a template, or the path of an `.ipynb` of one's own. `templates/` beside the workspace that the
        parameters name comes before the templates of the package.
    parameters : mapping, optional
        Name -> value, held against the template's `parameters` cell before anything starts.
    out : path
        Folder for reports; the report comes to `OUT/TEMPLATE/AS_OF`.
    folder : path, optional
        Instead of `OUT/TEMPLATE`: the report comes to `FOLDER/AS_OF`.
    pdf : bool
        Print report.pdf as well: Chromium and the extra `pdf` do it, in some seconds more.
    progress : callable, optional
        Called with (cells done, cells in all).

    Returns
    -------
    ReportResult

    Raises
    ------
    ParameterError
        For a parameter with an unknown name, a wrong type or an impossible value.
    UsageError
        If there is no such template, or the folder cannot be written.
    ExtraMissingError
        If a PDF is asked for and Playwright or Chromium is missing: before anything starts.
    ReportFailedError
        If a cell fails: the notebook and a short page are kept in `OUT/TEMPLATE/failed/`. If the disk is full. The
        last good report is left as it was.
    """
    source = find_template(template, workspace=(parameters or {}).get("workspace"))
    values = check_parameters(read_parameters(source), parameters or {})
    if pdf:
        check_pdf()
    parent = Path(out) / source.stem if folder is None else Path(folder)
    run = _Run(source, values, parent.resolve(), make_staging(parent).resolve(), datetime.now(UTC))
    try:
        _execute(run, progress)
        told = heard(run.staging)
        _complete(run, told)
        if pdf:
            print_pdf(run.staging / "report.html", run.staging / "report.pdf")
        target = parent / str(told.get("as_of") or f"{run.started:%Y-%m-%d}")
        remove(run.staging / HANDOVER)
        publish(run.staging, target)
    except CellFailedError as error:
        raise _failed(run, error) from None
    except OSError as error:
        remove(run.staging)
        raise ReportFailedError(
            f"The report '{source.stem}' could not be written to '{parent}': {error.strerror or error}.\n"
            "The last good report is as it was."
        ) from error
    except BaseException:
        remove(run.staging)
        raise
    return ReportResult(target, (datetime.now(UTC) - run.started).total_seconds())


def _execute(run: _Run, progress: Progress | None) -> None:
    write_orders(run.staging, started_in=Path.cwd())
    prepared = run.staging / HANDOVER / "template.ipynb"
    notebook = json.loads(run.template.read_text(encoding="utf-8"))
    prepared.write_text(json.dumps(with_parameters(notebook, run.parameters), ensure_ascii=False), encoding="utf-8")
    try:
        execute(prepared, run.staging / "report.ipynb", folder=run.staging, progress=progress)
    finally:
        _say_names_only(run)


def _say_names_only(run: _Run) -> None:
    """Papermill writes absolute paths into the notebook's metadata; names are enough."""
    path = run.staging / "report.ipynb"
    if not path.is_file():
        return
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # cut off by a full disk, which is what is told then
        return
    tree["metadata"].setdefault("papermill", {}).update(
        {"input_path": run.template.name, "output_path": "report.ipynb"}
    )
    tree["metadata"].pop("widgets", None)
    path.write_text(json.dumps(tree, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _complete(run: _Run, told: Mapping[str, Any]) -> None:
    import nbformat

    from oppnb.reports.exporter import export_html

    missing = [name for name in ("figures.json", "report.xlsx") if not (run.staging / name).is_file()]
    if missing:
        said = f"the template wrote no {' and no '.join(missing)}; its last cell must call page.finish(figures=…)"
        raise CellFailedError(name="UnfinishedReport", said=said, number=None)
    locale = str(told.get("locale") or "en")
    notebook = nbformat.read(run.staging / "report.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    title = " · ".join(str(part) for part in (told.get("title") or run.template.stem, told.get("as_of")) if part)
    page = export_html(notebook, title=title, locale=locale, words=Words(locale))
    (run.staging / "report.html").write_text(page, encoding="utf-8")
    manifest = make_manifest(
        template=run.template,
        parameters=run.parameters,
        told=told,
        started=run.started,
        finished=datetime.now(UTC),
    )
    write_manifest(manifest, run.staging / "manifest.json")


def _failed(run: _Run, error: CellFailedError) -> ReportFailedError:
    told = heard(run.staging)
    redact_errors(run.staging / "report.ipynb")
    page = failure_page(template=run.template.stem, name=error.name, said=error.said, place=error.place)
    (run.staging / "report.html").write_text(page, encoding="utf-8")
    _keep_evidence_only(run.staging)
    day = told.get("as_of") or run.parameters.get("as_of") or "unknown-day"
    kept = set_failed(run.staging, run.parent, f"{day}T{run.started:%Y%m%dT%H%M%S}")
    failed = ReportFailedError(
        f"The report '{run.template.stem}' failed in {error.place or 'the run'}.\n"
        f"  {redact(f'{error.name}: {error.said}')}\n"
        f"The notebook with a link to the cell is in {kept}; the last good report is as it was."
    )
    failed.exit_code, failed.folder = _exit_code_of(error.name), kept
    return failed


def _keep_evidence_only(folder: Path) -> None:
    """The notebook and the page that says where it failed: tables and figures of half a report could be mistaken."""
    for path in folder.iterdir():
        if path.name not in ("report.ipynb", "report.html"):
            remove(path) if path.is_dir() else path.unlink()


def _exit_code_of(error_name: str) -> int:
    """A mistake in the data or the workspace keeps its own exit code when it shows only while the report runs."""
    kind = getattr(errors, error_name, None)
    return kind.exit_code if isinstance(kind, type) and issubclass(kind, OppnbError) else ReportFailedError.exit_code
