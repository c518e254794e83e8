"""The bridge in a real JupyterLab: used by hand, read back in Python."""

import pytest

from tests.widgets.harness import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

START = """
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables
from oppnb.widgets import PipelineBridge, Selection
tables = Tables(make_pipeline(SyntheticSettings(n_opportunities=240)).tables)
chosen = Selection()
bridge = PipelineBridge(tables, as_of="2025-03-31", start="2025-01-31", period="all", selection=chosen)
"""


def test_a_hand_on_the_bridge_is_read_back_in_python(open_notebook):
    notebook = open_notebook(START, "bridge")
    notebook.run(0)
    shown = notebook.run(1)
    shown.locator("[data-bar=new]").click()
    notebook.wait_until("bridge.chosen_bar", "new")
    ids = notebook.read("bridge.selected_ids")
    assert ids == notebook.read("chosen.opportunity_ids")
    assert ids == notebook.read("sorted(bridge.bridge.behind('new')['opportunity_id'])")
    shown.get_by_label("From").fill("2024-12-31")
    shown.get_by_label("From").press("Enter")
    notebook.wait_until("bridge.start", "2024-12-31")
    shown.get_by_label("Slice by").select_option("region")
    shown.locator("option[value=East]").wait_for(state="attached")
    shown.get_by_label("Value").select_option("East")
    notebook.wait_until("bridge.slice", {"region": "East"})
    shown.locator("[data-bar=won]").focus()
    notebook.page.keyboard.press("Enter")
    notebook.wait_until("bridge.chosen_bar", "won")
    notebook.read("setattr(bridge, 'chosen_bar', None)")
    shown.locator("[data-bar=won][aria-pressed=false]").wait_for()
    assert serious_faults(notebook.page) == []
    notebook.use_theme("JupyterLab Dark")
    assert serious_faults(notebook.page) == []
