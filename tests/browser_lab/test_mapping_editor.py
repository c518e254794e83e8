"""The mapping in a real JupyterLab: by keyboard alone, read back in Python and from the saved YAML."""

import pytest

from oppnb.workspace import read_workspace
from tests.widgets.harness import serious_faults
from tests.widgets.mapped import WORKSPACE, write_export

pytestmark = [pytest.mark.browser, pytest.mark.kernel]


def test_a_header_is_chosen_by_keyboard_and_saved_with_the_comments_kept(open_notebook, tmp_path):
    file = write_export(tmp_path)
    start = f"""
from oppnb.widgets import MappingEditor
editor = MappingEditor({str(tmp_path / "export")!r}, path={str(file)!r})
"""
    notebook = open_notebook(start, "editor")
    notebook.run(0)
    shown = notebook.run(1)
    keys = notebook.page.keyboard
    shown.get_by_label("Amount", exact=True).focus()
    keys.type("Worth")
    chosen = "editor.mapping[0].columns['amount'].column if 'amount' in editor.mapping[0].columns else None"
    notebook.wait_until(chosen, "Worth", times=300)
    assert notebook.read("list(editor.findings['rule'])") == ["open_deal_has_an_amount"]
    shown.get_by_role("button", name="Undo: Amount from “Worth”").focus()
    keys.press("Enter")
    notebook.wait_until(chosen, None, times=300)
    shown.get_by_role("button", name="Redo: Amount from “Worth”").focus()
    keys.press("Enter")
    notebook.wait_until(chosen, "Worth", times=300)
    assert "+    amount: Worth" in notebook.read("editor.diff")
    shown.get_by_role("button", name="Save to oppnb.yaml").focus()
    keys.press("Enter")
    notebook.wait_until("editor.diff", "", times=300)
    assert file.read_text().startswith(WORKSPACE)
    assert read_workspace(file).mapping[0].columns["amount"].column == "Worth"
    shown.get_by_text("Saved to oppnb.yaml.").first.wait_for()
    assert serious_faults(notebook.page) == []
    notebook.use_theme("JupyterLab Dark")
    assert serious_faults(notebook.page) == []
