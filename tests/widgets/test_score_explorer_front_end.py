"""The explorer's front end in a blank page, joined to the real Python object: used as a hand would."""

import pytest

from tests.widgets.harness import SYNCED, open_front_end, open_widget, serious_faults, settle
from tests.widgets.scored import many, small_explorer, small_scores, with_names, without_tables
from tests.widgets.test_score_explorer import HARMFUL, changeable, first

pytestmark = pytest.mark.browser


def test_filters_sorts_and_opens_a_deal_by_keyboard_alone(page):
    explorer = small_explorer()
    open_widget(page, explorer)
    page.get_by_label("Filter by Probability").focus()
    page.keyboard.type("> 20")
    page.keyboard.press("Enter")
    settle(page)
    assert explorer.filters == {"win_probability": "> 20"}
    page.locator("th button", has_text="Amount").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert explorer.sort_by == "-amount_base"
    page.locator("table[role=grid]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settle(page)
    assert explorer.deal == explorer.to_table()["opportunity_id"].iloc[1]
    assert explorer.deal in page.locator(".oppnb-facts").first.inner_text()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"
    assert explorer._part["head"]["chance"] in page.locator(".oppnb-heard").inner_text()
    page.get_by_role("button", name="Back to the list").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert explorer.deal is None
    assert page.locator(".oppnb-deal").is_hidden()


def test_what_was_stopped_says_only_that_and_can_be_done_again(page):
    explorer = small_explorer()
    waiting = explorer._waiting()
    traits = {name: getattr(explorer, name) for name in SYNCED} | {"state": waiting, "busy": True, "can_cancel": True}
    open_front_end(page, "score_explorer", traits)
    assert waiting["header"]["facts"] in page.locator(".oppnb-widget").inner_text()
    page.evaluate("put({busy: false})")
    assert waiting["header"]["facts"] not in page.locator(".oppnb-widget").inner_text()
    page.get_by_role("button", name="Work it out").click()
    assert page.evaluate("sent.at(-1).do") == "work_again"


def test_what_if_is_ticked_and_told(page):
    explorer = small_explorer()
    changeable(explorer)
    open_widget(page, explorer)
    settle(page)
    boxes = page.locator("input[type=checkbox]")
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    settle(page)
    assert len(explorer.what_if) == 1
    assert page.evaluate("document.activeElement.dataset.action") == explorer.what_if[0]
    boxes.nth(1).check()
    settle(page)
    assert len(explorer.what_if) == 2
    assert page.locator(".oppnb-result").inner_text() == explorer.state["deal"]["more"]["what_if"]["result"]["text"]


def test_tabs_are_walked_with_arrows_and_reach_python(page):
    explorer = small_explorer()
    open_widget(page, explorer)
    page.get_by_role("tab", name="Deals").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert explorer.tab == "reliability"
    assert page.locator(".oppnb-dot").count() == len(explorer.state["reliability"]["chart"]["dots"])
    page.keyboard.press("ArrowRight")
    settle(page)
    assert explorer.tab == "card"
    assert page.locator(".oppnb-strong").inner_text().startswith(explorer.state["card"]["facts"][0]["text"][:5])
    explorer.tab = "deals"
    settle(page)
    assert page.locator("table[role=grid]").is_visible()


def test_ten_thousand_deals_are_read_as_they_are_seen(page):
    explorer = small_explorer(many(10_000))
    open_widget(page, explorer)
    page.locator("table[role=grid]").focus()
    page.keyboard.press("End")
    settle(page)
    assert page.locator("tbody tr").last.locator("td").nth(1).inner_text() == "10,000"
    assert page.locator("tbody tr").count() < 60
    asked = page.evaluate("sent.filter(one => one.do === 'read_rows').length")
    assert asked <= 3


def test_an_open_deal_keeps_the_place_in_the_table(page):
    explorer = small_explorer(many(10_000))
    explorer.scored.__dict__["places"] = dict.fromkeys(explorer.scored.row_of, 0)
    explorer._tell_more = lambda _: None
    open_widget(page, explorer)
    page.locator("table[role=grid]").focus()
    page.keyboard.press("End")
    settle(page)
    before = page.evaluate("document.querySelector('.oppnb-sheet').scrollTop")
    asked = page.evaluate("sent.length")
    page.keyboard.press("Enter")
    settle(page)
    assert explorer.deal == "D009999"
    assert page.evaluate("document.querySelector('.oppnb-sheet').scrollTop") == before > 0
    assert page.evaluate("sent.length") == asked + 1  # no row was read again


def test_names_are_text_everywhere(page):
    explorer = small_explorer(with_names(HARMFUL))
    explorer.deal = first(explorer)
    open_widget(page, explorer)
    settle(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator(".oppnb-headline h3").inner_text() == HARMFUL
    assert page.locator("tbody td").first.inner_text() == HARMFUL
    assert page.locator("img").count() == 0


def test_a_stopped_piece_of_work_is_offered_again(page):
    explorer = small_explorer()
    told = explorer._tell_more
    explorer._tell_more = lambda _: None
    explorer.deal = first(explorer)
    open_widget(page, explorer)
    explorer._tell_more = told
    page.get_by_role("button", name="Work it out").first.click()
    settle(page)
    assert explorer.told is not None
    assert page.get_by_role("button", name="Work it out").count() == 0


def test_what_is_missing_is_said_where_it_would_stand(page):
    explorer = small_explorer(without_tables("contacts", "evidence"))
    explorer.deal = first(explorer)
    open_widget(page, explorer)
    settle(page)
    text = page.locator(".oppnb-cards").inner_text()
    assert "The export has no contacts." in text
    assert "The export has no qualification evidence." in text


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(page, locale, scheme):
    page.emulate_media(color_scheme=scheme)
    explorer = small_explorer(locale=locale)
    changeable(explorer)
    open_widget(page, explorer)
    settle(page)
    assert serious_faults(page) == []
    for tab in ("reliability", "card"):
        explorer.tab = tab
        settle(page)
        assert serious_faults(page) == []


@pytest.mark.parametrize("width", [390, 768, 1600])
def test_nothing_is_wider_than_the_page(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    explorer = small_explorer()
    explorer.deal = str(small_scores().frame["opportunity_id"].iloc[0])
    open_widget(page, explorer)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = "[...document.querySelectorAll('.oppnb-chart text')]"
    wide = f"{texts}.filter(one => one.getBoundingClientRect().right > innerWidth).length"
    assert page.evaluate(wide) == 0
