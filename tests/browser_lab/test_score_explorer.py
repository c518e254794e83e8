"""The explorer in a real JupyterLab: filtered, sorted and opened by keyboard alone, read back in Python."""

import pytest

from tests.widgets.harness import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

START = """
from oppnb.scoring import score_pipeline
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables
from oppnb.widgets import ScoreExplorer, Selection
tables = Tables(make_pipeline(SyntheticSettings(n_opportunities=80)).tables)
chosen = Selection()
explorer = ScoreExplorer(score_pipeline(tables, as_of="2024-06-30"), selection=chosen)
"""


def test_a_deal_is_found_and_opened_by_keyboard_and_read_back_in_python(open_notebook):
    notebook = open_notebook(START, "explorer")
    notebook.run(0)
    shown = notebook.run(1)
    keys = notebook.page.keyboard
    shown.get_by_label("Filter by Probability").focus()
    keys.type("> 5")
    keys.press("Enter")
    notebook.wait_until("explorer.filters", {"win_probability": "> 5"})
    shown.locator("th button", has_text="Amount").focus()
    keys.press("Enter")
    notebook.wait_until("explorer.sort_by", "-amount_base")
    second = notebook.read("explorer.to_table()['opportunity_id'].iloc[1]")
    shown.locator("table[role=grid]").focus()
    keys.press("ArrowDown")
    keys.press("Enter")
    notebook.wait_until("explorer.deal", second)
    shown.locator(".oppnb-deal h4", has_text="History").wait_for()
    notebook.wait_until("explorer.told is not None", expected=True, times=300)
    assert notebook.read("chosen.opportunity_ids") == notebook.read("explorer.selected_ids") == [second]
    shown.locator(".oppnb-card", has_text="Similar closed deals").wait_for()
    notebook.read("setattr(explorer, 'tab', 'card')")
    shown.get_by_role("tab", name="Model card", selected=True).wait_for()
    notebook.read("setattr(explorer, 'tab', 'deals')")
    notebook.read("explorer.clear_filters()")
    shown.locator(".oppnb-deal").wait_for(state="hidden")
    assert notebook.read("chosen.opportunity_ids") is None
    assert serious_faults(notebook.page) == []
    notebook.read("setattr(__import__('builtins'), 'later', ScoreExplorer(tables, as_of='2024-06-30', wait=False))")
    notebook.wait_until("later.is_ready", expected=True, times=600)
    assert notebook.read("later.selected_ids") == notebook.read("explorer.selected_ids")
    notebook.use_theme("JupyterLab Dark")
    assert serious_faults(notebook.page) == []
