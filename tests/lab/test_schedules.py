"""A report for every Monday: the notebook that the scheduler runs."""

import json

import pytest

from oppnb.errors import ExtraMissingError, ParameterError
from oppnb.lab.bodies import ScheduleBody
from oppnb.lab.schedules import make_schedule

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
    assert (root.folder / "client" / "reports" / "light" / "2024-03-01" / "report.html").is_file()


def test_what_is_wrong_is_refused_and_a_missing_scheduler_told(office, installed, monkeypatch):
    with pytest.raises(ParameterError):
        make_schedule(office, asked(data="../x"))
    monkeypatch.setattr("oppnb.lab.schedules.has_scheduler", lambda: False)
    with pytest.raises(ExtraMissingError, match="pip install jupyter-scheduler"):
        make_schedule(office, asked(data="client/amount.txt"))
