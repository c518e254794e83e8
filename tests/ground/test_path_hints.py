"""A path that is not there is answered with the one that was meant, written in the same way."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.errors import NothingToReadError, nearest_path, path_hint
from oppnb.runs.plan import make_plan


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data" / "export").mkdir(parents=True)
    (tmp_path / "data" / "export" / "deals.csv").write_text("opportunity_id\n1\n", encoding="utf-8")
    (tmp_path / "data" / ".exprot").mkdir()
    (tmp_path / "reports").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("data/exprot", "data/export"),
        ("dta/export/deals.csv", "data/export/deals.csv"),
        ("dta/exprot", "data"),  # one step at a time: what is below the right folder is seen the next time
        ("data/export/deal.csv", "data/export/deals.csv"),
        ("reprots", "reports"),
        ("data/zzzzzz", None),
        ("/zzzzzz/yyyyyy", None),
    ],
)
def test_the_nearest_path_is_written_as_the_wrong_one_and_is_there(desk, wanted, meant):
    found = nearest_path(wanted)
    assert found == (None if meant is None else Path(meant))
    assert found is None or found.exists()
    assert path_hint(wanted) == ("" if meant is None else f" Did you mean '{meant}'?")


@pytest.mark.parametrize(
    "command",
    [
        ("inspect", "data/exprot"),
        ("audit", "data/exprot"),
        ("review", "data/exprot"),
        ("retrospective", "data/exprot", "--period", "2024Q1"),
        ("forecast", "data/exprot"),
        ("score", "data/exprot"),
    ],
    ids=lambda command: command[0],
)
def test_every_command_that_reads_an_export_asks_whether_another_was_meant(desk, command):
    done = CliRunner().invoke(app, list(command))
    assert isinstance(done.exception, NothingToReadError)
    assert "Did you mean 'data/export'?" in str(done.exception)


def test_a_run_whose_data_is_misspelt_is_answered_as_its_workspace_would_write_it(desk, monkeypatch):
    (desk / "oppnb.yaml").write_text(
        "reports: {weekly: {data: data/exprot, templates: [baseline]}}\n", encoding="utf-8"
    )
    monkeypatch.chdir(desk.parent)
    with pytest.raises(NothingToReadError, match=r"as seen from oppnb\.yaml\. Did you mean 'data/export'\?"):
        make_plan("weekly", workspace=desk / "oppnb.yaml", out=desk / "reports")


def test_folders_of_reports_workspaces_and_notebooks_are_asked_after_too(desk):
    (desk / "oppnb.yaml").write_text("store: memory/\n", encoding="utf-8")
    (desk / "mine.ipynb").write_text("{}", encoding="utf-8")
    assert (
        "Did you mean" not in CliRunner().invoke(app, ["runs", "--out", "reprots"]).output
    )  # no run in reports either
    (desk / "reports" / "weekly" / "runs").mkdir(parents=True)
    for command, meant in (
        (("decide", "report"), "Did you mean 'reports'?"),
        (("review", "data/export", "-w", "oppnb.yml"), "Did you mean 'oppnb.yaml'?"),
        (("templates", "show", "mime.ipynb"), "Did you mean 'mine.ipynb'?"),
    ):
        done = CliRunner().invoke(app, list(command))
        assert meant in str(done.exception), command
    assert "Did you mean 'reports'?" in CliRunner().invoke(app, ["runs", "--out", "reprots"]).output
