"""The tables of the synthetic pipeline keep the contract and agree with each other."""

import pandas as pd
import pytest

from oppnb.tables import CANONICAL
from tests.builders import DTYPE

LAST = pd.Timestamp("2025-12-31 16:00")  # midnight in Shanghai, in UTC


@pytest.mark.parametrize("name", list(CANONICAL))
def test_every_canonical_table_has_its_required_columns_of_the_right_kind(made, name):
    frame, columns = made.tables[name], CANONICAL[name].columns
    assert len(frame) > 20
    assert set(CANONICAL[name].required) <= set(frame.columns)
    wrong = {
        column: str(frame[column].dtype)
        for column in frame.columns
        if column in columns and str(frame[column].dtype) != DTYPE[columns[column].kind]
    }
    assert wrong == {}
    assert frame[list(CANONICAL[name].required)].notna().all(axis=None)


@pytest.mark.parametrize("name", [name for name, schema in CANONICAL.items() if schema.key])
def test_keys_are_unique(made, name):
    assert not made.tables[name].duplicated(list(CANONICAL[name].key)).any()


@pytest.mark.parametrize("name", [name for name in CANONICAL if name != "opportunities"])
def test_every_key_of_an_opportunity_is_known(made, name):
    frame = made.tables[name]
    if "opportunity_id" in frame:
        assert frame["opportunity_id"].dropna().isin(made.tables["opportunities"]["opportunity_id"]).all()


def test_there_are_3000_opportunities_of_two_processes_over_three_years(made):
    deals = made.tables["opportunities"]
    assert len(deals) == 3000
    assert set(deals["process"]) == {"new_business", "renewal"}
    assert deals["created_at"].min() < pd.Timestamp("2023-01-05")
    assert deals["created_at"].max() > pd.Timestamp("2025-12-15")
    assert set(deals["currency"]) == {"CNY", "USD"}


def test_ids_keep_their_leading_zeros(made):
    assert made.tables["opportunities"]["opportunity_id"].str.fullmatch(r"0\d{4}").all()


def test_nothing_that_happened_lies_after_the_last_day(made):
    for name, frame in made.tables.items():
        for column in frame.columns:
            if column.endswith("_at"):
                assert frame[column].max() < LAST, (name, column)
    assert made.tables["payments"]["paid_on"].max() <= pd.Timestamp("2025-12-31")
    assert made.tables["subscriptions"]["cancelled_on"].max() <= pd.Timestamp("2025-12-31")


def test_the_first_history_row_of_a_deal_is_its_creation_with_everything_filled(made):
    first = made.tables["opportunity_history"].drop_duplicates("opportunity_id")
    deals = made.tables["opportunities"]
    assert first.notna().all(axis=None)
    assert first["opportunity_id"].tolist() == deals["opportunity_id"].tolist()
    assert first["changed_at"].tolist() == deals["created_at"].tolist()


@pytest.mark.parametrize("column", ["stage", "amount", "expected_close_on", "owner_id", "forecast_category"])
def test_the_history_carried_forward_ends_in_the_current_state(made, column):
    last = made.tables["opportunity_history"].groupby("opportunity_id")[column].last()  # last that is filled
    assert last.tolist() == made.tables["opportunities"][column].tolist()


def test_later_history_rows_hold_changes_only(made):
    history = made.tables["opportunity_history"]
    is_later = history.duplicated("opportunity_id")
    columns = ["stage", "amount", "expected_close_on", "owner_id", "forecast_category"]
    assert history.loc[is_later, columns].notna().any(axis=1).all()
    before = history.groupby("opportunity_id")[columns].ffill().groupby(history["opportunity_id"]).shift()
    for column in columns:
        assert not (history[column] == before[column]).any()


def test_history_moves_forward_in_time(made):
    history = made.tables["opportunity_history"]
    same = history["opportunity_id"] == history["opportunity_id"].shift()
    assert (history["changed_at"].diff()[same] > pd.Timedelta(0)).all()


def test_a_closed_deal_closed_with_its_last_change_and_on_its_expected_day(made):
    deals = made.tables["opportunities"]
    closed = deals[deals["outcome"] != "open"]
    last = made.tables["opportunity_history"].groupby("opportunity_id")["changed_at"].last()
    assert closed["closed_at"].tolist() == last[closed["opportunity_id"]].tolist()
    local_day = (closed["closed_at"] + pd.Timedelta(hours=8)).dt.normalize()
    assert (local_day == closed["expected_close_on"]).all()


def test_open_deals_have_no_close_and_no_reason(made):
    deals = made.tables["opportunities"]
    is_open = deals["outcome"] == "open"
    assert deals["closed_at"].isna().eq(is_open).all()
    assert deals["lost_reason"].notna().eq(deals["outcome"] == "lost").all()


def test_activities_lie_within_the_life_of_their_deal_and_never_in_its_silence(made):
    deals = made.tables["opportunities"].set_index("opportunity_id")
    silent = made.truth.deals.set_index("opportunity_id")["silent_week_on"]
    for name, column in (("activities", "occurred_at"), ("evidence", "recorded_at")):
        frame = made.tables[name]
        moment, ids = frame[column], frame["opportunity_id"]
        assert (moment > ids.map(deals["created_at"])).all()
        assert (moment < ids.map(deals["closed_at"]).fillna(LAST)).all()
        assert not (moment > ids.map(silent) + pd.Timedelta(days=7)).any()


def test_people_in_activities_are_contacts_of_the_deal(made):
    contacts = set(made.tables["contacts"]["contact_id"])
    assert set(made.tables["activities"]["contact_id"]) <= contacts


def test_a_won_deal_is_paid_in_parts_that_add_up_to_its_amount(made):
    deals = made.tables["opportunities"].set_index("opportunity_id")
    won = deals[deals["outcome"] == "won"]
    paid = made.tables["payments"].groupby("opportunity_id")["amount"].sum()
    assert paid.index.tolist() == won.index.tolist()
    assert (paid - won["amount"]).abs().max() < 0.005


def test_only_the_amount_of_won_deals_equals_the_sum_of_their_lines(made):
    deals = made.tables["opportunities"].set_index("opportunity_id")
    lines = made.tables["line_items"]
    total = (lines["quantity"] * lines["unit_price"]).groupby(lines["opportunity_id"]).sum()
    is_equal = (deals.loc[total.index, "amount"] - total).abs() < 0.005
    is_won = deals.loc[total.index, "outcome"] == "won"
    assert is_equal[is_won].all()
    assert is_equal[~is_won].mean() < 0.02


def test_a_converted_lead_is_older_than_its_opportunity_and_of_the_same_source(made):
    deals = made.tables["opportunities"].set_index("opportunity_id")
    leads = made.tables["leads"].dropna(subset="opportunity_id")
    theirs = deals.loc[leads["opportunity_id"]]
    assert not leads["opportunity_id"].duplicated().any()
    assert (leads["created_at"].to_numpy() < theirs["created_at"].to_numpy()).all()
    assert (leads["converted_at"].to_numpy() == theirs["created_at"].to_numpy()).all()
    assert (leads["source"].to_numpy() == theirs["source"].to_numpy()).all()


def test_accounts_that_become_customers_later_do_not_say_so(made):
    assert made.tables["accounts"]["customer_since"].max() < pd.Timestamp("2023-01-01")


def test_names_come_in_chinese_and_in_latin_letters(made):
    for name in ("accounts", "owners"):
        is_chinese = made.tables[name]["name"].str.contains(r"[\u4e00-\u9fff]")
        assert 0.2 < is_chinese.mean() < 0.9
        assert not made.tables[name]["name"].duplicated().any()


def test_every_seller_has_a_team_a_region_and_a_manager_and_some_have_left(made):
    owners = made.tables["owners"]
    sellers = owners[owners["owner_id"].isin(made.tables["opportunities"]["owner_id"])]
    assert sellers[["team", "region", "manager_id"]].notna().all(axis=None)
    assert owners["manager_id"].dropna().isin(owners["owner_id"]).all()
    assert (~owners["active"]).sum() >= 2


def test_quotas_are_in_the_base_currency_and_cover_every_quarter(made):
    targets = made.tables["targets"]
    assert targets["period_start"].nunique() == 12
    assert set(targets["currency"]) == {"CNY"}
    assert not targets.duplicated(["period_start", "owner_id"]).any()


def test_rates_cover_every_month_from_before_the_first_deal(made):
    rates = made.tables["exchange_rates"]
    assert rates["on"].min() < made.tables["opportunities"]["created_at"].min()
    assert (rates["on"].diff().dropna() <= pd.Timedelta(days=31)).all()
