"""The mapping's Python half: what it proposes, what a change does to the audit, what is saved, what can be undone."""

import pandas as pd
import pytest

from oppnb.errors import MappingError, UsageError, WorkspaceError
from oppnb.sources import inspect_path, read_tables
from oppnb.tables import audit_tables, findings_frame
from oppnb.widgets import MappingEditor
from oppnb.workspace import read_workspace
from tests.widgets.mapped import EVIL, WORKSPACE, write_export


@pytest.fixture
def file(tmp_path):
    return write_export(tmp_path)


@pytest.fixture
def editor(file):
    return MappingEditor(file.parent / "export", path=file)


def row(editor, column):
    return next(one for one in editor.state["columns"] if one["key"] == column)


def test_begins_with_what_inspect_proposes_and_says_why(editor, file):
    proposed = inspect_path(file.parent / "export").proposals
    assert editor.mapping == tuple(one.rule for one in proposed)
    assert row(editor, "stage")["reason"] == proposed[0].reasons["stage"]
    assert row(editor, "stage")["samples"] == "Demo, Won"
    assert row(editor, "amount")["value"] == ""


def test_findings_are_those_of_the_audit_and_change_with_the_mapping(editor, file):
    assert editor.findings.empty
    editor.choose("opportunities", "amount", "Worth")
    workspace = read_workspace(file).model_copy(update={"mapping": list(editor.mapping)})
    reading = read_tables(file.parent / "export", workspace=workspace)
    audit = audit_tables(reading.tables, workspace=workspace, reading_findings=reading.findings)
    pd.testing.assert_frame_equal(editor.findings, findings_frame(audit.findings))
    assert [one["change"] for one in editor.state["findings"]] == ["new"]
    editor.clear("opportunities", "amount")
    assert editor.state["findings"] == []


def test_saves_with_the_comments_kept_and_reads_back(editor, file):
    editor.choose("opportunities", "amount", "Worth")
    assert "+    amount: Worth" in editor.diff
    assert file.read_text() == WORKSPACE
    editor.save()
    text = file.read_text()
    assert text.startswith(WORKSPACE)
    assert read_workspace(file).mapping == list(editor.mapping)
    assert editor.diff == ""
    again = MappingEditor(file.parent / "export", path=file)
    assert again.mapping == editor.mapping
    again.choose("opportunities", "closed_at", "Ended")
    again.save()
    assert "amount: Worth # chosen by hand" in file.read_text().replace("  #", " #")


def test_every_change_can_be_undone_and_done_again_also_after_saving(editor):
    begun = editor.mapping
    editor.choose("opportunities", "amount", "Worth")
    editor.save()
    chosen = editor.mapping
    editor.undo()
    assert editor.mapping == begun
    assert "-    amount: Worth" in editor.diff
    editor.redo()
    assert (editor.mapping, editor.diff) == (chosen, "")


def test_what_cannot_be_read_is_told_and_can_be_mended(editor):
    editor.clear("opportunities", "stage")
    assert "has no column 'stage'" in editor.problem
    assert row(editor, "stage")["is_missing"]
    assert editor.findings.empty
    editor.choose("opportunities", "stage", "Phase")
    assert editor.problem is None


def test_the_mapping_may_be_set_and_watched(editor):
    seen = []
    editor.observe(lambda change: seen.append(change.new), names="mapping")
    editor.mapping = [
        {"table": "opportunities", "file": "deals.csv", "columns": {"opportunity_id": "Deal ID", "stage": "Phase"}}
    ]
    assert set(editor.mapping[0].columns) == {"opportunity_id", "stage"}
    assert seen[-1] == editor.mapping
    with pytest.raises(UsageError, match="no rule of a mapping"):
        editor.mapping = [{"table": "opportunities"}]
    assert set(editor.mapping[0].columns) == {"opportunity_id", "stage"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("oportunities", "stage", "Phase"), "'opportunities'"),
        (("opportunities", "stag", "Phase"), "'stage'"),
        (("opportunities", "stage", "Phse"), "'Phase'"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_and_nothing_changes(editor, given, words):
    before = editor.mapping
    with pytest.raises(MappingError, match=words):
        editor.choose(*given)
    assert editor.mapping == before


def test_a_file_that_somebody_else_changed_is_not_overwritten(editor, file):
    editor.choose("opportunities", "amount", "Worth")
    file.write_text("currency: USD\n")
    with pytest.raises(WorkspaceError, match="changed by somebody else"):
        editor.save()
    assert file.read_text() == "currency: USD\n"
    assert editor.state["is_stale"]
    editor.reload()
    assert not editor.state["is_stale"]
    assert "amount" not in editor.mapping[0].columns


def test_without_a_file_it_says_how_to_name_one_and_saves_there(file):
    editor = MappingEditor(file.parent / "export")
    with pytest.raises(UsageError, match="No file to save to"):
        editor.save()
    editor.save(str(file.parent / "new.yaml"))
    assert read_workspace(file.parent / "new.yaml").mapping == list(editor.mapping)


def test_two_rules_of_one_file_and_table_are_told_apart_and_changed_apart(tmp_path):
    folder = tmp_path / "crm"
    folder.mkdir()
    text = "id,opened,closed,stage,price,value\n" + "".join(
        f"D{at},2025-01-0{at},2025-02-0{at},{'Won' if at % 2 else 'Lost'},5,{at}\n" for at in range(1, 7)
    )
    (folder / "deals.csv").write_text(text, encoding="utf-8")
    rule = {"table": "opportunity_history", "file": "deals.csv"}
    columns = {"opportunity_id": "id", "changed_at": "opened", "stage": {"value": "Open"}, "amount": "price"}
    editor = MappingEditor(folder)
    editor.mapping = [
        {"table": "opportunities", "file": "deals.csv", "columns": {"opportunity_id": "id", "stage": "stage"}},
        {**rule, "where": {"opened": {"is_null": False}}, "columns": columns},
        {**rule, "where": {"stage": ["Won", "Lost"]}, "columns": {**columns, "changed_at": "closed"}},
    ]
    labels = [one["label"] for one in editor.state["rules"]]
    assert labels[1:] == [
        "History of opportunities from deals.csv, where opened is filled",
        "History of opportunities from deals.csv, where stage = Won / Lost",
    ]
    editor.rule = editor.state["rules"][2]["key"]
    editor.choose_header("amount", "value")
    assert [one.columns["amount"].column for one in editor.mapping[1:]] == ["price", "value"]
    assert editor.rule == editor.state["rules"][2]["key"]
    editor.remove_table("opportunity_history", "deals.csv")
    assert [one.columns["amount"].column for one in editor.mapping[1:]] == ["price"]
    editor.undo()
    assert [one.columns["amount"].column for one in editor.mapping[1:]] == ["price", "value"]


def test_an_unknown_keyword_names_the_nearest(file):
    with pytest.raises(TypeError, match=r"no 'pth'\. Did you mean 'path'"):
        MappingEditor(file.parent / "export", pth="x")


def test_another_table_is_filled_and_left_again(editor):
    editor.add_table("accounts", "deals.csv")
    assert editor.rule == "accounts < deals.csv"
    editor.choose_header("account_id", "Region")
    assert editor.problem is None
    editor.remove_table("accounts", "deals.csv")
    assert [one.table for one in editor.mapping] == ["opportunities"]


def test_an_export_of_which_nothing_is_recognised_can_be_mapped_from_nothing(tmp_path):
    (tmp_path / "x.csv").write_text("alpha,beta,gamma\n1,Demo,5\n2,Won,7\n")
    editor = MappingEditor(tmp_path / "x.csv")
    assert editor.mapping == ()
    assert "No list of opportunities was recognised" in editor.problem
    editor.add_table("opportunities", "x.csv")
    editor.choose("opportunities", "opportunity_id", "alpha")
    editor.choose("opportunities", "stage", "beta")
    assert editor.problem is None
    assert editor.state["title"].startswith("Deals read: 2")


def test_without_a_kernel_the_mapping_is_left_and_text_is_text(editor):
    data, _ = editor._repr_mimebundle_()
    assert "Deal ID" in data["text/html"]
    editor.choose("opportunities", "competitor", EVIL)
    shown = editor._repr_mimebundle_()[0]["text/html"]
    assert "&lt;img" in shown
    assert "<img" not in shown


def test_says_it_in_chinese(file):
    editor = MappingEditor(file.parent / "export", path=file, locale="zh_CN")
    assert row(editor, "expected_close_on")["label"] == "预计成交日期"
    assert editor.state["rules"][0]["label"] == "商机，取自 deals.csv"
