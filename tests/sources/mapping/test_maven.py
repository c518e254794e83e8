"""Four joinable files mapped by a workspace, against the same in plain pandas."""

from pathlib import Path

import pandas as pd
import pytest

from oppnb.sources import Reading, read_tables
from tests.field_data import field_data

WORKSPACE = Path(__file__).resolve().parents[2] / "workspaces" / "maven.yaml"

pytestmark = pytest.mark.field_data


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_tables(field_data("maven_crm"), workspace=WORKSPACE)


@pytest.fixture(scope="module")
def proposed() -> Reading:
    return read_tables(field_data("maven_crm"))


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    folder = field_data("maven_crm")
    pipeline = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    prices = pd.read_csv(folder / "products.csv").set_index("product")["sales_price"]
    pipeline["price"] = pipeline["product"].replace("GTXPro", "GTX Pro").map(prices)
    return pipeline.set_index("opportunity_id")


def test_each_stage_has_its_rows_and_its_money(reading: Reading, deals: pd.DataFrame) -> None:
    mapped = reading.tables["opportunities"].groupby("stage")["amount"].agg(["size", "sum"])
    deals = deals.assign(amount=deals["close_value"].fillna(deals["price"]))
    expected = deals.groupby("deal_stage")["amount"].agg(["size", "sum"])
    pd.testing.assert_frame_equal(mapped, expected, check_names=False, check_dtype=False)


def test_an_open_deal_carries_the_list_price_and_a_lost_one_nothing(reading: Reading, deals: pd.DataFrame) -> None:
    mapped = reading.tables["opportunities"].set_index("opportunity_id")
    is_open = mapped["outcome"] == "open"
    assert mapped.loc[is_open, "amount"].sum() == deals.loc[mapped.index[is_open], "price"].sum()
    assert (mapped.loc[mapped["outcome"] == "lost", "amount"] == 0).all()


def test_the_history_has_a_row_for_the_engagement_and_one_for_the_close(reading: Reading, deals: pd.DataFrame) -> None:
    history = reading.tables["opportunity_history"]
    assert len(history) == deals["engage_date"].notna().sum() + deals["close_date"].notna().sum()
    engaged = history[history["stage"] == "Engaging"].set_index("opportunity_id")
    expected = deals.loc[engaged.index]
    assert (engaged["changed_at"] == expected["engage_date"]).all()
    assert (engaged["amount"] == expected["price"]).all()
    won = history[history["stage"] == "Won"].set_index("opportunity_id")
    assert (won["changed_at"] == deals.loc[won.index, "close_date"]).all()
    assert won["amount"].sum() == deals["close_value"].sum()


def test_the_region_is_the_regional_office_of_the_seller(reading: Reading, deals: pd.DataFrame) -> None:
    offices = pd.read_csv(field_data("maven_crm") / "sales_teams.csv").set_index("sales_agent")["regional_office"]
    expected = deals["sales_agent"].map(offices).value_counts().to_dict()
    assert reading.tables["opportunities"]["region"].value_counts().to_dict() == expected


def test_what_the_named_spellings_mended_is_counted_and_nothing_else_is_found(reading: Reading) -> None:
    mended = [(finding.table, finding.rule, finding.n_rows, finding.done) for finding in reading.findings]
    assert mended == [
        ("opportunities", "key_is_spelt_as_in_the_joined_file", 1_480, "mended"),
        ("opportunities", "value_is_written_as_the_mapping_says", 1_480, "mended"),
        ("opportunity_history", "key_is_spelt_as_in_the_joined_file", 1_400, "mended"),
        ("accounts", "value_is_written_as_the_mapping_says", 12, "mended"),
    ]
    assert reading.proposals == ()
    assert str(reading.tables.exported_on) == "2017-12-31"


def test_the_proposal_finds_the_same_stages_and_money(reading: Reading, proposed: Reading) -> None:
    ours, theirs = (one.tables["opportunities"].set_index("opportunity_id") for one in (reading, proposed))
    for column in ("stage", "amount", "created_at", "closed_at", "owner_id", "account_id", "outcome"):
        pd.testing.assert_series_equal(ours[column], theirs[column])


def test_the_proposal_says_the_likely_spelling_and_why_the_list_price_stands_in(proposed: Reading) -> None:
    deals = next(one for one in proposed.proposals if one.rule.table == "opportunities")
    assert deals.rule.join[0].spellings == {"GTXPro": "GTX Pro"}
    assert "GTXPro -> GTX Pro" in deals.reasons["join products.csv"]
    assert "empty in open rows" in deals.reasons["amount"]
    assert deals.reasons["closed_at"] == "only closed rows have a 'close_date'"


def test_the_proposal_makes_the_history_that_the_workspace_spells_out(reading: Reading, proposed: Reading) -> None:
    columns = ["opportunity_id", "changed_at", "stage", "amount"]
    ours, theirs = (
        one.tables["opportunity_history"][columns].sort_values(columns, ignore_index=True)
        for one in (reading, proposed)
    )
    pd.testing.assert_frame_equal(ours, theirs)
    assert "owner_id" not in proposed.tables["opportunity_history"]  # the file does not say who began with the deal


def test_the_proposal_says_why_it_makes_a_history(proposed: Reading) -> None:
    began, closed = (one for one in proposed.proposals if one.rule.table == "opportunity_history")
    said = "'close_value' is filled in 6,711 of 6,711 closed and 0 of 2,089 open rows: before the close the list price"
    assert began.reasons[""].startswith(said)
    assert began.reasons["stage"] == "all 1,589 open rows that have 'engage_date' are in 'Engaging'"
    assert "'sales_price' of products.csv" in began.reasons["amount"]
    assert closed.reasons["amount"] == "'close_value' is what a deal closed for"


def test_the_proposal_says_what_it_did_in_the_notes(proposed: Reading) -> None:
    said = {(note.code, note.values.get("file")) for note in proposed.tables.notes}
    assert ("sources_proposed", "sales_pipeline.csv") in said
    assert ("sources_file_not_recognised", "data_dictionary.csv") in said


def test_a_spelling_that_is_not_named_is_a_finding_with_the_likely_one(tmp_path: Path) -> None:
    text = WORKSPACE.read_text(encoding="utf-8").replace("spellings: {GTXPro: GTX Pro}", "spellings: {}")
    workspace = tmp_path / "oppnb.yaml"
    workspace.write_text(text, encoding="utf-8")
    findings = read_tables(field_data("maven_crm"), workspace=workspace).findings
    missed = next(finding for finding in findings if finding.table == "opportunities")
    assert (missed.rule, missed.n_rows, missed.n_checked) == ("key_is_in_the_joined_file", 1480, 8800)
    assert missed.note is not None
    assert missed.note.values["spellings"] == "GTXPro -> GTX Pro"
