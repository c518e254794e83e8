"""A notebook in JupyterLab as a test drives it: run cells, find outputs, read back what Python holds."""

import json
from pathlib import Path
from typing import Any

from tests.notebooks import make_notebook

WAIT_MS = 90_000
_READY = "() => Boolean(jupyterapp.shell.currentWidget?.sessionContext?.isReady)"
_RUN = """async i => { const nb = jupyterapp.shell.currentWidget.content; nb.activeCellIndex = i; nb.deselectAll();
  await jupyterapp.commands.execute('notebook:run-cell'); }"""
_DONE = """i => { const cell = jupyterapp.shell.currentWidget.content.widgets[i];
  return cell.model.executionCount !== null && cell.model.executionState !== 'running'; }"""
_SET = "([i, text]) => jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.setSource(text)"
_PRINTED = """i => { const outs = jupyterapp.shell.currentWidget.content.widgets[i].model.outputs, told = [];
  for (let at = 0; at < outs.length; at++) {
    const one = outs.get(at).toJSON();
    told.push([one.output_type, one.text ?? one.evalue ?? '']);
  }
  return told; }"""


class LabNotebook:
    """An open notebook.

    `page` is Playwright's; `faults` collects errors of the console. The last cell is kept for reading Python back.
    """

    def __init__(self, page: Any, url: str, file: Path) -> None:
        self.page = page
        self.url = url
        self.file = file
        self.faults: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda one: self.faults.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, *cells: str) -> None:
        """Write the cells, open the notebook, wait for its kernel."""
        self.n_cells = len(cells)
        made = make_notebook(*cells, "", parameters="")
        made["cells"] = made["cells"][-(len(cells) + 1) :]
        self.file.write_text(json.dumps(made), encoding="utf-8")
        self.page.goto(f"{self.url}/lab/tree/{self.file.name}?reset")
        self.page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored.then(() => true)")
        self.page.wait_for_function(_READY)

    def run(self, cell: int) -> Any:
        """Run a cell, wait for its end, give its output's locator scrolled into view."""
        self.page.evaluate(_RUN, cell)
        self.page.wait_for_function(_DONE, arg=cell)
        output = self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output").first
        if output.count():
            output.scroll_into_view_if_needed()
        return output

    def read(self, expression: str) -> Any:
        """What an expression is in the kernel, by way of JSON; waits for its turn behind what runs."""
        self.page.evaluate(_SET, [self.n_cells, f"import json as _j\nprint(_j.dumps({expression}, default=str))"])
        self.page.evaluate(_RUN, self.n_cells)
        self.page.wait_for_function(_DONE, arg=self.n_cells)
        told = self.page.evaluate(_PRINTED, self.n_cells)
        assert told, f"nothing was printed for {expression}"
        kind, text = told[-1]
        assert kind == "stream", f"{expression}: {text}"
        return json.loads("".join(text).splitlines()[-1])

    def wait_until(self, expression: str, expected: Any, *, times: int = 300) -> None:
        """Read an expression until it is what is expected."""
        found = None
        for _ in range(times):
            found = self.read(expression)
            if found == expected:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{expression} is {found!r}, not {expected!r}")

    def use_theme(self, name: str) -> None:
        """`JupyterLab Light` or `JupyterLab Dark`."""
        self.page.evaluate("name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
        dark = "false" if "Dark" in name else "true"
        self.page.wait_for_function("said => document.body.dataset.jpThemeLight === said", arg=dark)

    def close(self) -> None:
        """Stop the kernel and close the page."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget?.sessionContext.shutdown()")
        self.page.context.close()
