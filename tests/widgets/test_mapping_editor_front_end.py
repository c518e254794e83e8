"""The mapping in a blank page, joined to the real Python object: used as a hand would, read back in Python and YAML."""

import pytest

from oppnb.widgets import MappingEditor
from oppnb.workspace import read_workspace
from tests.widgets.harness import open_widget, serious_faults, settle
from tests.widgets.mapped import EVIL, write_export

pytestmark = pytest.mark.browser


@pytest.fixture
def editor(tmp_path):
    file = write_export(tmp_path)
    return MappingEditor(tmp_path / "export", path=file)


def test_headers_are_chosen_cleared_undone_and_saved_by_keyboard_alone(page, editor, tmp_path):
    open_widget(page, editor)
    page.get_by_label("Amount", exact=True).focus()
    page.keyboard.type("Worth")
    settle(page)
    assert editor.mapping[0].columns["amount"].column == "Worth"
    assert page.evaluate("document.activeElement.dataset.focus") == "column-amount"
    assert page.locator(".oppnb-is-new").inner_text().startswith("An open deal has an amount")
    page.get_by_role("button", name="Leave Region unfilled").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert "region" not in editor.mapping[0].columns
    page.get_by_role("button", name="Undo: Region unfilled").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert editor.mapping[0].columns["region"].column == "Region"
    assert page.locator(".oppnb-added", has_text="amount: Worth").is_visible()
    page.get_by_role("button", name="Save to oppnb.yaml").focus()
    page.keyboard.press("Enter")
    settle(page)
    text = (tmp_path / "oppnb.yaml").read_text()
    assert text.startswith("# kept by the sales office\n")
    assert read_workspace(tmp_path / "oppnb.yaml").mapping == list(editor.mapping)
    assert page.locator(".oppnb-note").inner_text() == "Saved to oppnb.yaml."


def test_what_cannot_be_read_is_told_on_the_page(page, editor):
    open_widget(page, editor)
    page.get_by_role("button", name="Leave Stage unfilled").click()
    settle(page)
    assert "cannot be read without Stage: choose its header above" in page.locator(".oppnb-problem").inner_text()
    assert page.locator("[data-column=stage]").get_attribute("class").split()[-1] == "oppnb-missing"
    assert "cannot be read" in page.locator("h3").inner_text()


def test_another_table_is_added_by_hand(page, editor):
    open_widget(page, editor)
    page.get_by_text("Fill another table").click()
    page.locator(".oppnb-adding").get_by_label("Table").select_option("accounts")
    page.get_by_role("button", name="Add", exact=True).click()
    settle(page)
    assert [one.table for one in editor.mapping] == ["opportunities", "accounts"]
    assert page.locator("[data-column=account_id].oppnb-missing").is_visible()


def test_headers_and_values_are_text(page, editor):
    editor.choose("opportunities", "competitor", EVIL)
    open_widget(page, editor)
    settle(page)
    assert page.locator(f'[data-header="{EVIL}"] strong').inner_text() == EVIL
    assert EVIL in page.locator("[data-column=region] .oppnb-samples").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(("locale", "scheme"), [("en", "light"), ("zh_CN", "dark")])
def test_axe_finds_no_serious_fault(page, tmp_path, locale, scheme):
    page.emulate_media(color_scheme=scheme)
    editor = MappingEditor(write_export(tmp_path).parent / "export", path=tmp_path / "oppnb.yaml", locale=locale)
    editor.choose("opportunities", "amount", "Worth")
    open_widget(page, editor)
    settle(page)
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [390, 768, 1600])
def test_nothing_is_wider_than_the_page(page, editor, width):
    page.set_viewport_size({"width": width, "height": 900})
    editor.choose("opportunities", "amount", "Worth")
    open_widget(page, editor)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ends = "[...document.querySelectorAll('select, button, li')].map(one => one.getBoundingClientRect().right)"
    assert max(page.evaluate(ends)) <= width
