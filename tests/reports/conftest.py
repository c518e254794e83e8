"""Notebooks to run, and a browser that opens files and nothing else."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.browser import browser  # noqa: F401
from tests.notebooks import PARAMETERS, make_notebook


@pytest.fixture
def template(tmp_path: Path) -> Callable[..., Path]:
    """Write a template `weekly.ipynb` of these cells and give its path."""

    def write(*cells: str, parameters: str = PARAMETERS) -> Path:
        path = tmp_path / "weekly.ipynb"
        path.write_text(json.dumps(make_notebook(*cells, parameters=parameters)), encoding="utf-8")
        return path

    return write


@dataclass
class Visit:
    """What happened while a page was open."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> Sequence[str]:
        return [text.strip() for text in self.page.locator(selector).all_text_contents()]


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:  # noqa: F811
    """Open a file with the network off; every request outside, dialog and console error is remembered."""
    pages = []

    def open_file(path: Path, *, width: int = 1280, **context: Any) -> Visit:
        page = browser.new_page(viewport={"width": width, "height": 900}, **context)
        pages.append(page)
        seen = Visit(page)

        def route(call: Any) -> None:
            if call.request.url.startswith(("file:", "data:", "blob:")):
                call.continue_()
            else:
                seen.requests.append(call.request.url)
                call.abort()

        def refuse(dialog: Any) -> None:
            seen.complaints.append(f"dialog {dialog.message}")
            dialog.dismiss()

        page.route("**/*", route)
        page.on("dialog", refuse)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
        page.goto(path.resolve().as_uri())
        page.wait_for_selector("html[data-drawn]")
        return seen

    yield open_file
    for page in pages:
        page.close()
