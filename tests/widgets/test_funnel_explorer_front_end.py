"""The funnel in a blank page, joined to the real Python object: used as a hand would, read back in Python."""

import pytest

from oppnb.widgets import FunnelExplorer, Selection
from tests.widgets.conftest import small_review
from tests.widgets.harness import open_widget, serious_faults, settle

pytestmark = pytest.mark.browser


def test_a_click_on_a_stage_and_on_a_flow_chooses_its_deals(page, review):
    explorer = FunnelExplorer(review, selection=Selection())
    open_widget(page, explorer)
    page.locator("[data-node=sProposal] text").click()
    settle(page)
    assert explorer.chosen_stage == "Proposal"
    assert page.locator("[data-node=sProposal]").get_attribute("aria-pressed") == "true"
    page.locator('[data-link="Lead>@lost"]').dispatch_event("click")
    settle(page)
    assert explorer.chosen_flow == ("Lead", "@lost")
    assert page.get_by_role("heading", name="Deals: from Lead to Lost").is_visible()
    assert explorer.selection.opportunity_ids == explorer.selected_ids
    page.locator("[data-node='s@won'] text").click()
    settle(page)
    assert explorer.chosen_flow == (None, "@won")


def test_works_by_keyboard_alone(page, review):
    explorer = FunnelExplorer(review)
    open_widget(page, explorer)
    page.locator('[data-link="Lead>@lost"]').focus()
    page.keyboard.press("Enter")
    settle(page)
    assert explorer.chosen_flow == ("Lead", "@lost")
    assert page.evaluate("document.activeElement.dataset.link") == "Lead>@lost"
    page.locator("[data-row=Qualified]").nth(1).focus()
    page.keyboard.press(" ")
    settle(page)
    assert explorer.chosen_stage == "Qualified"
    assert page.evaluate("document.activeElement.dataset.row") == "Qualified"
    page.get_by_role("grid", name="Deals").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settle(page)
    assert explorer.selected_ids == (explorer.table("deals").rows["opportunity_id"].iloc[1],)


def test_view_attribute_and_value_reach_python(page, review):
    explorer = FunnelExplorer(review)
    open_widget(page, explorer)
    page.get_by_label("Look at").select_option("snapshot")
    settle(page)
    page.get_by_label("Compare by").select_option("region")
    settle(page)
    page.locator(".oppnb-slices [data-bar=East]").click()
    settle(page)
    assert (explorer.view, explorer.by, explorer.value) == ("snapshot", "region", "East")
    assert page.get_by_label("Only").input_value() == "East"
    page.get_by_label("Process").select_option("renewal")
    settle(page)
    assert explorer.process == "renewal"
    assert page.locator("h3").inner_text() == explorer.state["found"]["title"]
    assert page.locator(".oppnb-heard").inner_text() == explorer.state["found"]["title"]


def test_numbers_on_the_page_are_those_of_python(page, review):
    explorer = FunnelExplorer(review)
    open_widget(page, explorer)
    settle(page)
    said = (
        page.locator(".oppnb-one-chart")
        .first.locator("[data-row]")
        .evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    )
    rows = explorer.state["charts"][0]["spec"]["rows"]
    assert said == [f"{row['label']} {row['text']} ({row['note']})" for row in rows]


def test_names_are_text(page, review):
    explorer = FunnelExplorer(review, by="region")
    evil = "<img src=x onerror='window.hacked = true'>"
    explorer._frames.rows["origin"] = evil
    explorer._frames.flows["origin"] = evil
    explorer._draw()
    open_widget(page, explorer)
    settle(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(("locale", "scheme"), [("en", "light"), ("zh_CN", "dark")])
def test_axe_finds_no_serious_fault(page, locale, scheme):
    page.emulate_media(color_scheme=scheme)
    explorer = FunnelExplorer(small_review(locale), by="region")
    explorer.chosen_stage = "Proposal"
    open_widget(page, explorer)
    settle(page)
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [390, 768, 1600])
@pytest.mark.parametrize("view", ["cohort", "snapshot"])
def test_nothing_is_wider_than_the_page(page, review, width, view):
    page.set_viewport_size({"width": width, "height": 900})
    open_widget(page, FunnelExplorer(review, view=view, by="region"))
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ends = (
        "[...document.querySelectorAll('.oppnb-chart :is(text, rect)')].map(one => one.getBoundingClientRect().right)"
    )
    assert max(page.evaluate(ends)) <= width
