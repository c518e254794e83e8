"""Mapping rules without code: which rows, which column, which table; and what is said when one is wrong."""

from pathlib import Path

import pandas as pd
import pytest

from oppnb.errors import (
    ColumnMissingError,
    DataError,
    FileMissingError,
    MappingError,
    NothingToReadError,
    WorkspaceError,
)
from oppnb.sources import Reading, read_tables
from oppnb.workspace import parse_workspace

DEALS = """Id,Phase,Title,Value,Opened,Ended,Chance,Owner
007,Demo,Alpha,"1,200.50",2024-01-02,,20,Ann
008,Won,Beta,900,2024-01-05,2024-02-01,100,Bob
009,Lost,NA,,2024-01-09,2024-02-03,0,
"""


def read(folder: Path, mapping: str, **files: str) -> Reading:
    for name, content in ({"deals.csv": DEALS} | {k.replace("__", "."): v for k, v in files.items()}).items():
        (folder / name).write_text(content, encoding="utf-8")
    return read_tables(folder, workspace=parse_workspace(mapping))


def rule(columns: str, more: str = "", table: str = "opportunities", file: str = "deals.csv") -> str:
    return f"mapping: [{{table: {table}, file: '{file}', columns: {{{columns}}}{more}}}]"


BASE = "opportunity_id: Id, stage: Phase"


def column(reading: Reading, name: str) -> list[object]:
    values = reading.tables["opportunities"][name]
    return [None if pd.isna(value) else value for value in values]


def test_an_id_stays_text_and_na_as_text_is_no_null(tmp_path: Path) -> None:
    reading = read(tmp_path, rule(BASE + ", name: Title"))
    assert column(reading, "opportunity_id") == ["007", "008", "009"]
    assert column(reading, "name") == ["Alpha", "Beta", "NA"]


def test_every_other_header_is_kept_under_its_own_name(tmp_path: Path) -> None:
    reading = read(tmp_path, rule(BASE))
    assert {"Title", "Value", "Opened", "Ended", "Chance", "Owner"} <= set(reading.tables["opportunities"].columns)
    dropped = read(tmp_path, rule(BASE, ", keep_other_columns: false"))
    assert list(dropped.tables["opportunities"].columns) == ["opportunity_id", "stage", "outcome"]


def test_a_canonical_name_wins_over_a_header_of_the_same_name(tmp_path: Path) -> None:
    files = {"deals__csv": "opportunity_id,stage,name,amount\n1,A,x,5\n"}
    reading = read(tmp_path, rule("opportunity_id: opportunity_id, stage: stage, name: amount"), **files)
    assert column(reading, "name") == ["5"]
    assert reading.tables["opportunities"]["deals.name"].tolist() == ["x"]


def test_a_value_fills_every_row_and_a_recode_changes_only_what_it_names(tmp_path: Path) -> None:
    reading = read(
        tmp_path, rule("opportunity_id: Id, stage: {column: Phase, values: {demo: Show}}, process: {value: new}")
    )
    assert column(reading, "stage") == ["Show", "Won", "Lost"]
    assert column(reading, "process") == ["new"] * 3


def test_a_scale_turns_percent_into_a_share(tmp_path: Path) -> None:
    reading = read(tmp_path, rule(BASE + ", crm_score: {column: Chance, scale: 0.01}"))
    assert column(reading, "crm_score") == [0.2, 1.0, 0.0]


def test_of_several_headers_the_first_that_is_filled_counts(tmp_path: Path) -> None:
    reading = read(tmp_path, rule(BASE + ", closed_at: [Ended, Opened]"))
    assert [str(day)[:10] for day in column(reading, "closed_at")] == ["2024-01-02", "2024-02-01", "2024-02-03"]


def test_of_several_rules_the_first_that_gives_a_value_counts(tmp_path: Path) -> None:
    won = "{column: Phase, values: {Won: won, Demo: null, Lost: null}}"
    first_of = f"[{won}, {{column: Chance, values: {{'20': open, '0': lost}}}}]"
    reading = read(tmp_path, rule(BASE + f", outcome: {{first_of: {first_of}}}"))
    assert column(reading, "outcome") == ["open", "won", "lost"]


def test_where_leaves_rows_out_and_a_columns_where_leaves_values_out(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        rule(BASE + ", closed_at: {column: Opened, where: {Phase: Won}}", ", where: {Owner: {is_null: false}}"),
    )
    assert column(reading, "opportunity_id") == ["007", "008"]
    assert column(reading, "closed_at")[0] is None


def test_the_row_number_can_be_the_key(tmp_path: Path) -> None:
    assert column(read(tmp_path, rule("opportunity_id: '#row', stage: Phase")), "opportunity_id") == ["1", "2", "3"]


def test_several_rules_fill_one_table_in_their_order(tmp_path: Path) -> None:
    opened = "opportunity_id: Id, changed_at: Opened, stage: {value: Open}"
    ended = "opportunity_id: Id, changed_at: Ended, stage: Phase"
    mapping = (
        "mapping:\n"
        f"- {{table: opportunities, file: deals.csv, columns: {{{BASE}}}}}\n"
        f"- {{table: opportunity_history, file: deals.csv, columns: {{{opened}}}}}\n"
        "- {table: opportunity_history, file: deals.csv, where: {Ended: {is_null: false}}, "
        f"columns: {{{ended}}}}}\n"
    )
    history_table = read(tmp_path, mapping).tables["opportunity_history"]
    assert history_table["stage"].tolist() == ["Open", "Open", "Open", "Won", "Lost"]


def test_a_glob_reads_files_one_below_the_other_and_says_which(tmp_path: Path) -> None:
    more = DEALS.replace("00", "10")
    mapping = rule("opportunity_id: Id, stage: Phase, source: '#file'", file="deal*.csv")
    assert column(read(tmp_path, mapping, deals_2__csv=more), "opportunity_id") == [
        "007",
        "008",
        "009",
        "107",
        "108",
        "109",
    ]


def test_a_file_is_found_whatever_way_its_accents_are_written(tmp_path: Path) -> None:
    (tmp_path / "cafe\u0301.csv").write_text(DEALS, encoding="utf-8")
    assert len(column(read(tmp_path, rule(BASE, file="caf\u00e9.csv")), "stage")) == 3


def test_unreadable_values_are_counted_with_keys_and_are_null(tmp_path: Path) -> None:
    reading = read(tmp_path, rule(BASE + ", amount: Value"), deals__csv=DEALS.replace("900", "lots"))
    assert column(reading, "amount") == [1200.5, None, None]
    finding = next(one for one in reading.findings if one.rule == "number_is_readable")
    assert (finding.table, finding.n_rows, finding.n_checked, finding.first_keys) == ("opportunities", 1, 2, ("008",))
    assert finding.note is not None
    assert finding.note.values == {"column": "amount", "header": "Value", "n": 1}


def test_a_rule_that_finds_no_row_is_said_and_its_table_is_not_there(tmp_path: Path) -> None:
    mapping = (
        f"mapping:\n- {{table: opportunities, file: deals.csv, columns: {{{BASE}}}}}\n"
        "- {table: owners, file: deals.csv, where: {Owner: Zoe}, columns: {owner_id: Owner}}\n"
    )
    reading = read(tmp_path, mapping)
    assert "owners" not in reading.tables
    assert [note.code for note in reading.tables.notes] == ["sources_rule_without_rows"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (rule("opportunity_id: Id, stage: Phas"), "'Phas', which is not in 'deals.csv'. The nearest header is 'Phase'"),
        (rule(BASE, file="deal.csv"), "names the file 'deal.csv', which is not there"),
        (rule(BASE, table="oportunities"), "table: opportunities"),
        (rule(BASE + ", expected_close: Ended"), "columns: {expected_close_on: …}"),
        (rule(BASE + ", owner: Owner"), "columns: {owner_id: …}"),
        (rule(BASE, ", where: {Phas: Won}"), "The nearest is 'Phase'"),
        (rule("opportunity_id: Id, stage: {column: Phase, take: last}"), "without 'one_row_per'"),
        (rule(BASE, ", join: [{file: other.csv, on: {Id: Id}}]"), "names the file 'other.csv'"),
    ],
)
def test_a_rule_that_names_what_is_not_there_says_the_nearest_and_the_mend(
    tmp_path: Path, mapping: str, message: str
) -> None:
    with pytest.raises(MappingError) as caught:
        read(tmp_path, mapping)
    assert message in str(caught.value)


@pytest.mark.parametrize(("content", "why"), [("", "empty"), ("Id,Phase\n", "a header without rows")])
def test_a_file_of_the_mapping_that_came_empty_is_told_as_empty(tmp_path: Path, content: str, why: str) -> None:
    joined = rule(BASE, ", join: [{file: other.csv, on: {Id: Id}}]")
    wanted = f"'other.csv', which is there and has nothing to read: {why}"
    with pytest.raises(NothingToReadError, match=wanted) as caught:
        read(tmp_path, joined, other__csv=content)
    assert caught.value.exit_code == 2
    assert "not there" not in str(caught.value)


@pytest.mark.parametrize("named", ["products.csv", "sales_pipeline.csv"])
def test_no_other_file_is_proposed_for_one_that_did_not_come(tmp_path: Path, named: str) -> None:
    others = dict.fromkeys(("accounts__csv", "data_dictionary__csv", "sales_teams__csv"), DEALS)
    with pytest.raises(FileMissingError, match="Ask for it whoever makes the export") as caught:
        read(tmp_path, rule(BASE, file=named), **others)
    assert "mend it" not in str(caught.value)


@pytest.mark.parametrize("named", ["deal.csv", "daels.csv", "Deals.CSV", "deals.xlsx"])
def test_a_file_of_nearly_that_name_is_proposed(tmp_path: Path, named: str) -> None:
    with pytest.raises(FileMissingError, match=r'file: "deals\.csv"'):
        read(tmp_path, rule(BASE, file=named), accounts__csv=DEALS)


def test_a_table_without_a_column_it_needs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnMissingError, match="'opportunities' has no column 'stage'"):
        read(tmp_path, rule("opportunity_id: Id"))


def test_a_mapping_that_leaves_no_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="leaves no rows"):
        read(tmp_path, rule(BASE, ", where: {Phase: Nothing}"))


def test_one_file_grouped_and_not_grouped_fills_two_tables(tmp_path: Path) -> None:
    log = "case,event,at\nA,start,2024-01-02\nA,end,2024-01-03\nB,start,2024-01-05\n"
    mapping = (
        "mapping:\n"
        "- {table: opportunities, file: log.csv, one_row_per: case, order_by: at, keep_other_columns: false, columns: "
        "{opportunity_id: case, stage: event, created_at: {column: at, take: min}, "
        "n_events: {column: event, take: count}}}\n"
        "- {table: opportunity_history, file: log.csv, columns: {opportunity_id: case, changed_at: at, stage: event}}\n"
    )
    reading = read(tmp_path, mapping, log__csv=log)
    assert column(reading, "stage") == ["end", "start"]
    assert column(reading, "n_events") == [2.0, 1.0]
    assert len(reading.tables["opportunity_history"]) == 3


def test_a_book_with_several_sheets_needs_the_sheet_named(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"Id": ["007"], "Phase": ["Demo"]}).to_excel(book, sheet_name="Deals", index=False)
        pd.DataFrame({"Who": ["Ann"]}).to_excel(book, sheet_name="People", index=False)
    workspace = parse_workspace(rule(BASE, file="book.xlsx#Deals"))
    assert column(read_tables(tmp_path, workspace=workspace), "opportunity_id") == ["007"]
    with pytest.raises(MappingError, match=r"'book\.xlsx#Deals', 'book\.xlsx#People'"):
        read_tables(tmp_path, workspace=parse_workspace(rule(BASE, file="book.xlsx")))


def test_native_values_of_a_parquet_file_are_taken_as_they_are(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "Id": [7, 8, 9],
            "Phase": ["Demo", "Won", "Lost"],
            "Value": [1.5, None, 2.0],
            "Opened": pd.to_datetime(["2024-01-02", "2024-01-03", None]),
            "Gone": [False, True, False],
        }
    )
    frame.to_parquet(tmp_path / "deals.parquet")
    mapping = rule(
        BASE + ", amount: Value, created_at: Opened", ", where: {Gone: {not_in: ['True']}}", file="deals.parquet"
    )
    reading = read_tables(tmp_path, workspace=parse_workspace(mapping))
    assert column(reading, "opportunity_id") == ["7", "9"]
    assert column(reading, "amount") == [1.5, 2.0]


def test_moments_without_a_zone_are_local_and_kept_as_utc(tmp_path: Path) -> None:
    workspace = "calendar: {time_zone: Asia/Shanghai}\n" + rule(BASE + ", created_at: Opened")
    assert str(column(read(tmp_path, workspace), "created_at")[0]) == "2024-01-01 16:00:00"


def test_a_bound_is_compared_with_what_a_value_means_and_not_how_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    dear = read(tmp_path / "a", rule(BASE, ", where: {Value: {at_least: 1000}}"))
    assert column(dear, "opportunity_id") == ["007"]
    late = DEALS.replace("2024-01-02", "31/01/2024").replace("2024-01-05", "05/02/2024").replace("2024-01-09", "")
    assert column(
        read(tmp_path / "b", rule(BASE, ", where: {Opened: {below: '2024-02-01'}}"), deals__csv=late), "stage"
    ) == ["Demo"]


def test_a_bound_that_is_neither_number_nor_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="neither a number nor an ISO date"):
        read(tmp_path, rule(BASE, ", where: {Opened: {below: soon}}"))


def test_moments_of_several_zones_are_compared_as_moments(tmp_path: Path) -> None:
    zones = DEALS.replace("2024-01-02", "2024-01-02T01:00+02:00").replace("2024-01-05", "2024-01-05T01:00-05:00")
    mapping = rule(BASE, ", where: {Opened: {at_least: '2024-01-05T05:00'}}")
    assert column(read(tmp_path, mapping, deals__csv=zones), "stage") == ["Won", "Lost"]
