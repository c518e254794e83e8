"""What the workspace says is done, and nothing else."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, DataError, RowsRejectedError, WorkspaceError
from oppnb.locale import Words
from oppnb.tables import Finding, Tables, audit_tables, write_rejected
from oppnb.tables.audit import RULES
from oppnb.workspace import parse_workspace
from tests.tables.audit.audit_frames import found, make_deal, make_frame, make_tables, rules_of


def audit_with(text, tables, **other):
    return audit_tables(tables, workspace=parse_workspace(text), **other)


def test_mends_the_spellings_the_workspace_names_and_counts_them():
    tables = make_tables(make_deal("A", product="GTXPro"), make_deal("B", product="GTX Pro"))
    result = audit_with("audit: {spellings: {opportunities.product: {GTXPro: GTX Pro}}}", tables)
    finding = found(result, "spelling_is_as_configured")
    assert (finding.n_rows, finding.done, finding.first_keys) == (1, "mended", ("A",))
    assert result.tables["opportunities"]["product"].tolist() == ["GTX Pro", "GTX Pro"]


def test_mends_nothing_by_itself():
    tables = make_tables(make_deal("A", product="GTXPro"), line_items=[{"opportunity_id": "A", "product": "GTX Pro"}])
    assert audit_tables(tables).tables["opportunities"]["product"].tolist() == ["GTXPro"]


def test_mends_by_a_rule_that_is_named():
    tables = make_tables(make_deal("A", product="GTXPro", outcome="lost", stage="Won", closed_at="2025-06-20"))
    text = "audit: {actions: {value_is_in_its_list: mend, outcome_agrees_with_the_stage: mend}}"
    result = audit_with(text, tables, allowed={"opportunities.product": ["GTX Pro"]})
    assert result.tables["opportunities"][["product", "outcome"]].values.tolist() == [["GTX Pro", "won"]]
    assert {f.rule for f in result.findings if f.done == "mended"} == {
        "value_is_in_its_list",
        "outcome_agrees_with_the_stage",
    }


def test_sets_aside_what_hangs_on_a_deal_that_goes():
    tables = make_tables(
        make_deal("A", amount=-1.0),
        make_deal("B"),
        activities=[{"opportunity_id": name, "kind": "call", "occurred_at": "2025-06-12"} for name in "ABA"],
        leads=[{"lead_id": "L", "created_at": "2025-06-01", "opportunity_id": "A"}],
    )
    result = audit_with("audit: {actions: {amount_is_not_negative: set_aside}}", tables)
    follow = found(result, "opportunity_was_not_set_aside", "activities")
    assert (follow.n_rows, follow.n_checked, follow.done) == (2, 3, "set_aside")
    assert result.tables["activities"]["opportunity_id"].tolist() == ["B"]
    assert len(result.tables["leads"]) == 1


def test_sets_nothing_aside_with_one_of_two_rows_of_a_key():
    calls = [{"opportunity_id": "A", "kind": "call", "occurred_at": "2025-06-12"}]
    result = audit_tables(make_tables(make_deal("A", amount=1.0), make_deal("A"), activities=calls))
    assert len(result.tables["activities"]) == 1


def test_blocks_records_that_the_workspace_calls_contradictory():
    text = "audit: {block: [{name: won_deals_have_an_amount, where: {stage: Won, amount: {is_null: true}}}]}"
    tables = make_tables(make_deal("A", stage="Won", amount=None, closed_at="2025-06-20"), make_deal("B"))
    result = audit_with(text, tables)
    assert found(result, "won_deals_have_an_amount").done == "set_aside"
    assert result.rejected[["table", "rule", "key"]].values.tolist() == [
        ["opportunities", "won_deals_have_an_amount", "A"]
    ]


def test_stops_with_the_rules_the_counts_and_the_first_keys():
    tables = make_tables(
        *(make_deal(name, amount=-1.0) for name in "ABCD"), make_deal("E", owner_id=None), make_deal("F")
    )
    text = "audit: {actions: {amount_is_not_negative: stop, opportunity_has_an_owner: stop}}"
    with pytest.raises(RowsRejectedError) as raised:
        audit_with(text, tables)
    assert str(raised.value) == (
        "'opportunities': 5 of 6 rows break 2 rules.\n"
        "  amount_is_not_negative         4 rows   first: A, B, C\n"
        "  opportunity_has_an_owner       1 rows   first: E\n"
        "To go on: mend the rows, or say in oppnb.yaml  audit: {actions: {amount_is_not_negative: set_aside}}.\n"
        "Rows set aside are written to rejected.csv."
    )


def test_stops_for_every_rule_of_rows_where_that_is_the_default():
    with pytest.raises(RowsRejectedError, match="open_deal_has_an_amount"):
        audit_with("audit: {default: stop}", make_tables(make_deal(amount=None), make_deal("B")))


def test_stops_for_what_was_found_while_reading():
    reading = [Finding("date_is_possible", "deals.csv", 2, 9, ("A", "B"))]
    assert reading[0] in audit_tables(make_tables(), reading_findings=reading).findings
    with pytest.raises(RowsRejectedError, match=r"'deals.csv': 2 rows break 1 rule\."):
        audit_with("audit: {actions: {date_is_possible: stop}}", make_tables(), reading_findings=reading)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("audit: {actions: {amount_is_not_negativ: keep}}", "Did you mean 'amount_is_not_negative'"),
        ("audit: {actions: {amount_is_not_negative: mend}}", "cannot be 'mend'. Possible: keep, set_aside, stop"),
        ("audit: {actions: {column_is_filled_alike_on_won_and_lost: set_aside}}", "Possible: keep, stop"),
        ("audit: {spellings: {opportunties.stage: {a: b}}}", "Did you mean 'opportunities.stage'"),
        ("audit: {spellings: {opportunities.stages: {a: b}}}", "Did you mean 'stage'"),
        ("audit: {block: [{name: x, table: deals, where: {stage: A}}]}", "not a table and a column|Did you mean"),
        ("audit: {block: [{name: x, action: mend, where: {stage: A}}]}", "cannot be 'mend'"),
        ("audit: {block: [{name: key_is_there, where: {stage: A}}]}", "another name"),
    ],
)
def test_names_the_mistake_in_the_workspace(text, message):
    with pytest.raises(WorkspaceError, match=message):
        audit_with(text, make_tables())


def test_names_a_column_that_is_missing_or_not_of_its_type():
    with pytest.raises(ColumnMissingError, match=r"'opportunities' has no column 'stage'\. The nearest is 'Stage'"):
        audit_tables(Tables({"opportunities": pd.DataFrame({"opportunity_id": ["1"], "Stage": ["x"]})}))
    wrong = make_frame([make_deal()]).assign(amount=["much"])
    with pytest.raises(DataError, match=r"'opportunities'.*amount"):
        audit_tables(Tables({"opportunities": wrong}))


def test_writes_what_was_set_aside_as_a_spreadsheet_can_read_it(tmp_path):
    bad = make_deal("=HYPERLINK(1)", name="<b>\n=1+1 北京", amount=0.1)
    path = write_rejected(audit_tables(make_tables(bad, bad, make_deal("B", name="x"))), tmp_path / "new")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    written = pd.read_csv(path, dtype=str)
    assert list(written.columns) == ["table", "rule", "key", "row"]
    assert written["key"].tolist() == ["'=HYPERLINK(1)"]
    row = json.loads(written["row"][0])
    assert (row["name"], row["amount"], row["closed_at"]) == ("<b>\n=1+1 北京", 0.1, None)


def test_replaces_an_earlier_file_also_when_nothing_was_set_aside(tmp_path):
    write_rejected(audit_tables(make_tables(make_deal(), make_deal())), tmp_path)
    path = write_rejected(audit_tables(make_tables()), tmp_path)
    assert path.read_text(encoding="utf-8-sig") == "table,rule,key,row\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["rejected.csv"]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_has_a_sentence_for_every_rule(locale):
    words = Words(locale)
    assert [rule for rule in RULES if words.get(f"rule.{rule}", "") == ""] == []
    result = audit_tables(make_tables(make_deal("A", product="GTXPro")), allowed={"opportunities.product": ["GTX Pro"]})
    frame = result.to_frame(words)
    assert "GTXPro → GTX Pro" in frame.loc[0, "note"]
    assert frame.loc[0, "sentence"] != frame.loc[0, "rule"]
    assert rules_of(result) == set(frame["rule"])


def test_loads_no_validation_library_before_it_is_asked():
    code = "import sys, oppnb.tables; sys.exit('pandera' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
