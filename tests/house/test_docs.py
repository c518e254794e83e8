"""The documentation speaks of everything there is, and of nothing else."""

import importlib
import inspect
import pkgutil
import re
import sys
from pathlib import Path

import pytest
from typer.main import get_command

import oppnb
from oppnb import errors
from oppnb.cli import app
from tests.house.test_package import project

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROOMS = sorted(module.name for module in pkgutil.iter_modules(oppnb.__path__))


def written_pages() -> str:
    return "\n".join(
        file.read_text(encoding="utf-8") for file in sorted(DOCS.rglob("*.md")) if "generated" not in file.parts
    )


def generated_pages(tmp_path: Path) -> dict[str, str]:
    sys.path.insert(0, str(DOCS))
    try:
        importlib.import_module("reference").write(tmp_path)
    finally:
        sys.path.remove(str(DOCS))
    return {file.stem: file.read_text(encoding="utf-8") for file in tmp_path.glob("*.md")}


def test_the_committed_reference_pages_are_those_the_code_gives(tmp_path: Path) -> None:
    committed = {file.stem: file.read_text(encoding="utf-8") for file in (DOCS / "generated").glob("*.md")}
    assert committed == generated_pages(tmp_path), "remake them: python -m sphinx -W -b html docs docs/_build"


def test_every_command_and_option_stands_in_the_reference(tmp_path: Path) -> None:
    page = generated_pages(tmp_path)["commands"]
    for name, command in get_command(app).commands.items():
        assert f"`oppnb {name}`" in page
        assert all((parameter.opts[0] in page or parameter.name.upper() in page) for parameter in command.params)


def test_every_command_is_spoken_of_outside_the_reference() -> None:
    missing = [name for name in get_command(app).commands if f"oppnb {name}" not in written_pages()]
    assert not missing


def test_every_extra_is_explained() -> None:
    missing = [name for name in project()["optional-dependencies"] if f"`{name}`" not in written_pages()]
    assert not missing


def test_every_error_stands_in_the_reference_with_its_exit_code(tmp_path: Path) -> None:
    page = generated_pages(tmp_path)["errors"]
    for name in errors.__all__:
        if name.endswith("Error"):
            assert f"| {getattr(errors, name).exit_code} | `{name}` |" in page


def test_every_metric_stands_in_the_reference_in_both_languages(tmp_path: Path) -> None:
    from oppnb.metrics import METRICS

    page = generated_pages(tmp_path)["metrics"]
    for metric in METRICS.values():
        assert all(text in page for text in (f"`{metric.id}`", metric.names["en"], metric.names["zh_CN"]))


def test_every_page_is_in_a_table_of_contents() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^[\w/-]+$", index, flags=re.MULTILINE))
    pages = {str(file.relative_to(DOCS).with_suffix("")) for file in DOCS.rglob("*.md")} - {"index"}
    assert {page for page in pages if not page.startswith("generated/")} <= listed


def test_every_link_to_a_file_leads_somewhere() -> None:
    generated_pages(DOCS / "generated")
    for file in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_is_exported_and_documented(room: str) -> None:
    module = importlib.import_module(f"oppnb.{room}")
    assert module.__all__ == sorted(module.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), f"{room}.{name} has no docstring"


RESERVED_HOSTS = {"x", "example.invalid", "example.test", "127.0.0.1"}
SVG = "www.w3.org"  # the name of SVG as a language, which no browser asks for
PARTS = ("src", "ui", "docs", "tests", "templates", "benchmarks", ".ci", "data")


def test_no_text_names_a_host_or_a_package_index() -> None:
    files = [file for part in PARTS for file in (ROOT / part).rglob("*")] + [*ROOT.iterdir()]
    kinds = {
        ".py",
        ".ts",
        ".md",
        ".yaml",
        ".yml",
        ".toml",
        ".ipynb",
        ".txt",
        ".csv",
        ".json",
        ".css",
        ".js",
        ".sql",
        "",
    }
    index = re.compile(r"index-url[= ]\S|find-links[= ]\S", re.IGNORECASE)
    for file in files:
        if (
            file.is_file()
            and file.suffix in kinds
            and not {"_build", ".data", "node_modules"} & set(file.parts)
            and file != Path(__file__)
        ):
            text = file.read_text(encoding="utf-8", errors="ignore")
            assert set(re.findall(r"https?://([\w.-]+)", text)) <= RESERVED_HOSTS | (
                {SVG} if file.suffix in {".js", ".ts"} or file.name == "svg.py" else set()
            ), file
            assert not index.search(text), file
