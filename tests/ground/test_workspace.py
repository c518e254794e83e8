"""`oppnb.yaml`: what may be said, and what a mistake is answered with."""

import json
from pathlib import Path

import pytest

from oppnb.errors import WorkspaceError
from oppnb.workspace import Workspace, parse_workspace, read_workspace, workspace_schema


def message(text: str) -> str:
    with pytest.raises(WorkspaceError) as caught:
        parse_workspace(text)
    return str(caught.value)


def test_an_empty_file_is_the_workspace_of_defaults() -> None:
    assert parse_workspace("") == parse_workspace("# nothing") == Workspace() == read_workspace(None)


def test_a_misspelt_key_names_its_line_and_the_nearest_key() -> None:
    assert message("version: 1\ncalender: {}") == (
        "oppnb.yaml, line 2: 'calender' is not a key of the workspace. Did you mean 'calendar'?"
    )


def test_a_misspelt_key_deep_inside_names_its_own_line() -> None:
    text = "processes:\n  - name: new\n    stages:\n      - name: Demo\n        odd: 0.2\n"
    assert "line 5" in message(text)
    assert "Did you mean 'odds'" in message(text)


def test_a_key_far_from_any_other_lists_the_known_ones() -> None:
    assert "calendar" in message("xyzzy: 1")


def test_odds_outside_0_and_1_are_refused_with_what_was_said() -> None:
    assert "it says '30'" in message("processes: [{name: a, stages: [{name: Demo, odds: 30}]}]")


def test_a_column_rule_is_a_header_or_a_constant_but_not_both() -> None:
    text = "mapping: [{table: t, file: f, columns: {amount: {column: a, value: 1}}}]"
    assert "either 'column' or 'value'" in message(text)


def test_a_plain_text_is_a_header_and_a_list_the_first_filled_of_several() -> None:
    rule = parse_workspace("mapping: [{table: t, file: f, columns: {amount: Value, name: [A, B]}}]").mapping[0]
    assert rule.columns["amount"].column == "Value"
    assert rule.columns["name"].column == ["A", "B"]


def test_a_plain_value_or_list_in_where_means_is_in_and_null_means_missing() -> None:
    rule = parse_workspace("mapping: [{table: t, file: f, columns: {}, where: {a: x, b: [y, 2], c: null}}]").mapping[0]
    assert rule.where is not None
    assert rule.where["a"].is_in == ["x"]
    assert rule.where["b"].is_in == ["y", 2]
    assert rule.where["c"].is_null is True


def test_a_stage_named_twice_is_refused_whatever_its_case() -> None:
    text = "processes: [{name: new, stages: [{name: Demo}, {name: Offer, aliases: [demo]}]}]"
    assert "names a stage twice" in message(text)


@pytest.mark.parametrize(
    "text", ["a: [", "- a\n- b", "!!python/object/apply:os.system ['true']", "a: *nowhere", "a: 1\na: 2", "\tb: 1"]
)
def test_what_is_not_a_plain_mapping_is_refused_without_a_traceback(text: str) -> None:
    assert message(text).startswith("oppnb.yaml")


def test_dates_are_read_as_yaml_writes_them() -> None:
    assert str(parse_workspace("sources: {exported_on: 2017-12-31}").sources.exported_on) == "2017-12-31"


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="oppnb inspect"):
        read_workspace(tmp_path / "oppnb.yaml")


def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    file = tmp_path / "oppnb.yaml"
    file.write_bytes("currency: 人民币".encode("gb18030"))
    with pytest.raises(WorkspaceError, match="UTF-8"):
        read_workspace(file)


def test_a_value_under_a_secret_looking_key_is_never_repeated() -> None:
    assert "hunter2" not in message("mapping: [{table: t, file: f, columns: {api_key: {take: hunter2, column: x}}}]")


def test_the_schema_for_editors_is_json_and_names_every_key() -> None:
    schema = json.loads(json.dumps(workspace_schema()))
    assert set(schema["properties"]) == set(Workspace.model_fields)


@pytest.mark.parametrize(
    ("said", "is_beside"),
    [("memory/", True), ("memory/${CLIENT}", True), ("/var/memory", False), ("s3://b/x", False), ("${PLACE}", False)],
)
def test_a_store_named_by_a_relative_path_lies_beside_the_file(tmp_path: Path, said: str, is_beside: bool) -> None:
    file = tmp_path / "oppnb.yaml"
    file.write_text(f"store: {said}\n", encoding="utf-8")
    assert read_workspace(file).store == (str(tmp_path / said) if is_beside else said)
