import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from oppnb.errors import (
    DataError,
    MappingError,
    NothingToReadError,
    ParameterError,
    PeriodError,
    ReportFailedError,
    UsageError,
    WorkspaceError,
)
from oppnb.reports import run_report, run_review
from oppnb.reports.export_check import check_export
from oppnb.workspace import read_workspace

FINISH = 'page.finish(figures=[{"id": "n", "value": 1}], facts={"as_of": str(as_of)})'
PAGE = """
import pandas as pd
from oppnb.locale import Formats, Words
from oppnb.reports import Page, input_path

page = Page(words=Words(locale), formats=Formats(locale, currency="USD"), title="Weekly")
page.table("deals", pd.DataFrame({"name": ["x"]}))
"""
FILES = ["figures.json", "manifest.json", "report.html", "report.ipynb", "report.xlsx", "tables"]

pytestmark = pytest.mark.kernel


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_leaves_exactly_the_files_of_a_report(template, tmp_path):
    seen: list[tuple[int, int]] = []
    result = run_report(
        template(PAGE, FINISH),
        {"as_of": "2017-09-30"},
        out=tmp_path / "out",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert result.folder == tmp_path / "out" / "weekly" / "2017-09-30"
    assert names(result.folder) == FILES
    assert names(result.folder.parent) == ["2017-09-30"]
    assert seen == [(done, 4) for done in range(5)]
    assert nbformat.validate(nbformat.read(result.report_ipynb, as_version=4)) is None


def test_neither_notebook_nor_manifest_name_a_place_that_the_user_did_not(template, tmp_path):
    result = run_report(template(PAGE, FINISH), {"as_of": "2017-09-30"}, out=tmp_path / "out")
    for path in (result.report_ipynb, result.manifest_json, result.report_html):
        assert str(tmp_path) not in path.read_text(encoding="utf-8")
    manifest = json.loads(result.manifest_json.read_text(encoding="utf-8"))
    assert manifest["parameters"] == {"as_of": "2017-09-30"}
    assert manifest["model_id"] is None
    assert {"oppnb", "pandas", "papermill", "plotly"} <= set(manifest["versions"])


def test_a_relative_path_means_where_the_user_stands(template, tmp_path, monkeypatch):
    (tmp_path / "export.csv").write_text("found", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    read = 'from pathlib import Path\nassert Path(input_path("export.csv")).read_text() == "found"'
    assert run_report(template(PAGE, read, FINISH), {"as_of": "2017-09-30"}, out="out").report_html.is_file()


def test_a_wrong_parameter_is_said_before_anything_is_written(template, tmp_path):
    with pytest.raises(ParameterError, match="Did you mean 'as_of'"):
        run_report(template(PAGE, FINISH), {"asof": "2017-09-30"}, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_keeps_the_notebook_with_a_link_to_the_failing_cell(template, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_TOKEN", "s3cr3t-value")
    good = run_report(template(PAGE, FINISH), {"as_of": "2017-09-30"}, out=tmp_path / "out")
    before = {path: path.read_bytes() for path in good.folder.rglob("*") if path.is_file()}
    fail = (
        "import os\nraise ValueError('cannot log in with ' + os.environ['CRM_TOKEN'] + ' at db:/' + '/u:pw' + '@host')"
    )
    with pytest.raises(ReportFailedError, match="ValueError: cannot log in with") as error:
        run_report(template(PAGE, fail, FINISH), {"as_of": "2017-09-30"}, out=tmp_path / "out")
    assert error.value.exit_code == 6
    assert "failed in cell 'cell-2' (In [4])." in str(error.value)
    assert {path: path.read_bytes() for path in good.folder.rglob("*") if path.is_file()} == before
    (kept,) = (tmp_path / "out" / "weekly" / "failed").iterdir()
    assert kept.name.startswith("2017-09-30")
    assert str(kept) in str(error.value)
    notebook, page = ((kept / name).read_text(encoding="utf-8") for name in ("report.ipynb", "report.html"))
    assert '<a href=\\"#papermill-error-cell\\">' in notebook
    assert "papermill-error-cell-tag" in notebook
    for text in (notebook, page, str(error.value)):
        assert "s3cr3t" not in text
        assert "u:pw@" not in text
    assert names(tmp_path / "out" / "weekly") == ["2017-09-30", "failed"]


def test_a_template_that_writes_no_figures_has_failed(template, tmp_path):
    with pytest.raises(ReportFailedError, match=r"must call page\.finish"):
        run_report(template(PAGE), {"as_of": "2017-09-30"}, out=tmp_path / "out")


def test_a_kernel_that_dies_is_a_failed_report(template, tmp_path):
    with pytest.raises(ReportFailedError, match="the kernel died"):
        run_report(template("print('so far')", "import os\nos._exit(1)"), {"as_of": "2017-09-30"}, out=tmp_path / "out")
    (notebook,) = (tmp_path / "out").rglob("report.ipynb")
    assert "so far" in str(json.loads(notebook.read_text(encoding="utf-8"))["cells"][-2]["outputs"])


def test_a_mistake_in_the_data_keeps_its_own_exit_code(template, tmp_path):
    fail = "from oppnb.errors import DataError\nraise DataError('none of 3 opportunities was known')"
    with pytest.raises(ReportFailedError, match="none of 3 opportunities was known") as error:
        run_report(template(PAGE, fail, FINISH), {"as_of": "2017-09-30"}, out=tmp_path / "out")
    assert error.value.exit_code == 4


def test_a_kernel_that_does_not_start_is_tried_once_more(template, tmp_path, monkeypatch):
    from oppnb.reports import executing

    tried = []
    real = executing._papermill

    def first_dies(*call: object) -> None:
        tried.append(call)
        if len(tried) == 1:
            raise RuntimeError("Kernel died before replying to kernel_info")
        real(*call)

    monkeypatch.setattr(executing, "_papermill", first_dies)
    assert run_report(template(PAGE, FINISH), {"as_of": "2017-09-30"}, out=tmp_path / "out").report_html.is_file()
    assert len(tried) == 2


def test_a_disk_that_fills_up_leaves_the_last_good_report(template, tmp_path, monkeypatch):
    path = template(PAGE, FINISH)
    good = run_report(path, {"as_of": "2017-09-30"}, out=tmp_path / "out")
    before = good.report_html.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("oppnb.reports.run.publish", refuse)
    with pytest.raises(ReportFailedError, match="No space left on device"):
        run_report(path, {"as_of": "2017-09-30"}, out=tmp_path / "out")
    assert good.report_html.read_bytes() == before
    assert names(tmp_path / "out" / "weekly") == ["2017-09-30"]


def test_runs_at_once_do_not_mix(template, tmp_path):
    path = template(PAGE, FINISH)
    days = [f"2017-09-{day}" for day in (10, 11, 12, 12)]
    problems: list[BaseException] = []

    def run(day: str) -> None:
        try:
            run_report(path, {"as_of": day}, out=tmp_path / "out")
        except Exception as error:  # noqa: BLE001  # a thread would lose it
            problems.append(error)

    threads = [threading.Thread(target=run, args=(day,)) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert names(tmp_path / "out" / "weekly") == ["2017-09-10", "2017-09-11", "2017-09-12"]
    for day in days:
        folder = tmp_path / "out" / "weekly" / day
        assert names(folder) == FILES
        assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["as_of"] == day


def test_runs_inside_a_notebook_too(template, tmp_path):
    async def inside() -> Path:
        return run_report(template(PAGE, FINISH), {"as_of": "2017-09-30"}, out=tmp_path / "out").folder

    with ThreadPoolExecutor(max_workers=1) as pool:  # a loop of its own, whatever runs in this thread
        assert names(pool.submit(lambda: asyncio.run(inside())).result()) == FILES


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        ({"data": "nowhere"}, NothingToReadError, "no file or folder 'nowhere'"),
        ({"period": "2017Q5"}, PeriodError, "is not a period"),
        ({"as_of": "2017-02-30"}, PeriodError, "is not a day"),
        ({"as_of": "2017-09-30", "compare_to": "2017-09-30"}, ParameterError, "must lie before"),
        ({"workspace": "no.yaml"}, WorkspaceError, "no workspace file"),
        ({"locale": "klingon"}, UsageError, "no locale 'klingon'"),
    ],
)
def test_a_review_is_checked_before_the_kernel_starts(tmp_path, monkeypatch, call, kind, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deals.csv").write_text("opportunity_id,stage\n1,Demo\n", encoding="utf-8")
    monkeypatch.setattr("oppnb.reports.run.execute", lambda *_, **__: pytest.fail("the kernel was started"))
    with pytest.raises(kind, match=said):
        run_review(**{"data": "deals.csv", **call})
    assert names(tmp_path) == ["deals.csv"]


PLAIN = "id,stage,amount\n1,Demo,5\n2,Won,7\n"
MAPPED = "mapping: [{{table: opportunities, file: {file}, columns: {{opportunity_id: id, stage: {stage}}}}}]\n"


@pytest.mark.parametrize(
    ("text", "settings", "kind", "code", "said"),
    [
        ("", "", NothingToReadError, 2, "nothing to read in .*empty"),
        ("id,stage,amount\n", "", NothingToReadError, 2, "nothing to read in"),
        ("colour,shape\nred,round\nblue,square\n", "", DataError, 4, "No list of opportunities was recognised"),
        (PLAIN, MAPPED.format(file="deal.csv", stage="stage"), MappingError, 3, "names the file 'deal.csv'"),
        (PLAIN, MAPPED.format(file="deals.csv", stage="stag"), MappingError, 3, "nearest header is 'stage'"),
        (PLAIN, MAPPED.format(file="deals.csv", stage="{column: stage, where: {kind: x}}"), MappingError, 3, "'kind'"),
        (PLAIN, "mapping: [{table: owners, file: deals.csv, columns: {owner_id: id}}]", DataError, 4, "No rule of"),
    ],
    ids=[
        "empty",
        "no rows",
        "no pipeline",
        "no such file",
        "no such header",
        "no such header in a where",
        "no opportunities",
    ],
)
def test_an_export_that_cannot_be_read_is_said_before_the_kernel_starts(
    tmp_path, monkeypatch, text, settings, kind, code, said
):
    (tmp_path / "deals.csv").write_text(text, encoding="utf-8")
    (tmp_path / "oppnb.yaml").write_text(settings, encoding="utf-8")
    monkeypatch.setattr("oppnb.reports.run.execute", lambda *_, **__: pytest.fail("the kernel was started"))
    workspace = tmp_path / "oppnb.yaml" if settings else None
    with pytest.raises(kind, match=said) as error:
        run_review(tmp_path / "deals.csv", workspace=workspace, out=tmp_path / "out")
    assert error.value.exit_code == code
    assert not (tmp_path / "out").exists()


def test_an_export_that_maps_well_is_not_read_before_the_kernel_starts(tmp_path, monkeypatch):
    (tmp_path / "deals.csv").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "oppnb.yaml").write_text(MAPPED.format(file="deals.csv", stage="stage"), encoding="utf-8")
    monkeypatch.setattr("oppnb.sources.reading.read_tables", lambda *_, **__: pytest.fail("the export was read"))
    check_export(tmp_path / "deals.csv", workspace=read_workspace(tmp_path / "oppnb.yaml"))


def test_an_address_is_not_looked_for_on_the_disk():
    check_export("postgresql://db/crm", workspace=read_workspace(None))
