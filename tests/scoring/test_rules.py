"""Scores by declared rules: what holds on a day, points, reasons, and what each rule was worth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import ColumnMissingError
from oppnb.history import as_of, cutoff, snapshots
from oppnb.locale import Formats, Words
from oppnb.scoring.rules import (
    LIFT_COLUMNS,
    attribute_marks,
    behaviour_marks,
    lift_texts,
    measure_rules,
    rule_frame,
    rule_lift,
    rule_points,
    rule_reasons,
    rule_said,
    score_by_rules,
    total_points,
)
from oppnb.tables import Tables
from oppnb.workspace import AttributeRule, BehaviourRule, Workspace, parse_workspace
from tests.builders import make_activity, make_change, make_opportunity, make_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

WORKSPACE = parse_workspace("""
processes: [{name: new, stages: [{name: Lead}, {name: Negotiation, aliases: [谈判]}, {name: Won, outcome: won}]}]
scoring:
  attribute_rules:
    - {name: large, where: {employees: {at_least: 500}}, points: 10, reason: {en: Large company, zh_CN: 大型企业}}
    - {name: tier, where: {hospital_grade: [3A, 2A]}, points: 7.5, reason: Graded hospital}
    - {name: no_competitor, where: {competitor: null}, points: -2}
  behaviour_rules:
    - {name: calls, kinds: call, points: 4, half_life_days: 7, cap: 6}
    - {name: visits, kinds: [Visit], points: 3, within_days: 30}
    - {name: silence, stages: [谈判], silence_days: 14, points: -20, reason: Two weeks of silence}
""")
SCORING = WORKSPACE.scoring


def tables_of(activities: list[dict] | None, **deal: object) -> Tables:
    accounts = [
        {"account_id": "a", "employees": 800, "hospital_grade": "3A"},
        {"account_id": "b", "employees": 20, "hospital_grade": "1A"},
    ]
    deals = [make_opportunity("1", account_id="a", stage="Negotiation", **deal), make_opportunity("2", account_id="b")]
    return make_tables(deals, activities=activities, accounts=accounts, exported_on=pd.Timestamp("2024-02-01").date())


def marks_of(activities: list[dict] | None, day: str = "2024-02-01") -> pd.DataFrame:
    tables = tables_of(activities)
    frame = as_of(tables, day, workspace=WORKSPACE)
    return behaviour_marks(frame, tables, SCORING.behaviour_rules, workspace=WORKSPACE)


def test_a_condition_speaks_of_the_deal_its_account_and_any_column_of_the_accounts() -> None:
    tables = tables_of(None)
    frame = rule_frame(as_of(tables, "2024-02-01", workspace=WORKSPACE), tables)
    marks = attribute_marks(frame, [rule for rule in SCORING.attribute_rules if rule.name != "no_competitor"])
    assert marks.to_dict("list") == {"large": [1.0, 0.0], "tier": [1.0, 0.0]}


def test_a_condition_on_a_column_that_is_not_there_names_the_rule_and_the_nearest() -> None:
    rule = AttributeRule(name="big", points=1, where={"employes": {"at_least": 5}})
    with pytest.raises(ColumnMissingError, match=r"attribute_rules: big.*employes.*\n?.*nearest is 'employees'"):
        attribute_marks(pd.DataFrame({"employees": [1]}), [rule])


def test_contact_fades_and_silence_lowers_only_in_its_stage() -> None:
    marks = marks_of([make_activity("1", "2024-01-12"), make_activity("2", "2024-01-11", kind="visit")])
    assert marks["calls"].tolist() == [0.125, 0.0]
    assert marks["visits"].tolist() == [0.0, 1.0]
    assert marks["silence"].tolist() == [1.0, 0.0]


def test_a_deal_never_contacted_is_silent_for_as_long_as_it_is_open() -> None:
    activities = [make_activity("2", "2024-01-05")]
    assert marks_of(activities, "2024-02-01")["silence"].tolist()[0] == 1.0
    young = tables_of(activities, created_at="2024-01-25")
    frame = as_of(young, "2024-02-01", workspace=WORKSPACE)
    marks = behaviour_marks(frame, young, SCORING.behaviour_rules, workspace=WORKSPACE)
    assert marks["silence"].tolist()[0] == 0.0


def test_without_a_table_of_activities_behaviour_is_not_known_rather_than_nothing() -> None:
    marks = marks_of(None)
    assert marks.isna().all(axis=None)
    assert total_points(rule_points(marks, SCORING.behaviour_rules)).isna().all()


def test_points_are_capped_both_ways_and_without_rules_there_is_no_score() -> None:
    rules = [BehaviourRule(name=name, points=points, within_days=7, cap=6) for name, points in (("a", 4), ("b", -4))]
    marks = pd.DataFrame({"a": [1.0, 9.0], "b": [1.0, 9.0]})
    assert rule_points(marks, rules).to_numpy().tolist() == [[4.0, -4.0], [6.0, -6.0]]
    assert total_points(rule_points(pd.DataFrame(index=[0, 1]), [])).isna().all()


def test_reasons_are_told_the_largest_first_in_either_language() -> None:
    points = pd.DataFrame({"large": [10.0, 0.0], "tier": [-17.25, None], "no_competitor": [0.04, -2.0]})
    told = {
        locale: rule_reasons(points, SCORING.attribute_rules, words=Words(locale), formats=Formats(locale))
        for locale in ("en", "zh_CN")
    }
    assert told["en"] == [["Graded hospital: −17.2 points", "Large company: +10 points"], ["no competitor: −2 points"]]
    assert told["zh_CN"][0][1] == "大型企业：+10 分"


@pytest.mark.parametrize("seed", range(3))
def test_nothing_after_the_day_changes_what_the_rules_say(seed: int) -> None:
    tables, workspace = awkward_pipeline(seed), awkward_workspace()
    rules = [
        BehaviourRule(name="calls", kinds="call", points=1, half_life_days=9),
        BehaviourRule(name="any", points=1, within_days=14),
        BehaviourRule(name="silence", points=-1, silence_days=10, stages=["Demo", "Proposal"]),
    ]
    day = "2024-06-15"
    frame = snapshots(tables, [day], workspace=workspace, only_open=True)
    acts = tables["activities"]
    is_later = acts["occurred_at"] >= cutoff(pd.Timestamp(day).date(), workspace.calendar.time_zone)
    earlier = tables.replace(activities=acts[~is_later])
    told = [behaviour_marks(frame, known, rules, workspace=workspace) for known in (tables, earlier)]
    pd.testing.assert_frame_equal(*told)
    assert told[0].sum().gt(0).all()


def lift_of(marks: list[float], won: list[bool], deals: list[object], points: float = 5.0, **more: object) -> pd.Series:
    rule = AttributeRule(name="r", where={}, points=points)
    return rule_lift(pd.DataFrame({"r": marks}), [rule], won=np.array(won), deals=pd.Series(deals), **more).iloc[0]


def test_the_lift_is_the_difference_of_the_win_rates_with_newcombes_interval() -> None:
    # Newcombe 1998, table II (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339
    found = lift_of([1.0] * 70 + [0.0] * 80, [True] * 56 + [False] * 14 + [True] * 48 + [False] * 32, list(range(150)))
    assert (found["n_with"], found["n_without"]) == (70, 80)
    assert found["lift"] == pytest.approx(0.2)
    assert found["lift_low"] == pytest.approx(0.0524, abs=5e-5)
    assert found["lift_high"] == pytest.approx(0.3339, abs=5e-5)
    assert found["agrees"] is np.True_ or found["agrees"] is True


@given(copies=st.integers(1, 6), seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_a_deal_seen_on_many_days_counts_as_one(copies: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    marks, won = rng.integers(0, 2, n).astype(float), rng.uniform(size=n) < 0.4
    once = lift_of(marks.tolist(), won.tolist(), list(range(n)))
    many = lift_of(np.tile(marks, copies).tolist(), np.tile(won, copies).tolist(), list(range(n)) * copies)
    pd.testing.assert_series_equal(once, many, rtol=1e-9)


def test_a_deal_that_met_the_rule_on_half_its_days_counts_half_to_either_side() -> None:
    found = lift_of([1.0, 0.0, 1.0, 0.0], [True, True, True, False], ["1", "1", "2", "3"])
    assert (found["n_with"], found["n_without"]) == (1.5, 1.5)
    weighed = lift_of(
        [1.0, 0.0, 1.0, 0.0], [True, True, True, False], ["1", "1", "2", "3"], weights=np.array([3, 1, 1, 1])
    )
    assert (weighed["n_with"], weighed["n_without"]) == (1.75, 1.25)


def test_points_on_the_wrong_side_of_the_lift_are_told_and_what_cannot_be_told_is_null() -> None:
    marks, won = [1.0] * 40 + [0.0] * 40, [True] * 30 + [False] * 10 + [True] * 10 + [False] * 30
    assert bool(lift_of(marks, won, list(range(80)), points=-5)["agrees"]) is False
    assert pd.isna(lift_of([1.0, 1.0], [True, False], [1, 2])["lift"])
    assert pd.isna(lift_of([], [], [])["lift"])


def test_a_null_mark_is_on_neither_side() -> None:
    found = lift_of([np.nan, 1.0, 0.0], [True, True, False], [1, 2, 3])
    assert (found["n_with"], found["n_without"]) == (1, 1)


@pytest.mark.parametrize("effect", [0.0, 0.15])
def test_the_interval_holds_the_true_lift_at_its_rate(effect: float) -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(300):
        marks = (rng.uniform(size=120) < 0.35).astype(float)
        won = rng.uniform(size=120) < 0.3 + effect * marks
        found = lift_of(marks.tolist(), won.tolist(), list(range(120)))
        hits += found["lift_low"] <= effect <= found["lift_high"]
    assert 0.92 <= hits / 300 <= 0.985


def test_every_rule_is_measured_as_known_on_the_day_and_not_as_at_the_close() -> None:
    deals = [
        make_opportunity(str(i), stage="Won" if i % 2 else "Lost", closed_at="2024-03-01", amount=900) for i in range(8)
    ]
    history = [make_change(str(i), "2024-01-01", stage="Lead", amount=100) for i in range(8)]
    history += [make_change(str(i), "2024-03-01", stage="Won" if i % 2 else "Lost", amount=900) for i in range(8)]
    calls = [make_activity(str(i), "2024-02-10") for i in range(4)]
    calls += [make_activity(str(i), "2024-03-05") for i in range(8)]
    tables = make_tables(deals, history=history, activities=calls)
    workspace = parse_workspace("""
    scoring:
      attribute_rules:
        - {name: dear, where: {amount: {above: 500}}, points: 5}
        - {name: named, where: {region: East}, points: 5}
      behaviour_rules: [{name: called, points: 5, within_days: 30}]
    """)
    rows = snapshots(tables, ["2024-02-12"], workspace=workspace, only_open=True)
    ends = pd.DataFrame({"end": ["won" if int(key) % 2 else "lost" for key in rows["opportunity_id"]]})
    found = measure_rules(rows, ends, tables, workspace=workspace).set_index("rule")
    assert list(found.reset_index().columns) == list(LIFT_COLUMNS)
    assert found.loc["dear", "n_with"] == 0  # 900 only once they were closed
    assert found.loc["called", ["n_with", "n_without"]].tolist() == [4, 4]
    assert found["is_as_exported"].tolist() == [False, True, False]
    assert measure_rules(rows, ends, tables, workspace=Workspace()).empty


def test_a_rule_that_holds_late_in_the_process_does_not_get_the_stages_credit() -> None:
    rng = np.random.default_rng(8)
    late = rng.uniform(size=4000) < 0.5
    marks = (rng.uniform(size=4000) < np.where(late, 0.8, 0.1)).astype(float)
    won = rng.uniform(size=4000) < np.where(late, 0.7, 0.2) - 0.1 * marks  # within a stage the rule lowers the odds
    stage = pd.Series(np.where(late, "Offer", "Lead"))
    found = lift_of(marks.tolist(), won.tolist(), list(range(4000)), points=-5, stage=stage)
    assert found["lift_low"] > 0
    assert found["same_stage_high"] < 0
    assert found["same_stage_low"] < -0.1 < found["same_stage_high"]
    assert bool(found["agrees"]) is True


def test_the_interval_within_stages_holds_the_truth_at_its_rate_also_where_deals_stand_in_many_rows() -> None:
    rng = np.random.default_rng(9)
    hits = 0
    for _ in range(300):
        deal = np.repeat(np.arange(150), 3)
        stage = rng.integers(0, 3, 450)
        strength = rng.normal(0, 0.1, 150)  # what is the deal's own, in all its rows
        marks = (rng.uniform(size=150) < 0.4)[deal].astype(float)
        won = (rng.uniform(size=150) < 0.35 + strength + 0.1 * marks[::3])[deal]
        found = lift_of(marks.tolist(), won.tolist(), deal.tolist(), stage=pd.Series(stage.astype(str)))
        hits += found["same_stage_low"] <= 0.1 <= found["same_stage_high"]
    assert 0.92 <= hits / 300 <= 0.985


def test_a_rule_for_some_stages_is_measured_on_deals_in_those() -> None:
    deals = [make_opportunity(str(i), stage="Demo" if i < 4 else "Lead") for i in range(8)]
    tables = make_tables(
        deals, activities=[make_activity("0", "2024-01-30")], exported_on=pd.Timestamp("2024-02-01").date()
    )
    workspace = parse_workspace("scoring: {behaviour_rules: [{name: s, silence_days: 7, stages: [Demo], points: -5}]}")
    rows = as_of(tables, "2024-02-01", workspace=workspace)
    ends = pd.DataFrame({"end": ["won", "lost"] * 4})
    found = measure_rules(rows, ends, tables, workspace=workspace).iloc[0]
    assert (found["n_with"], found["n_without"]) == (3, 1)


def test_a_lift_is_told_in_words_with_its_interval_and_on_how_many_deals() -> None:
    rules = [AttributeRule(name=name, where={}, points=5, reason=name.upper()) for name in ("a", "b")]
    marks = pd.DataFrame({"a": [1.0] * 70 + [0.0] * 80, "b": [1.0] * 150})
    won = np.array([True] * 56 + [False] * 14 + [True] * 48 + [False] * 32)
    lift = rule_lift(marks, rules, won=won, deals=pd.Series(range(150)))
    told = lift_texts(lift, rules, words=Words("en"), formats=Formats("en"))
    assert told == [
        "A: 80% of 70 deals were won while it held, 60% of 80 while it did not: +20 points (+5 to +33)",
        "B: no closed deals on both sides yet",
    ]
    same = rule_lift(marks, rules, won=won, deals=pd.Series(range(150)), stage=pd.Series(["Demo"] * 150))
    assert "at the same stage: +20 points" in lift_texts(same, rules, words=Words("en"), formats=Formats("en"))[0]
    assert "同阶段比较" in lift_texts(same, rules, words=Words("zh_CN"), formats=Formats("zh_CN"))[0]


def test_both_scores_of_a_day_stand_side_by_side_with_their_reasons() -> None:
    tables = tables_of([make_activity("1", "2024-01-12"), make_activity("2", "2024-01-20", kind="visit")])
    tables = tables.replace(
        opportunities=tables["opportunities"].assign(competitor=pd.Series(["Acme", None], dtype="str"))
    )
    told = {"workspace": WORKSPACE, "words": Words("en"), "formats": Formats("en")}
    frame = as_of(tables, "2024-02-01", workspace=WORKSPACE)
    found = score_by_rules(frame.set_index(pd.Index([7, 3])), tables, **told)
    assert found.index.tolist() == [7, 3]
    assert found["attribute_points"].tolist() == [17.5, -2.0]
    assert found["behaviour_points"].tolist() == [-19.5, 3.0]
    assert found["behaviour_reasons"].tolist() == [
        ["Two weeks of silence: −20 points", "calls: +0.5 points"],
        ["visits: +3 points"],
    ]
    none = score_by_rules(frame.iloc[:0], tables, **told)
    assert none.empty
    assert list(none.columns) == list(found.columns)


def test_a_rule_without_a_reason_is_told_by_its_name_as_words():
    rule = AttributeRule(name="from_referral", where={"source": "referral"}, points=10)
    assert rule.said("zh_CN") == "from referral"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (AttributeRule(name="from_referral", where={"source": "referral"}, points=1), "来源为 referral"),
        (AttributeRule(name="big", where={"amount": {"at_least": 500.0}}, points=1), "金额不低于 500"),
        (AttributeRule(name="no_region", where={"region": None}, points=1), "区域为空"),
        (AttributeRule(name="graded", where={"hospital_grade": "3A"}, points=1), "“graded”"),
        (AttributeRule(name="大客户", where={"hospital_grade": "3A"}, points=1), "大客户"),
        (AttributeRule(name="big", where={"amount": {"above": 1}}, points=1, reason="Large"), "Large"),
        (BehaviourRule(name="met", kinds="meeting", points=1, half_life_days=30), "近期的会议（每 30 天权重减半）"),
        (
            BehaviourRule(name="wrote", kinds=["mail", "call"], direction="in", points=1, within_days=14),
            "近 14 天的客户发起的邮件或电话",
        ),
        (
            BehaviourRule(name="still", points=-1, silence_days=14, stages=["Negotiation"]),
            "Negotiation 阶段：至少 14 天没有跟进联系",
        ),
        (BehaviourRule(name="fairs", kinds="trade_fair", points=1, within_days=14), "“fairs”"),
    ],
)
def test_a_rule_without_a_reason_is_told_in_chinese_by_what_it_asks_for(rule, said) -> None:
    assert rule_said(rule, Words("zh_CN")) == said
    assert rule_said(rule, Words("en")) == rule.said("en")
