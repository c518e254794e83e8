"""Two reports side by side: all that differs as it is written, the main figures first."""

import json

from oppnb.lab.comparison import compared
from oppnb.locale import Words


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
    assert [
        (one["label"], one["before_text"], one["after_text"], one["difference_text"]) for one in found["changes"]
    ] == [
        ("Open amount", "1.5M", "2M", "+500K"),
        ("Win rate (Region: North)", "25%", "–", "–"),
    ]
    assert (found["n"], found["causes"]) == (2, ["day"])


def test_of_different_reports_only_what_both_have_is_compared(tmp_path):
    first = report(tmp_path / "1", [figure("open_amount", 1.0), figure("coverage", 3.0, "count")], template="a")
    second = report(tmp_path / "2", [figure("open_amount", 2.0)], template="b")
    assert [one["figure"] for one in compared(first, second, words=Words("zh_CN"))["changes"]] == ["open_amount"]


def test_all_figures_are_told_the_main_ones_first_and_those_of_parts_last(tmp_path):
    parts = [figure("a_part", float(n), "count", {"region": f"R{n}"}) for n in range(1, 301)]
    one = [figure("aged", 1.0, "count"), figure("won_amount", 1e6), *parts, figure("open_amount", 2e6)]
    other = [{**told, "value": told["value"] + 1e6} for told in one]
    first, second = report(tmp_path / "1", one), report(tmp_path / "2", other)
    found = compared(first, second, words=Words("en"))
    names = [change["figure"] for change in found["changes"]]
    assert names[:3] == ["open_amount", "won_amount", "aged"]
    assert found["n"] == len(names) == 303


def test_what_is_written_alike_is_counted_and_left_out_and_shares_differ_by_points(tmp_path):
    one = [figure("n_alike", 17_000_001.0), figure("win_rate", 0.25, "share"), figure("won_count", 9, "count")]
    other = [figure("n_alike", 17_000_002.0), figure("win_rate", 0.284, "share"), figure("won_count", 7, "count")]
    first = report(tmp_path / "1", one, parameters={"period": "2025Q3"}, workspace_hash="w")
    second = report(tmp_path / "2", other, parameters={"period": "2025Q4"}, workspace_hash="w")
    for locale, points in (("en", "+3.4 pp"), ("zh_CN", "+3.4 个百分点")):
        found = compared(first, second, words=Words(locale))
        assert [change["difference_text"] for change in found["changes"]] == [points, "−2"]
        assert (found["n"], found["n_alike"], found["causes"]) == (2, 1, ["asked"])
