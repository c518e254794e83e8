"""Columns that differ from another only in their case come back as they are called."""

import pandas as pd
import pytest

from oppnb.history import as_of, connect_tables
from oppnb.history.account_columns import with_account_columns
from oppnb.history.facts import with_facts
from oppnb.scoring.training_rows import scoring_rows
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.workspace import Workspace
from tests.pg_tables import load_tables

DEALS = pd.DataFrame(
    {
        "Product": ["A", "B"],
        "opportunity_id": ["1", "2"],
        "stage": ["Demo", "Won"],
        "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
        "Tier": ["t", "u"],
        "tier": ["v", "w"],
        "line_1": ["x", "y"],
    }
)
BESIDE = DEALS.assign(product=["x", "y"], PRODUCT=["p", "q"])


@pytest.mark.parametrize("deals", [DEALS, BESIDE])
@pytest.mark.parametrize("kind", ["frame", "csv", "parquet", "postgres"])
def test_headers_that_differ_only_in_their_case_are_told_apart(request, tmp_path, deals, kind):
    found = as_of(opened(request, tmp_path, deals, kind), "2024-03-01")
    for header in ("Product", "Tier", "tier", "line_1", "PRODUCT"):
        if header in deals:
            assert found[header].tolist() == deals[header].tolist()
    assert found["product"].fillna("").tolist() == (["x", "y"] if "product" in deals else ["", ""])
    assert found.columns.is_unique


def opened(request, folder, deals, kind):
    if kind == "frame":
        return {"opportunities": deals}
    if kind == "postgres":
        url = request.getfixturevalue("postgres_url")
        load_tables(url, {"opportunities": deals}, schema="headers")
        return connect_tables(url, schema="headers")
    path = folder / f"deals.{kind}"
    deals.to_csv(path, index=False) if kind == "csv" else deals.to_parquet(path)
    return {"opportunities": path}


def test_an_accounts_column_comes_back_as_it_is_called():
    tables = {
        "opportunities": DEALS.assign(account_id="a"),
        "accounts": pd.DataFrame({"account_id": ["a"], "Industry": ["steel"], "industry": ["metal"]}),
    }
    snapshot = as_of(tables, "2024-03-01")
    assert with_account_columns(snapshot, tables)["Industry"].tolist() == ["steel", "steel"]
    rows = scoring_rows(tables, "2024-03-01")
    assert rows.values.loc[0, ["Product", "Tier", "tier", "Industry", "industry"]].tolist() == [
        "A",
        "t",
        "v",
        "steel",
        "metal",
    ]


def test_facts_are_the_same_from_a_database(postgres_url):
    made = make_pipeline(SyntheticSettings(n_opportunities=60))
    load_tables(postgres_url, made.tables, schema="facts")
    workspace = Workspace.model_validate({"currency": "CNY"})
    source = connect_tables(postgres_url, schema="facts", exported_on=made.tables.exported_on)
    rows = as_of(made.tables, "2024-11-01", workspace=workspace)
    here = with_facts(rows, made.tables, workspace=workspace)
    there = with_facts(rows, source, workspace=workspace)
    pd.testing.assert_frame_equal(there, here)
    for name in ("n_evidence_confirmed", "n_line_items", "account_n_payments_due"):
        assert here[name].fillna(0).sum() > 0, name
