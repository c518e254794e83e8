"""`oppnb runs`: each run on a line; one that failed with its day and, below, the reason in short."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.errors import ParameterError
from oppnb.runs import list_runs, run_reports
from oppnb.runs.lock import is_held, lock
from tests.runs.conftest import RUN


def listed(client, *more: str) -> list[str]:
    return CliRunner().invoke(app, ["runs", "--out", str(client.out), *more]).output.splitlines()


def go(client):
    return run_reports("weekly", workspace=client.file, out=client.out)


def test_a_run_of_which_every_report_failed_tells_its_day_and_the_first_reason(client, made_up):
    made_up(fails=lambda folder: ParameterError(f"There is no seller in {folder.name}.\nDid you mean 'Bo'?"))
    go(client)
    assert list_runs(client.out)[0]["as_of"] == "2024-03-01"
    _, row, reason = listed(client)
    assert "2024-03-01" in row
    assert "0 made, 0 as they were, 3 failed" in row
    assert reason.strip() == (
        "light · East: ParameterError: There is no seller in East. Did you mean 'Bo'? (and 2 more failed)"
    )
    chinese = listed(client, "--locale", "zh_CN")[2].strip()
    assert chinese.startswith("light · East：参数的名称或取值不可用。 ParameterError: There is no seller")
    assert chinese.endswith("（另有 2 份失败）")


def test_a_run_that_is_of_a_day_by_its_parameters_tells_that_day_though_it_failed(client, made_up):
    made_up(fails=lambda _: ParameterError("No."))
    parameters = Path(client.folder / "templates" / "light.ipynb")
    text = parameters.read_text().replace("factor: int = 1", "as_of: str | None = None  # Day\\nfactor: int = 1")
    parameters.write_text(text)
    client.write(RUN.replace("[light]", "[{template: light, parameters: {as_of: '2024-02-20'}}]"))
    go(client)
    assert list_runs(client.out)[0]["as_of"] == "2024-02-20"


def test_a_long_reason_is_cut_and_a_run_that_went_well_has_none(client, made_up):
    made_up(fails=lambda folder: ParameterError("word " * 200) if folder.name == "North" else None)
    go(client)
    _, row, reason = listed(client)
    assert "2 made, 0 as they were, 1 failed" in row
    assert reason.endswith("…")
    assert len(reason) < 260
    made_up()
    go(client)
    _, latest, *_ = listed(client)
    assert "failed" not in latest.split("made")[0]
    assert len(listed(client)) == 1 + 2 + 1


def test_a_run_that_was_refused_tells_why_and_no_day_where_none_was_read(client):
    client.write(RUN.replace("data: data", "data: gone"))
    CliRunner().invoke(app, ["run", "weekly", "-w", str(client.file), "--out", str(client.out)])
    _, row, reason = listed(client)
    assert " – " in row
    assert "is not there" in reason


def leave_at_work(client, number=1, **more):
    """The record of a run as it is while reports are made: nothing is told of them yet."""
    (path,) = (client.out / "weekly" / "runs").glob(f"{number:06d}-*.json")
    tree = json.loads(path.read_text()) | {"result": "running", "exit_code": None, "jobs": [], **more}
    path.write_text(json.dumps(tree))


def test_a_run_whose_process_is_dead_is_told_as_killed_with_what_it_made(client, made_up):
    made_up()
    go(client)
    leave_at_work(client)
    assert "killed 3 made, 0 as they were, 0 failed" in listed(client)[1]
    assert "被终止 生成 3，无需重做 0，失败 0" in listed(client, "--locale", "zh_CN")[1]
    with lock(client.out / "weekly", name="weekly"):
        assert "at work 3 made" in listed(client)[1]


def test_a_killed_run_keeps_what_it_made_though_the_next_one_made_the_same_reports_anew(client, made_up):
    made_up()
    go(client)
    leave_at_work(client)
    run_reports("weekly", workspace=client.file, out=client.out, force=True)
    assert [(run["result"], len(run["jobs"])) for run in list_runs(client.out)] == [("done", 3), ("killed", 3)]


def test_a_run_that_reads_its_data_does_not_make_a_killed_one_look_alive(client, made_up):
    made_up()
    go(client)
    leave_at_work(client)
    seen = []

    def look(key, _):
        seen.extend(run["result"] for run in list_runs(client.out) if key == "runs.reading")

    run_reports("weekly", workspace=client.file, out=client.out, news=look)
    assert seen == ["killed"]


def test_the_time_of_a_resumed_run_is_that_of_all_its_parts(client, made_up):
    made_up(fails=lambda folder: ParameterError("No.") if folder.name == "North" else None)
    go(client)
    (path,) = (client.out / "weekly" / "runs").glob("*.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": 1000.0}))
    made_up()
    done = run_reports("weekly", workspace=client.file, out=client.out, resume=True)
    assert done.seconds == pytest.approx(1000, abs=60)
    assert list_runs(client.out)[0]["seconds"] > 1000


def test_a_look_at_the_lock_takes_it_from_nobody_and_leaves_it_free(client):
    folder = client.out / "weekly"
    assert not is_held(folder)
    with lock(folder, name="weekly"):
        assert is_held(folder)
        assert is_held(folder)
    assert not is_held(folder)
    with lock(folder, name="weekly") as killed:
        assert killed is None
