"""A mapping changed by hand, and written into the workspace file with everything else as it stood."""

import pytest

from oppnb.errors import MappingError, WorkspaceError
from oppnb.sources import MappingDraft, OpenExport, mapping_text, read_tables
from oppnb.sources.mapping_draft import BY_HAND
from oppnb.workspace import ColumnRule, parse_workspace, read_workspace

FILE = """# kept by the sales office
version: 1
currency: EUR   # agreed in May

mapping:
  # the list of deals
  - table: opportunities
    file: deals.csv # monthly
    columns:
      opportunity_id: Deal ID
      # as the CRM says
      stage: {column: Phase, values: {Sold: Won}}
      amount: Worth # in EUR
  - {table: owners, file: users.csv, columns: {owner_id: Id}}
calendar: {fiscal_year_start: 4}
"""


def draft():
    return MappingDraft.of(parse_workspace(FILE).mapping)


def test_a_draft_that_changes_nothing_leaves_the_text_as_it_is():
    assert mapping_text(draft(), FILE) == FILE
    there_and_back = draft().choose("opportunities", "amount", "Price").choose("opportunities", "amount", "Worth")
    assert mapping_text(there_and_back, FILE) == FILE


def test_only_the_line_that_changes_is_written_anew():
    text = mapping_text(draft().choose("opportunities", "amount", "Price"), FILE)
    assert text == FILE.replace("amount: Worth # in EUR", "amount: Price # in EUR")


def test_a_column_more_stands_among_the_others_and_every_comment_stays():
    made = draft().choose("opportunities", "created_at", "Opened").choose("owners", "name", "Full name")
    text = mapping_text(made, FILE)
    assert parse_workspace(text).mapping == list(made.mapping)
    assert "      created_at: Opened\n" in text
    assert "columns: {owner_id: Id, name: Full name}" in text
    for comment in ("kept by the sales office", "agreed in May", "the list of deals", "monthly", "as the CRM says"):
        assert f"# {comment}" in text


def test_a_recode_comes_back_with_its_header_and_not_with_another():
    other = draft().choose("opportunities", "stage", "Status")
    assert other.mapping[0].columns["stage"] == ColumnRule(column="Status")
    assert other.rules[0].reasons["stage"] == BY_HAND
    assert other.choose("opportunities", "stage", "Phase").mapping == draft().mapping


def test_rules_are_taken_away_and_added():
    made = draft().remove("owners").add("accounts", "firms.csv").choose("accounts", "account_id", "Firm")
    text = mapping_text(made, FILE)
    assert [rule.table for rule in parse_workspace(text).mapping] == ["opportunities", "accounts"]
    assert "users.csv" not in text


def test_a_proposal_is_written_below_what_is_there_with_its_reasons(tmp_path):
    (tmp_path / "deals.csv").write_text("Deal ID,Phase,Value\n1,Demo,5\n2,Won,7\n")
    seen = OpenExport.at(tmp_path).inspect(read_workspace(None))
    text = mapping_text(MappingDraft.proposed(seen.proposals), "# ours\nversion: 1\ncurrency: EUR\n")
    assert text.startswith("# ours\nversion: 1\ncurrency: EUR\n\nmapping:\n")
    assert "stage: Phase # plain header: Phase" in text.replace("  #", " #")


@pytest.mark.parametrize(
    ("table", "column", "words"), [("oportunities", "stage", "'opportunities'"), ("opportunities", "stag", "'stage'")]
)
def test_an_unknown_name_is_refused_with_the_nearest(table, column, words):
    with pytest.raises(MappingError, match=words):
        draft().choose(table, column, "X")


def test_what_is_used_twice_cannot_be_changed_in_one_place():
    rules = ("file: a.csv, columns: &c {owner_id: Id}", "file: b.csv, columns: *c")
    text = "mapping:\n" + "".join(f"- {{table: owners, {rule}}}\n" for rule in rules)
    twice = MappingDraft.of(parse_workspace(text).mapping)
    with pytest.raises(WorkspaceError, match="used twice"):
        mapping_text(twice.choose("owners", "name", "N", file="b.csv"), text)


def test_an_open_export_reads_as_if_it_were_read_anew(tmp_path):
    (tmp_path / "deals.csv").write_text("Deal ID,Phase,Value\n1,Demo,5\n2,Won,7\n")
    export, workspace = OpenExport.at(tmp_path), read_workspace(None)
    first, second = export.read(workspace), export.read(workspace)
    anew = read_tables(tmp_path)
    for one in (first, second):
        assert one.tables["opportunities"].equals(anew.tables["opportunities"])
        assert (one.findings, one.mapping, one.data_hash) == (anew.findings, anew.mapping, anew.data_hash)
