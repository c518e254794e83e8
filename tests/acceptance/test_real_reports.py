"""Whole reports from real exports, as a manager opens them: every file, every section, nothing from outside."""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest

from oppnb.locale import Words
from oppnb.reports import ReportResult, figures_text, run_review
from oppnb.review import Review, open_review
from tests.field_data import field_data

WORKSPACES = Path(__file__).resolve().parents[1] / "workspaces"
FILES = {"figures.json", "manifest.json", "report.html", "report.ipynb", "report.xlsx", "tables"}
SECTIONS = ["summary", "kpis", "bridge", "funnel", "odds", "scores", "forecast", "slices", "months", "bottlenecks"]
SECTIONS += ["attention", "audit", "definitions", "limits"]
CASES = {
    "maven": ("maven_crm", "maven.yaml", "2017-09-30", "zh_CN"),
    "bpi2012": ("bpi2012", "bpi2012.yaml", "2011-11-30", "en"),
    "bpi2012 on proposals": ("bpi2012", None, "2011-11-30", "en"),
}

pytestmark = [pytest.mark.kernel, pytest.mark.field_data]


@dataclass(frozen=True)
class Made:
    """A report and the call it came from."""

    result: ReportResult
    data: Path
    call: dict[str, Any]

    @property
    def html(self) -> str:
        return self.result.report_html.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=CASES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder, workspace, day, locale = CASES[request.param]
    call = {"as_of": day, "workspace": None if workspace is None else WORKSPACES / workspace, "locale": locale}
    data = field_data(folder)
    return Made(run_review(data, out=tmp_path_factory.mktemp("out"), **call), data, call)


@pytest.fixture(scope="module")
def review(made: Made) -> Review:
    return open_review(made.data, **made.call)


class Outside(HTMLParser):
    """Addresses that a page leads to or loads from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action", "data", "poster")]
        self.found += [f"{tag} {value}" for value in named if re.match(r"\s*(https?:)?//", value)]


def test_the_report_is_complete(made: Made) -> None:
    assert made.result.folder.name == made.call["as_of"]
    assert {path.name for path in made.result.folder.iterdir()} == FILES
    assert all(path.stat().st_size > 0 for path in made.result.folder.iterdir())
    assert [path.name for path in made.result.folder.parent.iterdir()] == [made.call["as_of"]]
    nbformat.validate(nbformat.read(made.result.report_ipynb, as_version=4))
    assert len(openpyxl.load_workbook(made.result.report_xlsx).sheetnames) > len(SECTIONS)
    assert json.loads(made.result.manifest_json.read_text(encoding="utf-8"))["as_of"] == made.call["as_of"]


def test_its_figures_are_those_of_the_review(made: Made, review: Review) -> None:
    figures = json.loads(made.result.figures_json.read_text(encoding="utf-8"))
    assert figures == json.loads(figures_text(review.figures()))


def test_the_page_is_small_and_opens_with_the_network_off(made: Made) -> None:
    assert made.result.report_html.stat().st_size < 8_000_000
    outside = Outside()
    outside.feed(made.html)
    assert outside.found == []
    styles = "".join(re.findall(r"<style.*?</style>", made.html, re.DOTALL))
    assert re.findall(r"(?:url\(|@import)[\s\"']*(?:https?:)?//", styles) == []


def test_every_section_is_there_in_the_readers_language(made: Made) -> None:
    words = Words(made.call["locale"])
    headings = dict(re.findall(r'<h2 id="([^"]+)"[^>]*>([^<]*)</h2>', made.html))
    assert list(headings) == SECTIONS
    assert headings == {name: words(f"report.section_{name}") for name in SECTIONS}


def test_no_stage_is_out_of_line_is_said_only_where_nothing_was_found(made: Made, review: Review) -> None:
    said = Words(made.call["locale"])("report.title_bottlenecks_none")
    assert any(title.startswith(said) for title in chart_titles(made)) == review.bottlenecks().empty


def chart_titles(made: Made) -> list[str]:
    notebook = nbformat.read(made.result.report_ipynb, as_version=4)
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [data["text/plain"] for data in outputs if "application/vnd.plotly.v1+json" in data]
