"""The stage configurator in a real JupyterLab: dragged, typed in, used by keys alone; the saved YAML is read back."""

import shutil
from pathlib import Path

import pytest

from oppnb.workspace import read_workspace
from tests.widgets.harness import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "oppnb.yaml"
START = """
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables
from oppnb.widgets import StageConfigurator
tables = Tables(make_pipeline(SyntheticSettings(n_opportunities=240)).tables)
configurator = StageConfigurator(tables, as_of="2025-03-31", workspace="stages/oppnb.yaml")
names = lambda: [stage.name for stage in configurator.stages["new_business"]][:4]
"""


def test_stages_are_dragged_typed_carried_by_keys_and_saved(open_notebook, lab):
    (lab.root / "stages").mkdir()
    file = Path(shutil.copy(SAMPLE, lab.root / "stages" / "oppnb.yaml"))
    notebook = open_notebook(START, "configurator")
    notebook.run(0)
    shown = notebook.run(1)
    shown.locator(".oppnb-stage").first.scroll_into_view_if_needed()
    start, end = (shown.get_by_role("button", name=f"Move {stage},").bounding_box() for stage in ("Lead", "Qualified"))
    mouse, x = notebook.page.mouse, start["x"] + start["width"] / 2
    mouse.move(x, start["y"] + start["height"] / 2)
    mouse.down()
    mouse.move(x, end["y"] + end["height"] / 2 + 6, steps=8)
    mouse.up()
    notebook.wait_until("names()", ["Qualified", "Lead", "Proposal", "Negotiation"])
    field = shown.get_by_label("Set odds of Lead, in percent")
    field.fill("22")
    field.press("Enter")
    notebook.wait_until("configurator.draft.find('Lead', process='new_business')[1].stage.odds", 0.22)
    shown.get_by_role("button", name="Move Lead,").focus()
    for key in ("Enter", "ArrowUp", "Enter"):
        notebook.page.keyboard.press(key)
    notebook.wait_until("names()", ["Lead", "Qualified", "Proposal", "Negotiation"])
    shown.get_by_role("button", name="Edit Proposal").focus()
    notebook.page.keyboard.press("Enter")
    shown.get_by_label("Name", exact=True).fill("Quote")
    shown.get_by_label("Name", exact=True).press("Enter")
    notebook.wait_until("names()[2]", "Quote")
    assert serious_faults(notebook.page) == []
    notebook.use_theme("JupyterLab Dark")
    assert serious_faults(notebook.page) == []
    notebook.use_theme("JupyterLab Light")
    shown.get_by_role("button", name="Save to oppnb.yaml").focus()
    notebook.page.keyboard.press("Enter")
    shown.get_by_text("Saved to oppnb.yaml.", exact=True).first.wait_for()
    text, told = file.read_text(encoding="utf-8"), SAMPLE.read_text(encoding="utf-8")
    changed = told.replace("- name: Lead\n        odds: 0.1\n", "- name: Lead\n        odds: 0.22\n", 1)
    alias = "        silence_limit_days: 35\n        label:\n          zh_CN: 方案报价\n"
    changed = changed.replace(
        alias, alias.replace("        label", "        aliases:\n          - Proposal\n        label")
    )
    assert text == changed.replace("- name: Proposal\n", "- name: Quote\n", 1)
    assert [stage.name for stage in read_workspace(file).processes[0].stages][2] == "Quote"
