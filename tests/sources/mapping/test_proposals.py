"""Proposals: never in silence, never two columns for one header, never below the stated likeness."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oppnb.errors import DataError, NoRowsError
from oppnb.reports.export_check import check_export
from oppnb.sources import Reading, read_tables
from oppnb.sources.mapping_columns import headers_of
from oppnb.sources.proposals_rules import MIN_SIMILARITY
from oppnb.workspace import parse_workspace
from tests.field_data import field_data

HEADERS = [
    "Deal ID",
    "Stage",
    "Amount",
    "Close Date",
    "Created",
    "Owner",
    "Status",
    "Value",
    "Stages",
    "Ammount",
    "Region",
]


def write(folder: Path, file: str, /, **columns: list[str]) -> None:
    pd.DataFrame(columns).to_csv(folder / file, index=False)


def fills(reading: Reading, table: str = "opportunities") -> dict[str, str]:
    (proposal,) = [one for one in reading.proposals if one.rule.table == table]
    return {name: headers_of(rule)[0] for name, rule in proposal.rule.columns.items() if headers_of(rule)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(HEADERS), unique=True))
def test_no_header_fills_two_columns_but_the_day_of_the_close(tmp_path: Path, more: list[str]) -> None:
    headers = list(dict.fromkeys(["Deal ID", "Stage", "Amount", *more]))
    rows = {
        "Close Date": "2024-05-01",
        "Created": "2024-01-01",
        "Amount": "5",
        "Value": "7",
        "Ammount": "9",
        "Stage": "Won",
    }
    pd.DataFrame({header: [rows.get(header, "x"), rows.get(header, "y")] for header in headers}).to_csv(
        tmp_path / "deals.csv", index=False
    )
    found = fills(read_tables(tmp_path))
    twice = {header for header, n in Counter(found.values()).items() if n > 1}
    assert twice <= {"Close Date"}


def test_a_header_that_is_nearly_right_is_taken_with_its_likeness(tmp_path: Path) -> None:
    write(
        tmp_path,
        "d.csv",
        **{
            "Deal ID": ["1", "2"],
            "Stage": ["A", "B"],
            "Amount": ["1", "2"],
            "Expcted Close Date": ["2024-01-01", "2024-02-01"],
        },
    )
    (proposal,) = read_tables(tmp_path).proposals
    assert proposal.reasons["expected_close_on"].startswith("header 'Expcted Close Date' is 9")
    assert "% like 'expected close date'; values look like dates" in proposal.reasons["expected_close_on"]
    assert MIN_SIMILARITY == 90


def test_a_header_whose_values_are_of_another_kind_is_not_taken(tmp_path: Path) -> None:
    write(
        tmp_path, "d.csv", **{"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Amount": ["1", "2"], "Closed": ["yes", "no"]}
    )
    assert "closed_at" not in fills(read_tables(tmp_path))


def test_without_a_key_column_one_that_is_unique_is_found_and_said(tmp_path: Path) -> None:
    write(tmp_path, "d.csv", Titel=["Alpha", "Beta"], Stage=["A", "A"], Amount=["5", "5"], Owner=["Ann", "Ann"])
    (proposal,) = read_tables(tmp_path).proposals
    assert proposal.rule.columns["opportunity_id"].column == "Titel"
    assert "each row has its own 'Titel'" in proposal.reasons["opportunity_id"]


def test_without_any_unique_column_it_says_how_to_name_a_key(tmp_path: Path) -> None:
    write(tmp_path, "d.csv", Name=["Alpha", "Alpha"], Stage=["A", "A"], Amount=["5", "5"], Created=["2024-01-02"] * 2)
    with pytest.raises(DataError, match="no column names the opportunity") as caught:
        read_tables(tmp_path)
    assert '{opportunity_id: "#row"}' in str(caught.value)


@pytest.mark.field_data
def test_real_deals_without_a_key_or_a_date_go_by_the_number_of_their_row() -> None:
    reading = read_tables(field_data("salvirt_b2b"))
    deals = reading.tables["opportunities"]
    assert deals["opportunity_id"].tolist() == [str(number) for number in range(1, 449)]
    (proposal,) = reading.proposals
    assert "good while rows keep their place" in proposal.reasons["opportunity_id"]
    assert deals["stage"].unique().tolist() == ["Won", "Lost"]


@pytest.mark.field_data
def test_files_that_are_no_opportunities_are_named_with_their_headers() -> None:
    with pytest.raises(DataError, match="No list of opportunities was recognised among 3 file") as caught:
        read_tables(field_data("adventureworks_quota"))
    assert "SalesPerson.csv: 0 known headers" in str(caught.value)


@pytest.mark.parametrize(
    ("file", "headers"),
    [("opportunities.csv", "opportunity_id,stage,amount"), ("export.csv", "Deal ID,Deal Name,Deal Stage,Amount")],
)
def test_a_list_of_opportunities_that_has_headers_alone_is_told_so_and_no_other_file_is_proposed(
    tmp_path: Path, file: str, headers: str
) -> None:
    write(tmp_path, "accounts.csv", account_id=["A1"], name=["Acme"])
    (tmp_path / file).write_text(headers + "\n", encoding="utf-8")
    for read in (read_tables, lambda path: check_export(path, workspace=parse_workspace("version: 1\n"))):
        with pytest.raises(
            NoRowsError, match=f"'{file}', the list of opportunities, has a header and not one row"
        ) as caught:
            read(tmp_path)
        assert caught.value.exit_code == 2
        assert "Export it anew with its rows" in str(caught.value)
        assert "accounts.csv" not in str(caught.value)


def test_headers_alone_of_another_table_do_not_stand_for_the_opportunities(tmp_path: Path) -> None:
    write(tmp_path, "accounts.csv", account_id=["A1"], name=["Acme"])
    (tmp_path / "owners.csv").write_text("owner_id,name\n", encoding="utf-8")
    with pytest.raises(DataError, match="No list of opportunities was recognised"):
        read_tables(tmp_path)


def test_a_folder_under_canonical_names_needs_no_mapping_and_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, "opportunities.csv", opportunity_id=["007"], stage=["Demo"], amount=["5"], segment=["big"])
    pd.DataFrame(
        {"opportunity_id": ["007"], "kind": ["call"], "occurred_at": pd.to_datetime(["2024-01-02"])}
    ).to_parquet(tmp_path / "activities.parquet")
    tables = read_tables(tmp_path).tables
    assert list(tables) == ["opportunities", "activities"]
    assert tables["opportunities"]["segment"].tolist() == ["big"]
    assert tables.notes == ()
    assert str(tables.exported_on) == "2024-01-02"


def test_a_copy_of_a_file_is_not_read_twice(tmp_path: Path) -> None:
    for name in ("deals.csv", "deals (1).csv"):
        write(tmp_path, name, **{"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Amount": ["1", "2"]})
    reading = read_tables(tmp_path)
    assert len(reading.tables["opportunities"]) == 2
    assert "sources_same_content" in {note.code for note in reading.tables.notes}


def test_of_two_exports_of_the_same_deals_the_later_one_counts(tmp_path: Path) -> None:
    write(tmp_path, "deals_2024-01.csv", **{"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Amount": ["1", "2"]})
    write(
        tmp_path,
        "deals_2024-02.csv",
        **{"Deal ID": ["1", "2", "3"], "Stage": ["A", "C", "A"], "Amount": ["1", "2", "3"]},
    )
    reading = read_tables(tmp_path)
    assert reading.tables["opportunities"]["stage"].tolist() == ["A", "C", "A"]
    note = next(note for note in reading.tables.notes if note.code == "sources_same_opportunities")
    assert note.values == {"file": "deals_2024-02.csv", "other": "deals_2024-01.csv"}


def test_two_exports_of_different_deals_are_put_together(tmp_path: Path) -> None:
    for team, ids in (("east", ["1", "2"]), ("west", ["3", "4"])):
        write(tmp_path, f"{team}.csv", **{"Deal ID": ids, "Stage": ["A", "B"], "Amount": ["1", "2"]})
    assert read_tables(tmp_path).tables["opportunities"]["opportunity_id"].tolist() == ["1", "2", "3", "4"]


def test_accounts_are_keyed_by_what_the_deals_call_them(tmp_path: Path) -> None:
    write(tmp_path, "deals.csv", **{"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Customer": ["Acme", "Bolt"]})
    write(
        tmp_path,
        "customers.csv",
        **{"Customer ID": ["9", "8"], "Customer Name": ["Acme", "Bolt"], "Industry": ["x", "y"]},
    )
    reading = read_tables(tmp_path)
    assert reading.tables["accounts"]["account_id"].tolist() == ["Acme", "Bolt"]
    (accounts,) = [one for one in reading.proposals if one.rule.table == "accounts"]
    assert accounts.reasons[""] == "2 of 2 of the opportunities' values are in 'Customer Name'"


def test_the_workspaces_processes_are_found_in_a_column(tmp_path: Path) -> None:
    write(
        tmp_path,
        "deals.csv",
        **{"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Amount": ["1", "2"], "Sort": ["Neu", "renewal"]},
    )
    workspace = parse_workspace("processes: [{name: new, label: {de: Neu}}, {name: renewal}]")
    assert read_tables(tmp_path, workspace=workspace).tables["opportunities"]["process"].tolist() == ["new", "renewal"]


def test_the_workspaces_stages_say_which_close_dates_are_real(tmp_path: Path) -> None:
    write(
        tmp_path,
        "deals.csv",
        **{"Deal ID": ["1", "2"], "Stage": ["Z1", "Z9"], "Close Date": ["2024-05-01", "2024-01-01"]},
    )
    workspace = parse_workspace("processes: [{name: p, stages: [{name: Z1}, {name: Z9, outcome: won}]}]")
    deals = read_tables(tmp_path, workspace=workspace).tables["opportunities"]
    assert deals["closed_at"].notna().tolist() == [False, True]
    assert deals["outcome"].tolist() == ["open", "won"]


@pytest.mark.field_data
@pytest.mark.parametrize(
    ("crm", "tables"),
    [
        ("salesforce", {"opportunities": 10, "opportunity_history": 10, "line_items": 10, "accounts": 1}),
        ("hubspot", {"opportunities": 44, "opportunity_history": 14, "accounts": 24, "contacts": 11, "owners": 100}),
    ],
)
def test_tables_as_an_extract_load_tool_lands_them_are_read(crm: str, tables: dict[str, int]) -> None:
    reading = read_tables(field_data("fivetran_seeds") / crm)
    assert tables.items() <= {name: len(frame) for name, frame in reading.tables.items()}.items()
    assert {one.rule.file for one in reading.proposals}.isdisjoint({"sf_order_data.csv", "sf_account_history_data.csv"})


@pytest.mark.field_data
def test_salesforce_history_begins_with_the_validity_of_a_row() -> None:
    folder = field_data("fivetran_seeds") / "salesforce"
    raw = pd.read_csv(folder / "sf_opportunity_history_data.csv")
    history = read_tables(folder).tables["opportunity_history"]
    assert history["changed_at"].tolist() == pd.to_datetime(raw["_fivetran_start"]).tolist()
    assert history["amount"].sum() == raw["amount"].sum()


@pytest.mark.field_data
def test_a_task_belongs_to_a_deal_only_if_its_what_is_one() -> None:
    folder = field_data("fivetran_seeds") / "salesforce"
    whats = pd.concat([pd.read_csv(folder / f"sf_{kind}_data.csv")["what_id"] for kind in ("event", "task")])
    activities = read_tables(folder).tables["activities"]
    assert activities["opportunity_id"].notna().sum() == whats.str.startswith("006").sum()


def test_stage_ids_are_told_by_the_pipelines_own_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        "deal.csv",
        deal_id=["1", "2"],
        deal_pipeline_stage_id=["s1", "s2"],
        property_dealname=["A", "B"],
        property_closedate=["2024-05-01", "2024-01-01"],
    )
    write(
        tmp_path,
        "deal_pipeline_stage.csv",
        stage_id=["s1", "s2"],
        label=["Talks", "Signed"],
        is_closed=["false", "true"],
        closed_won=["false", "true"],
        pipeline_id=["p", "p"],
    )
    write(
        tmp_path,
        "deal_property_history.csv",
        deal_id=["2", "2", "2"],
        name=["dealstage", "dealstage", "amount"],
        value=["s1", "s2", "50"],
        timestamp=["2023-12-01", "2024-01-01", "2023-12-05"],
    )
    tables = read_tables(tmp_path).tables
    assert tables["opportunities"][["stage", "outcome"]].values.tolist() == [["Talks", "open"], ["Signed", "won"]]
    assert tables["opportunities"]["closed_at"].notna().tolist() == [False, True]
    assert tables["opportunity_history"]["stage"].fillna("").tolist() == ["Talks", "Signed", ""]


def test_two_thousand_columns_and_headers_that_are_formulas_are_only_attributes(tmp_path: Path) -> None:
    columns = {"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Amount": ["1", "2"]}
    columns |= {f'=HYPERLINK("http://x/{i}")\n# {i}: {{}}': ["a", "b"] for i in range(2_000)}
    write(tmp_path, "wide.csv", **columns)
    reading = read_tables(tmp_path)
    assert set(fills(reading).values()) == {"Deal ID", "Stage", "Amount"}
    assert reading.tables["opportunities"].shape == (2, 2_004)


def test_a_file_named_after_a_table_is_taken_for_it_with_few_headers(tmp_path: Path) -> None:
    write(tmp_path, "Opportunities.csv", **{"Deal ID": ["1", "2"], "Phase": ["A", "B"]})
    assert fills(read_tables(tmp_path)) == {"opportunity_id": "Deal ID", "stage": "Phase"}


def test_amounts_that_carry_their_currency_fill_it(tmp_path: Path) -> None:
    write(tmp_path, "d.csv", **{"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Amount": ["$1,200.50", "€ 900"]})
    deals = read_tables(tmp_path).tables["opportunities"]
    assert deals["currency"].tolist() == ["USD", "EUR"]
    assert deals["amount"].tolist() == [1200.5, 900.0]


def test_a_list_without_a_stage_is_recognised_by_a_key_an_amount_and_a_column_that_says_won_and_lost(
    tmp_path: Path,
) -> None:
    write(tmp_path, "d.csv", **{"Contract No": ["1", "2"], "Amount": ["5", "6"], "Deal Result": ["Won", "Loss"]})
    reading = read_tables(tmp_path)
    assert fills(reading) == {"opportunity_id": "Contract No", "stage": "Deal Result", "amount": "Amount"}
    (proposal,) = reading.proposals
    assert "'Deal Result' says won and lost, beside key 'Contract No' and amount 'Amount'" in proposal.reasons[""]
    assert "no column tells a stage" in proposal.reasons["stage"]
    assert list(reading.tables["opportunities"]["outcome"]) == ["won", "lost"]


@pytest.mark.parametrize(
    ("header", "words"),
    [("Deal Result", ["Pass", "Fail"]), ("Deal Result", ["Won", "Won"]), ("Remark", ["Won", "Lost"])],
)
def test_a_list_without_a_stage_whose_values_do_not_say_won_and_lost_is_refused_with_what_it_lacks(
    tmp_path: Path, header: str, words: list[str]
) -> None:
    write(tmp_path, "d.csv", **{"Contract No": ["1", "2"], "Amount": ["5", "6"], header: words})
    with pytest.raises(DataError, match="none for opportunity_id and stage, nor one that says won and lost"):
        read_tables(tmp_path)


def test_a_list_with_a_stage_is_not_pushed_aside_by_one_with_results_only(tmp_path: Path) -> None:
    write(tmp_path, "deals.csv", **{"Deal ID": ["1", "2"], "Stage": ["A", "B"], "Amount": ["5", "6"]})
    write(tmp_path, "tenders.csv", **{"Tender No": ["1", "2"], "Amount": ["5", "6"], "Result": ["Won", "Lost"]})
    assert {one.rule.file for one in read_tables(tmp_path).proposals} == {"deals.csv"}


def test_deals_without_any_column_of_stages_are_asked_for_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        "deals.csv",
        opportunity_id=["D1", "D2", "D3"],
        name=["Ada", "Bo", "Cy"],
        owner=["Ann", "Bob", "Ann"],
        amount=["10.5", "20.25", "30"],
        currency=["USD", "EUR", "USD"],
        created_on=["2024-01-01", "2024-01-02", "2024-01-03"],
        closed_on=["2024-02-01", "", "2024-02-03"],
    )
    with pytest.raises(DataError, match="stage"):
        read_tables(tmp_path)
