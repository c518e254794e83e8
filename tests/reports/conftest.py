"""Notebooks to run, and a browser that opens files and nothing else."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

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
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
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


@dataclass(frozen=True)
class TrainedPipeline:
    """A small synthetic pipeline and a model that learnt from what was known of it on a day."""

    tables: Any
    workspace: Any
    scorer: Any
    day: date


@pytest.fixture(scope="session")
def trained() -> TrainedPipeline:
    """140 deals, trained once: the numbers are poor, the parts are all there."""
    from oppnb.scoring import scorer_of, train_scoring
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.workspace_file import workspace_yaml
    from oppnb.workspace import parse_workspace

    settings, day = SyntheticSettings(n_opportunities=140, end=date(2024, 6, 30)), date(2024, 5, 31)
    tables, workspace = make_pipeline(settings).tables, parse_workspace(workspace_yaml(settings))
    training = train_scoring(tables, until=day, workspace=workspace, n_origins=1)
    return TrainedPipeline(tables, workspace, scorer_of(training), day)
