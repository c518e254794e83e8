"""The explorer in a real JupyterLab, by keyboard alone; Python's state, the ledger and the YAML are read back."""

import pytest

from tests.widgets.forecast_made import workspace_text
from tests.widgets.harness import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

START = """
import sys
sys.path.insert(0, {root!r})
from tests.widgets.forecast_made import DAY, small_forecast
from oppnb.forecasting import overrides_known
from oppnb.widgets import ForecastExplorer
from oppnb.workspace import read_workspace
explorer = ForecastExplorer(small_forecast(), save_to={file!r}, store={store!r}, who="U1")
"""


def tab_to(page, focus, *, most=80):
    """Press Tab until the control has the focus."""
    for _ in range(most):
        if page.evaluate("document.activeElement?.dataset?.focus") == focus:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {focus}")


def test_a_hand_without_a_mouse_moves_saves_and_says_why(open_notebook, tmp_path, pytestconfig):
    file, store = tmp_path / "oppnb.yaml", tmp_path / "memory"
    file.write_text(workspace_text(), encoding="utf-8")
    start = START.format(root=str(pytestconfig.rootpath), file=str(file), store=str(store))
    notebook = open_notebook(start, "explorer")
    notebook.run(0)
    shown = notebook.run(1)
    page = notebook.page
    shown.locator("[data-focus=period]").focus()
    tab_to(page, "target")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    notebook.wait_until("explorer.target < 1_040_000", True)
    shown.locator("[data-focus=target]").focus()
    tab_to(page, "lever-win_rate")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    notebook.wait_until("[one.win_rate_points for one in explorer.scenario.changes]", [4.0])
    shown.locator("h3", has_text="if so").wait_for()
    shown.locator("[data-bar=win_rate]").wait_for()

    shown.locator("[data-focus=lever-win_rate]").focus()
    tab_to(page, "scenario-name")
    page.keyboard.type("more wins")
    page.keyboard.press("Enter")
    notebook.wait_until("explorer.scenario.name", "more wins")
    assert notebook.read(f"[one.name for one in read_workspace({str(file)!r}).forecast.scenarios]")[-1] == "more wins"
    assert "# ten percent" in file.read_text(encoding="utf-8")

    shown.get_by_role("tab", name="What changed").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    shown.locator("[data-focus=said-value]").wait_for()
    tab_to(page, "said-value")
    page.keyboard.type("1,200,000")
    tab_to(page, "said-why")
    page.keyboard.type("Two tenders")
    page.keyboard.press("Enter")
    shown.locator("[data-key=company]", has_text="Two tenders").wait_for()
    ledger = "overrides_known(explorer.store, DAY)[['node', 'value', 'who', 'why']].to_numpy().tolist()"
    assert notebook.read(ledger) == [["company", 1_200_000.0, "U1", "Two tenders"]]

    notebook.read("setattr(explorer, 'node', 'East')")
    shown.get_by_role("button", name="Back to the company").wait_for()
    assert serious_faults(page) == []
    notebook.use_theme("JupyterLab Dark")
    assert serious_faults(page) == []
