"""The pipeline as it stood, on hand-made deals with the answer beside them."""

from datetime import date

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, CurrencyError, NothingToReadError, TableMissingError
from oppnb.history import SNAPSHOT_COLUMNS, as_of, open_source, snapshots
from oppnb.workspace import parse_workspace
from tests.builders import make_activity, make_change, make_opportunity, make_tables

WORKSPACE = parse_workspace("""
processes:
  - name: new
    stages:
      - {name: Lead}
      - {name: Demo, aliases: [演示]}
      - {name: Offer}
      - {name: Won, outcome: won}
      - {name: Lost, outcome: lost}
""")
IN_SHANGHAI = parse_workspace("calendar: {time_zone: Asia/Shanghai}")


def one(tables, day, workspace=WORKSPACE) -> pd.Series:
    frame = as_of(tables, day, workspace=workspace)
    assert len(frame) == 1
    return frame.iloc[0]


def test_a_deal_is_there_from_the_day_it_was_created_on():
    tables = make_tables([make_opportunity(created_at="2024-03-05 23:59:59")])
    assert as_of(tables, "2024-03-04").empty
    assert len(as_of(tables, "2024-03-05")) == 1


def test_a_day_ends_at_local_midnight():
    tables = make_tables(
        [make_opportunity(created_at="2024-03-05 15:59:59"), make_opportunity("2", created_at="2024-03-05 16:00")]
    )
    assert as_of(tables, "2024-03-05", workspace=IN_SHANGHAI)["opportunity_id"].tolist() == ["1"]
    assert len(as_of(tables, "2024-03-06", workspace=IN_SHANGHAI)) == 2


def test_a_null_in_the_history_means_as_before():
    history = [
        make_change("1", "2024-01-01", stage="Lead", amount=10.0, owner_id="u1"),
        make_change("1", "2024-01-05", amount=20.0),
        make_change("1", "2024-01-09", stage="Demo"),
    ]
    row = one(make_tables([make_opportunity()], history=history), "2024-01-10")
    assert (row["stage"], row["amount"], row["owner_id"]) == ("Demo", 20.0, "u1")
    assert row["days_in_stage"] == 2.0


def test_pushes_pulls_and_regressions_are_counted_while_open():
    close = "expected_close_on"
    history = [
        make_change("1", "2024-01-01", stage="Lead", **{close: "2024-02-01"}),
        make_change("1", "2024-01-02", stage="Offer", **{close: "2024-02-11"}),  # push by 10, forward
        make_change("1", "2024-01-03", stage="Demo", **{close: "2024-03-01"}),  # push by 19, back
        make_change("1", "2024-01-04", stage="Demo", **{close: "2024-02-20"}),  # pull
        make_change("1", "2024-01-05", stage="Lost", **{close: "2024-05-05"}),  # the close sets the date: no push
        make_change("1", "2024-01-06", stage="Lead", **{close: "2024-06-01"}),  # reopened: neither push nor regression
    ]
    row = one(make_tables([make_opportunity()], history=history), "2024-01-31")
    assert (row["n_pushes"], row["days_pushed"], row["n_pulls"]) == (2, 29.0, 1)
    assert (row["n_stage_changes"], row["n_stage_regressions"], row["has_moved"]) == (4, 1, True)


def test_a_reopened_deal_is_open_again_and_has_no_closing_date():
    history = [
        make_change("1", "2024-01-01", stage="Lead"),
        make_change("1", "2024-02-01 12:00", stage="Won"),
        make_change("1", "2024-03-01", stage="Demo"),
        make_change("1", "2024-04-01", stage="Lost"),
    ]
    tables = make_tables([make_opportunity(stage="Lost", closed_at="2024-04-01")], history=history)
    frame = snapshots(tables, ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"], workspace=WORKSPACE)
    assert frame["outcome"].tolist() == ["open", "won", "open", "lost"]
    closed = [None, pd.Timestamp("2024-02-01 12:00"), None, pd.Timestamp("2024-04-01")]
    assert frame["closed_at"].astype(object).where(frame["closed_at"].notna(), None).tolist() == closed
    assert frame["age_days"].tolist() == [31.0, 31.5, 91.0, 91.0]


def test_of_equal_moments_the_later_row_of_the_table_holds():
    history = [make_change("1", "2024-01-02", stage=stage) for stage in ("Lead", "Offer", "Demo")]
    row = one(make_tables([make_opportunity()], history=history), "2024-01-02")
    assert (row["stage"], row["n_stage_changes"], row["n_stage_regressions"]) == ("Demo", 2, 1)


def test_a_row_that_is_there_twice_changes_nothing():
    history = [make_change("1", "2024-01-02", stage="Lead"), make_change("1", "2024-01-05", stage="Demo")]
    tables = make_tables([make_opportunity()], history=history)
    doubled = make_tables([make_opportunity(), make_opportunity()], history=[*history, history[1]])
    pd.testing.assert_frame_equal(as_of(doubled, "2024-02-01"), as_of(tables, "2024-02-01"))


def test_history_from_before_the_creation_date_makes_the_deal_known_from_then_on():
    tables = make_tables(
        [make_opportunity(created_at="2024-03-01")], history=[make_change("1", "2024-02-01", stage="Lead")]
    )
    row = one(tables, "2024-02-10")
    assert (row["created_at"], row["age_days"]) == (pd.Timestamp("2024-02-01"), 10.0)


def test_stages_are_matched_by_their_folded_spelling_and_unknown_ones_keep_their_text():
    history = [make_change("1", "2024-01-01", stage="ＤＥＭＯ "), make_change("2", "2024-01-01", stage="演示")]
    history += [make_change("3", "2024-01-01", stage="尽职调查 ✓")]
    tables = make_tables([make_opportunity(key) for key in "123"], history=history)
    frame = as_of(tables, "2024-01-01", workspace=WORKSPACE)
    assert frame["stage"].tolist() == ["Demo", "Demo", "尽职调查 ✓"]
    assert frame["stage_position"].fillna(-1).tolist() == [2, 2, -1]
    assert frame["process"].tolist() == ["new"] * 3


def test_without_a_workspace_the_outcome_is_read_from_the_words():
    history = [make_change("1", "2024-01-02", stage="Closed Won"), make_change("2", "2024-01-02", stage="输单")]
    tables = make_tables([make_opportunity("1"), make_opportunity("2")], history=history)
    assert as_of(tables, "2024-01-02")["outcome"].tolist() == ["won", "lost"]


def test_a_flat_list_tells_outcomes_by_their_dates_and_the_stage_of_closed_deals_only():
    deals = [
        make_opportunity("1", stage="Won", closed_at="2024-02-01", expected_close_on="2024-02-01"),
        make_opportunity("2", stage="Demo", expected_close_on="2024-09-01"),
        make_opportunity("3", stage="Demo", created_at=None),
    ]
    tables = make_tables(deals, exported_on=date(2024, 6, 30))
    before = as_of(tables, "2024-01-31", workspace=WORKSPACE)
    assert before[["outcome", "stage"]].fillna("?").to_numpy().tolist() == [["open", "?"], ["open", "?"]]
    assert before["expected_close_on"].isna().tolist() == [True, True]  # it moves, and the close overwrites it
    after = as_of(tables, "2024-02-01", workspace=WORKSPACE)
    assert after[["outcome", "stage"]].fillna("?").to_numpy().tolist() == [["won", "Won"], ["open", "?"]]
    exported = as_of(tables, "2024-06-30", workspace=WORKSPACE)
    assert exported["stage"].tolist() == ["Won", "Demo", "Demo"]
    counts = ["n_pushes", "days_pushed", "n_stage_changes", "has_moved", "n_activities_last_30_days", "n_contacts"]
    assert exported[counts].isna().all().all()


MOVING = ["amount", "owner_id", "competitor", "forecast_category", "next_step", "lost_reason", "crm_score"]
SAYS = {"amount": 7.0, "owner_id": "u1", "competitor": "Rival", "forecast_category": "commit", "next_step": "Call"}
SAYS |= {"lost_reason": "Price", "crm_score": 9.0}


@pytest.mark.parametrize("stage", ["Won", "Demo"])
@pytest.mark.parametrize("with_stages", [False, True])
def test_what_moves_is_not_known_of_a_deal_that_was_open_before_the_export(stage, with_stages):
    closed_at = "2024-03-01" if stage == "Won" else None
    deals = [make_opportunity("1", stage=stage, closed_at=closed_at, product="A", region="East", Colour="red", **SAYS)]
    history = [make_change("1", "2024-01-01", stage="Demo")] if with_stages else None
    tables = make_tables(deals, history=history, exported_on=date(2024, 6, 30))
    before, exported = (as_of(tables, day, workspace=WORKSPACE) for day in ("2024-02-29", "2024-06-30"))
    assert before["outcome"].tolist() == ["open"]
    assert before[[*MOVING, "amount_base"]].isna().all().all()
    assert exported[MOVING].iloc[0].to_dict() == SAYS
    assert before[["product", "region", "Colour"]].equals(exported[["product", "region", "Colour"]])


def test_a_deal_closed_by_the_day_stands_still():
    deals = [make_opportunity("1", stage="Won", closed_at="2024-03-01", **SAYS)]
    frame = as_of(make_tables(deals, exported_on=date(2024, 6, 30)), "2024-03-01", workspace=WORKSPACE)
    known = ["amount", "owner_id", "competitor", "lost_reason", "crm_score"]
    assert frame[known].iloc[0].to_dict() == {name: SAYS[name] for name in known}


def test_closings_come_from_the_export_where_the_history_never_shows_one():
    history = [make_change("1", "2024-01-01", stage="Lead"), make_change("2", "2024-01-01", stage="Lead")]
    deals = [make_opportunity("1", stage="Won", closed_at="2024-03-01"), make_opportunity("2")]
    frame = as_of(make_tables(deals, history=history), "2024-03-31", workspace=WORKSPACE)
    assert frame["outcome"].tolist() == ["won", "open"]
    assert frame["stage"].tolist() == ["Won", "Lead"]


def test_nothing_is_counted_before_the_history_begins():
    workspace = parse_workspace("sources: {history_begins_on: 2024-02-01}")
    history = [make_change("1", f"2024-0{month}-01", stage=f"s{month}") for month in (1, 2, 3)]
    tables = make_tables([make_opportunity()], history=history)
    assert one(tables, "2024-01-31", workspace)[["n_stage_changes", "has_moved"]].isna().all()
    assert one(tables, "2024-01-31", workspace)["stage"] == "s1"
    assert one(tables, "2024-03-31", workspace)["n_stage_changes"] == 2


def test_activities_are_counted_in_windows_that_end_with_the_day():
    moments = ["2024-03-31 23:00", "2024-03-25", "2024-03-24 23:59:59", "2024-03-02", "2024-01-02", "2024-04-01"]
    tables = make_tables(
        [make_opportunity(), make_opportunity("2")], activities=[make_activity("1", m) for m in moments]
    )
    frame = as_of(tables, "2024-03-31")
    windows = [f"n_activities_last_{n}_days" for n in (7, 30, 90)]
    assert frame[windows].to_numpy().tolist() == [[2, 4, 5], [0, 0, 0]]
    assert frame["days_since_last_activity"].fillna(-1).tolist() == [round(1 / 24, 6), -1]


def test_an_activity_of_an_account_counts_for_its_deals_that_were_open_then():
    deals = [
        make_opportunity("1", account_id="a", created_at="2024-01-01"),
        make_opportunity("2", account_id="a", created_at="2024-03-20"),  # not there yet
        make_opportunity("3", account_id="a", stage="Won", closed_at="2024-03-01"),  # closed before
        make_opportunity("4", account_id="b"),
    ]
    tables = make_tables(deals, activities=[make_activity(None, "2024-03-15", account_id="a")])
    assert as_of(tables, "2024-03-31")["n_activities_last_30_days"].tolist() == [1, 0, 0, 0]


def test_contacts_count_when_seen_and_undated_ones_from_the_export_on():
    activities = [make_activity("1", "2024-02-01", contact_id="c1"), make_activity("1", "2024-03-01", contact_id="c2")]
    people = [{"opportunity_id": "1", "contact_id": "c1"}, {"opportunity_id": "1", "contact_id": "c9"}]
    tables = make_tables([make_opportunity()], activities=activities, contacts=people, exported_on=date(2024, 6, 30))
    days = ["2024-01-31", "2024-02-29", "2024-06-29", "2024-06-30"]
    assert snapshots(tables, days)["n_contacts"].tolist() == [0, 1, 2, 3]


def test_an_open_deal_takes_the_rate_of_the_day_and_a_closed_one_that_of_its_close():
    rates = [
        {"currency": "USD", "on": on, "rate_to_base": rate} for on, rate in [("2024-01-01", 0.5), ("2024-03-01", 0.8)]
    ]
    deals = [
        make_opportunity("1", currency="USD"),
        make_opportunity("2", currency="USD", stage="Won", closed_at="2024-02-10"),
        make_opportunity("3", currency="EUR"),
        make_opportunity("4", currency="USD", created_at="2023-01-01", stage="Won", closed_at="2023-02-10"),
    ]
    workspace = parse_workspace("currency: EUR")
    tables = make_tables(deals, exchange_rates=rates, exported_on=date(2024, 3, 31))
    frame = as_of(tables, "2024-03-31", workspace=workspace)
    assert frame["amount_base"].tolist() == [80.0, 50.0, 100.0, 50.0]  # before the first rate: the first


def test_several_currencies_without_rates_are_refused_by_name():
    tables = make_tables([make_opportunity("1", currency="USD"), make_opportunity("2", currency="CNY")])
    with pytest.raises(CurrencyError, match=r"2 currencies \(CNY, USD\).*no exchange rate for CNY, USD: 2 of 2"):
        as_of(tables, "2024-12-31")
    with pytest.raises(CurrencyError, match="no exchange rate for CNY: 1 of 2 opportunities, first: 2"):
        as_of(tables, "2024-12-31", workspace=parse_workspace("currency: USD"))


def test_a_single_currency_counts_as_it_is():
    frame = as_of(make_tables([make_opportunity(currency="CNY"), make_opportunity("2")]), "2025-12-31")
    assert frame["amount_base"].tolist() == [100.0, 100.0]


def test_what_is_known_at_the_close_is_hidden_while_the_deal_is_open():
    deals = [
        make_opportunity("1", stage="Lost", closed_at="2024-03-01", lost_reason="price", crm_score=7.0, colour="red")
    ]
    tables = make_tables(deals)
    open_row, closed_row = one(tables, "2024-02-01"), one(tables, "2024-03-01")
    assert pd.isna(open_row["lost_reason"])
    assert pd.isna(open_row["crm_score"])
    assert (closed_row["lost_reason"], closed_row["crm_score"], open_row["colour"]) == ("price", 7.0, "red")


@pytest.mark.parametrize("tables", [make_tables([]), make_tables([], history=[], activities=[], contacts=[])])
def test_empty_tables_give_the_columns(tables):
    frame = as_of(tables, "2024-01-01")
    assert frame.columns.tolist() == list(SNAPSHOT_COLUMNS)
    assert frame.empty
    full = as_of(make_tables([make_opportunity()]), "2024-01-01")
    pd.testing.assert_series_equal(frame.dtypes, full.dtypes)


def test_no_days_give_no_rows():
    frame = snapshots(make_tables([make_opportunity()]), [])
    assert frame.empty
    assert frame.columns.tolist() == list(SNAPSHOT_COLUMNS)


def test_keys_stay_text_however_long_or_strange():
    keys = ["007", "9" * 40, "客户-1", "a'b\"c"]
    tables = make_tables([make_opportunity(key) for key in keys], history=[make_change(key) for key in keys])
    assert as_of(tables, "2024-12-31")["opportunity_id"].tolist() == sorted(keys)


def test_rows_of_the_history_without_a_deal_are_left_out():
    tables = make_tables([make_opportunity()], history=[make_change("gone", "2024-01-01", stage="Lead")])
    assert as_of(tables, "2024-01-31")["opportunity_id"].tolist() == ["1"]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_files_are_read_as_the_frames_are(tmp_path, ending):
    history = [
        make_change("1", "2024-01-02", stage=s, amount=a) for s, a in [("Lead", 1.5), ("Offer", 2.5), ("Demo", 3.5)]
    ]
    tables = make_tables(
        [make_opportunity("007"), make_opportunity("1")], history=history, activities=[make_activity()]
    )
    paths = {name: tmp_path / f"it's {name}.{ending}" for name in tables}
    for name, frame in tables.items():
        frame.to_csv(paths[name], index=False) if ending == "csv" else frame.to_parquet(paths[name])
    source = open_source(paths, exported_on=tables.exported_on, memory_limit="500MB", threads=1)
    pd.testing.assert_frame_equal(as_of(source, "2024-02-01"), as_of(tables, "2024-02-01"))


def test_of_several_files_the_later_name_holds_at_an_equal_moment(tmp_path):
    tables = make_tables([make_opportunity()], history=[make_change("1", "2024-01-02", stage="Lead")])
    history = tables["opportunity_history"]
    history.to_parquet(tmp_path / "part-1.parquet")
    history.assign(stage="Demo").to_parquet(tmp_path / "part-2.parquet")
    files = {"opportunities": tables["opportunities"], "opportunity_history": tmp_path / "part-*.parquet"}
    assert as_of(open_source(files), "2024-02-01")[["stage", "n_stage_changes"]].to_numpy().tolist() == [["Demo", 1.0]]


def test_mistakes_are_named():
    deals = make_tables([make_opportunity()])["opportunities"]
    with pytest.raises(NothingToReadError, match=r"no file 'deals.parquet' for the table 'opportunities'"):
        open_source({"opportunities": "deals.parquet"})
    with pytest.raises(TableMissingError, match="Did you mean 'opportunities'"):
        open_source({"oportunities": deals})
    with pytest.raises(TableMissingError, match="no table 'opportunities'"):
        open_source({"activities": pd.DataFrame({"kind": ["call"], "occurred_at": [pd.Timestamp(0)]})})
    with pytest.raises(ColumnMissingError, match="no column 'stage'"):
        open_source({"opportunities": deals.drop(columns="stage")})
