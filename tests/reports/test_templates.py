"""Where templates are found, what they say of themselves, and what a check finds."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oppnb.cli.main import app
from oppnb.errors import UsageError
from oppnb.locale import Words
from oppnb.reports import find_template, format_template, read_parameters, template_names
from oppnb.reports.declarations import read_declaration
from oppnb.reports.template_check import check_template
from oppnb.reports.templates import list_templates
from tests.notebooks import make_notebook

PARAMETERS = "locale: str = 'en'  # Language\nonly: dict[str, str] | None = None  # A slice"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "oppnb.yaml").write_text("version: 1\n", encoding="utf-8")
    return tmp_path / "oppnb.yaml"


def write(folder: Path, *cells: str, name: str = "weekly", parameters: str = PARAMETERS, **changes: object) -> Path:
    tree = make_notebook(*cells, parameters=parameters)
    tree["cells"][-1].update(changes)
    path = folder / f"{name}.ipynb"
    text = json.dumps(tree)
    path.write_text(text if changes else format_template(text), encoding="utf-8")
    return path


def said(path: Path) -> list[str]:
    return [problem.text() for problem in check_template(path)]


def test_a_template_of_the_workspace_comes_before_the_packages(workspace):
    own = write(workspace.parent / "templates", "page.close()", name="pipeline_review")
    assert find_template("pipeline_review", workspace=workspace) == own
    assert find_template("pipeline_review") != own
    assert find_template("retrospective", workspace=workspace) == find_template("retrospective")
    origins = {one.name: one.origin for one in list_templates(workspace)}
    assert origins["pipeline_review"] == "workspace"
    assert origins["retrospective"] == "package"
    with pytest.raises(UsageError, match="Did you mean 'retrospective'"):
        find_template("retrospektive", workspace=workspace)


@pytest.mark.parametrize("name", template_names())
def test_what_a_template_asks_for_by_default_is_nothing_of_the_sample_beside_its_files(name):
    """A run gives data and workspace; any other default that names a day, a period or a seller would go to a client."""
    asked = read_parameters(find_template(name))
    named = {key: one.default for key, one in asked.items() if key not in ("data", "workspace")}
    assert {key: value for key, value in named.items() if names_something(value)} == {}


def names_something(value: object) -> bool:
    is_key = isinstance(value, str) and any(sign.isdigit() for sign in value)
    return is_key or isinstance(value, (date, dict, list))


@pytest.mark.parametrize("name", template_names())
def test_what_a_template_says_of_itself_is_what_its_notebook_asks_for(name):
    path = find_template(name)
    declared, asked = read_declaration(path), read_parameters(path)
    assert declared is not None
    assert list(declared.parameters) == list(asked)
    assert {key: declared.help_in(key, Words("en")) for key in asked} == {key: one.help for key, one in asked.items()}
    for texts in (declared.title, declared.description, *declared.parameters.values()):
        assert set(texts) == {"en", "zh_CN"}
        assert all(texts.values())
    assert said(path) == []


@pytest.mark.parametrize("name", template_names())
def test_every_template_can_be_run_for_a_slice(name):
    assert read_parameters(find_template(name))["only"].type_text == "dict[str, str] | None"


@pytest.mark.parametrize(
    ("cells", "changes", "problem"),
    [
        (("x = (", "page.close()"), {}, "weekly.ipynb, cell 'cell-1', line 1: not Python"),
        (("x = 1",), {}, "weekly.ipynb: no cell writes the report's figures"),
        (("page.close()",), {"execution_count": 3}, "cell 'cell-1': it holds outputs"),
        (("page.close()",), {"id": "Cell 1"}, "weekly.ipynb: each cell needs an id"),
        (("page.close()",), {"metadata": {"collapsed": True}}, "from here on it is not in its normal form"),
        (("%time 1\npage.close(", "!ls"), {}, "cell 'cell-1', line 2: not Python"),
    ],
)
def test_a_check_says_cell_and_line(tmp_path, cells, changes, problem):
    found = said(write(tmp_path, *cells, **changes))
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ("only: dict[str, str] | None = None", "'only' has no comment"),
        ("locale: str = 'en'  # Language", "no parameter only"),
        ("only: list | None = None  # x", "cell 'cell-0': line 1 of the parameters cell: the type 'list | None'"),
        ("only = open('x')", "cell 'cell-0': line 1 of the parameters cell: a default is a plain value"),
    ],
)
def test_a_check_looks_at_the_parameters(tmp_path, parameters, problem):
    found = said(write(tmp_path, "page.close()", parameters=parameters))
    assert any(problem in one for one in found), found


def test_a_check_holds_the_declaration_against_the_notebook(tmp_path):
    path = write(tmp_path, "page.close()")
    path.with_suffix(".yaml").write_text(
        "title: {en: Weekly}\nparameters: {locale: {en: Language}, onyl: {en: x}}\nsections: {cell-9: [target]}\n",
        encoding="utf-8",
    )
    found = "\n".join(said(path))
    assert "weekly.yaml: the parameter 'onyl' is not in the notebook's parameters cell. Did you mean 'only'?" in found
    assert "weekly.yaml: the parameter 'only' is not described" in found
    assert "no cell has the id of section 'cell-9'" in found
    assert "needs 'target', which is no table. Did you mean 'targets'?" in found
    path.with_suffix(".yaml").write_text("title: {en: Weekly\nparameters: [", encoding="utf-8")
    assert any("weekly.yaml: line " in one for one in said(path))
    path.with_suffix(".yaml").write_text("titel: {en: Weekly}\n", encoding="utf-8")
    assert any(one.startswith("weekly.yaml: ") for one in said(path))


def test_cells_that_were_deleted_are_told_at_once_with_the_file_to_take_them_out_of(tmp_path):
    path = write(tmp_path, "page.close()")
    told = "title: {en: Weekly}\nparameters: {locale: {en: Language}, only: {en: A slice}}\n"
    beside = path.with_suffix(".yaml")
    beside.write_text(told + "sections: {scores: [], cell-1: [], forecast: [targets]}\n", encoding="utf-8")
    (found,) = said(path)
    assert found.startswith("weekly.yaml: no cell has the id of section 'scores', 'forecast'. If you deleted the cell,")
    beside.write_text(told + "sections: {cell-1: []}\n", encoding="utf-8")
    assert said(path) == []


def test_what_is_no_notebook_is_said_with_its_line(tmp_path):
    path = tmp_path / "weekly.ipynb"
    path.write_text('{\n"cells": [,]}', encoding="utf-8")
    assert said(path) == ["weekly.ipynb, line 2: this is not JSON, so it is no notebook"]


def test_a_check_writes_the_normal_form_when_asked_and_its_exit_code_says_what_is_left(workspace):
    path = write(workspace.parent / "templates", "page.close()", execution_count=3)
    run = CliRunner().invoke
    asked = ["templates", "check", "-w", str(workspace)]
    assert isinstance(run(app, asked).exception, UsageError)
    assert run(app, [*asked, "--fix"]).exit_code == 0
    assert said(path) == []
    left = write(workspace.parent / "templates", "x = (")
    result = run(app, [*asked, "--json"])
    assert json.loads(result.stdout)[0]["file"] == left.name
    assert result.exception is not None
    assert result.exception.exit_code == 2


def test_the_list_and_a_template_are_told_to_machines_and_in_both_languages(workspace):
    run = CliRunner().invoke
    rows = json.loads(run(app, ["templates", "list", "--json", "--locale", "zh_CN"]).stdout)
    assert {"name": "retrospective", "origin": "package", "title": "复盘"}.items() <= next(
        row for row in rows if row["name"] == "retrospective"
    ).items()
    shown = json.loads(run(app, ["templates", "show", "forecast_review", "--json"]).stdout)
    assert shown["sections"]["demand"] == ["line_items"]
    assert {one["name"]: one["type"] for one in shown["parameters"]}["only"] == "dict[str, str] | None"
    text = run(app, ["templates", "show", "forecast_review", "--locale", "zh_CN"]).stdout
    assert "供货需求与到期合同的月数" in text
    assert "demand  供货需求（需要 产品明细 line_items）" in text
