"""A report for every Monday: the notebook that the scheduler runs."""

import json
from datetime import UTC, datetime

import pytest

from oppnb.errors import ExtraMissingError, ParameterError, ReportFailedError
from oppnb.lab.bodies import ScheduleBody
from oppnb.lab.requests import list_jobs
from oppnb.lab.schedules import MONDAY_SEVEN, TAG, list_schedules, make_schedule

pytestmark = pytest.mark.kernel


def asked(template="light", **values):
    return ScheduleBody(template=template, workspace="client/oppnb.yaml", values=values, timezone="Asia/Shanghai")


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr("oppnb.lab.schedules.has_scheduler", lambda: True)


def test_the_notebook_names_everything_in_full_and_no_day(office, root, installed):
    job = make_schedule(office, asked(data="client/amount.txt", factor=2))
    assert (job["schedule"], job["timezone"]) == ("0 7 * * 1", "Asia/Shanghai")
    tree = json.loads(root.path(job["input_uri"]).read_text(encoding="utf-8"))
    source = "".join(tree["cells"][-1]["source"])
    assert str(root.folder / "client" / "amount.txt") in source
    assert str(root.folder / "client" / "reports") in source
    job = make_schedule(office, asked("pipeline_review", data="client", as_of="2024-02-29"))
    assert "2024-02-29" not in root.path(job["input_uri"]).read_text(encoding="utf-8")


def test_the_notebook_makes_the_report_wherever_it_is_run(office, root, installed, tmp_path_factory, monkeypatch):
    job = make_schedule(office, asked(data="client/amount.txt", factor=2))
    tree = json.loads(root.path(job["input_uri"]).read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    exec("".join(tree["cells"][-1]["source"]), {})
    (listed,) = list_jobs(office)["jobs"]
    assert (listed["state"], listed["by_scheduler"], listed["title"]) == ("done", True, "light")
    assert [(one["id"], one["value"]) for one in listed["figures"]] == [("open_amount", 14.0)]
    (page,) = (root.folder / "client" / "reports" / "light").glob("factor=2-*/2024-03-01/report.html")
    assert page.is_file()


def test_what_is_wrong_is_refused_and_a_missing_scheduler_told(office, installed, monkeypatch):
    with pytest.raises(ParameterError):
        make_schedule(office, asked(data="../x"))
    monkeypatch.setattr("oppnb.lab.schedules.has_scheduler", lambda: False)
    with pytest.raises(ExtraMissingError, match="pip install jupyter-scheduler"):
        make_schedule(office, asked(data="client/amount.txt"))


def test_a_scheduled_report_that_fails_stops_its_notebook_and_is_in_the_list(office, root, installed):
    job = make_schedule(office, asked("fails", data="client/amount.txt"))
    tree = json.loads(root.path(job["input_uri"]).read_text(encoding="utf-8"))
    with pytest.raises(ReportFailedError, match="no such thing"):
        exec("".join(tree["cells"][-1]["source"]), {})
    assert [one["state"] for one in list_jobs(office)["jobs"]] == ["failed"]


def test_the_same_report_takes_the_place_of_the_first_and_another_has_its_own(office, installed):
    first, same = (make_schedule(office, asked(data=data)) for data in ("client/amount.txt", "client"))
    other = make_schedule(office, asked(data="client/amount.txt", factor=2))
    default = make_schedule(office, asked(data="client/amount.txt", factor=1))  # as a form sends it
    assert first["tags"] == same["tags"] == default["tags"] != other["tags"]
    assert default["name"] == "light · client/oppnb.yaml"
    assert first["input_uri"] == same["input_uri"] != other["input_uri"]
    assert {one["tags"][0] for one in (first, same, other)} == {TAG}


SUNDAY = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "timezone", "expected"),
    [
        (MONDAY_SEVEN, "UTC", "2026-11-23T07:00:00Z"),
        (MONDAY_SEVEN, "", "2026-11-23T07:00:00Z"),
        (MONDAY_SEVEN, "Asia/Shanghai", "2026-11-29T23:00:00Z"),  # there it is Monday 07:30
        ("30 23 * * 7", "UTC", "2026-11-29T23:30:00Z"),  # not now: after now
        ("0 7 1 * *", "UTC", None),
        (MONDAY_SEVEN, "Mars/Olympus", None),
        ("", "UTC", None),
    ],
)
def test_the_next_run_is_on_the_clock_of_the_schedule(schedule, timezone, expected):
    assert list_schedules([(schedule, timezone)], now=SUNDAY)["next"] == [expected]
