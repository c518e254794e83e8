"""The audit finds in the sample what was planted in it, and nothing hard in the clean copy."""

import json
from pathlib import Path

import pytest

from oppnb.sources import read_tables
from oppnb.tables import audit_tables
from oppnb.workspace import read_workspace

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
FOUND_UNDER_THE_SAME_NAME = (
    "account_id_is_in_accounts",
    "amount_is_not_negative",
    "amount_is_not_zero",
    "closed_at_is_not_before_created_at",
    "currency_has_an_exchange_rate",
    "date_is_not_a_placeholder",
    "date_is_possible",
    "date_order_is_the_same_in_all_rows",
    "key_is_there_once",
    "open_deal_has_an_amount",
    "opportunity_is_not_entered_twice",
    "owner_id_is_in_owners",
    "product_is_spelt_as_in_line_items",
    "row_is_not_repeated",
    "stage_is_in_the_configuration",
)
TRUE_OF_EVERY_REAL_PIPELINE = {
    "amounts_are_in_one_currency",
    "column_is_filled_alike_on_open_and_closed",
    "column_is_filled_alike_on_won_and_lost",
    "open_deal_is_not_past_its_expected_close",
    "open_deal_older_than_30_days_has_moved",
    "owner_of_an_open_deal_is_active",
}


def audited(folder, **sources):
    workspace = read_workspace(SAMPLE / "oppnb.yaml")
    workspace = workspace.model_copy(update={"sources": workspace.sources.model_copy(update=sources)})
    reading = read_tables(SAMPLE / folder, workspace=workspace)
    return audit_tables(reading.tables, workspace=workspace, reading_findings=reading.findings)


@pytest.fixture(scope="module")
def dirty():
    return audited("dirty", time_zone="Asia/Shanghai")


@pytest.mark.parametrize("rule", FOUND_UNDER_THE_SAME_NAME)
def test_finds_as_many_rows_as_were_planted(dirty, rule):
    planted = json.loads((SAMPLE / "truth" / "faults.json").read_text(encoding="utf-8"))["faults"]
    wanted = sum(fault["n_rows"] for fault in planted if fault["fault"] == rule)
    found = [finding.n_rows for finding in dirty.findings if finding.rule == rule and finding.table == "opportunities"]
    assert found == [wanted]


def test_finds_nothing_in_the_clean_copy_but_what_is_true_of_every_pipeline():
    assert {finding.rule for finding in audited("pipeline").findings} <= TRUE_OF_EVERY_REAL_PIPELINE
