"""What the documentation tells a reader to type does what it says."""

import re
import shutil
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from oppnb.reports import ReportResult, check_parameters, read_parameters
from oppnb.workspace import parse_workspace
from tests.house.snippets import Block, blocks_of, run_console, run_python

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
PAGES = [ROOT / "README.md", *(file for file in sorted((ROOT / "docs").rglob("*.md")) if "generated" not in file.parts)]
RUN = ("python", "console")


def is_run(block: Block) -> bool:
    return block.kind in RUN and "not run" not in block.marks


def with_something_to_run(pages: list[Path]) -> list[Path]:
    return [page for page in pages if any(is_run(block) for block in blocks_of(page))]


def with_kernel(pages: list[Path]) -> list[Path]:
    return [page for page in pages if any("kernel" in block.marks for block in blocks_of(page))]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the pages imagine it: the sample pipeline as `exports/`, its workspace beside it."""
    (tmp_path / "exports").symlink_to(SAMPLE / "pipeline", target_is_directory=True)
    shutil.copy(SAMPLE / "oppnb.yaml", tmp_path / "oppnb.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a small pipeline in place of the sample, and judge models on one past day only: seconds, not minutes."""
    from oppnb.scoring import train_scoring
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.writing import write_tables

    folder.unlink()
    settings = SyntheticSettings(n_opportunities=90, start=date(2024, 1, 1), end=date(2025, 12, 31))
    write_tables(folder, dict(make_pipeline(settings).tables))
    monkeypatch.setattr("oppnb.scoring.pipeline.train_scoring", partial(train_scoring, n_origins=1))


def run_page(page: Path, monkeypatch: pytest.MonkeyPatch, *, kernel: bool) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    if any("small" in block.marks for block in blocks_of(page)):
        make_small(Path("exports"), monkeypatch)
    for block in blocks_of(page):
        if "file" in block.marks:
            Path(block.marks["file"]).parent.mkdir(parents=True, exist_ok=True)
            Path(block.marks["file"]).write_text(block.text, encoding="utf-8")
        elif is_run(block) and (kernel or "kernel" not in block.marks):
            run_console(block, monkeypatch) if block.kind == "console" else run_python(block, names)


def without_kernel(template: str | Path, parameters: Mapping[str, Any], *, out: str | Path, **_: Any) -> ReportResult:
    """In place of `run_report`: the parameters are checked and the review is opened, but no notebook is run."""
    from oppnb.review import open_review

    checked = check_parameters(read_parameters(ROOT / "templates" / f"{template}.ipynb"), parameters)
    for of_the_report in ("scoring", "forecast"):
        checked.pop(of_the_report, None)
    review = open_review(**checked)
    assert len(review.snapshot)
    return ReportResult(Path(out) / template / review.as_of.isoformat(), 0.0)


@pytest.mark.parametrize("page", with_something_to_run(PAGES), ids=name_of)
def test_a_page_can_be_typed_from_top_to_bottom(page: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oppnb.reports.review.run_report", without_kernel)
    monkeypatch.setattr("oppnb.sources.synthetic.write_sample", lambda folder: shutil.copytree(SAMPLE, folder))
    run_page(page, monkeypatch, kernel=False)


@pytest.mark.kernel
@pytest.mark.parametrize("page", with_kernel(PAGES), ids=name_of)
def test_a_page_that_starts_a_kernel_can_be_typed_too(page: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_page(page, monkeypatch, kernel=True)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_yaml_block_is_a_workspace(page: Path) -> None:
    for block in blocks_of(page):
        if block.kind == "yaml" and "not run" not in block.marks:
            parse_workspace(block.text)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_block_that_is_not_run_says_why(page: Path) -> None:
    for block in blocks_of(page):
        assert block.marks.get("not run") != "", block.where
        assert not (block.kind in ("", "sh", "bash") and re.search(r"^\$? ?oppnb ", block.text, re.MULTILINE)), (
            f"{block.where}: commands of oppnb stand in a console block, so that they are run"
        )


def test_the_readme_opens_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = blocks_of(ROOT / "README.md")[0]
    assert first.text == "python3 do.py demo\npython3 do.py test\n"
    opening = text[: text.index("```")].strip().split("\n\n")
    assert len(opening) == 2
    assert opening[0].startswith("# ")


def test_every_picture_of_a_page_is_there_and_they_are_light() -> None:
    for page in PAGES:
        for target in re.findall(r"!\[[^]]*\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{name_of(page)} shows {target}"
    assert sum(file.stat().st_size for file in (ROOT / "docs" / "_static").glob("*.png")) < 1_500_000
