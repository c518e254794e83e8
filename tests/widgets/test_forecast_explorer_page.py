"""The explorer's front end in a blank page, joined to the real Python object: used as a hand would."""

import pytest

from oppnb.forecasting import overrides_known
from oppnb.forecasting.explored import AS_IS
from oppnb.widgets import ForecastExplorer
from oppnb.widgets.forecast_explorer.opening import Material
from oppnb.workspace import read_workspace
from tests.widgets.forecast_made import DAY, small_forecast, workspace_text
from tests.widgets.harness import SYNCED, open_front_end, open_widget, serious_faults, settle

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror='window.hacked = true'>"


@pytest.fixture
def explorer(tmp_path):
    file = tmp_path / "oppnb.yaml"
    file.write_text(workspace_text(), encoding="utf-8")
    return ForecastExplorer(small_forecast(), save_to=file, store=tmp_path / "memory", who="U1")


def press(page, key, *, times=1):
    for _ in range(times):
        page.keyboard.press(key)
        settle(page)


def rest(page):
    """Wait until the hand rests and Python has drawn all."""
    page.wait_for_timeout(400)
    settle(page)


def test_the_thumb_of_the_target_stands_under_its_line_also_when_a_scenario_moves_the_axis(page, explorer):
    open_widget(page, explorer)
    for lever in (None, "Win rate", "Amounts"):
        if lever is not None:
            page.get_by_label(lever).focus()
            press(page, "ArrowRight", times=10)
            rest(page)
        target = page.get_by_label("Move the target")
        box, line = target.bounding_box(), page.locator(".oppnb-target line").first.bounding_box()
        share = int(target.input_value()) / int(target.get_attribute("max"))
        thumb = box["x"] + 8 + share * (box["width"] - 16)
        step = (box["width"] - 16) / int(target.get_attribute("max"))
        assert abs(thumb - line["x"]) <= step + 1
    ends = page.locator(".oppnb-distribution .oppnb-line.oppnb-main").evaluate("one => [...one.points].map(p => p.x)")
    grid = page.locator(".oppnb-distribution > .oppnb-grid").bounding_box()
    assert ends[-1] - ends[0] == pytest.approx(grid["width"], abs=1.5)


def test_a_slider_moved_by_keyboard_makes_the_scenario_and_redraws_the_figure(page, explorer):
    open_widget(page, explorer)
    before = page.locator("h3").inner_text()
    page.get_by_role("slider", name="Win rate").focus()
    press(page, "ArrowRight", times=4)
    assert explorer.scenario.changes[0].win_rate_points == 4
    assert page.get_by_role("slider", name="Win rate").get_attribute("aria-valuetext") == "+4 points"
    assert page.locator("h3").inner_text() == explorer._frame()["title"] != before
    rest(page)
    assert page.evaluate("document.activeElement.dataset.focus") == "lever-win_rate"
    assert page.locator("[data-bar=win_rate]").get_attribute("aria-label").startswith("Win rate +")
    page.get_by_role("button", name="Take back").click()
    settle(page)
    assert explorer.scenario == AS_IS
    assert page.locator("h3").inner_text() == before


def test_only_the_latest_place_of_a_slider_is_asked_for_while_python_works(page, explorer):
    open_front_end(page, "forecast_explorer", {name: getattr(explorer, name) for name in SYNCED})
    page.get_by_role("slider", name="Amounts").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("sent.filter(one => one.do === 'move_lever').length") == 1
    call = page.evaluate("sent[0].call")
    page.evaluate("([call, frame]) => fire('msg:custom', {answer: call, result: frame})", [call, explorer._frame()])
    page.wait_for_function("sent.filter(one => one.do === 'move_lever').length === 2")
    assert page.evaluate("sent.at(-1).with.value") == 1.05


def test_the_target_is_moved_and_typed(page, explorer):
    open_widget(page, explorer)
    page.get_by_label("Move the target").focus()
    before = explorer.explored.told().distribution.chance_of(explorer.target)
    press(page, "ArrowLeft", times=3)
    assert explorer.target < 1_040_000
    assert explorer._frame()["target"]["chance"] > before
    page.get_by_label("Amount to reach").fill("1,234,567")
    page.get_by_label("Amount to reach").press("Enter")
    rest(page)
    assert explorer.target == 1_234_567
    assert "€1.23M" in page.locator("h3").inner_text()
    page.get_by_label("Amount to reach").fill("plenty")
    page.get_by_label("Amount to reach").press("Enter")
    settle(page)
    assert "cannot be read" in page.locator(".oppnb-error").inner_text()


def test_segments_are_set_apart(page, explorer):
    open_widget(page, explorer)
    page.get_by_label("Deals", exact=True).first.select_option("region")
    settle(page)
    page.get_by_label("Which", exact=True).select_option("West")
    settle(page)
    page.get_by_role("slider", name="Amounts").focus()
    press(page, "ArrowRight", times=2)
    change = explorer.scenario.changes[0]
    assert (change.where["region"].is_in, change.amount) == (["West"], 1.02)
    page.get_by_label("Deals", exact=True).first.select_option("stage")
    rest(page)
    assert page.get_by_label("Deals not created yet").is_disabled()


def test_the_tree_is_walked_by_keyboard_alone(page, explorer):
    open_widget(page, explorer)
    page.get_by_role("tab", name="Roll-up").click()
    settle(page)
    page.locator("[data-node=company]").focus()
    press(page, "ArrowDown")
    press(page, "ArrowRight")
    assert page.locator("[data-node=East]").get_attribute("aria-expanded") == "true"
    assert page.evaluate("document.activeElement.dataset.node") == "East"
    press(page, "Enter")
    assert explorer.node == "East"
    assert page.locator("[data-node=East]").get_attribute("aria-selected") == "true"
    press(page, "ArrowLeft")
    assert page.locator("tbody [data-node]").count() == 4
    page.get_by_role("button", name="Back to the company").click()
    settle(page)
    assert explorer.node == "company"


def test_a_number_with_a_reason_is_added_to_the_ledger(page, explorer):
    open_widget(page, explorer)
    page.get_by_role("tab", name="Your numbers").click()
    settle(page)
    page.get_by_label("For", exact=True).select_option("D00003")
    page.get_by_label("What", exact=True).select_option("chance")
    page.get_by_label("Number", exact=True).fill("90%")
    page.get_by_label("Why", exact=True).fill("Verbal yes")
    page.get_by_role("button", name="Add", exact=True).click()
    settle(page)
    known = overrides_known(explorer.store, DAY)
    assert known[["opportunity_id", "figure", "value", "who", "why"]].to_numpy().tolist() == [
        ["D00003", "chance", 0.9, "U1", "Verbal yes"]
    ]
    assert "Verbal yes" in page.locator("[data-key=D00003]").inner_text()
    page.locator("[data-key=D00003]").get_by_role("button", name="Take back: Deal 3").press("Enter")
    page.get_by_label("Why it is taken back").fill("Signed elsewhere")
    page.get_by_label("Why it is taken back").press("Enter")
    settle(page)
    assert explorer.overrides.empty
    assert page.locator("[data-key=D00003]").count() == 0
    assert "taken back" in page.locator("[role=status]", has_text="number").first.inner_text()
    page.get_by_label("Number", exact=True).fill("1")
    page.get_by_role("button", name="Add", exact=True).click()
    settle(page)
    assert "needs 'why'" in page.locator(".oppnb-error").inner_text()
    assert page.get_by_label("Number", exact=True).input_value() == "1"


def test_a_scenario_is_saved_by_name_and_stands_beside_the_others(page, explorer):
    open_widget(page, explorer)
    page.get_by_role("slider", name="Amounts").focus()
    press(page, "ArrowRight", times=5)
    page.get_by_label("Name", exact=True).fill("dearer")
    page.get_by_label("Name", exact=True).press("Enter")
    rest(page)
    saved = {one.name: one for one in read_workspace(explorer.material.path).forecast.scenarios}
    assert saved["dearer"].changes[0].amount == 1.05
    page.get_by_role("tab", name="Scenarios").click()
    settle(page)
    assert page.locator("tr[data-key]").evaluate_all("all => all.map(one => one.dataset.key)") == [
        "forecast",
        "prices up",
        "dearer",
    ]
    page.get_by_label("Saved scenarios").select_option("prices up")
    settle(page)
    assert explorer.scenario.name == "prices up"


def test_names_are_text(page, tmp_path, monkeypatch):
    explorer = ForecastExplorer(small_forecast(), store=tmp_path / "memory", who=MARKUP)
    names = dict.fromkeys(explorer.explored.parts.deals["opportunity_id"], MARKUP)
    monkeypatch.setattr(Material, "names", names)
    explorer.override(amount=1.0, why=MARKUP)
    open_widget(page, explorer)
    for tab in ("Deals", "Your numbers"):
        page.get_by_role("tab", name=tab).click()
        settle(page)
    assert page.evaluate("window.hacked") is None
    assert MARKUP in page.locator("[data-key=company]").inner_text()


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_behind_any_tab(page, tmp_path, locale, scheme):
    page.emulate_media(color_scheme=scheme)
    explorer = ForecastExplorer(small_forecast(locale), scenario=[{"amount": 1.1}], store=tmp_path / "memory", who="U1")
    explorer.override(amount=1e6, why="A tender")
    open_widget(page, explorer)
    for tab in ("changed", "tree", "deals", "overrides", "compare", "past"):
        page.get_by_role("tab", name=explorer.texts[f"tab_{tab}"]).click()
        settle(page)
        assert serious_faults(page) == [], tab


@pytest.mark.parametrize("width", [390, 768, 1600])
def test_nothing_is_wider_than_the_page(page, explorer, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_widget(page, explorer)
    for tab in ("Roll-up", "Deals", "Your numbers", "Scenarios", "Was it right?", "What changed"):
        page.get_by_role("tab", name=tab).click()
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
