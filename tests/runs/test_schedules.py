"""What docs/schedules.md tells to put into a scheduler is accepted by oppnb, and its exit codes are understood."""

import json
import re
import runpy
import shlex
import subprocess
import sys
from configparser import ConfigParser
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from typer.main import get_command

from oppnb.cli import app
from oppnb.reports import find_template, read_parameters
from oppnb.runs import run_reports
from oppnb.runs.outcome import ALL_DONE, BAD_CONFIGURATION, DATA_REFUSED, SOME_FAILED
from tests.runs.conftest import FINISH, LIGHT, RUN

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
TEXTS = (
    *sorted(EXAMPLES.iterdir()),
    *sorted((ROOT / "docs").rglob("schedules.md")),
    *sorted((ROOT / "docs").rglob("runs.md")),
    *sorted(path for path in (ROOT / "client").rglob("*") if path.is_file() and path.suffix != ".csv"),
)
COMMAND = re.compile(r"\boppnb\"? (run [a-z][^\n`>|&;#。，；]*)")


def command_lines() -> list[tuple[str, str]]:
    """(file, what follows `oppnb`) wherever a run is started."""
    return [(str(path.relative_to(ROOT)), one) for path in TEXTS for one in COMMAND.findall(path.read_text("utf-8"))]


def accepted(line: str) -> dict[str, Any]:
    """The options that typer reads from a command line; it raises on one it does not know."""
    run = get_command(app).commands["run"]  # type: ignore[attr-defined]
    words = shlex.split(line.strip(" \"'.,:"))
    return dict(run.make_context("run", words[1:]).params)


@pytest.mark.parametrize(("place", "line"), sorted(set(command_lines())))
def test_every_run_that_is_written_down_is_one_that_oppnb_accepts(place: str, line: str) -> None:
    assert accepted(line)["name"] == "weekly"


def test_a_misspelt_option_would_be_seen() -> None:
    with pytest.raises(Exception, match="No such option"):
        accepted("run weekly --resum")


class FailedError(Exception):
    """Stands for Airflow's refusal to try again."""


class SkippedError(Exception):
    """Stands for what a BashOperator raises on a code of `skip_on_exit_code`."""


class Operator:
    """An operator of Airflow as far as the example knows it: keywords, `>>`, and a command that ended with `code`."""

    made: ClassVar[dict[str, "Operator"]] = {}
    code = 0

    def __init__(self, **given: Any) -> None:
        self.given = given
        Operator.made[given["task_id"]] = self

    def __rshift__(self, other: Any) -> Any:
        return other

    def execute(self, _: Any) -> str:
        if self.code in self.given.get("skip_on_exit_code", (99,)):
            raise SkippedError(f"Bash command returned exit code {self.code}. Skipping.")
        if self.code:
            raise RuntimeError(f"Bash command failed. The command returned a non-zero exit code {self.code}.")
        return "done"


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Operator]:
    """The tasks of the example, with stand-ins for Airflow, which is not installed where tests run."""
    named = {
        "airflow.providers.papermill.operators.papermill": {"PapermillOperator": Operator},
        "airflow.providers.standard.operators.bash": {"BashOperator": Operator},
        "airflow.sdk": {"DAG": lambda **_: nullcontext()},
        "airflow.sdk.exceptions": {"AirflowFailException": FailedError, "AirflowSkipException": SkippedError},
        "pendulum": {"datetime": lambda *_, **__: None},
    }
    for name, holds in named.items():
        module = ModuleType(name)
        vars(module).update(holds)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(Operator, "made", {})
    runpy.run_path(str(EXAMPLES / "airflow_weekly.py"))
    return Operator.made


@pytest.mark.parametrize(
    ("code", "raised"),
    [(ALL_DONE, None), (SOME_FAILED, RuntimeError), (BAD_CONFIGURATION, FailedError), (DATA_REFUSED, FailedError)],
)
def test_airflow_tries_again_only_what_may_go_better_next_time(
    tasks: dict[str, Operator], monkeypatch: pytest.MonkeyPatch, code: int, raised: type[Exception] | None
) -> None:
    monkeypatch.setattr(Operator, "code", code)
    if raised is None:
        assert tasks["weekly"].execute({}) == "done"
        return
    with pytest.raises(raised, match=f"exit code {code}") as told:
        tasks["weekly"].execute({})
    assert "Skipping" not in str(told.value)


def test_airflow_gives_a_template_parameters_that_it_has(tasks: dict[str, Operator]) -> None:
    notebook = tasks["notebook"].given
    schema = read_parameters(find_template(Path(notebook["input_nb"]).stem))
    assert set(notebook["parameters"]) <= set(schema)
    assert all(Path(path).is_absolute() for path in notebook["parameters"].values())


def test_systemd_tries_again_only_what_may_go_better_next_time() -> None:
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(EXAMPLES / "oppnb-weekly.service", encoding="utf-8")
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Service"]["RestartPreventExitStatus"].split() == [str(BAD_CONFIGURATION), str(DATA_REFUSED)]
    assert accepted(unit["Service"]["ExecStart"].partition("oppnb ")[2])["resume"]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_clients_crontab_line_says_what_went_wrong_and_keeps_the_exit_code(tmp_path: Path, locale: str) -> None:
    lines = (ROOT / "client" / locale / "crontab.jinja").read_text(encoding="utf-8").splitlines()
    (line,) = [one for one in lines if not one.startswith("#")]
    assert "%" not in line  # cron takes it for the end of the line
    program, client = tmp_path / "oppnb", tmp_path / "client a"
    program.write_text('#!/bin/sh\necho "CurrencyError: $*" >&2\nexit 3\n', encoding="utf-8")
    program.chmod(0o755)
    client.mkdir()
    command = line.removeprefix("0 7 * * 1").replace("/path/to/{{ folder }}", str(client))
    command = command.replace("/path/to/bin/oppnb", str(program))
    done = subprocess.run(  # as cron does: a bare shell and four variables
        ["/bin/sh", "-c", command],
        env={"HOME": str(tmp_path), "LOGNAME": "ann", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "CurrencyError: run weekly --resume\n")


def bare(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Python with no variables but these."""
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_a_bare_environment_still_names_files_in_any_language() -> None:
    """Under cron there is no LANG: Python then takes UTF-8, unless a locale of another encoding is set."""
    ask = "from oppnb.runs.names import not_a_name_here; print(not_a_name_here('\\u534e\\u4e1c'))"
    assert bare("-c", ask).stdout == "None\n"
    told = bare("-c", ask, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", PYTHONIOENCODING="utf-8").stdout
    assert "Set PYTHONUTF8=1" in told
    assert "华东" in told


def test_a_slice_that_the_environment_cannot_name_fails_alone(client, made_up, monkeypatch) -> None:
    made_up()

    def ascii_only(folder: str) -> str | None:
        return None if folder != "North" else "Files are named in ascii here"

    monkeypatch.setattr("oppnb.runs.plan.not_a_name_here", ascii_only)
    done = run_reports("weekly", workspace=client.file, out=client.out)
    assert {job["slice"]: job["result"] for job in done.jobs} == {"East": "done", "North": "failed", "South": "done"}
    assert next(job["said"] for job in done.jobs if job["result"] == "failed").startswith("UsageError: Files are named")
    assert done.exit_code == SOME_FAILED


def test_no_home_no_path_and_an_unknown_time_zone_are_no_hindrance(client) -> None:
    client.write(RUN.replace("data: data", "data: gone"))
    command = ("-m", "oppnb", "run", "weekly", "-w", str(client.file), "--out", str(client.out))
    done = bare(*command, TZ="No/Where", LANG="xx_YY.UTF-8")
    assert done.returncode == DATA_REFUSED
    assert "\nNothingToReadError: The data of 'weekly' is not there" in f"\n{done.stderr}"


@pytest.mark.kernel
def test_the_notebook_of_a_client_runs_as_the_scheduler_of_jupyterlab_runs_it(client, tmp_path: Path) -> None:
    """A copy elsewhere, parameters put in as they were typed, and a job that fails if a report does."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    source = (ROOT / "client" / "en" / "notebooks" / "weekly.ipynb").read_text(encoding="utf-8")
    staged = tmp_path / "staging" / "job"
    staged.mkdir(parents=True)

    def job(**typed: str) -> Any:
        notebook = nbformat.reads(source, as_version=4)
        place = next(n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
        lines = "\n".join(f"{name} = {value}" for name, value in typed.items())
        notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(lines))
        return NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(staged)}})

    client.write(RUN + "    only: [North]\n")
    ran = job(folder=json.dumps(str(client.folder))).execute()
    assert "done light North" in "".join(
        one["text"] for cell in ran.cells for one in cell.get("outputs", []) if "text" in one
    )
    assert (client.out / "index.html").is_file()
    with pytest.raises(CellExecutionError, match="There is no workspace file"):
        job(name='"weekly"').execute()
    client.write_template(LIGHT, "raise ValueError('broken')\n" + FINISH)
    with pytest.raises(CellExecutionError, match=r"1 of 1 reports failed \(code 1\)"):
        job(folder=json.dumps(str(client.folder))).execute()
