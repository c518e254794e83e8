"""What a killed run leaves is gone at the start of the next; what the living are at work on stays."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from oppnb.reports.publishing import make_staging
from oppnb.runs import list_runs, run_reports


def go(client, **options):
    return run_reports("weekly", workspace=client.file, out=client.out, **options)


def wait_for(what, process):
    while not what():
        assert process.poll() is None
        time.sleep(0.02)


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def make_and_wait(*places):
    """A process that makes staging folders as a report does and is then at work for a long time."""
    code = "import sys, time\nfrom pathlib import Path\nfrom oppnb.reports.publishing import make_staging\n"
    code += "for place in sys.argv[1:]: make_staging(Path(place))\ntime.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code, *map(str, places)])
    wait_for(lambda: all(list(place.glob(f".tmp-*-{process.pid}-*")) for place in places), process)
    return process


def test_folders_of_the_dead_are_gone_though_nothing_is_made_and_those_of_the_living_stay(client, made_up):
    made_up()
    go(client)
    places = [
        client.out / "weekly" / "light" / "North",
        client.out / "weekly" / "reruns" / "light" / "North",
        client.out / "monthly" / "light" / "all",
        client.out / "pipeline_review",
    ]
    dead, living = make_and_wait(*places), make_and_wait(*places)
    try:
        kill(dead)
        mine = make_staging(places[0])
        assert go(client).counts == {"done": 0, "skipped": 3, "failed": 0}
        left = set(client.out.rglob(".tmp-*"))
        assert {int(path.name.split("-")[2]) for path in left} == {living.pid, os.getpid()}
        assert len(left) == len(places) + 1
        assert mine.is_dir()
    finally:
        kill(living)
    go(client)
    assert set(client.out.rglob(".tmp-*")) == {mine}


@pytest.mark.kernel
def test_a_forced_run_that_was_killed_is_resumed_as_one_and_leaves_nothing_behind(client):
    go(client)
    before = {path: path.stat().st_mtime_ns for path in client.out.rglob("report.html")}
    code = "import sys; from oppnb.runs import jobs, run_reports; import time; real = jobs.run_report\n"
    code += "def slow(template, parameters, **more):\n"
    code += "    from oppnb.reports.publishing import make_staging\n"
    code += "    if parameters['only']['region'] == 'South': make_staging(more['folder']); time.sleep(600)\n"
    code += "    return real(template, parameters, **more)\n"
    code += "jobs.run_report = slow\n"
    code += "run_reports('weekly', workspace=sys.argv[1], out=sys.argv[2], workers=1, force=True)"
    process = subprocess.Popen([sys.executable, "-c", code, str(client.file), str(client.out)])
    south = client.out / "weekly" / "light" / "South"
    wait_for(lambda: list(south.glob(".tmp-*")), process)
    assert [(run["result"], len(run["jobs"])) for run in list_runs(client.out)] == [("running", 2), ("done", 3)]
    kill(process)
    assert list(client.out.rglob(".tmp-*"))
    (record,) = [run for run in list_runs(client.out) if run["result"] == "killed"]
    assert [(job["slice"], job["result"]) for job in record["jobs"]] == [("East", "done"), ("North", "done")]
    assert record["seconds"] > sum(job["seconds"] for job in record["jobs"]) - 1  # moments are kept to the second
    begun = time.monotonic()
    done = go(client, resume=True)
    assert list_runs(client.out)[0]["seconds"] == pytest.approx(record["seconds"] + time.monotonic() - begun, abs=1)
    assert (done.id, done.counts) == (record["id"], {"done": 3, "skipped": 0, "failed": 0})
    after = {path: path.stat().st_mtime_ns for path in client.out.rglob("report.html")}
    assert all(after[path] > before[path] for path in before)
    assert not list(client.out.rglob(".tmp-*"))
    made_once = [json.loads(path.read_text()) for path in (client.out / "weekly" / "jobs").glob("*.json")]
    assert {job["run"] for job in made_once} == {record["id"]}
