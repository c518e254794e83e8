"""What a reader sees: in Chromium, with the network off."""

import json
from importlib.resources import files

import openpyxl
import pandas as pd
import pytest

from oppnb.locale import Formats, Words
from oppnb.reports import run_report, table_html
from oppnb.reports.scores_page import top_deals_look
from tests.browser import wait_until
from tests.notebooks import make_notebook

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "$$x$$",
    '=HYPERLINK("http://x")',
    "+1",
    "@cmd",
    "</script><script>alert(2)</script>",
    "%{x} &lt;b&gt;",
]
PAGE = f"""
import pandas as pd
from oppnb import charts
from oppnb.locale import Formats, Words
from oppnb.reports import Page, TableLook

words, formats = Words(locale), Formats(locale, currency="USD")
hostile = {HOSTILE!r}
page = Page(words=words, formats=formats, title=hostile[0])
page.header({{"who": hostile[0]}})
page.section("summary", lead=hostile[1])
page.section("kpis")
page.subsection(hostile[1])
page.say(*hostile)
page.points(hostile)
page.cards([{{"name": hostile[0], "value": hostile[1], "beside": hostile[2]}}])
deals = pd.DataFrame({{"name": hostile, "amount": [1000.0 * i for i in range(len(hostile))]}})
"""
CHARTS = """
stages = deals.rename(columns={"name": "stage"}).assign(
    count=3, conversion=0.5, conversion_low=0.4, conversion_high=0.6, n_entered=40, median_days=9.0, median_low=5.0,
    median_high=12.0, set_odds=0.1, observed_odds=0.4, low=0.3, high=0.5, n=40,
)
slices = deals.rename(columns={"name": "slice"})
slices = slices.assign(won_amount=5.0, weighted_amount=7.0, open_amount=9.0, target=9.0)
bars = deals.rename(columns={"name": "bar"}).assign(n=1)
said = {"words": words, "formats": formats}
page.figure(charts.bars(deals, label="name", value="amount", title=hostile[0], write=formats.money))
page.figure(charts.funnel(stages, **said))
page.figure(charts.conversion(stages, title=hostile[8], **said))
page.figure(charts.dwell(stages, **said))
page.figure(charts.stage_odds(stages, **said))
page.figure(charts.breakdown(slices, **said))
page.figure(charts.bridge(bars, **said))
months = pd.DataFrame({"month": ["2017-07", "2017-08"], "won_count": [1, 2], "won_amount": [5.0, 6.0]})
page.figure(charts.won_by_month(months, **said))
pace = pd.DataFrame({"period": [hostile[0]] * 2 + [hostile[1]] * 2, "day": [1, 2] * 2, "amount": [1.0, 2.0, 2.0, 3.0]})
page.figure(charts.pacing(pace, current=hostile[1], target=4.0, **said))
page.table("deals", deals)
page.table("cards", deals, look=TableLook(cards=True))
page.finish(figures=[], facts={"as_of": "2017-09-30"})
"""
N_CHARTS = 9

pytestmark = [pytest.mark.browser, pytest.mark.kernel]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The hostile page in both languages."""
    folder = tmp_path_factory.mktemp("hostile")
    path = folder / "weekly.ipynb"
    path.write_text(json.dumps(make_notebook(PAGE, CHARTS)), encoding="utf-8")
    return {locale: run_report(path, {"locale": locale}, out=folder / locale) for locale in ("en", "zh_CN")}


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1280, 390])
def test_text_of_the_data_is_text_and_nothing_is_asked_of_the_network(reports, visit, locale, width):
    seen = visit(reports[locale].report_html, width=width)
    assert (seen.requests, seen.complaints) == ([], [])
    assert seen.page.locator("main script:not([type='application/json'])").count() == 0
    assert seen.page.locator("main img, main a").count() == 0
    assert seen.page.locator("svg a").count() == 0
    assert list(seen.texts(".points li")) == HOSTILE
    assert list(seen.texts(".table-box.cards tbody th")) == HOSTILE
    assert seen.texts("h1") == [HOSTILE[0]]
    first = seen.page.locator(".plot").first
    assert "<script>alert(1)" in first.locator(".infolayer").text_content()
    second = seen.page.locator(".plot").nth(2)
    assert "<script>alert(1)" in second.locator(".yaxislayer-above").text_content().replace("\u200b", "")


@pytest.mark.parametrize("width", [1280, 390])
def test_every_chart_is_drawn_inside_the_page(reports, visit, width):
    page = visit(reports["en"].report_html, width=width).page
    assert page.locator("figure.chart").count() == N_CHARTS
    assert page.locator(".plot .main-svg:first-child").count() >= N_CHARTS
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = """() => [...document.querySelectorAll('.plot')].flatMap(plot => {
        const box = plot.getBoundingClientRect();
        return [...plot.querySelectorAll('text')].filter(text => {
            const own = text.getBoundingClientRect();
            return own.width && (own.left < box.left - 1 || own.right > box.right + 1 || own.bottom > box.bottom + 1);
        }).map(text => text.textContent);
    })"""
    assert page.evaluate(cut) == []


def test_charts_are_drawn_anew_when_the_page_becomes_narrow(reports, visit):
    page = visit(reports["en"].report_html).page
    page.set_viewport_size({"width": 390, "height": 800})
    wait_until(page, "document.querySelector('.plot .main-svg').clientWidth < 390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_dark_is_readable(reports, visit):
    page = visit(reports["en"].report_html, color_scheme="dark").page
    ink = page.locator(".plot .ytick text").first.evaluate("node => getComputedStyle(node).fill")
    assert ink == "rgb(231, 233, 236)"


def test_paper_shows_folded_tables_and_whole_charts(reports, visit):
    page = visit(reports["en"].report_html, width=1280).page
    page.emulate_media(media="print")
    wait_until(page, "document.querySelector('.plot .main-svg').clientWidth === 690")
    assert page.locator("details.table tbody tr").first.is_visible()
    assert not page.locator("nav").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_page_names_its_language_and_carries_plotly_once(reports, visit):
    text = reports["zh_CN"].report_html.read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in text
    assert len(text.encode()) < 8_000_000
    assert text.count("plotly.js v") == 1
    assert "default-src 'none'" in text
    for tag in ("<link", "<script src", "@import", "<iframe"):
        assert tag not in text.split("<script>")[0]
    titles = visit(reports["zh_CN"].report_html).texts("figcaption")
    assert any("赢单" in title for title in titles)


def test_the_workbook_holds_the_same_text_as_text(reports):
    sheet = openpyxl.load_workbook(reports["en"].report_xlsx)["deals"]
    cells = [sheet.cell(row, 1) for row in range(2, len(HOSTILE) + 2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in HOSTILE]


DEAL = {
    "name": "Birchmont Systems GmbH - Data Platform",
    "owner_id": "Henry Keller",
    "stage": "Negotiation",
    "amount": "CN¥1.91M",
    "attribute_points": "20",
    "behaviour_points": "−25",
    "win_probability": "54% (31% – 76%)",
    "by_period_end": "37%",
    "grade": "Warm",
    "change_points": "−2",
    "text": "stage Negotiation: +31 points; contacts' stance 0.6 (from -1 against to 1 for us): +9 points; no contact",
}


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_deal_with_the_points_of_both_kinds_of_rules_fits_the_page(tmp_path, visit, locale, width):
    look = top_deals_look(("attribute_points", "behaviour_points"))
    table = table_html(pd.DataFrame([DEAL]), words=Words(locale), formats=Formats(locale), look=look)
    css = files("oppnb.reports").joinpath("assets/report.css").read_text(encoding="utf-8")
    file = tmp_path / "page.html"
    html = f'<html data-drawn><meta charset="utf-8"><style>{css}</style><body><main>{table}</main></body></html>'
    file.write_text(f"<!doctype html>{html}", encoding="utf-8")
    page = visit(file, width=width).page
    box = page.locator(".table-box")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    reasons = box.locator("tbody td").last
    assert reasons.evaluate("cell => cell.clientWidth") > 150
    interval = box.locator(".whole").first
    assert interval.evaluate("text => text.getClientRects().length") == 1
