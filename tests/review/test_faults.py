"""Findings of the audit by what they cost, how completely deals are filled in, and what changed since."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.locale import LOCALES, Words
from oppnb.review import filled_by_column, filled_by_group, grade_faults, needed_columns
from oppnb.review.audit_memory import audit_change, remember_audit
from oppnb.review.fault_grades import EFFECTS, EXPLAINED, LEVELS, grade_of
from oppnb.store import open_store
from oppnb.tables import AuditResult, Finding, Note, Tables, audit_tables
from oppnb.tables.audit import RULES
from tests.builders import make_opportunity, make_tables


def audited(*findings: Finding) -> AuditResult:
    return AuditResult(Tables({}), findings, pd.DataFrame())


def test_every_rule_of_the_audit_and_of_reading_says_what_it_costs():
    named = set(Words("en").keys("rule"))
    assert set(RULES) <= set(EFFECTS)
    assert named == set(EFFECTS)


@pytest.mark.parametrize("locale", LOCALES)
def test_areas_advice_and_levels_are_there_in_words(locale):
    words = Words(locale)
    areas = {area for effect in EFFECTS.values() for area in effect.areas}
    assert {*areas, "none"} == set(words.keys("fault_area"))
    assert {effect.advice for effect in EFFECTS.values()} | {"own", *EXPLAINED} == set(words.keys("fault_advice"))
    assert all(words.get(f"note.audit_{advice}", "") for advice in EXPLAINED)
    assert set(LEVELS) == set(words.keys("fault_level"))


@pytest.mark.parametrize(
    ("finding", "level"),
    [
        (Finding("open_deal_has_an_amount", "opportunities", 5, 100), "high"),
        (Finding("open_deal_has_an_amount", "opportunities", 4, 100), "medium"),
        (Finding("open_deal_has_an_amount", "opportunities", 1, 1000), "low"),
        (Finding("column_is_filled_alike_on_won_and_lost", "opportunities", 99, 100), "low"),
        (Finding("value_is_in_its_list", "opportunities", 99, 100, done="mended"), "low"),
        (Finding("a_rule_of_ones_own", "opportunities", 99, 100), "high"),
    ],
)
def test_a_fault_is_as_grave_as_the_share_of_rows_and_the_figures_it_touches(finding, level):
    assert grade_of(finding) == level


def zeros(n: int, n_explained: int) -> Finding:
    note = Note(
        "audit_zero_when_lost", {"n_explained": n_explained, "n_lost": n_explained, "n_others": n - n_explained}
    )
    return Finding("amount_is_not_zero", "opportunities", n, 100, amount=0.0, note=note)


@pytest.mark.parametrize(
    ("finding", "level", "advice"),
    [(zeros(40, 40), "low", "zero_when_lost"), (zeros(40, 39), "medium", "amount"), (zeros(40, 30), "high", "amount")],
)
def test_rows_that_the_audit_explains_make_no_fault_grave_and_all_others_do(finding, level, advice):
    own = Finding("opportunity_has_an_owner", "opportunities", 1, 1000)
    rows = grade_faults(audited(finding, own)).set_index("rule")
    assert rows.loc["amount_is_not_zero", ["level", "advice", "n_rows"]].tolist() == [level, advice, 40]
    assert rows["is_explained"].tolist() == ([False, True] if level == "low" else [False, False])


def test_faults_are_sorted_by_gravity_then_money_and_none_is_lost():
    found = audited(
        Finding("amount_is_not_zero", "opportunities", 9, 100, amount=None),
        Finding("opportunity_has_an_account", "opportunities", 9, 100, amount=5.0),
        Finding("opportunity_has_an_owner", "opportunities", 2, 100, amount=900.0),
    )
    rows = grade_faults(found)
    assert list(rows["rule"]) == ["opportunity_has_an_account", "amount_is_not_zero", "opportunity_has_an_owner"]
    assert rows["n_rows"].sum() == 20


CELLS = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["open", "won", "lost"]),
        "owner_id": st.sampled_from(["a", "b", None]),
        "amount": st.sampled_from([1.0, None]),
        "source": st.sampled_from(["web", None]),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_completeness_adds_up_and_stays_between_nought_and_one(cells):
    deals = make_tables([make_opportunity(str(n), **cell) for n, cell in enumerate(cells)])["opportunities"]
    columns = filled_by_column(deals)
    shares = columns.filter(like="share")
    assert ((shares.isna()) | ((shares >= 0) & (shares <= 1))).all(axis=None)
    assert (columns["n"] == len(cells)).all()
    groups = filled_by_group(deals, "owner_id")
    n_open = sum(cell["outcome"] == "open" for cell in cells)
    assert groups["n_open"].sum() == n_open
    assert groups[["complete_share", "filled_share"]].ge(0).all(axis=None)
    assert (groups["complete_share"] <= groups["filled_share"] + 1e-12).all()
    asked = [name for name in needed_columns(deals) if name != "owner_id"]
    complete = deals[deals["outcome"] == "open"][asked].notna().all(axis=1).sum()
    assert groups["n_complete"].sum() == complete


def test_completeness_says_which_column_lacks_most():
    deals = make_tables(
        [
            make_opportunity("1", outcome="open", owner_id="a", source=None, product="P"),
            make_opportunity("2", outcome="open", owner_id="a", source=None, product=None),
            make_opportunity("3", outcome="open", owner_id="b", source="web", product="P"),
        ]
    )["opportunities"]
    rows = filled_by_group(deals, "owner_id").set_index("slice")
    assert rows.loc["a", ["n_open", "n_complete", "emptiest", "n_empty"]].tolist() == [2, 0, "source", 2]
    assert rows.loc["b", "complete_share"] == 1.0
    assert filled_by_column(deals).set_index("column").loc["source", "open_filled_share"] == pytest.approx(1 / 3)


def faults_of(n_without_owner: int) -> pd.DataFrame:
    deals = [make_opportunity(str(n), owner_id=None if n < n_without_owner else "a") for n in range(10)]
    return grade_faults(audit_tables(make_tables(deals)))


def test_the_store_tells_what_became_fewer_and_what_more(tmp_path):
    store = open_store(tmp_path / "store")
    assert audit_change(store, faults_of(3), day=date(2024, 1, 8)) is None
    assert remember_audit(store, faults_of(3), day=date(2024, 1, 1), data_hash="one")
    assert not remember_audit(store, faults_of(3), day=date(2024, 1, 1), data_hash="one")
    assert audit_change(store, faults_of(3), day=date(2024, 1, 1)) is None
    change = audit_change(store, faults_of(1), day=date(2024, 1, 8))
    assert change.day == date(2024, 1, 1)
    row = change.rows.set_index("rule").loc["opportunity_has_an_owner"]
    assert row[["n_before", "n_rows", "change"]].tolist() == [3, 1, -2]
    assert remember_audit(store, faults_of(0), day=date(2024, 1, 15), data_hash="three")
    later = audit_change(store, faults_of(1), day=date(2024, 1, 22)).rows.set_index("rule")
    assert later.loc["opportunity_has_an_owner", ["n_before", "change"]].tolist() == [0, 1]


def test_the_store_names_its_tables_in_the_documentation():
    text = (Path(__file__).resolve().parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    assert re.search(r"^\| `audits` \|", text, flags=re.MULTILINE)
