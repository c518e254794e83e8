"""Which reports a figure's line and a comparison are made of."""

import json

from oppnb.lab.jobs import Job
from oppnb.lab.past import compared, trends, with_past
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


def report(folder, figures, **manifest):
    folder.mkdir()
    (folder / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def figure(name, value, unit="money", part=None):
    return {"id": name, "value": value, "unit": unit, "slice": part}


def test_two_reports_differ_in_figures_as_a_reader_writes_them_and_in_what_changed(tmp_path):
    one = [figure("open_amount", 1_500_000.0), figure("win_rate", 0.25, "share", {"region": "North"}), figure("n", 1)]
    other = [figure("open_amount", 2e6), figure("win_rate", None, "share", {"region": "North"}), figure("n", 1)]
    first = report(tmp_path / "1", one, as_of="2025-09-30", data_hash="a", parameters={"as_of": "2025-09-30"})
    second = report(tmp_path / "2", other, as_of="2025-12-31", data_hash="a", parameters={"as_of": None})
    found = compared(first, second, words=Words("en"))
    assert [(one["label"], one["before_text"], one["after_text"]) for one in found["changes"]] == [
        ("Open amount", "1.5M", "2M"),
        ("Win rate [region=North]", "25%", "–"),
    ]
    assert (found["n"], found["causes"]) == (2, ["day"])


def test_of_different_reports_only_what_both_have_is_compared(tmp_path):
    first = report(tmp_path / "1", [figure("open_amount", 1.0), figure("coverage", 3.0, "count")], template="a")
    second = report(tmp_path / "2", [figure("open_amount", 2.0)], template="b")
    assert [one["figure"] for one in compared(first, second, words=Words("zh_CN"))["changes"]] == ["open_amount"]
