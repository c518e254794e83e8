"""The front end in a blank page, joined to the real Python object: used as a hand would, read back in Python."""

import re
from datetime import date

import pytest

from oppnb.widgets import (
    ForecastExplorer,
    FunnelExplorer,
    MappingEditor,
    PipelineBridge,
    ScoreExplorer,
    Selection,
    StageConfigurator,
)
from oppnb.widgets.assets import front_end, ui_folder
from oppnb.widgets.commands import commands_of
from tests.widgets.conftest import small_review
from tests.widgets.harness import SYNCED, open_front_end, open_widget, serious_faults, settle

WIDGETS = {
    "forecast_explorer": ForecastExplorer,
    "funnel_explorer": FunnelExplorer,
    "mapping_editor": MappingEditor,
    "pipeline_bridge": PipelineBridge,
    "score_explorer": ScoreExplorer,
    "stage_configurator": StageConfigurator,
}
TEXTS_ONLY = {"name": "<img src=x onerror='window.hacked = true'>"}

pytestmark = pytest.mark.browser


def names(source: str, which: str) -> set[str]:
    return set(re.findall(r'"(\w+)"', re.search(rf"const {which} = \[(.*?)\];", source, re.DOTALL)[1]))


@pytest.mark.parametrize("name", WIDGETS)
def test_names_of_the_front_end_are_those_of_python(name):
    source = (ui_folder() / f"{name}.js").read_text(encoding="utf-8")
    assert names(source, "COMMANDS") == set(commands_of(WIDGETS[name]))
    own = WIDGETS[name].class_traits(sync=True)
    assert names(source, "TRAITS") <= set(own)
    assert set(SYNCED) <= names(source, "TRAITS")
    assert re.findall(r"^export .*?(\w+)\(", source, re.MULTILINE) == ["render"]


def test_no_sheet_of_another_widget_or_of_the_panel_reaches_into_a_widget():
    """On one page of JupyterLab stand all of them: a rule for a class says which widget it is for."""
    folder = ui_folder()
    for name in WIDGETS:
        root = re.search(r'mountWidget\(.*?name: "(\w+)"', (folder / f"{name}.js").read_text("utf-8"), re.DOTALL)[1]
        sheet = re.sub(r"@(?:media|container)[^{]*\{", "", (folder / f"{name}.css").read_text("utf-8"))
        rules = [one.strip() for found in re.findall(r"([^{}]+)\{", sheet) for one in re.split(r",(?![^(]*\))", found)]
        assert [one for one in rules if not one.startswith((f".oppnb-{root}", ".oppnb-widget"))] == []
    panel = (folder.parent / "lab" / "style" / "index.css").read_text("utf-8")
    styled = set(re.findall(r"^\.(oppnb-[\w-]+)", panel, re.MULTILINE)) - {"oppnb-panel", "oppnb-main"}
    source = "".join(file.read_text("utf-8") for file in folder.rglob("*.js"))
    assert styled & set(re.findall(r"oppnb-[\w-]+", source)) == set()
    assert ".oppnb-widget .oppnb-main { font-weight: inherit;" in (folder / "shared" / "charts.css").read_text("utf-8")


@pytest.mark.parametrize("name", WIDGETS)
def test_asks_no_network_and_writes_no_markup(name):
    esm = front_end(name).esm
    assert "import " not in esm
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|https://", esm)
    assert "url(" not in front_end(name).css


@pytest.mark.parametrize("file", sorted(ui_folder().rglob("*.js")), ids=lambda file: file.stem)
def test_no_file_is_longer_than_400_lines(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


def test_a_click_on_a_bar_chooses_its_deals(page, review):
    bridge = PipelineBridge(review, period="all", selection=Selection())
    open_widget(page, bridge)
    page.locator("[data-bar=new]").click()
    settle(page)
    assert bridge.chosen_bar == "new"
    assert page.locator("[data-bar=new]").get_attribute("aria-pressed") == "true"
    assert page.locator("h4").inner_text() == "Deals behind “New deals”"
    assert len(bridge.selection.opportunity_ids) == len(bridge.bridge.behind("new"))


def test_works_by_keyboard_alone(page, review):
    bridge = PipelineBridge(review, period="all")
    open_widget(page, bridge)
    page.locator("[data-bar=won]").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert bridge.chosen_bar == "won"
    assert page.evaluate("document.activeElement.dataset.bar") == "won"
    page.locator("table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settle(page)
    assert bridge.selected_ids == (bridge.bridge.behind("won")["opportunity_id"].iloc[1],)


def test_days_slice_and_period_reach_python(page, review):
    bridge = PipelineBridge(review)
    open_widget(page, bridge)
    page.get_by_label("From").fill("2024-12-31")
    page.get_by_label("From").press("Enter")
    settle(page)
    page.get_by_label("Slice by").select_option("region")
    settle(page)
    page.get_by_label("Value").select_option("East")
    settle(page)
    page.get_by_label("Deals", exact=True).select_option("all")
    settle(page)
    assert (bridge.start.isoformat(), bridge.slice, bridge.period) == ("2024-12-31", {"region": "East"}, "all")
    assert page.locator("h3").inner_text() == bridge.state["chart"]["title"]


def test_a_day_outside_the_data_is_told_at_its_field_until_it_is_mended(page, review):
    bridge = PipelineBridge(review)
    open_widget(page, bridge)
    start, first, last = bridge.start, *(bridge.state["question"][key] for key in ("first", "last"))
    said = page.get_by_role("alert").filter(has_text="The data are known from")
    for day, key in (("2031-06-01", "Enter"), ("1999-01-01", "Tab")):
        page.get_by_label("From").fill(day)
        page.get_by_label("From").press(key)
        settle(page)
        shown = [review.formats.day(date.fromisoformat(one)) for one in (first, last)]
        assert all(one in said.inner_text() for one in shown)
        assert page.get_by_label("From").get_attribute("aria-invalid") == "true"
        assert page.get_by_label("From").input_value() == day
        assert serious_faults(page) == []
    assert bridge.start == start
    page.get_by_label("From").fill("2024-12-31")
    page.get_by_label("From").press("Enter")
    settle(page)
    assert said.count() == 0
    assert page.get_by_label("From").get_attribute("aria-invalid") is None
    assert bridge.start.isoformat() == "2024-12-31"


def test_a_table_is_filtered_while_one_types_and_sorted_by_its_header(page, review):
    bridge = PipelineBridge(review, period="all")
    open_widget(page, bridge)
    page.get_by_label("Filter by Effect").fill("> 50000")
    page.get_by_label("Filter by Effect").press("Enter")
    settle(page)
    assert bridge.table("deals").filters == {"amount": "> 50000"}
    assert page.get_by_label("Filter by Effect").input_value() == "> 50000"
    page.locator("th button", has_text="Deal").first.click()
    settle(page)
    assert bridge.table("deals").sort_by == "name"
    assert page.locator("th").first.get_attribute("aria-sort") == "ascending"
    page.get_by_label("Filter by Effect").fill("plenty")
    page.get_by_label("Filter by Effect").press("Enter")
    settle(page)
    assert "cannot be filtered" in page.locator(".oppnb-error").inner_text()


def test_names_are_text(page, review):
    bridge = PipelineBridge(review, period="all")
    bridge.bridge.rows["name"] = TEXTS_ONLY["name"]
    bridge._draw()
    open_widget(page, bridge)
    settle(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator("tbody td").first.inner_text() == TEXTS_ONLY["name"]


def test_says_when_the_kernel_is_gone_and_when_it_does_not_answer(page, review):
    bridge = PipelineBridge(review)
    page.clock.install()
    open_front_end(page, "pipeline_bridge", {name: getattr(bridge, name) for name in SYNCED})
    page.locator("[data-bar=start]").click()
    assert page.locator(".oppnb-lost").is_hidden()
    page.clock.run_for(11_000)
    assert "not connected" in page.locator(".oppnb-lost").inner_text()
    page.evaluate("fire('msg:custom', {answer: 1})")
    assert page.locator(".oppnb-lost").is_hidden()
    page.evaluate("fire('comm:close')")
    assert "cells again from the top" in page.locator(".oppnb-lost").inner_text()


def test_progress_is_shown_with_a_button_that_stops_it(page, review):
    bridge = PipelineBridge(review)
    open_widget(page, bridge)
    bridge.busy, bridge.can_cancel, bridge.progress = True, True, 0.4
    settle(page)
    assert page.locator("progress").get_attribute("value") == "0.4"
    assert page.get_by_role("button", name="Cancel").is_visible()


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(page, locale, scheme):
    page.emulate_media(color_scheme=scheme)
    bridge = PipelineBridge(small_review(locale), period="all")
    bridge.chosen_bar = "new"
    open_widget(page, bridge)
    settle(page)
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [390, 768, 1600])
def test_nothing_is_wider_than_the_page(page, review, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_widget(page, PipelineBridge(review, period="all"))
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ends = "[...document.querySelectorAll('.oppnb-chart text')].map(one => one.getBoundingClientRect().right)"
    assert max(page.evaluate(ends)) <= width


def test_a_half_typed_date_outlives_a_draw_and_its_box_is_drawn_when_it_is_left(page, review):
    bridge = PipelineBridge(review, period="all")
    open_widget(page, bridge)
    before = page.get_by_label("From").input_value()
    page.get_by_label("From").focus()
    page.keyboard.type("12")
    page.evaluate("window.typing = document.activeElement")
    bridge.slice = {"region": "East"}
    settle(page)
    assert page.evaluate("window.typing === document.activeElement")
    assert page.locator("h3").inner_text() == bridge.state["chart"]["title"]
    page.keyboard.type("312024")
    page.keyboard.press("Enter")
    settle(page)
    assert (bridge.start.isoformat(), bridge.slice) == ("2024-12-31", {"region": "East"})
    assert page.get_by_label("Value").input_value() == "East"
    assert page.get_by_label("From").input_value() != before


def test_a_column_of_days_is_filtered_by_days(page, review):
    bridge = PipelineBridge(review, period="all")
    open_widget(page, bridge)
    days = bridge.table("deals").frame["expected_close_after"].dropna().sort_values()
    middle = days.iloc[len(days) // 2]
    page.get_by_label("Filter by Close after").fill(f"> {middle:%Y-%m-%d}")
    page.get_by_label("Filter by Close after").press("Enter")
    settle(page)
    assert set(bridge.table("deals").rows["expected_close_after"]) == set(days[days > middle])


def test_words_stand_where_the_hand_is_in_a_tall_widget(page, review):
    bridge = PipelineBridge(review, period="all")
    open_widget(page, bridge)
    page.get_by_label("From").fill("2025-03-01")
    page.get_by_label("Deals", exact=True).focus()
    settle(page)
    page.get_by_label("Deals", exact=True).press("ArrowDown")
    bridge.error = "It cannot be so."
    settle(page)
    seen, at = (page.locator(one).bounding_box() for one in (".oppnb-error", "select >> nth=0"))
    assert abs(seen["y"] - at["y"]) < 120
