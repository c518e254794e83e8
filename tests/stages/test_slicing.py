"""A slice of an export: its own rows and nothing of another one."""

from datetime import date

import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.review import open_review
from oppnb.stages import open_data
from oppnb.stages.slicing import cut_tables, deals_of_slice
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace
from tests.builders import make_change, make_opportunity, make_table

DEALS = [
    make_opportunity("1", region="North", owner_id="u1", account_id="a1", outcome="open"),
    make_opportunity("2", region="North", owner_id="u2", account_id="a2", outcome="open"),
    make_opportunity("3", region="South", owner_id="u3", account_id="a3", outcome="open"),
    make_opportunity("4", owner_id="u4", account_id="a3", outcome="open"),
]
OWNERS = [
    {"owner_id": "u1", "name": "Ann", "team": "T1", "region": "North"},
    {"owner_id": "u2", "name": "Bo", "team": "T2", "region": "North"},
    {"owner_id": "u3", "name": "Cy", "team": "T3", "region": "South"},
    {"owner_id": "u4", "name": "Di", "team": "T3", "region": "South"},
]
YEAR = {"period_start": "2024-01-01", "period_end": "2024-12-31"}


def make(**tables):
    rows = {"opportunities": DEALS, "owners": OWNERS, **tables}
    return Tables({name: make_table(name, rows[name]) for name in rows}, exported_on=date(2024, 6, 30))


def cut(tables, only, day=date(2024, 6, 30)):
    return cut_tables(tables, deals_of_slice(tables, only, day=day, workspace=Workspace()).ids, only)


def test_a_deal_without_a_region_has_that_of_its_seller_as_in_every_breakdown():
    assert list(cut(make(), {"region": "South"})["opportunities"]["opportunity_id"]) == ["3", "4"]


def test_a_column_of_the_sellers_cuts_as_one_of_the_deals():
    assert list(cut(make(), {"team": "T2"})["opportunities"]["opportunity_id"]) == ["2"]


def test_two_columns_ask_for_both():
    assert list(cut(make(), {"region": "South", "owner_id": "u4"})["opportunities"]["opportunity_id"]) == ["4"]


def test_an_empty_value_means_the_deals_that_do_not_tell():
    deals = [make_opportunity("1", product="A"), make_opportunity("2")]
    assert list(cut(make(opportunities=deals), {"product": ""})["opportunities"]["opportunity_id"]) == ["2"]


def test_everything_that_hangs_on_a_deal_goes_with_it():
    tables = make(
        opportunity_history=[make_change("1", owner_id="u4"), make_change("3")],
        activities=[
            {"opportunity_id": "1", "kind": "call", "occurred_at": "2024-02-01"},
            {"opportunity_id": "3", "kind": "call", "occurred_at": "2024-02-01"},
            {"account_id": "a2", "kind": "mail", "occurred_at": "2024-02-01"},
            {"account_id": "a3", "kind": "mail", "occurred_at": "2024-02-01"},
        ],
        payments=[{"opportunity_id": "3", "amount": 5.0}, {"opportunity_id": "2", "amount": 6.0}],
        accounts=[{"account_id": name} for name in ("a1", "a2", "a3", "a9")],
        leads=[{"lead_id": "l1", "created_at": "2024-01-01", "source": "web"}],
    )
    north = cut(tables, {"region": "North"})
    assert list(north["opportunity_history"]["opportunity_id"]) == ["1"]
    assert north["activities"]["kind"].tolist() == ["call", "mail"]
    assert list(north["payments"]["amount"]) == [6.0]
    assert list(north["accounts"]["account_id"]) == ["a1", "a2"]
    assert list(north["owners"]["owner_id"]) == ["u1", "u2", "u4"]  # u4 had deal 1 once
    assert "leads" not in north


def test_a_target_is_of_the_slice_that_it_names_or_its_seller_belongs_to():
    targets = [
        {**YEAR, "amount": 1.0, "owner_id": "u1"},
        {**YEAR, "amount": 2.0, "owner_id": "u3"},
        {**YEAR, "amount": 4.0, "region": "North"},
        {**YEAR, "amount": 8.0},
    ]
    tables = make(targets=targets)
    assert cut(tables, {"region": "North"})["targets"]["amount"].sum() == 5.0
    assert cut(tables, {"owner_id": "u3"})["targets"]["amount"].sum() == 2.0
    assert cut(tables, {"region": "South"})["targets"]["amount"].sum() == 2.0


def test_a_deal_belongs_to_who_had_it_on_the_day_and_not_to_who_got_it_later():
    history = [make_change("1", "2024-01-01", owner_id="u1"), make_change("1", "2024-05-01", owner_id="u3")]
    deals = [make_opportunity("1", owner_id="u3", outcome="open"), *DEALS[1:]]
    tables = make(opportunities=deals, opportunity_history=history)
    before = cut(tables, {"owner_id": "u1"}, date(2024, 3, 1))
    assert list(before["opportunities"]["opportunity_id"]) == ["1"]
    assert list(cut(tables, {"owner_id": "u3"})["opportunities"]["opportunity_id"]) == ["1", "3"]


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ({"regoin": "North"}, "no column 'regoin'. Did you mean 'region'"),
        ({"region": "Nrth"}, "No deal has the region 'Nrth'. Did you mean 'North'"),
        ({"amount": "100"}, "'amount' is not a text"),
        ({"region": "South", "owner_id": "u1"}, "None of the 4 deals known on 2024-06-30 has region 'South', owner_id"),
    ],
)
def test_a_misspelt_slice_is_refused_with_the_nearest_name(only, said):
    with pytest.raises(ParameterError, match=said):
        cut(make(), only)


def test_the_audit_of_a_slice_names_no_row_of_another_one():
    deals = [*DEALS, DEALS[0], DEALS[2], make_opportunity("9", region="South", amount=-5.0, outcome="open")]
    opened = open_data(make(opportunities=deals), only={"region": "North"})
    keys = {key for one in opened.audit.findings for key in one.first_keys}
    assert keys <= {"1", "2", "u1", "u2"}
    assert opened.audit.rejected["key"].tolist() == ["1"]
    assert opened.only == {"region": "North"}


def test_a_slice_of_a_process_knows_no_other_process_and_no_store(tmp_path):
    settings = parse_workspace(
        f"store: {tmp_path / 'store'}\nprocesses:\n- name: one\n"
        "  stages: [{name: Lead}, {name: Won, outcome: won}]\n"
        "- name: two\n  stages: [{name: Lead}, {name: Won, outcome: won}]\n"
    )
    deals = [make_opportunity(str(n), process="one" if n < 3 else "two", outcome="open") for n in range(6)]
    opened = open_data(make(opportunities=deals), workspace=settings, only={"process": "one"})
    assert [process.name for process in opened.workspace.processes] == ["one"]
    assert opened.workspace.store is None
    assert "slice_without_store" in {note.code for note in opened.notes}


def test_the_slices_of_all_regions_add_up_to_the_whole():
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.workspace_file import workspace_yaml

    settings = SyntheticSettings(n_opportunities=140, end=date(2024, 6, 30))
    tables, workspace = make_pipeline(settings).tables, parse_workspace(workspace_yaml(settings))
    asked = {"as_of": date(2024, 5, 31), "workspace": workspace}
    additive = (
        "open_count",
        "open_amount",
        "won_count",
        "won_amount",
        "lost_count",
        "weighted_amount",
        "target_amount",
    )
    whole = open_review(tables, **asked)
    regions = sorted(whole.snapshot["region"].dropna().unique())
    figures = pd.DataFrame(whole.figures())
    parts = pd.concat([pd.DataFrame(open_review(tables, **asked, only={"region": one}).figures()) for one in regions])
    sums = {}
    for frame, name in ((figures, "whole"), (parts, "parts")):
        of_all = frame[frame["slice"].isna() & frame["id"].isin(additive) & (frame["period"] != "2024-05")]
        sums[name] = of_all.assign(value=of_all["value"].astype(float)).groupby(["id", "period"], dropna=False)["value"]
    assert len(regions) > 2
    pd.testing.assert_series_equal(sums["whole"].sum(), sums["parts"].sum(), atol=0.05)  # cents, rounded once a slice
    assert len(sums["whole"].sum()) > 5


def test_without_a_history_of_owners_a_slice_of_an_earlier_day_is_of_those_whom_the_export_names():
    """The region is the seller's; nobody wrote down who had a deal in March, and nobody is no slice."""
    deals = [
        make_opportunity(key, owner_id=owner, created_at="2024-01-05") for key, owner in (("1", "u1"), ("3", "u3"))
    ]
    moves = [make_change(key, changed_at="2024-01-05", stage="Demo") for key in ("1", "3")]
    tables = make(opportunities=deals, opportunity_history=moves)
    earlier = date(2024, 3, 1)
    assert list(cut(tables, {"region": "South"}, day=earlier)["opportunities"]["opportunity_id"]) == ["3"]
    assert list(cut(tables, {"owner_id": "u1"}, day=earlier)["opportunities"]["opportunity_id"]) == ["1"]
    opened = open_data(tables, as_of=earlier, only={"region": "South"})
    assert [note.values for note in opened.notes if note.code == "slice_by_export"] == [{"columns": "region"}]
    told = [make_change("1", changed_at="2024-01-05", stage="Demo", owner_id="u3"), moves[1]]
    handed_over = make(opportunities=deals, opportunity_history=told)
    assert list(cut(handed_over, {"owner_id": "u3"}, day=earlier)["opportunities"]["opportunity_id"]) == ["1"]
