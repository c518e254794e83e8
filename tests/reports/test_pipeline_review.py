"""The pipeline review as its readers get it: from an export to the files, in both languages."""

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest

from oppnb.reports import ReportResult, find_template, read_parameters, run_review
from tests.workbook_words import left_in_english

ROOT = Path(__file__).resolve().parents[2]
FILES = {"figures.json", "manifest.json", "report.html", "report.ipynb", "report.xlsx", "tables"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "$$x$$ {braces}",
    '=HYPERLINK("http://x")',
    "+1",
    "@cmd",
    "</script><script>alert(2)</script>",
]
SETTINGS = """
currency: USD
audit: {actions: {amount_is_not_negative: set_aside}}
processes:
  - name: "<b>sales</b>"
    stages:
      - {name: "<i>Lead</i>", odds: 0.2, time_limit_days: 10, silence_limit_days: 5}
      - {name: Demo, odds: 0.5, time_limit_days: 10}
      - {name: Won, outcome: won}
      - {name: Lost, outcome: lost}
"""

pytestmark = pytest.mark.kernel


def hostile_deals() -> pd.DataFrame:
    """Forty deals whose every text tries to be something else; one has a negative amount."""
    texts, stages = cycle(HOSTILE), cycle(["<i>Lead</i>", "Demo", "Won", "Lost", "Demo"])
    rows = []
    for number in range(40):
        text, stage = next(texts), next(stages)
        rows.append(
            {
                "opportunity_id": f"{text} {number}",
                "name": text,
                "stage": stage,
                "owner_id": next(texts),
                "region": next(texts),
                "product": next(texts),
                "amount": -5 if number == 39 else 1000 + number,
                "created_at": f"2024-0{1 + number % 6}-01",
                "expected_close_on": "2024-08-20",
                "closed_at": f"2024-08-{1 + number % 20:02}" if stage in ("Won", "Lost") else "",
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ReportResult]]:
    """The same hostile export reviewed in both languages."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile_deals().to_csv(folder / "opportunities.csv", index=False)
    (folder / "oppnb.yaml").write_text(SETTINGS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield {
            locale: run_review(
                "opportunities.csv", as_of="2024-08-31", workspace="oppnb.yaml", locale=locale, out=f"out_{locale}"
            )
            for locale in ("en", "zh_CN")
        }


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_text_is_text_in_the_page(hostile, visit, locale, width):
    seen = visit(hostile[locale].report_html, width=width)
    assert (seen.requests, seen.complaints) == ([], [])
    page = seen.page
    assert page.locator("main a, main img, main i, main script:not([type='application/json'])").count() == 0
    assert page.locator("svg a").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    said = page.locator("main").text_content()
    assert [text for text in HOSTILE if text not in said] == []
    charts = page.locator("figure.chart").count()
    assert charts >= 10
    assert page.locator(".plot > .plot-container, .plot .svg-container").count() >= charts


def test_hostile_text_is_text_in_the_workbook(hostile):
    book = openpyxl.load_workbook(hostile["en"].report_xlsx)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert {cell.value for cell in cells} >= set(HOSTILE[:7])


def test_rows_that_were_set_aside_are_in_their_file(hostile):
    folder = hostile["en"].folder
    assert {path.name for path in folder.iterdir()} == FILES | {"rejected.csv"}
    rejected = pd.read_csv(folder / "rejected.csv")
    assert rejected["rule"].tolist() == ["amount_is_not_negative"]


def test_figures_are_the_same_bytes_whatever_the_language(hostile):
    assert hostile["en"].figures_json.read_bytes() == hostile["zh_CN"].figures_json.read_bytes()
    figures = json.loads(hostile["en"].figures_json.read_text(encoding="utf-8"))
    assert {tuple(figure) for figure in figures} == {
        ("as_of", "definition", "id", "n", "period", "slice", "unit", "value")
    }
    needed = {"open_count", "open_amount", "won_count", "won_amount", "lost_count", "win_rate", "weighted_amount"}
    assert needed <= {figure["id"] for figure in figures}


def test_sheets_and_headings_are_in_the_readers_language(hostile):
    names = {locale: openpyxl.load_workbook(hostile[locale].report_xlsx).sheetnames for locale in hostile}
    assert names["en"][0] == "Key figures"
    assert names["zh_CN"][0] == "关键指标"
    assert len(names["en"]) == len(names["zh_CN"])
    assert left_in_english(hostile["zh_CN"].report_xlsx) == []


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_section_of_the_review_is_there(hostile, locale):
    text = hostile[locale].report_html.read_text(encoding="utf-8")
    sections = ["summary", "kpis", "bridge", "funnel", "odds", "slices", "months", "bottlenecks", "attention"]
    sections += ["audit", "definitions", "limits"]
    places = [text.find(f'<h2 id="{name}"') for name in sections]
    assert min(places) > 0
    assert places == sorted(places)


def test_the_manifest_says_what_the_report_was_made_from(hostile):
    manifest = json.loads(hostile["en"].manifest_json.read_text(encoding="utf-8"))
    assert manifest["parameters"]["data"] == "opportunities.csv"
    assert manifest["as_of"] == "2024-08-31"
    assert manifest["period"] == "2024Q3"
    assert len(manifest["data_hash"]) == len(manifest["workspace_hash"]) == len(manifest["template_hash"]) == 64
    assert {"started_at", "finished_at", "duration_seconds", "seed", "versions", "python"} <= set(manifest)


def test_the_notebook_holds_figures_and_no_widget_and_no_library(hostile):
    path = hostile["en"].report_ipynb
    notebook = nbformat.read(path, as_version=4)
    assert path.stat().st_size < 1_000_000
    kinds = {kind for cell in notebook.cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert kinds == {"text/html", "text/plain", "application/vnd.plotly.v1+json"}
    assert "widgets" not in notebook.metadata


def test_the_template_asks_for_what_the_command_gives():
    schema = read_parameters(find_template("pipeline_review"))
    asked = ["data", "as_of", "period", "compare_to", "workspace", "locale", "currency", "scoring", "forecast"]
    assert list(schema) == [*asked, "only"]
    assert all(parameter.help for parameter in schema.values())


def test_runs_on_the_sample_and_gives_the_same_bytes_again(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    results = [
        run_review("data/sample/pipeline", as_of=day, workspace="data/sample/oppnb.yaml", out=tmp_path / out)
        for day, out in (("2025-11-15", "one"), ("2025-11-15", "two"))
    ]
    assert {path.name for path in results[0].folder.iterdir()} == FILES
    assert results[0].figures_json.read_bytes() == results[1].figures_json.read_bytes()
    assert results[0].report_html.stat().st_size < 8_000_000
