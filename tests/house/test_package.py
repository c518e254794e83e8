"""Promises about the package as a whole."""

import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

import oppnb

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["pandas", "duckdb", "ibis", "plotly", "papermill", "nbformat", "sklearn", "scipy", "pandera", "openpyxl"]
CONDA_NAMES = {
    "build": "python-build",
    "duckdb": "python-duckdb",
    "ibis-framework[duckdb]": "ibis-duckdb",
    "ibis-framework[postgres]": "ibis-postgres",
    "pandera[pandas]": "pandera-pandas",
    "sqlglot": "sqlglot",
    "tzdata": "python-tzdata",
}


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, oppnb; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [name for name in oppnb.__all__ if name != "__version__"])
def test_every_public_name_is_there(name: str) -> None:
    assert callable(getattr(oppnb, name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nope"):
        oppnb.nope  # noqa: B018


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements() -> dict[str, str]:
    """Requirement -> version range, over the core and every extra, without oppnb's own extras."""
    found = {}
    described = project()
    for line in chain(described["dependencies"], *described["optional-dependencies"].values()):
        name = next(line[:i] for i in range(1, len(line) + 1) if i == len(line) or line[i] in "<>=!~ ")
        if not name.startswith("oppnb["):
            found[name] = line[len(name) :]
    return found


def conda_requirements() -> dict[str, str]:
    from ruamel.yaml import YAML

    tree = YAML(typ="safe", pure=True).load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    return dict(line.partition(" ")[::2] for line in tree["dependencies"] if isinstance(line, str))


def test_the_conda_environment_names_what_the_project_names() -> None:
    wanted = {CONDA_NAMES.get(name, name): versions for name, versions in requirements().items()}
    given = conda_requirements()
    assert given.pop("python") == project()["requires-python"]
    assert given.pop("pip", "") == ""
    assert given == wanted


def test_every_requirement_is_pinned_once_and_no_host_is_named() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {line.split("==")[0].split("[")[0] for line in text.splitlines()}
    assert {name.split("[")[0].replace(".", "-") for name in requirements()} <= pinned
    assert "://" not in text


def test_the_first_code_block_of_the_readme_holds_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```")[1].split("\n", 1)[1]
    assert block.splitlines() == ["python3 do.py demo", "python3 do.py test"]


def test_the_ci_script_calls_the_test_command_of_the_readme() -> None:
    assert "python3 do.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
