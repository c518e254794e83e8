"""Runs with real kernels: killed, dying, made again."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.errors import DataError
from oppnb.runs import diff_runs, list_runs, rerun, run_reports
from tests.runs.conftest import DEALS, FINISH, LIGHT, RUN

pytestmark = pytest.mark.kernel


def go(client, **options):
    return run_reports("weekly", workspace=client.file, out=client.out, **options)


def test_killed_in_the_middle_resume_loses_nothing_makes_nothing_twice_and_leaves_nothing_half_written(client):
    regions = [f"R{number}" for number in range(5)]
    rows = [
        f"{number},Demo,D{number},{region},{number}00,EUR,2024-01-02,,open" for number, region in enumerate(regions)
    ]
    client.write_deals(
        "opportunity_id,stage,name,region,amount,currency,created_at,closed_at,outcome\n" + "\n".join(rows)
    )
    code = f"from oppnb.runs import run_reports; run_reports('weekly', workspace={str(client.file)!r}, "
    code += f"out={str(client.out)!r}, workers=2)"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    jobs = client.out / "weekly" / "jobs"
    while not list(jobs.glob("[!.]*.json")):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert (client.out / "weekly" / ".read").is_dir()
    made = {path.name: path.stat().st_mtime_ns for path in jobs.glob("[!.]*.json")}
    assert 0 < len(made) < 5
    for path in [*jobs.glob("[!.]*.json"), *(client.out / "weekly" / "runs").glob("[!.]*.json")]:
        json.loads(path.read_text())
    assert list_runs(client.out)[0]["result"] == "killed"

    done = go(client, resume=True)
    assert done.exit_code == 0
    assert done.counts == {"done": 5, "skipped": 0, "failed": 0}
    after = {path.name: path.stat().st_mtime_ns for path in jobs.glob("*.json")}
    assert len(after) == 5
    assert made.items() <= after.items()
    assert len(list(client.out.rglob("report.html"))) == 5
    assert not list(client.out.rglob(".tmp-*"))
    assert not (client.out / "weekly" / ".read").exists()  # what the killed run had kept for its kernels
    assert [(run["id"], run["result"]) for run in list_runs(client.out)] == [(done.id, "done")]
    assert go(client, resume=True).counts["done"] == 0


def test_a_disk_that_is_full_in_the_middle_fails_that_report_in_one_sentence_and_resume_makes_it(client):
    """A limit on the size of files stands for the disk: the notebook of one slice is cut off while it is written."""
    big = 'if only["region"] == "North":\n    page.put({"text/plain": "x" * 3_000_000})'
    client.write_template(LIGHT, big, FINISH)
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)); "
    code += "from oppnb.cli import app; app(sys.argv[1:])"
    arguments = ["run", "weekly", "-w", str(client.file), "--out", str(client.out)]
    environment = {**os.environ, "IPYTHONDIR": str(client.folder / "ipython")}
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert "could not be written to" in done.stdout
    assert "File too large" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "JSONDecodeError" not in done.stdout
    assert sorted(path.parents[1].name for path in client.out.rglob("2024-03-01/report.html")) == ["East", "South"]
    assert not list((client.out / "weekly" / "light" / "North").iterdir())
    assert not (client.out / "weekly" / ".read").exists()
    for path in client.out.rglob("*.json"):
        json.loads(path.read_text())
    again = go(client, resume=True)
    assert (again.exit_code, again.counts["done"]) == (0, 3)


def test_data_that_changes_or_goes_while_a_run_is_at_work_is_not_taken_from_what_was_kept(client, made_up, monkeypatch):
    from oppnb.runs import jobs
    from oppnb.stages import open_data

    made_up()
    fake, seen = jobs.run_report, []

    def change_first(template, parameters, *, folder, **more):
        if not seen:
            client.write_deals(DEALS.replace("North,100", "North,999"))
        opened = open_data(parameters["data"], workspace=parameters["workspace"])
        seen.append(float(opened.tables["opportunities"]["amount"].max()))
        return fake(template, parameters, folder=folder, **more)

    monkeypatch.setattr(jobs, "run_report", change_first)
    assert go(client, workers=1).exit_code == 0
    assert seen == [999.0, 999.0, 999.0]


def test_a_kernel_that_dies_fails_its_slice_alone_with_a_clear_word(client):
    client.write_template(LIGHT, 'import os\nif only["region"] == "North":\n    os._exit(1)', FINISH)
    done = CliRunner().invoke(app, ["run", "weekly", "-w", str(client.file), "--out", str(client.out)])
    assert done.exit_code == 1
    assert "the kernel died" in done.output
    assert sorted(path.parents[1].name for path in client.out.rglob("2024-03-01/report.html")) == ["East", "South"]


def test_a_kernel_that_dies_at_its_start_is_tried_once_more_then_said(client, monkeypatch):
    tried = []

    def die(*_, **__):
        tried.append(1)
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr("oppnb.reports.executing._execute", die)
    client.write(RUN + "    only: [North]\n")
    done = go(client)
    assert len(tried) == 2
    assert "the kernel died at its start, twice" in done.jobs[0]["said"]
    assert done.exit_code == 1


def test_made_again_the_figures_are_the_same_bytes_and_a_difference_has_its_cause(client):
    client.write(RUN + "    only: [North, South]\n")
    first = go(client)
    assert [(one.is_same, one.reasons) for one in rerun("1", out=client.out)] == [(True, ()), (True, ())]
    client.write(RUN.replace("[light]", "[{template: light, parameters: {factor: 2}}]") + "    only: [North, South]\n")
    second = go(client)
    north, south = diff_runs(first.id, "weekly/2", out=client.out)
    assert (north.causes, [(one.figure, one.before, one.after) for one in north.changes]) == (
        ("configuration",),
        [("open_amount", 100.0, 200.0)],
    )
    client.write_deals((client.folder / "data" / "deals.csv").read_text().replace("South,200", "South,250"))
    client.write_template(LIGHT, "# another\n" + FINISH)
    go(client)
    assert [one.causes for one in diff_runs(second.id, "3", out=client.out)] == [("data", "template")] * 2
    said = CliRunner().invoke(app, ["diff", "2", "3", "--out", str(client.out)]).output
    assert "no figure differs, though data, template changed" in said
    assert "data, template changed together" in said
    with pytest.raises(DataError, match="no longer the data of run"):
        rerun("1", out=client.out)
    assert north.name == "light · North"
    assert south.changes[0].after == 400.0
