"""An export as a neglected CRM writes it: every planted fault is found, counted and named, and a review comes of it."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from oppnb.errors import CurrencyError
from oppnb.reports.figures import figures_text
from oppnb.review import Review, open_review
from oppnb.tables import Finding
from oppnb.workspace import Workspace, parse_workspace, read_workspace

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DIRTY = SAMPLE / "dirty"
LEFT_OUT = "audit: {actions: {currency_has_an_exchange_rate: set_aside}}"
TABLE_OF = {
    "Opportunities.csv": "opportunities",
    "Opportunity History.csv": "opportunity_history",
    "\u8ddf\u8fdb\u8bb0\u5f55.csv": "activities",
}
# Faults that the audit finds under the name and with the count that they were planted with.
COUNTED = [
    ("Opportunities.csv", "account_id_is_in_accounts"),
    ("Opportunities.csv", "amount_is_not_negative"),
    ("Opportunities.csv", "amount_is_not_zero"),
    ("Opportunities.csv", "closed_at_is_not_before_created_at"),
    ("Opportunities.csv", "currency_has_an_exchange_rate"),
    ("Opportunities.csv", "date_is_not_a_placeholder"),
    ("Opportunities.csv", "date_is_possible"),
    ("Opportunities.csv", "date_order_is_the_same_in_all_rows"),
    ("Opportunities.csv", "key_is_there_once"),
    ("Opportunities.csv", "open_deal_has_an_amount"),
    ("Opportunities.csv", "opportunity_is_not_entered_twice"),
    ("Opportunities.csv", "owner_id_is_in_owners"),
    ("Opportunities.csv", "product_is_spelt_as_in_line_items"),
    ("Opportunities.csv", "row_is_not_repeated"),
    ("Opportunity History.csv", "opportunity_id_is_in_opportunities"),
    ("\u8ddf\u8fdb\u8bb0\u5f55.csv", "occurred_at_is_not_after_the_export"),
    ("\u8ddf\u8fdb\u8bb0\u5f55.csv", "opportunity_id_is_in_opportunities"),
]
# Those that are no finding: the value is read as the text it is, or read rightly, and the tests below say how.
READ_RIGHTLY = {
    "name_is_text_not_null",
    "name_is_no_formula",
    "name_is_no_script",
    "text_has_no_outer_blanks",
    "moments_have_one_time_zone_style",
}
# Those that need more than the name and the count; each has a test of its own below.
BY_THEMSELVES = {
    "stage_is_in_the_configuration",
    "open_deal_is_not_past_its_expected_close",
    "open_deal_has_moved",
    "column_is_filled_alike_on_won_and_lost",
}


@pytest.fixture(scope="module")
def planted() -> list[dict[str, Any]]:
    faults: list[dict[str, Any]] = json.loads((SAMPLE / "truth" / "faults.json").read_text(encoding="utf-8"))["faults"]
    return faults


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The file of deals as text, cell by cell."""
    return pd.read_csv(DIRTY / "Opportunities.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    """That of the sample; a moment without a zone is local, and deals in a currency without a rate are left out."""
    known = read_workspace(SAMPLE / "oppnb.yaml")
    sources = known.sources.model_copy(update={"time_zone": "Asia/Shanghai"})
    return known.model_copy(update={"sources": sources, "audit": parse_workspace(LEFT_OUT).audit})


@pytest.fixture(scope="module")
def proposed() -> Review:
    """Without a workspace but for one line: what to do with deals in a currency that cannot be converted."""
    return open_review(DIRTY, workspace=parse_workspace(LEFT_OUT))


@pytest.fixture(scope="module")
def configured(workspace: Workspace) -> Review:
    return open_review(DIRTY, workspace=workspace)


@pytest.fixture(params=["proposed", "configured"])
def review(request: pytest.FixtureRequest) -> Review:
    found: Review = request.getfixturevalue(request.param)
    return found


def found_in(review: Review, table: str, rule: str) -> list[Finding]:
    return [finding for finding in review.audit.findings if (finding.table, finding.rule) == (table, rule)]


def keys_of(planted: list[dict[str, Any]], rule: str, *, file: str = "Opportunities.csv") -> list[str]:
    return [key for fault in planted if (fault["fault"], fault["file"]) == (rule, file) for key in fault["keys"]]


def test_every_kind_of_planted_fault_is_asked_for_here(planted: list[dict[str, Any]]) -> None:
    kinds = {(fault["file"], fault["fault"]) for fault in planted}
    elsewhere = READ_RIGHTLY | BY_THEMSELVES
    assert {pair for pair in kinds if pair[1] not in elsewhere} == set(COUNTED)
    assert elsewhere <= {name for _, name in kinds}


@pytest.mark.parametrize(("file", "rule"), COUNTED)
def test_as_many_rows_are_found_as_were_planted(
    planted: list[dict[str, Any]], review: Review, file: str, rule: str
) -> None:
    keys = keys_of(planted, rule, file=file)
    (finding,) = found_in(review, TABLE_OF[file], rule)
    assert finding.n_rows == len(keys) > 0
    assert set(finding.first_keys) <= set(keys)


def test_stages_that_the_configuration_does_not_know_are_found_where_there_is_one(
    planted: list[dict[str, Any]], configured: Review
) -> None:
    (finding,) = found_in(configured, "opportunities", "stage_is_in_the_configuration")
    assert finding.n_rows == len(keys_of(planted, "stage_is_in_the_configuration"))
    # The history never names them: it is believed, and that the export says otherwise is a finding of its own.
    (told,) = found_in(configured, "opportunities", "last_stage_in_history_is_the_current_one")
    assert told.n_rows == finding.n_rows
    assert told.first_keys == finding.first_keys
    funnel = configured.funnel()
    is_open = configured.snapshot["outcome"] == "open"
    assert funnel["count"].sum() == is_open.sum()


def test_deals_that_never_moved_are_found_once_they_are_a_month_old(
    planted: list[dict[str, Any]], review: Review
) -> None:
    (finding,) = found_in(review, "opportunities", "open_deal_older_than_30_days_has_moved")
    never_moved = keys_of(planted, "open_deal_has_moved")
    assert len(never_moved) / 2 < finding.n_rows <= len(never_moved)
    assert set(finding.first_keys) <= set(never_moved)


def test_overdue_deals_are_found_but_for_those_whose_date_cannot_be_trusted(
    planted: list[dict[str, Any]], review: Review
) -> None:
    (finding,) = found_in(review, "opportunities", "open_deal_is_not_past_its_expected_close")
    overdue = set(keys_of(planted, "open_deal_is_not_past_its_expected_close"))
    swapped = set(keys_of(planted, "date_order_is_the_same_in_all_rows"))
    doubled = set(keys_of(planted, "key_is_there_once")) | set(keys_of(planted, "row_is_not_repeated"))
    # A date in the other order is not read at all; a repeated key is set aside before anything is counted.
    assert len(overdue - swapped - doubled) <= finding.n_rows <= len(overdue) + len(doubled)
    assert set(finding.first_keys) <= overdue


def test_a_column_that_only_won_deals_fill_is_found(planted: list[dict[str, Any]], review: Review) -> None:
    fault = next(one for one in planted if one["column"] == "Contract Number")
    found = found_in(review, "opportunities", "column_is_filled_alike_on_won_and_lost")
    by_column = {finding.note.values["column"]: finding for finding in found if finding.note}
    # Rows set aside as repeated are not asked; the reason of a loss is known to be one and is no surprise.
    assert 0 <= fault["n_rows"] - by_column["Contract Number"].n_rows <= 7
    assert "lost_reason" not in by_column


def test_nothing_that_was_set_aside_is_lost(review: Review) -> None:
    aside = review.audit.rejected.groupby(["table", "rule"]).size()
    assert aside["opportunities", "row_is_not_repeated"] == 4
    assert aside["opportunities", "key_is_there_once"] == 3
    assert aside["opportunities", "currency_has_an_exchange_rate"] == 5
    assert len(review.tables["opportunities"]) == 410 - 4 - 3 - 5
    assert review.audit.rejected["row"].str.startswith("{").all()


def test_hostile_names_are_kept_as_the_text_they_are(
    planted: list[dict[str, Any]], raw: pd.DataFrame, review: Review
) -> None:
    names = review.tables["opportunities"].set_index("opportunity_id")["name"]
    as_written = raw.drop_duplicates("Opportunity ID").set_index("Opportunity ID")["Opportunity Name"]
    hostile = [key for rule in ("name_is_text_not_null", "name_is_no_formula", "name_is_no_script")
               for key in keys_of(planted, rule)]  # fmt: skip
    assert len(hostile) == 9
    kept = [key for key in hostile if key in names.index]
    assert len(kept) >= 7
    assert names[kept].tolist() == as_written[kept].tolist()
    assert {"NA", "<script>alert(1)</script>"} <= set(names[kept])


def test_blanks_around_a_name_do_not_make_another_seller(
    planted: list[dict[str, Any]], raw: pd.DataFrame, review: Review
) -> None:
    keys = keys_of(planted, "text_has_no_outer_blanks")
    as_written = raw.drop_duplicates("Opportunity ID").set_index("Opportunity ID").loc[keys, "Opportunity Owner"]
    assert as_written.str.endswith("  ").all()
    owners = review.tables["opportunities"].set_index("opportunity_id")["owner_id"].reindex(keys).dropna()
    assert owners.tolist() == as_written.str.strip()[owners.index].tolist()
    assert owners.isin(review.tables["owners"]["owner_id"]).all()


def test_three_styles_of_time_zone_in_one_column_mean_the_same_moments(configured: Review) -> None:
    clean = pd.read_csv(
        SAMPLE / "pipeline" / "opportunity_history.csv", dtype={"opportunity_id": str}, parse_dates=["changed_at"]
    )
    clean["changed_at"] = clean["changed_at"].dt.tz_localize(None)
    clean = clean.drop_duplicates(["opportunity_id", "changed_at"]).assign(is_true=True)
    dirty = configured.tables["opportunity_history"]
    dirty = dirty[~dirty["opportunity_id"].str.startswith("888")]
    found = dirty.merge(clean[["opportunity_id", "changed_at", "is_true"]], how="left")
    assert len(found) == len(dirty) > 1_500
    assert found["is_true"].eq(True).all()


def test_a_review_opens_and_says_what_it_assumed(proposed: Review, configured: Review) -> None:
    for review in (proposed, configured):
        figures = {one["id"]: one for one in review.figures() if one["slice"] is None}
        assert figures["open_count"]["value"] > 50
        assert figures["open_amount"]["value"] > 0
        assert figures_text(review.figures()).count('"id"') > 300
        assert len(review.summary()) >= 5
        assert len(review.attention()) > 0
        assert all(review.words(f"note.{note.code}", **note.values) for note in review.notes)
    said = {note.code for note in proposed.notes}
    assert {"sources_proposed", "review_stages_proposed", "review_base_currency_assumed"} <= said


def test_the_stages_are_proposed_in_the_order_that_the_client_works_in(proposed: Review, configured: Review) -> None:
    for process in configured.workspace.processes:
        mine = next(one for one in proposed.workspace.processes if one.name == process.name)
        known = [stage.name for stage in process.stages]
        assert [stage.name for stage in mine.stages if stage.name in known] == known


def test_amounts_that_cannot_be_added_are_refused_with_the_way_out() -> None:
    with pytest.raises(CurrencyError, match="no exchange rate for EUR") as caught:
        open_review(DIRTY).figures()
    assert "currency_has_an_exchange_rate: set_aside" in str(caught.value)
