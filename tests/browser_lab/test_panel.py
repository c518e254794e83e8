"""From the launcher to an opened report by hand alone, in a real JupyterLab with the extension as it is installed."""

import re

import pytest

from tests.lab.conftest import write_client
from tests.widgets.harness import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.kernel]


@pytest.fixture
def page(lab, browser):
    """JupyterLab with a client's folder in its root."""
    if not (lab.root / "client").exists():
        write_client(lab.root)
        (lab.root / "broken").mkdir()
        (lab.root / "broken" / "oppnb.yaml").write_text("version: [", encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="no-preference")
    opened = context.new_page()
    opened.set_default_timeout(90_000)
    faults = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(f"{lab.url}/lab?reset")
    opened.wait_for_function("() => window.jupyterapp?.commands.hasCommand('oppnb:open-panel')")
    yield opened
    context.close()
    assert faults == []


def open_panel(page):
    page.get_by_role("tab", name="Pipeline review").click()
    page.get_by_label("Workspace", exact=True).select_option("client/oppnb.yaml")
    page.locator("#oppnb-template option[value=light]").wait_for(state="attached")
    page.get_by_label("Report", exact=True).select_option("light")
    page.locator("#oppnb-field-factor").wait_for(state="attached")


def wait_until_kept(lab, page, name):
    """JupyterLab writes its layout down a second after the last change."""
    for _ in range(300):
        if name in page.request.get(f"{lab.url}/lab/api/workspaces/default").text():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"JupyterLab's layout never held {name}")


def test_from_the_launcher_to_an_opened_report_by_hand(lab, page):
    page.locator(".jp-LauncherCard", has_text="Stage configuration").click()
    page.get_by_role("tab", name=re.compile("Stage configuration.*ipynb")).wait_for()
    assert "StageConfigurator(data" in (lab.root / "Stage configuration.ipynb").read_text(encoding="utf-8")
    open_panel(page)
    run = page.get_by_role("button", name="Run the report")
    run.click()
    page.get_by_text("This is needed.").wait_for()
    page.locator("#oppnb-field-data").fill("client/amount.tx")
    run.click()
    page.get_by_text("There is no 'client/amount.tx'").wait_for()
    page.locator("#oppnb-field-data").fill("client/amount.txt")
    page.locator("#oppnb-field-data").press("Enter")
    page.locator("li[data-state=running] progress").first.wait_for()
    page.reload()
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('oppnb:open-panel')")
    page.evaluate("() => jupyterapp.commands.execute('oppnb:open-panel')")
    page.wait_for_function("() => document.getElementById('oppnb-field-data')?.value === 'client/amount.txt'")
    done = page.locator("li[data-state=done]").first
    done.wait_for()
    assert done.locator("dd").first.inner_text() == "7"
    assert serious_faults(page, within=".oppnb-panel") == []
    done.get_by_role("button", name="Open: light").click()
    report = page.frame_locator("iframe[src*='/files/client/reports/light/2024-03-01/report.html']")
    report.get_by_text("<b>A</b>").first.wait_for(state="attached")
    wait_until_kept(lab, page, "report.html")
    page.reload()
    report.get_by_text("<b>A</b>").first.wait_for(state="attached")


def test_of_several_faults_the_first_on_the_page_gets_the_focus(lab, page):
    open_panel(page)
    page.locator("#oppnb-field-data").fill("client/amount.tx")
    page.get_by_text("More settings").click()
    page.locator("#oppnb-field-factor").fill("1.5")
    page.get_by_role("button", name="Run the report").click()
    page.wait_for_function("() => document.querySelectorAll('.oppnb-form [aria-invalid=true]').length === 2")
    assert page.evaluate("() => document.activeElement.id") == "oppnb-field-data"


DEALS = """opportunity_id,stage,name,amount,currency,created_at,closed_at,outcome
1,Demo,A,100,EUR,2024-01-02,,open
2,Demo,B,200,EUR,2024-01-03,,open
3,Won,C,300,EUR,2024-01-04,2024-02-04,won
4,Lost,D,400,EUR,2024-01-04,2024-02-09,lost
"""


def test_a_card_of_the_launcher_shows_its_widget_without_a_cell_run_by_hand(lab, page):
    (lab.root / "deals").mkdir()
    (lab.root / "deals" / "export.csv").write_text(DEALS, encoding="utf-8")
    page.wait_for_function("() => jupyterapp.commands.hasCommand('filebrowser:go-to-path')")
    page.evaluate("() => jupyterapp.commands.execute('filebrowser:go-to-path', {path: 'deals'})")
    page.locator(".jp-DirListing-item", has_text="export.csv").wait_for()
    page.locator(".jp-LauncherCard", has_text="Stage configuration").click()
    page.locator(".jp-NotebookPanel .oppnb-stage").first.wait_for()
    page.get_by_role("button", name="Move Demo,").first.wait_for()
    page.evaluate("() => jupyterapp.commands.execute('filebrowser:go-to-path', {path: ''})")


def test_a_late_answer_about_the_workspace_before_hides_no_report_of_the_one_chosen(page):
    held = []
    page.route(re.compile(r"oppnb/templates\?workspace=&"), lambda route: held.append(route))
    open_panel(page)
    assert held
    with page.expect_response(held[0].request.url) as told:
        held[0].continue_()
    told.value.finished()
    page.wait_for_timeout(500)
    assert page.locator("#oppnb-template option[value=light]").count() == 1
    assert page.get_by_label("Report", exact=True).input_value() == "light"


def test_an_open_report_wears_the_labs_theme_and_is_shown_anew_when_it_is_made_anew(lab, page):
    (lab.root / "client" / "theme.txt").write_text("5", encoding="utf-8")
    open_panel(page)
    page.locator("#oppnb-field-data").fill("client/theme.txt")
    page.get_by_role("button", name="Run the report").click()
    entry = page.locator("li[data-state=done]", has_text="client/theme.txt")
    entry.first.wait_for()
    entry.first.get_by_role("button", name="Open: light").click()
    report = page.frame_locator("iframe[src*='/report.html']")
    report.get_by_text("<b>A</b>").first.wait_for(state="attached")
    first = page.locator("iframe[src*='/report.html']").get_attribute("src")
    for theme, is_dark in (("JupyterLab Dark", True), ("JupyterLab Light", False)):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.locator(f"body[data-jp-theme-light={str(not is_dark).lower()}]").wait_for(state="attached")
        page.wait_for_timeout(300)
        asked = "() => matchMedia('(prefers-color-scheme: dark)').matches"
        assert report.locator("html").evaluate(asked) is is_dark
    entry.first.get_by_role("button", name="Run again: light 2024-03-01").click()
    entry.nth(1).wait_for()
    page.locator(f"iframe[src*='/report.html']:not([src='{first}'])").wait_for(state="attached")
    report.get_by_text("<b>A</b>").first.wait_for(state="attached")


def test_two_at_once_one_cancelled_one_done(page):
    open_panel(page)
    page.locator("#oppnb-field-data").fill("client/amount.txt")
    page.get_by_text("More settings").click()
    page.locator("#oppnb-field-seconds").fill("300")
    page.get_by_role("button", name="Run the report").click()
    first = page.locator("li[data-state=running]").first
    first.wait_for()
    slow = first.get_attribute("data-job")
    page.locator("#oppnb-field-seconds").fill("0")
    page.get_by_role("button", name="Run the report").click()
    page.locator(f"li[data-state=done]:not([data-job='{slow}'])").first.wait_for()
    page.locator(f"li[data-job='{slow}'] [data-do=cancel]").click()
    page.locator(f"li[data-job='{slow}'][data-state=cancelled]").wait_for()
    assert page.evaluate("() => document.activeElement.closest('li')?.dataset.job") == slow
    page.locator(f"li[data-job='{slow}'] [data-do=remove]").click()
    page.locator(f"li[data-job='{slow}']").wait_for(state="detached")
    assert page.evaluate("() => document.activeElement.closest('li[data-job]') !== null")
    page.get_by_text("No report is scheduled.").or_(page.get_by_text("pip install jupyter-scheduler")).wait_for()
    page.get_by_label("Workspace", exact=True).select_option("broken/oppnb.yaml")
    page.locator("#oppnb-workspace-fault", has_text="These settings cannot be used.").wait_for()


def test_any_two_reports_are_compared_and_alerts_stand_beside_them(lab, page):
    open_panel(page)
    page.locator("#oppnb-field-data").fill("client/amount.txt")
    page.locator(".oppnb-jobs .oppnb-list > li").first.wait_for()
    for state in ("running", "queued"):  # of a test before
        page.locator(f"li[data-state={state}]").wait_for(state="detached")
    for factor in ("2", "3"):
        n_done = page.locator("li[data-state=done]").count()
        page.get_by_text("More settings").click()
        page.locator("#oppnb-field-factor").fill(factor)
        page.get_by_text("More settings").click()
        page.get_by_role("button", name="Run the report").click()
        page.locator("li[data-state=done]").nth(n_done).wait_for()
    boxes = page.locator("[data-do=tick]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    figure = page.locator(".oppnb-compared tbody", has_text="Open amount")
    assert figure.locator("td").all_inner_texts() == ["14", "21", "+7"]
    panel, scrolled = page.locator(".oppnb-panel").bounding_box(), page.locator(".oppnb-compared .oppnb-scroll")
    assert panel["width"] <= 320  # nobody made it wider
    assert figure.locator("th").bounding_box()["height"] < 32  # its name is one line, not a column of letters
    assert scrolled.evaluate("box => box.scrollWidth <= box.clientWidth")
    page.get_by_text("oppnb.yaml declares no alerts").wait_for()
    assert serious_faults(page, within=".oppnb-panel") == []
    page.locator("[data-do=close]").click()
    page.locator(".oppnb-compared").wait_for(state="hidden")


def test_what_a_button_is_refused_stands_at_its_entry(lab, page):
    (lab.root / "client" / "gone.txt").write_text("5", encoding="utf-8")
    open_panel(page)
    page.locator("#oppnb-field-data").fill("client/gone.txt")
    page.get_by_role("button", name="Run the report").click()
    entry = page.locator("li[data-state=done]", has_text="client/gone.txt").first
    entry.wait_for()
    (lab.root / "client" / "gone.txt").unlink()
    entry.get_by_role("button", name="Run again: light 2024-03-01").click()
    entry.locator(".oppnb-fault", has_text="There is no 'client/gone.txt'").wait_for()
    assert serious_faults(page, within=".oppnb-panel") == []


def test_without_a_scheduler_every_monday_is_not_offered(page):
    open_panel(page)
    page.get_by_text("No report is scheduled.").or_(page.get_by_text("pip install jupyter-scheduler")).wait_for()
    is_missing = page.get_by_text("pip install jupyter-scheduler").count() > 0
    assert page.get_by_role("button", name="Every Monday 07:00").is_disabled() == is_missing
