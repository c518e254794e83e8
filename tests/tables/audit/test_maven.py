"""The known faults of a real export: Maven Analytics' CRM sales opportunities."""

from datetime import date

import pandas as pd
import pytest

from oppnb.tables import AuditResult, Tables, audit_tables
from oppnb.workspace import parse_workspace
from tests.field_data import field_data
from tests.tables.audit.audit_frames import found

pytestmark = pytest.mark.field_data


@pytest.fixture(scope="module")
def products() -> list[str]:
    return pd.read_csv(field_data("maven_crm") / "products.csv")["product"].tolist()


@pytest.fixture(scope="module")
def tables() -> Tables:
    folder = field_data("maven_crm")
    deals = pd.read_csv(folder / "sales_pipeline.csv").rename(
        columns={
            "sales_agent": "owner_id",
            "account": "account_id",
            "deal_stage": "stage",
            "engage_date": "created_at",
            "close_date": "closed_at",
            "close_value": "amount",
        }
    )
    accounts = pd.read_csv(folder / "accounts.csv").rename(
        columns={"account": "account_id", "sector": "industry", "office_location": "region"}
    )
    owners = pd.read_csv(folder / "sales_teams.csv").rename(
        columns={"sales_agent": "owner_id", "manager": "manager_id", "regional_office": "region"}
    )
    moments = {name: pd.to_datetime(deals[name]).astype("datetime64[us]") for name in ("created_at", "closed_at")}
    frames = {"opportunities": deals.assign(**moments), "accounts": accounts, "owners": owners}
    return Tables(frames, exported_on=date(2017, 12, 31))


@pytest.fixture(scope="module")
def result(tables, products) -> AuditResult:
    return audit_tables(tables, allowed={"opportunities.product": products})


@pytest.mark.parametrize(
    ("rule", "n_rows", "n_checked"),
    [
        ("value_is_in_its_list", 1480, 8800),  # GTXPro
        ("opportunity_has_an_account", 1425, 8800),
        ("opportunity_has_a_creation_date", 500, 8800),  # Prospecting: not engaged yet
        ("open_deal_has_an_amount", 2089, 2089),  # none has one
        ("amount_is_not_zero", 2473, 6711),  # every lost deal
    ],
)
def test_finds_the_known_faults(result, rule, n_rows, n_checked):
    finding = found(result, rule)
    assert (finding.n_rows, finding.n_checked) == (n_rows, n_checked)


def test_proposes_the_likely_spellings(result):
    assert found(result, "value_is_in_its_list").note.values["pairs"] == "GTXPro → GTX Pro (1,480)"
    notes = [f.note.values["pairs"] for f in result.findings if f.rule == "spelling_is_a_known_word"]
    assert notes == ["technolgy → technology (12)", "Philipines → Philippines (1)"]


def test_names_the_amount_as_what_gives_the_outcome_away(result):
    finding = found(result, "column_is_filled_alike_on_won_and_lost")
    assert finding.first_keys == ("amount",)
    assert finding.note.values == {"column": "amount", "won": 1.0, "lost": 0.0, "open": 0.0}


def test_sets_nothing_aside_and_mends_what_is_named(tables, products, result):
    assert result.rejected.empty
    workspace = parse_workspace("audit: {spellings: {opportunities.product: {GTXPro: GTX Pro}}}")
    mended = audit_tables(tables, workspace=workspace, allowed={"opportunities.product": products})
    assert found(mended, "spelling_is_as_configured").n_rows == 1480
    assert "value_is_in_its_list" not in {finding.rule for finding in mended.findings}
