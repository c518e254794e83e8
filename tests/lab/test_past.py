"""Which reports a figure's line and a comparison are made of, and how entries are told apart."""

from oppnb.lab.jobs import Job
from oppnb.lab.past import job_view, trends, with_past
from oppnb.lab.places import Root
from oppnb.locale import Words


def job(number, day, *, value=1.0, state="done", **values):
    figures = [{"id": "open_amount", "value": value, "unit": "money"}]
    asked = {"template": "pipeline_review", "workspace": "client/oppnb.yaml", "values": {"as_of": day, **values}}
    return Job(f"2026010{number}T000000-00000000", asked, {"state": state, "as_of": day, "figures": figures})


def test_a_line_ends_on_the_reports_own_day():
    jobs = [job(1, "2025-12-31", value=3.0), job(2, "2025-09-30", value=1.0), job(3, "2025-10-31", value=2.0)]
    assert [one["value"] for one in trends(jobs, jobs[1])["open_amount"]] == [1.0]
    assert [one["value"] for one in trends(jobs, jobs[2])["open_amount"]] == [1.0, 2.0]
    assert [one["value"] for one in trends(jobs, jobs[0])["open_amount"]] == [1.0, 2.0, 3.0]


def test_a_report_is_compared_with_one_of_its_own_kind(tmp_path):
    jobs = [job(1, "2025-09-30"), job(2, "2025-12-31", seller="Ann"), job(3, "2025-12-31"), job(4, "2025-12-31")]
    jobs.append(job(5, "2025-12-31", state="failed"))
    shown = with_past(jobs, Root(tmp_path), place_of=lambda _: tmp_path)
    assert [one["earlier"] for one in shown] == [None, None, jobs[0].id, jobs[2].id, None]


def test_whoever_looks_reads_it_in_their_language(tmp_path):
    one = job(1, "2025-12-31", value=122e6)
    one.asked.update(title="Pipeline review", titles={"en": "Pipeline review", "zh_CN": "管道评审"}, locale="en")
    (shown,) = with_past([one], Root(tmp_path), place_of=lambda _: tmp_path, locale="zh_CN")
    assert (shown["title"], shown["figures"][0]["label"]) == ("管道评审", Words("zh_CN")("metric.open_amount"))
    assert shown["figures"][0]["text"] == "1.22亿"


def test_entries_name_day_period_slice_and_data_before_they_are_done_and_when_they_never_are(tmp_path):
    values = {"period": "2025Q3", "only": {"region": "North"}, "data": "client/pipeline", "scoring": "off"}
    for state in ("queued", "running", "failed", "cancelled"):
        one = job(1, "2025-09-30", state=state, **values)
        one.state["as_of"] = None
        shown = job_view(one, Root(tmp_path), place=tmp_path)
        assert shown["as_of"] == "2025-09-30"
        assert shown["about"] == ["2025Q3", "region=North", "client/pipeline"]
