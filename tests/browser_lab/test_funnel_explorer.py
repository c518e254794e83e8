"""The funnel in a real JupyterLab: by keyboard alone, read back in Python."""

import pytest

from tests.widgets.harness import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

START = """
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables
from oppnb.widgets import FunnelExplorer, Selection
tables = Tables(make_pipeline(SyntheticSettings(n_opportunities=240)).tables)
chosen = Selection()
explorer = FunnelExplorer(tables, as_of="2025-03-31", compare_to="2025-01-31", selection=chosen)
"""


def test_a_leak_is_found_and_followed_by_keyboard_and_read_back_in_python(open_notebook):
    notebook = open_notebook(START, "explorer")
    notebook.run(0)
    shown = notebook.run(1)
    keys = notebook.page.keyboard
    shown.locator('[data-link="Lead>@lost"]').focus()
    keys.press("Enter")
    notebook.wait_until("explorer.chosen_flow", ["Lead", "@lost"])
    ids = notebook.read("explorer.selected_ids")
    assert ids == notebook.read("chosen.opportunity_ids")
    lost = "explorer.flows.query(\"origin == 'Lead' and target == '@lost'\")['n'].sum()"
    assert len(ids) == int(notebook.read(lost))
    shown.get_by_role("heading", name="Deals: from Lead to Lost").wait_for()
    shown.get_by_role("grid", name="Deals").focus()
    keys.press("ArrowDown")
    keys.press("Enter")
    second = notebook.read("explorer.table('deals').rows['opportunity_id'].iloc[1]")
    notebook.wait_until("explorer.selected_ids", [second])
    shown.locator("tr[aria-selected=true]").wait_for()
    shown.get_by_label("Look at").press("ArrowDown")
    notebook.wait_until("explorer.view", "snapshot", times=300)
    shown.locator(".oppnb-one-chart", has_text="Open deals").wait_for()
    shown.get_by_label("Compare by").focus()
    keys.type("Region")
    notebook.wait_until("explorer.by", "region", times=300)
    shown.locator(".oppnb-slices [data-bar=East]").focus()
    keys.press("Enter")
    notebook.wait_until("explorer.value", "East", times=300)
    assert notebook.read(
        "set(chosen.opportunity_ids) <= set(explorer.review.snapshot.query(\"region == 'East'\")['opportunity_id'])"
    )
    notebook.read("explorer.ask(view='cohort', by=None)")
    notebook.read("setattr(explorer, 'chosen_stage', 'Proposal')")
    shown.locator("[data-node=sProposal][aria-pressed=true]").wait_for()
    assert serious_faults(notebook.page) == []
    notebook.use_theme("JupyterLab Dark")
    assert serious_faults(notebook.page) == []
