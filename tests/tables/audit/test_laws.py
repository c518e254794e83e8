"""Laws of the audit, on tables made at random with the faults of real exports."""

import json

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from oppnb.tables import Tables, audit_tables
from oppnb.workspace import parse_workspace
from tests.tables.audit.audit_frames import EXPORTED_ON, make_frame

MOMENTS = st.sampled_from([None, *(f"2025-0{month}-1{day} 08:30" for month in range(1, 9) for day in (1, 4))])
WORDS = st.sampled_from([None, "East", "east ", "West", "technology", "technolgy"])

DEALS = st.fixed_dictionaries(
    {
        "opportunity_id": st.sampled_from([None, *(f"D{number}" for number in range(8))]),
        "stage": st.sampled_from([None, "Demo", "Closed Won", "Lost", "Parked"]),
        "outcome": st.sampled_from([None, "open", "won", "lost", "maybe"]),
        "account_id": st.sampled_from([None, "A1", "A2", "A 1"]),
        "owner_id": st.sampled_from([None, "O1", "O2"]),
        "amount": st.sampled_from([None, -5.0, 0.0, 10.0, 0.1, 2_000_000.0]),
        "currency": st.sampled_from([None, "EUR", "USD", "XXQ"]),
        "created_at": MOMENTS,
        "closed_at": MOMENTS,
        "region": WORDS,
    }
)
STATES = st.fixed_dictionaries(
    {
        "opportunity_id": st.sampled_from([None, *(f"D{number}" for number in range(10))]),
        "changed_at": MOMENTS,
        "stage": st.sampled_from([None, "Demo", "Lost"]),
    }
)
PAYMENTS = st.fixed_dictionaries(
    {
        "opportunity_id": st.sampled_from([f"D{number}" for number in range(10)]),
        "paid_on": st.sampled_from([None, "2025-03-01", "2026-01-01"]),
        "amount": st.sampled_from([10.0, -3.0]),
    }
)
ACCOUNTS = st.fixed_dictionaries(
    {"account_id": st.sampled_from([None, "A1", "A2"]), "name": st.sampled_from(["Acme Inc", "ACME", "北京公司", None])}
)
TYPES = {
    "opportunities": {"amount": "float64", "region": "str", "opportunity_id": "str", "stage": "str"},
    "opportunity_history": {"opportunity_id": "str", "stage": "str"},
    "payments": {"opportunity_id": "str"},
    "accounts": {"account_id": "str", "name": "str"},
}
STRICT = parse_workspace(
    """
audit:
  actions:
    opportunity_id_is_in_opportunities: set_aside
    account_id_is_in_accounts: set_aside
    closed_at_is_not_before_created_at: set_aside
    payment_belongs_to_a_won_deal: set_aside
    amounts_are_in_one_currency: set_aside
    spelling_is_the_usual_one: mend
  block:
    - {name: parked_deals_are_no_deals, where: {stage: Parked}}
"""
)


def all_tables(deals, states, payments, accounts):
    rows = {"opportunities": deals, "opportunity_history": states, "payments": payments, "accounts": accounts}
    frames = {name: make_frame(part).astype(TYPES[name]) for name, part in rows.items() if part}
    return Tables(frames, exported_on=EXPORTED_ON)


TABLES = st.builds(
    all_tables,
    st.lists(DEALS, min_size=1, max_size=14),
    st.lists(STATES, max_size=14),
    st.lists(PAYMENTS, max_size=6),
    st.lists(ACCOUNTS, max_size=4),
)
WORKSPACES = st.sampled_from([None, STRICT])
# Without shrinking: the tables are small, and an audit of many tables is too slow to be tried a thousand times.
LAW = settings(max_examples=25, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))


@LAW
@given(tables=TABLES, workspace=WORKSPACES)
def test_good_and_rejected_rows_together_are_all_rows(tables, workspace):
    result = audit_tables(tables, workspace=workspace)
    for name, frame in tables.items():
        rejected = result.rejected[result.rejected["table"] == name]
        assert len(result.tables[name]) + len(rejected) == len(frame)
        assert all(set(json.loads(row)) == set(frame.columns) for row in rejected["row"])


@LAW
@given(tables=TABLES, workspace=WORKSPACES)
def test_auditing_the_cleaned_tables_again_sets_nothing_aside(tables, workspace):
    once = audit_tables(tables, workspace=workspace)
    again = audit_tables(once.tables, workspace=workspace)
    assert again.rejected.empty
    assert {finding.done for finding in again.findings} <= {"kept"}
    for name in once.tables:
        pd.testing.assert_frame_equal(once.tables[name], again.tables[name])


@LAW
@given(tables=TABLES, seed=st.integers(0, 1000))
def test_order_of_rows_does_not_change_the_counts(tables, seed):
    def counts(given):
        return [
            (found.table, found.rule, found.n_rows, found.n_checked, found.amount, found.done)
            for found in audit_tables(given).findings
            # Of one key with several contents the last in the file stays: which, and its money, is the file's order.
            if found.rule not in ("key_is_there_once", "last_stage_in_history_is_the_current_one")
        ]

    once = tables.replace(opportunities=tables["opportunities"].drop_duplicates("opportunity_id"))
    shuffled = once.replace(**{name: once[name].sample(frac=1, random_state=seed) for name in once})
    assert counts(shuffled) == counts(once)


@LAW
@given(tables=TABLES)
def test_kept_values_are_what_was_read(tables):
    result = audit_tables(tables)
    for name, frame in result.tables.items():
        merged = pd.concat([frame, tables[name].astype(frame.dtypes.to_dict())]).astype("str")
        assert set(map(tuple, frame.astype("str").fillna("").to_numpy())) <= set(
            map(tuple, merged.iloc[len(frame) :].fillna("").to_numpy())
        )


@LAW
@given(tables=TABLES, workspace=WORKSPACES)
def test_gives_the_same_findings_in_the_same_order_again(tables, workspace):
    first, second = (audit_tables(tables, workspace=workspace) for _ in range(2))
    assert first.findings == second.findings
    pd.testing.assert_frame_equal(first.rejected, second.rejected)


@LAW
@given(tables=TABLES, workspace=WORKSPACES)
def test_never_counts_more_rows_than_it_checked(tables, workspace):
    for finding in audit_tables(tables, workspace=workspace).findings:
        assert 0 < finding.n_rows <= finding.n_checked
        assert len(finding.first_keys) <= 3
