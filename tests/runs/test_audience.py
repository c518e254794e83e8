"""A report of a slice holds no name, id, text or figure of another one, whichever template it is made of.

Cells run in this process, not in kernels: ten templates would take minutes more. Everything else is as in a run.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from oppnb.reports import run_report, template_names
from oppnb.reports.parameters import read_parameters
from oppnb.reports.templates import find_template
from oppnb.stages import open_data, with_presets
from oppnb.stages.kept import keep, key_of, offered
from oppnb.workspace import read_workspace
from tests.runs.in_process import without_kernels
from tests.runs.marked import write_client

QUICKER = {
    "forecast_review": {"backtest": "same_week", "cash_weeks": 4, "ahead_months": 1},
    "executive_summary": {"forecast": "off"},  # it is that of the forecast review, which is tried
}


def templates_of_slices() -> list[str]:
    return [name for name in template_names() if "only" in read_parameters(find_template(name))]


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> tuple[Path, Path, list[str]]:
    return write_client(tmp_path_factory.mktemp("marked"))


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """All that a reader or a machine can find in a report, file by file."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path)
            said = [*book.sheetnames, book.properties.title or "", book.properties.creator or ""]
            for sheet in book:
                for row in sheet.iter_rows():
                    said += [f"{cell.value} {cell.comment.text if cell.comment else ''}" for cell in row]
            yield path.name, "\n".join(said)
        elif path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes().decode("utf-8-sig")


@pytest.fixture(scope="module")
def reports(client, tmp_path_factory) -> Callable[[str], Path]:
    """The report of the first region by a template, made once."""
    found: dict[str, Path] = {}

    def give(name: str) -> Path:
        if name not in found:
            with pytest.MonkeyPatch.context() as patch:
                found[name] = made(name, client, client[2][0], tmp_path_factory.mktemp(name), patch)
        return found[name]

    return give


def made(name: str, client: tuple[Path, Path, list[str]], region: str, out: Path, monkeypatch) -> Path:
    data, workspace, _ = client
    parameters = {"data": str(data), "workspace": str(workspace), "only": {"region": region}, **QUICKER.get(name, {})}
    with without_kernels(monkeypatch):
        return run_report(name, parameters, out=out).folder


def test_there_are_templates_that_take_a_slice():
    assert {"pipeline_review", "forecast_review", "executive_summary"} <= set(templates_of_slices())


@pytest.mark.parametrize("name", templates_of_slices())
def test_a_slice_holds_nothing_of_another_one(name, client, reports):
    _, _, (own, *others) = client
    texts = dict(texts_of(reports(name)))
    assert {"report.html", "report.ipynb", "report.xlsx", "figures.json", "manifest.json"} <= texts.keys()
    assert len(texts) > 5  # and tables
    for file in ("report.html", "report.ipynb"):  # so marks are there, and would be found
        assert own in texts[file], file
    foreign = re.compile("|".join(map(re.escape, others)))
    leaks = {
        file: text[max(0, at.start() - 60) : at.end() + 60]
        for file, text in texts.items()
        for at in foreign.finditer(text)
    }
    assert leaks == {}
    assert json.loads(texts["manifest.json"])["only"]["region"] == own


def test_other_slices_may_change_as_they_like_and_no_figure_or_table_moves(client, reports, tmp_path, monkeypatch):
    data, _, (own, *_) = client
    first = reports("pipeline_review")
    before = {path: path.read_bytes() for path in data.glob("*.csv")}
    try:
        deals = pd.read_csv(data / "opportunities.csv", dtype=str)
        others = deals["region"] != own
        assert 0 < others.sum() < len(deals)
        deals.loc[others, "amount"] = "987654321"
        deals.loc[others, "name"] = "another name"
        deals[(~others) | (deals.index % 3 > 0)].to_csv(data / "opportunities.csv", index=False)
        targets = pd.read_csv(data / "targets.csv", dtype=str)
        targets.loc[~targets["owner_id"].str.startswith(own), "amount"] = "1"
        targets.to_csv(data / "targets.csv", index=False)
        second = made("pipeline_review", client, own, tmp_path, monkeypatch)
    finally:
        for path, content in before.items():
            path.write_bytes(content)
    assert (first / "figures.json").read_bytes() == (second / "figures.json").read_bytes()
    a, b = ({path.name: path.read_bytes() for path in (one / "tables").glob("*.csv")} for one in (first, second))
    assert {table for table in {*a, *b} if a.get(table) != b.get(table)} == set()


def test_a_report_is_the_same_to_the_byte_where_its_kernel_gets_what_the_run_has_read(
    client, reports, tmp_path, monkeypatch
):
    data, workspace, regions = client
    plain = reports("pipeline_review")
    settings = with_presets(read_workspace(workspace))
    opened = open_data(str(data), workspace=settings)
    assert keep(key_of(str(data), settings), opened.reading, opened.audit, tmp_path / "kept")
    monkeypatch.setattr("oppnb.stages.opening.read_tables", lambda *_, **__: pytest.fail("the export was read"))
    with offered(tmp_path / "kept"):
        kept = made("pipeline_review", client, regions[0], tmp_path / "out", monkeypatch)
    names = ["figures.json", *(f"tables/{path.name}" for path in (plain / "tables").iterdir())]
    assert len(names) > 10
    assert {name for name in names if (plain / name).read_bytes() != (kept / name).read_bytes()} == set()
    cells = [json.loads((one / "report.ipynb").read_text(encoding="utf-8"))["cells"] for one in (plain, kept)]
    shown = [[cell.get("outputs") for cell in of_one] for of_one in cells]
    assert shown[0] == shown[1]
