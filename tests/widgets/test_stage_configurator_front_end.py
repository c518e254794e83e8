"""The stage configurator in a blank page, joined to the real Python object: used as a hand would, read back."""

import shutil
from pathlib import Path

import pytest

from oppnb.widgets import StageConfigurator
from oppnb.workspace import read_workspace
from tests.widgets.configured import SAMPLE, configured_review
from tests.widgets.harness import open_widget, serious_faults, settle

pytestmark = pytest.mark.browser


@pytest.fixture
def file(tmp_path):
    return Path(shutil.copy(SAMPLE, tmp_path / "oppnb.yaml"))


@pytest.fixture
def configurator(file):
    return StageConfigurator(configured_review(), path=file)


def names(configurator):
    return [stage.name for stage in configurator.stages["new_business"]]


def handle(page, stage):
    return page.get_by_role("button", name=f"Move {stage},")


def drag(page, stage, onto):
    start, end = handle(page, stage).bounding_box(), handle(page, onto).bounding_box()
    x = start["x"] + start["width"] / 2
    page.mouse.move(x, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, (start["y"] + end["y"]) / 2, steps=4)
    page.mouse.move(x, end["y"] + end["height"] / 2 + (4 if end["y"] > start["y"] else -4), steps=4)
    page.mouse.up()
    settle(page)


def test_cards_are_dragged_down_and_up_but_not_past_the_ends(page, configurator):
    open_widget(page, configurator)
    drag(page, "Lead", "Proposal")
    assert names(configurator)[:4] == ["Qualified", "Proposal", "Lead", "Negotiation"]
    drag(page, "Negotiation", "Qualified")
    assert names(configurator)[:4] == ["Negotiation", "Qualified", "Proposal", "Lead"]
    drag(page, "Negotiation", "Lost")
    assert names(configurator) == ["Qualified", "Proposal", "Lead", "Negotiation", "Won", "Lost"]
    assert page.locator(".oppnb-stage strong").all_inner_texts()[0] == "Qualified"


def test_cards_are_carried_by_keys_alone_dropped_and_put_back(page, configurator):
    open_widget(page, configurator)
    handle(page, "Lead").focus()
    for key in ("Enter", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert page.locator("[role=status]").inner_text() == "Place 2 of 4"
    assert names(configurator)[0] == "Lead"
    page.keyboard.press("Enter")
    settle(page)
    assert names(configurator)[:2] == ["Qualified", "Lead"]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Move Lead, place 2"
    for key in ("Space", "ArrowDown", "ArrowDown", "Escape"):
        page.keyboard.press(key)
    settle(page)
    assert names(configurator)[:2] == ["Qualified", "Lead"]
    assert page.locator("li.oppnb-stage").nth(1).locator("strong").first.inner_text() == "Lead"


def test_odds_are_typed_taken_undone_and_saved(page, configurator, file):
    open_widget(page, configurator)
    page.get_by_label("Set odds of Lead, in percent").fill("25 %")
    page.keyboard.press("Enter")
    settle(page)
    assert configurator.stages["new_business"][0].odds == 0.25
    assert page.locator("h3").inner_text() == configurator.state["title"]
    assert page.locator(".oppnb-diff .oppnb-added").all_inner_texts() == ["+        odds: 0.25"]
    page.get_by_role("button", name="for Qualified").click()
    settle(page)
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert [stage.odds for stage in configurator.stages["new_business"]][:2] == [0.25, 0.3]
    page.get_by_role("button", name="Save to oppnb.yaml").click()
    settle(page)
    assert page.locator(".oppnb-note").inner_text() == "Saved to oppnb.yaml."
    assert read_workspace(file).processes[0].stages[0].odds == 0.25


def test_what_cannot_be_odds_is_told_and_stays_to_be_mended(page, configurator):
    open_widget(page, configurator)
    field = page.get_by_label("Set odds of Lead, in percent")
    field.fill("much")
    field.press("Tab")
    settle(page)
    assert "cannot be odds" in page.locator(".oppnb-error").inner_text()
    assert field.input_value() == "much"


def test_an_open_card_is_written_in_renamed_and_merged(page, configurator):
    open_widget(page, configurator)
    page.get_by_role("button", name="Edit Proposal").click()
    settle(page)
    page.get_by_label("Name", exact=True).fill("Quote")
    page.get_by_label("Name", exact=True).press("Tab")
    page.keyboard.type("80")  # while the answer is under way
    settle(page)
    assert page.get_by_label("Time limit, days", exact=True).input_value() == "80"
    page.keyboard.press("Tab")
    settle(page)
    page.get_by_label("Exit criteria, one a line").fill("Price agreed\nTerms agreed")
    page.get_by_label("Add task").fill("Call back")
    settle(page)
    page.get_by_label("Task 2: due after days").fill("4")
    page.get_by_label("Task 2: due after days").press("Enter")
    settle(page)
    stage = configurator.stages["new_business"][2]
    assert (stage.name, stage.aliases, stage.time_limit_days) == ("Quote", ["Proposal"], 80)
    assert stage.exit_criteria == ["Price agreed", "Terms agreed"]
    assert [(task.name, task.due_days) for task in stage.key_tasks][-1] == ("Call back", 4)
    page.get_by_label("Merge into").select_option(label="Qualified")
    page.get_by_role("button", name="Merge", exact=True).click()
    settle(page)
    assert names(configurator) == ["Lead", "Qualified", "Negotiation", "Won", "Lost"]
    assert configurator.stages["new_business"][1].aliases == ["Proposal"]  # a name that was only tried leaves nothing


def test_a_stage_is_added_and_removed(page, configurator):
    open_widget(page, configurator)
    page.get_by_label("New stage").fill("Trial")
    page.keyboard.press("Enter")
    settle(page)
    assert names(configurator)[4] == "Trial"
    page.get_by_role("button", name="Edit Trial").click()
    settle(page)
    page.get_by_role("button", name="Remove stage").click()
    settle(page)
    assert "Trial" not in names(configurator)


def test_a_stage_that_ends_deals_is_added_by_its_name_or_by_choice(page, configurator):
    open_widget(page, configurator)
    page.get_by_label("New stage").fill("赢单")
    page.wait_for_timeout(400)
    settle(page)
    assert page.get_by_label("Its deals are").input_value() == "won"
    page.get_by_role("button", name="Add stage").click()
    settle(page)
    page.get_by_label("New stage").fill("Frozen")
    page.get_by_label("Its deals are").select_option("lost")
    page.get_by_role("button", name="Add stage").click()
    settle(page)
    outcomes = {stage.name: stage.outcome for stage in configurator.stages["new_business"]}
    assert (outcomes["赢单"], outcomes["Frozen"]) == ("won", "lost")
    assert page.get_by_label("Its deals are").input_value() == "open"


def test_a_file_that_was_changed_meanwhile_is_told_and_can_be_read_again(page, configurator, file):
    open_widget(page, configurator)
    configurator.set_odds("Lead", 0.2)
    file.write_text(file.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    settle(page)
    page.get_by_role("button", name="Save to").click()
    settle(page)
    assert "changed by somebody else" in page.locator(".oppnb-error").inner_text()
    page.get_by_role("button", name="Read oppnb.yaml again").click()
    settle(page)
    assert configurator.diff == ""
    assert file.read_text(encoding="utf-8").endswith("# mine\n")


def test_names_are_text(page, configurator):
    configurator.rename("Lead", "<img src=x onerror='window.hacked = true'>")
    configurator.chosen_stage = configurator.stages["new_business"][0].name
    open_widget(page, configurator)
    settle(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator(".oppnb-stage strong").first.inner_text().startswith("<img")


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_axe_finds_no_serious_fault_and_nothing_is_wider_than_a_phone(page, file, locale):
    configurator = StageConfigurator(configured_review(locale), path=file)
    configurator.set_odds("Lead", 0.2)
    configurator.chosen_stage = "Lead"
    open_widget(page, configurator)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settle(page)
        assert serious_faults(page) == []
    for width in (390, 768):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
