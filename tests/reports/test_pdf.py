"""The PDF of a report: asked for, printed by Chromium, no chart cut in half; said clearly where it cannot be."""

import re
from pathlib import Path

import pandas as pd
import pytest

from oppnb import charts
from oppnb.errors import ExtraMissingError
from oppnb.locale import Formats, Words
from oppnb.reports import run_report
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.pdf import check_pdf, print_pdf
from oppnb.reports.tables_csv import csv_name, write_tables
from tests.browser import find_chromium

A4_WIDTH, A4_HEIGHT = 703, 1017  # CSS pixels inside the margins of the style sheet


def page_with(n_charts: int, *, one_page: bool = False) -> str:
    page = CollectedPage(words=Words("en"), formats=Formats("en", currency="USD"), title="Weekly")
    page.header({"As of": "2017-09-30"})
    rows = pd.DataFrame({"label": [f"Row {n}" for n in range(7)], "value": range(7)})
    for n in range(n_charts):
        page.say(*[f"A sentence that moves the chart {n} down."] * (n % 5))
        page.figure(charts.bars(rows, label="label", value="value", title=f"Chart {n}", write=str))
    if one_page:
        page.show('<span class="one-page"></span>')
    return page.html()


def pages_in(pdf: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


def test_every_chart_is_printed_whole(tmp_path, visit):
    find_chromium()
    source = tmp_path / "report.html"
    source.write_text(page_with(9), encoding="utf-8")
    pdf = print_pdf(source, tmp_path / "report.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-")
    page = visit(source, width=A4_WIDTH).page
    page.emulate_media(media="print")
    page.wait_for_function("document.querySelector('.main-svg').clientWidth <= 703")
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('figure.chart')].map(one => ({
            height: one.getBoundingClientRect().height, rule: getComputedStyle(one).breakInside,
            drawn: one.querySelector('.main-svg').getBoundingClientRect().width,
            wide: one.querySelector('.plot').getBoundingClientRect().width}))"""
    )
    assert len(boxes) == 9
    assert all(one["rule"] == "avoid" and one["height"] < A4_HEIGHT for one in boxes)
    assert all(0 < one["drawn"] <= one["wide"] + 1 for one in boxes)
    whole = sum(one["height"] for one in boxes)
    assert pages_in(pdf) >= whole / A4_HEIGHT  # none is left out


@pytest.mark.parametrize("n_charts", [0, 1])
def test_what_is_meant_for_one_page_stands_on_one(tmp_path, n_charts):
    find_chromium()
    source = tmp_path / "report.html"
    source.write_text(page_with(n_charts, one_page=True), encoding="utf-8")
    assert pages_in(print_pdf(source, tmp_path / "report.pdf")) == 1


def test_on_paper_a_wide_table_keeps_its_names_readable_and_a_lead_stays_with_what_it_leads_to(tmp_path, visit):
    find_chromium()
    page = CollectedPage(words=Words("zh_CN"), formats=Formats("zh_CN", currency="CNY"), title="阶段")
    page.header({"截至": "2017-09-30"})
    numbers = {f"win_rate_{n}": [1234567.0, 7654321.0] for n in range(14)}
    page.table("stages", pd.DataFrame({"process": ["新签", "续约"], "stage": ["需求确认", "方案报价"], **numbers}))
    page.show('<p class="lead">按金额排序。</p>')
    page.say("差异可能只是偶然。")
    rows = pd.DataFrame({"label": ["a", "b"], "value": [1, 2]})
    page.figure(charts.bars(rows, label="label", value="value", title="Chart", write=str))
    source = tmp_path / "report.html"
    source.write_text(page.html(), encoding="utf-8")
    sheet = visit(source, width=A4_WIDTH).page
    sheet.emulate_media(media="print")
    rows = "[...document.querySelectorAll('tbody tr')]"
    heights = sheet.evaluate(f"{rows}.map(row => row.getBoundingClientRect().height)")
    assert len(heights) == 2
    assert max(heights) < 40  # two lines, not one for each sign
    kept = "[...document.querySelectorAll('.lead, .lead + p')].map(one => getComputedStyle(one).breakAfter)"
    assert sheet.evaluate(kept) == ["avoid", "avoid"]


def test_without_a_browser_it_is_said_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("oppnb.reports.pdf._browser", lambda: None)
    monkeypatch.setattr("oppnb.reports.pdf._has_own", lambda: False)
    monkeypatch.setattr("oppnb.reports.run.execute", lambda *_, **__: pytest.fail("the kernel was started"))
    with pytest.raises(ExtraMissingError, match="printed by Chromium, and there is none"):
        run_report("pipeline_review", {"data": "x"}, out=tmp_path / "out", pdf=True)
    assert not (tmp_path / "out").exists()


def test_without_playwright_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(ExtraMissingError, match=r"oppnb\[pdf\]"):
        check_pdf()


def test_tables_are_files_that_no_spreadsheet_works_out(tmp_path):
    frame = pd.DataFrame({"=name": ["=1+1", "商机"], "reasons": [["a", "b"], []], "amount": [-1.5, None]})
    write_tables({"../x y": frame, "X_y": frame.head(0)}, tmp_path / "tables")
    first = (tmp_path / "tables" / "x_y.csv").read_bytes()
    assert first.startswith(b"\xef\xbb\xbf")
    assert first.decode("utf-8-sig").splitlines() == ["'=name,reasons,amount", "'=1+1,a; b,-1.5", "商机,,"]
    assert (tmp_path / "tables" / "X_y_2.csv").is_file()
    assert csv_name("…", set()) == "table.csv"
