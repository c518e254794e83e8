"""What calls for a look: the figures are those of the review, and what a table lacks is said."""

from pathlib import Path

import pandas as pd
import pytest

from oppnb.delivery import Findings, find_alerts, open_memory
from oppnb.review import flag_deals, open_review
from tests.builders import make_opportunity, make_tables
from tests.delivery.reports import AS_OF, make_pipeline, make_workspace

NO_CHANNELS = "  digest: daily"


def found(alerts: str, **changed: object) -> Findings:
    workspace = make_workspace(NO_CHANNELS, alerts=f"alerts: [{alerts}]\n")
    return find_alerts(make_pipeline(**changed), as_of="2024-03-31", workspace=workspace)


def deals(findings: Findings) -> list[str | None]:
    return [alert.opportunity_id for alert in findings.alerts]


def test_silence_finds_the_deals_silent_for_longer_than_it_says() -> None:
    silent = found("{when: silence, days: 30}")
    assert deals(silent) == ["1"]
    assert silent.alerts[0].value == 51  # from 2024-02-10 to the end of 2024-03-31, as the review counts
    assert silent.alerts[0].texts == {"en": "Silent for 51 days", "zh_CN": "已 51 天没有联系"}
    assert deals(found("{when: silence, days: 51}")) == []


def test_silence_and_time_limit_are_those_of_the_review_where_the_alert_says_none() -> None:
    workspace = make_workspace(NO_CHANNELS, alerts="alerts: [{when: silence}, {when: time_limit_passed}]\n")
    review = open_review(make_pipeline(), as_of="2024-03-31", workspace=workspace)
    flags = flag_deals(review.snapshot, workspace=review.workspace, tables=review.tables, as_of=AS_OF)
    told = find_alerts(review)
    for when, flag in (("silence", "stale"), ("time_limit_passed", "over_time_limit")):
        of_kind = sorted(alert.opportunity_id or "" for alert in told.alerts if alert.when == when)
        assert of_kind == sorted(flags.loc[flags[flag], "opportunity_id"])
        assert of_kind


@pytest.mark.parametrize(
    ("due_on", "is_found"), [("2024-03-30", False), ("2024-03-31", True), ("2024-04-02", True), ("2024-04-03", False)]
)
def test_a_promise_is_due_within_48_hours_of_the_day_and_not_after(due_on: str, is_found: bool) -> None:
    told = found("{when: promise_due}", next_step_due_on=due_on)
    assert ("1" in deals(told)) is is_found


def test_a_next_step_that_was_due_before_the_day_is_an_overdue_task() -> None:
    assert deals(found("{when: task_overdue}")) == ["3"]


def test_backlog_counts_open_deals_by_owner_and_belongs_to_the_owner() -> None:
    told = found("{when: backlog_over, limit: 2}")
    assert [(alert.owner_id, alert.value) for alert in told.alerts] == [("bob", 3.0)]
    assert told.alerts[0].texts["en"] == "Owner bob has 3 open deals; the limit is 2"
    assert found("{when: backlog_over, limit: 3}").alerts == ()


def test_backlog_by_stage_names_the_stage() -> None:
    told = found("{when: backlog_over, limit: 3, by: stage}")
    assert [alert.texts["en"] for alert in told.alerts] == ["Stage Demo has 4 open deals; the limit is 3"]


def test_an_alert_is_of_its_stages_and_amounts_only() -> None:
    assert deals(found("{when: time_limit_passed, at_least_amount: 500}")) == ["1"]
    assert deals(found("{when: silence, days: 30, stages: [Lead]}")) == []


def test_a_competitor_is_new_only_if_it_was_not_there_at_the_first_look(tmp_path: Path) -> None:
    workspace = make_workspace(NO_CHANNELS, alerts="alerts: [{when: competitor_appeared}]\n")
    memory = open_memory(workspace, beside=tmp_path)
    first = find_alerts(make_pipeline(), as_of="2024-03-31", workspace=workspace, memory=memory)
    assert first.alerts == ()
    assert "from the next delivery on" in first.missing[0].texts["en"]
    memory.note_seen(first.competitors, "", as_of=AS_OF, now=pd.Timestamp("2024-03-31T08:00Z").to_pydatetime())
    again = open_memory(workspace, beside=tmp_path)
    assert find_alerts(make_pipeline(), as_of="2024-03-31", workspace=workspace, memory=again).alerts == ()
    later = make_pipeline(competitor="Newcomer")
    assert deals(find_alerts(later, as_of="2024-03-31", workspace=workspace, memory=again)) == ["1"]


def test_what_a_table_lacks_is_said_in_both_languages_and_the_others_are_found() -> None:
    every = (
        "{when: silence}, {when: promise_due}, {when: task_overdue}, {when: competitor_appeared}, "
        "{when: probability_fell_by, points: 5}, {when: forecast_under_target}, "
        "{when: backlog_over, limit: 0, by: team},"
        "{when: backlog_over, limit: 0, by: process}"
    )
    workspace = make_workspace(NO_CHANNELS, alerts=f"alerts: [{every}]\n")
    tables = make_tables([make_opportunity("1", process="new")], exported_on=AS_OF)
    told = find_alerts(tables, as_of="2024-03-31", workspace=workspace)
    assert [one.when for one in told.missing] == [
        "silence", "promise_due", "task_overdue", "competitor_appeared", "probability_fell_by",
        "forecast_under_target", "backlog_over",
    ]  # fmt: skip
    assert all(one.texts["en"] and one.texts["zh_CN"] for one in told.missing)
    assert [alert.when for alert in told.alerts] == ["backlog_over"]


def test_the_order_is_that_of_the_workspace_and_then_of_the_amount() -> None:
    told = found("{when: time_limit_passed}, {when: silence, days: 30}")
    assert [alert.when for alert in told.alerts] == [*["time_limit_passed"] * 4, "silence"]
    assert deals(told) == ["1", "2", "3", "4", "1"]
