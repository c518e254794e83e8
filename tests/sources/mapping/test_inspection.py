"""`oppnb inspect`: the YAML reads back to the same tables, and no name is shown."""

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.sources import inspect_path, read_tables
from oppnb.sources.inspection_yaml import mapping_yaml
from oppnb.workspace import ColumnRule, Condition, Join, MappingRule, Workspace, parse_workspace
from tests.field_data import field_data

SEEDS = ["maven_crm", "fivetran_seeds/salesforce", "fivetran_seeds/hubspot", "bpi2012"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def same_tables(path: Path, workspace: Workspace) -> None:
    ours, theirs = read_tables(path), read_tables(path, workspace=workspace)
    assert list(ours.tables) == list(theirs.tables)
    for name in ours.tables:
        pd.testing.assert_frame_equal(ours.tables[name], theirs.tables[name])
    assert ours.tables.exported_on == theirs.tables.exported_on


@pytest.mark.field_data
@pytest.mark.parametrize("name", SEEDS)
def test_the_printed_mapping_gives_the_tables_of_the_proposal(name: str) -> None:
    folder, _, rest = name.partition("/")
    path = field_data(folder) / rest
    same_tables(path, parse_workspace(inspect_path(path).to_yaml()))


@settings(deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), TEXT, st.dictionaries(TEXT, st.one_of(st.none(), TEXT), min_size=1))
def test_any_header_and_reason_can_be_read_back(headers: list[str], reason: str, values: dict[str, str | None]) -> None:
    rule = MappingRule(
        table="opportunities",
        file=headers[0],
        where={headers[-1]: Condition(is_in=headers)},
        join=[Join(file=headers[0], on={headers[-1]: headers[0]}, spellings={headers[0]: reason})],
        columns={"stage": ColumnRule(column=headers), "name": ColumnRule(column=reason, values=values)},
    )
    text = mapping_yaml([rule], [{"": reason, "stage": reason, "join " + headers[0]: reason}], head=[reason])
    assert parse_workspace(text).mapping == [rule]


def people(folder: Path) -> Path:
    pd.DataFrame(
        {
            "Deal ID": ["007", "008", "009"],
            "Deal Name": ["Ann's deal", "Bob's deal", "Zoe's deal"],
            "Owner": ["Ann Archer", "Bob Baker", "Ann Archer"],
            "Customer": ["Acme", "Bolt", "Acme"],
            "E-Mail": ["ann@x.org", "bob@x.org", "zoe@x.org"],
            "Hotline": ["13800138000", "13800138001", "13800138002"],
            "Champion": ["Carl", "Dora", "Carl"],
            "Stage": ["Demo", "Won", "Demo"],
            "Amount": ["1200", "900", "800"],
            "Created": ["2024-01-02", "2024-01-03", "2024-01-04"],
        }
    ).to_csv(folder / "deals.csv", index=False)
    return folder


def test_examples_are_shown_of_stages_dates_and_amounts_and_of_nobody(tmp_path: Path) -> None:
    (file,) = inspect_path(people(tmp_path)).files
    shown = {column.header: column.examples for column in file.columns if column.examples}
    assert shown == {
        "Stage": ("Demo", "Won"),
        "Amount": ("1200", "900", "800"),
        "Created": ("2024-01-02", "2024-01-03", "2024-01-04"),
    }


def test_neither_text_nor_json_nor_yaml_names_anybody(tmp_path: Path) -> None:
    inspection = inspect_path(people(tmp_path))
    said = inspection.describe() + inspection.to_yaml() + json.dumps(inspection.to_dict())
    for name in ("Archer", "Acme", "x.org", "13800138000", "Carl", "Ann's"):
        assert name not in said


def test_the_description_tells_each_column_in_the_readers_language(tmp_path: Path) -> None:
    inspection = inspect_path(people(tmp_path))
    assert (
        "Stage      categories, 100% filled, 2 distinct  [Demo, Won]  -> opportunities.stage" in inspection.describe()
    )
    assert "deals.csv（csv, utf-8, ','）：3 行，10 列" in inspection.describe("zh_CN")


def test_an_export_without_a_key_is_shown_with_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(
        "Stage,Amount,Owner,Created\nA,5,Ann,2024-01-02\nA,5,Ann,2024-01-02\n", encoding="utf-8"
    )
    inspection = inspect_path(tmp_path)
    assert inspection.problem is not None
    assert inspection.problem in inspection.describe()
    (rule,) = parse_workspace(inspection.to_yaml()).mapping
    assert set(rule.columns) == {"stage", "amount", "owner_id", "created_at"}


def test_the_workspaces_own_mapping_is_shown_where_it_maps(tmp_path: Path) -> None:
    workspace = parse_workspace(
        "mapping: [{table: opportunities, file: deals.csv, columns: {opportunity_id: Deal ID, stage: Champion}}]"
    )
    inspection = inspect_path(people(tmp_path), workspace=workspace)
    assert [one.rule for one in inspection.proposals] == workspace.mapping
    (file,) = inspection.files
    assert next(column.fills for column in file.columns if column.header == "Champion") == ("opportunities.stage",)
