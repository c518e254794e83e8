"""Deals that need a look: each reason on a deal made by hand, the ranking, the words."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import LOCALES, Formats, Words
from oppnb.review import FLAGS, attention_list, flag_deals
from oppnb.review.attention import reason_text
from oppnb.tables import Tables
from oppnb.workspace import parse_workspace

DAY = date(2025, 2, 1)
WORKSPACE = parse_workspace(
    """
processes:
  - name: new
    stages:
      - name: Demo
        time_limit_days: 30
        silence_limit_days: 10
        label: {zh_CN: 演示}
        key_tasks: [{name: Quote sent, due_days: 3}, {name: Never recorded, due_days: 1}]
      - {name: Offer}
      - {name: Won, outcome: won}
"""
)
ACTIVITIES = pd.DataFrame(
    {
        "opportunity_id": ["done", "other", "later"],
        "kind": ["quote sent", "Quote sent", "Quote sent"],
        "occurred_at": pd.to_datetime(["2025-01-12", "2025-01-12", "2025-02-02"]),
    }
)


def tables(**frames):
    return Tables({"opportunities": pd.DataFrame({"opportunity_id": [], "stage": []}), **frames})


ALL = tables(activities=ACTIVITIES, contacts=pd.DataFrame({"opportunity_id": ["a"], "contact_id": ["c"]}))
WON = [{"opportunity_id": f"won{i}", "outcome": "won", "closed_at": "2025-01-20", "age_days": 100.0} for i in range(20)]


@pytest.fixture(name="reasons")
def _reasons(make_snapshot):
    def find(deal, *, known=ALL):
        defaults = {"opportunity_id": "done", "next_step_due_on": None}
        flags = flag_deals(make_snapshot([{**defaults, **deal}, *WON]), workspace=WORKSPACE, tables=known, as_of=DAY)
        ranked = attention_list(flags)
        return ranked["reasons"].iloc[0] if len(ranked) else []

    return find


def test_leave_a_deal_alone_that_has_nothing(reasons):
    assert reasons({}) == []


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        ({"expected_close_on": "2025-01-31"}, ["overdue_close"]),
        ({"expected_close_on": "2025-02-01"}, []),
        ({"expected_close_on": None}, []),
        ({"days_since_last_activity": 10.9}, []),  # told as 10 days, which are allowed
        ({"days_since_last_activity": 11.0}, ["stale"]),
        ({"days_since_last_activity": 11.0, "stage": "Offer"}, []),
        ({"days_since_last_activity": 15.0, "stage": "Offer"}, ["stale"]),
        ({"days_since_last_activity": np.nan, "age_days": 40.0}, ["stale"]),
        ({"age_days": 101.0, "days_since_last_activity": 11.0}, ["zombie", "stale"]),
        ({"age_days": 101.0}, []),
        ({"n_pushes": 3.0}, ["pushed_often"]),
        ({"n_pushes": np.nan}, []),
        ({"days_in_stage": 31.0}, ["over_time_limit"]),
        ({"days_in_stage": 31.0, "stage": None}, []),
        ({"n_contacts": 1.0}, ["single_contact"]),
        ({"next_step_due_on": "2025-01-31"}, ["next_step_overdue"]),
        ({"opportunity_id": "forgotten"}, ["key_task_overdue"]),
        ({"opportunity_id": "later"}, ["key_task_overdue"]),
        ({"opportunity_id": "forgotten", "days_in_stage": 3.0}, []),
        ({"outcome": "lost", "expected_close_on": "2025-01-31"}, []),
    ],
)
def test_give_each_reason_where_its_rule_holds(reasons, deal, expected):
    assert reasons(deal) == expected


def test_do_not_speak_of_silence_or_contacts_where_none_are_recorded(reasons):
    deal = {"days_since_last_activity": np.nan, "n_contacts": 0.0, "age_days": 90.0}
    assert reasons(deal, known=tables()) == []


def test_call_a_deal_a_zombie_by_its_stay_where_there_are_no_activities(reasons):
    old = {"age_days": 150.0, "days_since_last_activity": np.nan, "stage": "Offer"}
    assert reasons({**old, "days_in_stage": 120.0}, known=tables()) == ["zombie"]
    assert reasons({**old, "days_in_stage": 20.0}, known=tables()) == []
    assert reasons({**old, "days_in_stage": np.nan}, known=tables()) == ["zombie"]


def test_of_deals_that_weigh_the_same_the_oldest_comes_first(make_snapshot):
    ages = {"a": 11.0, "b": 240.0, "c": 150.0}
    deals = [{"opportunity_id": key, "age_days": age, "amount": 100.0} for key, age in ages.items()]
    flags = flag_deals(make_snapshot(deals), workspace=WORKSPACE, tables=ALL, as_of=DAY)
    same = flags.assign(**{name: name == "stale" for name in FLAGS})
    assert attention_list(same)["opportunity_id"].tolist() == ["b", "c", "a"]


def test_rank_by_amount_times_severity_and_then_by_key(make_snapshot):
    deals = [
        {"opportunity_id": "a", "amount": None, "expected_close_on": "2025-01-01"},
        {"opportunity_id": "b", "amount": 100, "n_contacts": 1.0},
        {"opportunity_id": "c", "amount": 50, "expected_close_on": "2025-01-01"},
        {"opportunity_id": "d", "amount": None, "expected_close_on": "2025-01-01"},
    ]
    no_tasks = parse_workspace("processes: [{name: new, stages: [{name: Demo}]}]")
    ranked = attention_list(flag_deals(make_snapshot(deals), workspace=no_tasks, tables=ALL, as_of=DAY))
    assert ranked["opportunity_id"].tolist() == ["c", "b", "a", "d"]
    assert ranked["score"].tolist() == [150.0, 100.0, 0.0, 0.0]


@pytest.mark.parametrize("locale", LOCALES)
def test_say_every_reason_in_the_readers_language_and_keep_names_as_they_are(make_snapshot, locale):
    words, formats = Words(locale), Formats(locale, currency="USD")
    row = {"process": "new", "stage": "Demo", "reasons": list(FLAGS), "fact_task": "Send {quote}"}
    numbers = ("days_overdue", "silent_days", "age", "cycle_limit", "days_in_stage", "time_limit", "n_pushes")
    facts = {f"fact_{name}": 1234.0 for name in (*numbers, "n_contacts")}
    days = {f"fact_{name}": pd.Timestamp("2025-01-31") for name in ("expected_close", "next_step_due")}
    text = reason_text({**row, **facts, **days}, words=words, formats=formats, workspace=WORKSPACE)
    assert "Send {quote}" in text
    assert "1,234" in text
    assert ("演示" in text) == (locale == "zh_CN")
