"""Reports without kernels: cells run in this process, all else is as in a run; starts and imports are saved."""

import contextlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4


def execute(notebook: Path, output: Path, *, folder: Path, progress: Any = None) -> None:
    """Instead of `oppnb.reports.executing.execute`: what cells show through the page or print is kept as outputs."""
    from oppnb.reports.page import Page

    tree = nbformat.reads(notebook.read_text(encoding="utf-8"), as_version=4)
    shown: list[dict[str, Any]] = []
    put, before = Page.put, Path.cwd()
    Page.put = lambda _, bundle: shown.append(json.loads(json.dumps(dict(bundle))))  # type: ignore[method-assign]
    os.chdir(folder)
    try:
        names: dict[str, Any] = {"__name__": "__main__"}
        for number, cell in enumerate((cell for cell in tree.cells if cell.cell_type == "code"), start=1):
            shown.clear()
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(cell.source, f"<cell {number}>", "exec"), names)
            cell.execution_count = number
            cell.outputs = [v4.new_output("display_data", data=bundle) for bundle in shown]
            if printed.getvalue():
                cell.outputs.append(v4.new_output("stream", name="stdout", text=printed.getvalue()))
    finally:
        os.chdir(before)
        Page.put = put  # type: ignore[method-assign]
        output.write_text(nbformat.writes(tree), encoding="utf-8")


@contextlib.contextmanager
def without_kernels(monkeypatch: Any) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr("oppnb.reports.run.execute", execute)
        yield
