"""Jobs run as processes of their own, a few at once, are stopped with all they started, and are found again."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import pytest
from pydantic import ValidationError

from oppnb.errors import ParameterError, UsageError
from oppnb.lab.bodies import ReportBody
from oppnb.lab.comparison import compared
from oppnb.lab.jobs import JobFolder
from oppnb.lab.mistakes import SaidError
from oppnb.lab.office import Office
from oppnb.lab.places import OutsideError
from oppnb.lab.requests import ask_again, ask_report, check, forms, list_jobs, show_job
from oppnb.locale import Words
from tests.lab.conftest import close, wait_for

pytestmark = pytest.mark.kernel
WORKSPACE = "client/oppnb.yaml"


def ask(office, template="light", **values):
    given = {"data": "client/amount.txt", **values}
    return ask_report(office, ReportBody(template=template, workspace=WORKSPACE, values=given))["id"]


def is_over(job):
    return job.is_over


def is_running(job):
    return job.state["state"] == "running" and job.state.get("total", 0) > 0


def family_of(pid):
    """A worker and its kernel, once that is there."""
    end = time.monotonic() + 60
    while not (children := psutil.Process(pid).children(recursive=True)) and time.monotonic() < end:
        time.sleep(0.1)
    return [pid, *(one.pid for one in children)]


def alive(pids):
    found = set()
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.add(pid)
    return found


def test_a_report_is_made_shown_repeated_and_compared(office, root):
    first = ask(office)
    wait_for(office, first, is_over)
    shown = show_job(office, first)
    assert (shown["state"], shown["as_of"], shown["said"]) == ("done", "2024-03-01", None)
    assert [(one["id"], one["text"]) for one in shown["figures"]] == [("open_amount", "7")]
    assert root.path(shown["report_html"]).is_file()
    (root.folder / "client" / "amount.txt").write_text("9", encoding="utf-8")
    second = ask_again(office, first)["id"]
    wait_for(office, second, is_over)
    found = compared(office.jobs.place(first), office.jobs.place(second), words=Words("zh_CN"))
    (change,) = found["changes"]
    assert (change["figure"], change["before"], change["after"]) == ("open_amount", 7.0, 9.0)
    assert (change["before_text"], change["after_text"]) == ("7", "9")
    assert change["label"] == Words("zh_CN")("metric.open_amount")
    assert str(root.folder) not in str(list_jobs(office))
    listed = {one["id"]: one for one in list_jobs(office)["jobs"]}
    assert (listed[second]["earlier"], listed[first]["earlier"]) == (first, None)
    assert (listed[second]["is_replaced"], listed[first]["is_replaced"]) == (False, True)
    assert "report_html" not in listed[first]
    assert listed[second]["trends"] == {"open_amount": [{"day": "2024-03-01", "value": 9.0}]}


def test_a_report_that_fails_says_which_cell_and_why_without_secrets(office, root):
    job = wait_for(office, ask(office, "fails"), is_over)
    assert job.state["state"] == "failed"
    assert "(In [" in job.state["said"]
    assert "no such thing" in job.state["said"]
    shown = show_job(office, job.id)
    assert root.path(shown["report_ipynb"]).is_file()
    assert str(root.folder) not in str(shown)
    assert "abc123" not in str(job.state)
    with pytest.raises(UsageError, match="has no figures"):
        compared(office.jobs.place(job.id), office.jobs.place(job.id), words=Words("en"))
    office.forget(job.id)
    assert office.jobs.latest() == []
    assert root.path(shown["report_ipynb"]).is_file()


def test_a_cancelled_report_leaves_no_process_and_the_next_one_starts(office, root):
    first, second = ask(office, seconds=300.0), ask(office)
    running = wait_for(office, first, is_running)
    assert office.jobs.get(second).state["state"] == "queued"
    family = family_of(running.state["pid"])
    assert len(family) > 1
    assert office.cancel(first).state["state"] == "cancelled"
    end = time.monotonic() + 20
    while alive(family) and time.monotonic() < end:
        time.sleep(0.1)
    assert alive(family) == set()
    assert wait_for(office, second, is_over).state["state"] == "done"
    assert office.cancel(second).state["state"] == "done"
    with pytest.raises(SaidError, match="Only a report that failed or was cancelled"):
        office.forget(second)
    office.forget(first)
    assert [job.id for job in office.jobs.latest()] == [second]
    office.look_after()
    assert not (root.folder / "client" / "reports" / "light" / "failed").exists()


def test_a_server_that_starts_anew_finds_what_runs_what_waits_and_what_died(office, root):
    first = ask(office, seconds=3.0)
    waiting = ask(office)
    wait_for(office, first, is_running)
    later = Office(root, JobFolder(office.jobs.folder), most=1)
    later.look_after()
    assert later.jobs.get(first).state["state"] == "running"
    assert wait_for(later, first, is_over).state["state"] == "done"
    assert wait_for(later, waiting, is_over).state["state"] == "done"
    died = later.add({**later.jobs.get(first).asked, "title": "died"}).id
    wait_for(later, died, is_running)
    psutil.Process(later.jobs.get(died).state["pid"]).kill()
    job = wait_for(Office(root, JobFolder(office.jobs.folder)), died, is_over)
    assert "ended before its report was made" in job.state["said"]
    close(later)


def test_a_report_whose_alerts_are_still_looked_for_is_not_lost_with_them(office, root):
    asked = {"template": "light", "values": {}, "title": "t", "locale": "en"}
    died = office.jobs.add(asked, state="running", step="alerts", pid=2**22, born=0.0).id
    stopped = office.jobs.add(asked, state="running", step="alerts").id
    assert office.cancel(stopped).state["state"] == "done"
    list_jobs(office)  # what somebody else wrote down is looked after, too
    job = wait_for(office, died, is_over)
    assert (job.state["state"], job.state["alerts"]) == ("done", {"is_stopped": True})


def test_settings_that_cannot_be_read_are_told_before_anything_runs(office, root):
    (root.folder / "client" / "oppnb.yaml").write_text("version: [", encoding="utf-8")
    asked = ReportBody(template="light", workspace=WORKSPACE, values={"data": "client/amount.txt"}, locale="zh_CN")
    told = check(office, asked)["errors"]["workspace"]
    assert told.startswith("这份设置无法使用。")
    assert str(root.folder) not in told
    assert forms(office, workspace=WORKSPACE, locale="en")["problem"].startswith("These settings cannot be used.")
    with pytest.raises(ParameterError):
        ask(office)
    assert office.jobs.latest() == []


def test_what_is_wrong_is_refused_before_anything_is_written_down(office):
    for values in ({"data": "../x"}, {"factor": "many"}, {"nothing": 1}):
        with pytest.raises(ParameterError):
            ask(office, **values)
    for template in ("../light", "/etc/x", "light.ipynb", ""):
        with pytest.raises(ValidationError, match="template"):
            ask(office, template)
    assert office.jobs.latest() == []
    with pytest.raises(UsageError, match="There is no job"):
        office.jobs.get("../../etc")


def test_reports_behind_a_link_that_leads_out_are_not_written(office, root, tmp_path_factory):
    (root.folder / "client" / "reports").symlink_to(tmp_path_factory.mktemp("outside"))
    with pytest.raises(OutsideError):
        ask(office)


def test_a_job_is_started_once_however_many_look_after_it(office, root):
    counted = (
        "from pathlib import Path\nwith Path(input_path(data)).with_name('count').open('a') as file: file.write('x')"
    )
    tree = json.loads((root.folder / "client" / "templates" / "light.ipynb").read_text(encoding="utf-8"))
    tree["cells"].append({"cell_type": "code", "id": "count", "metadata": {}, "source": counted, "outputs": []})
    (root.folder / "client" / "templates" / "counts.ipynb").write_text(json.dumps(tree), encoding="utf-8")
    other = Office(root, JobFolder(office.jobs.folder), most=1)
    other.look_after()
    job_id = ask(office, "counts")
    other._unfinished().add(job_id)
    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(lambda number: (office, other)[number % 2].look_after(), range(64)))
    assert wait_for(other, job_id, is_over).state["state"] == "done"
    assert (root.folder / "client" / "count").read_text(encoding="utf-8") == "x"
    close(other)
