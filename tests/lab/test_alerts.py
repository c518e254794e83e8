"""Alerts beside a report: what a run would send, and nothing is sent or remembered by looking."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from oppnb.delivery import find_alerts, open_memory
from oppnb.lab.alerts import alerts_beside
from oppnb.workspace import read_workspace

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DAY = "2025-12-31"
DECLARED = """
alerts: [{when: backlog_over, limit: 12, by: region}, {when: promise_due}, {when: grade_fell}]
delivery:
  channels: {chat: {kind: wecom, url: "${OF_NOBODY}"}}
  alerts: [chat]
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("client") / "oppnb.yaml"
    path.write_text((SAMPLE / "oppnb.yaml").read_text(encoding="utf-8") + DECLARED, encoding="utf-8")
    return path


def beside(file, *, only=None, locale="en"):
    asked = {"parameters": {"data": str(SAMPLE / "pipeline"), "workspace": str(file)}, "locale": locale}
    return alerts_beside(asked, {"as_of": DAY, "only": only})


def kinds_of(told):
    return {kind["when"]: kind for kind in told["kinds"]}


def test_regions_with_too_many_open_deals_are_those_that_counting_finds(file):
    told = beside(file)
    deals = pd.read_csv(SAMPLE / "pipeline" / "opportunities.csv")
    still = deals[deals["closed_at"].isna()]
    owners = pd.read_csv(SAMPLE / "pipeline" / "owners.csv").set_index("owner_id")["region"]
    counts = still["region"].fillna(still["owner_id"].map(owners)).value_counts()
    found = kinds_of(told)["backlog_over"]
    assert found["n"] == int((counts > 12).sum()) > 0
    assert {str(counts.max())} <= {word for one in found["found"] for word in one["text"].split()}
    assert told["declared"] == ["backlog_over", "promise_due", "grade_fell"]
    assert told["n"] == sum(kind["n"] for kind in told["kinds"])
    assert [one["when"] for one in told["missing"]] == ["grade_fell"]
    assert {tuple(one["channels"]) for kind in told["kinds"] for one in kind["found"]} == {("chat",)}
    assert list(file.parent.iterdir()) == [file]  # nothing was remembered


def test_alerts_that_a_channel_has_are_said_to_be_sent(file, tmp_path):
    other = tmp_path / "oppnb.yaml"
    other.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    found = find_alerts(SAMPLE / "pipeline", as_of=DAY, workspace=other)
    memory = open_memory(read_workspace(other), beside=tmp_path)
    first = [one for one in found.alerts if one.when == "backlog_over"]
    memory.note_sent(first, "chat", "", as_of=date(2025, 12, 31), now=datetime(2026, 1, 1, tzinfo=UTC))
    told = kinds_of(beside(other))
    assert {one["is_sent"] for one in told["backlog_over"]["found"]} == {True}
    assert {one["is_sent"] for one in told.get("promise_due", {"found": []})["found"]} <= {False}


def test_alerts_that_nobody_gets_are_counted_unless_a_run_sends_its_report(file, tmp_path):
    told = beside(file)
    assert told["n_to_nobody"] == 0
    other, text = tmp_path / "oppnb.yaml", file.read_text(encoding="utf-8")
    other.write_text(text.replace("  alerts: [chat]\n", ""), encoding="utf-8")
    assert beside(other)["n_to_nobody"] == told["n"] > 0
    run = "reports: {weekly: {data: pipeline, templates: [pipeline_review], deliver: [chat]}}\n"
    other.write_text(text.replace("  alerts: [chat]\n", "") + run, encoding="utf-8")
    assert beside(other)["n_to_nobody"] == 0


def test_a_slice_has_alerts_of_its_own_deals_in_the_readers_language(file):
    whole = find_alerts(SAMPLE / "pipeline", as_of=DAY, workspace=file, only={"region": "East"})
    told = beside(file, only={"region": "East"}, locale="zh_CN")
    assert told["n"] == len(whole.alerts)
    assert all("East" in one["text"] and "limit" not in one["text"] for one in kinds_of(told)["backlog_over"]["found"])


def test_without_alerts_or_a_workspace_none_are_declared_and_a_mistake_is_told_not_raised(tmp_path):
    assert alerts_beside({"parameters": {"data": "x"}}, {}) == {"declared": []}
    assert beside(SAMPLE / "oppnb.yaml") == {"declared": []}
    broken = tmp_path / "oppnb.yaml"
    broken.write_text("version: [", encoding="utf-8")
    assert "oppnb.yaml" in beside(broken)["problem"]
