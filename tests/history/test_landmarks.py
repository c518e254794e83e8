"""Which deals are looked at on which days."""

import importlib
from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.history import as_of, open_source, snapshots
from oppnb.history.landmarks import has_dates, landmarks, last_day
from tests.builders import make_opportunity, make_tables
from tests.random_pipeline import EXPORTED_ON, awkward_pipeline, awkward_workspace

WORKSPACE = awkward_workspace()
MODULE = importlib.import_module("oppnb.history.landmarks")
KEY = ["opportunity_id", "as_of"]


@pytest.fixture(scope="module")
def source():
    return open_source(awkward_pipeline(3, size=120))


@pytest.fixture(scope="module")
def found(source):
    return landmarks(source, workspace=WORKSPACE)


def test_rows_are_those_of_the_snapshots(source, found):
    days = sorted(found.rows["as_of"].unique())[::9]
    wanted = snapshots(source, days, workspace=WORKSPACE, only_open=True).set_index(["as_of", "opportunity_id"])
    some = found.rows[found.rows["as_of"].isin(days)].set_index(["as_of", "opportunity_id"])
    pd.testing.assert_frame_equal(some, wanted.loc[some.index])


def test_every_deal_that_was_open_at_the_end_of_a_weekly_day_has_a_row(source, found):
    days = pd.date_range(end=EXPORTED_ON, periods=52, freq="7D")
    was_open = snapshots(source, days, workspace=WORKSPACE, only_open=True)
    of_ends = was_open.merge(found.rows[["opportunity_id"]].drop_duplicates(), how="left", indicator=True)
    missing = of_ends.loc[of_ends["_merge"] == "left_only", "opportunity_id"].unique()
    told = as_of(source, EXPORTED_ON, workspace=WORKSPACE).set_index("opportunity_id")
    # a close without a usable date: nobody can say when they were open; no creation: known from the export's day on
    assert ((told.loc[missing, "outcome"] != "open") | told.loc[missing, "created_at"].isna()).all()
    assert len(missing) < 0.1 * was_open["opportunity_id"].nunique()


def test_a_deal_is_looked_at_every_fourth_week(found):
    gaps = found.rows.sort_values(KEY).groupby("opportunity_id")["as_of"].diff().dropna().dt.days
    assert set(gaps % 28) == {0}


def test_a_quick_deal_has_a_row_whether_it_was_won_or_lost_or_is_still_open():
    deals = [
        make_opportunity("won", stage="Won", created_at="2024-05-07 10:00", closed_at="2024-05-08 09:00"),
        make_opportunity("lost", stage="Lost", created_at="2024-05-07 10:00", closed_at="2024-05-08 09:00"),
        make_opportunity("same day", stage="Lost", created_at="2024-05-07 10:00", closed_at="2024-05-07 11:00"),
        make_opportunity("ten days", stage="Won", created_at="2024-05-07", closed_at="2024-05-17"),
        make_opportunity("new", stage="Lead", created_at="2024-06-29"),
    ]
    rows = landmarks(make_tables(deals), until="2024-06-30").rows
    assert rows.set_index("opportunity_id")["as_of"].astype("str").to_dict() == {
        "won": "2024-05-07",
        "lost": "2024-05-07",
        "ten days": "2024-05-12",
        "new": "2024-06-30",
    }


def test_weights_of_quick_deals_are_their_part_of_four_weeks():
    rng = np.random.default_rng(4)
    lives = rng.uniform(1, 27, 800)
    created = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.uniform(0, 150, 800), unit="D")
    closed = created + pd.to_timedelta(lives, unit="D")
    deals = [
        make_opportunity(f"{i}", stage="Won", created_at=f"{a}", closed_at=f"{b}")
        for i, (a, b) in enumerate(zip(created, closed, strict=True))
    ]
    found = landmarks(make_tables(deals), until="2024-07-28")
    assert found.rows["opportunity_id"].is_unique
    # deal-weeks by weight are those that a row a week would have counted
    assert found.ends["weight"].sum() * 4 == pytest.approx(lives.sum() / 7, rel=0.02)


def test_many_deals_are_asked_about_in_parts_with_the_same_answer(source, found, monkeypatch):
    monkeypatch.setattr(MODULE, "DEALS_AT_ONCE", 10)
    monkeypatch.setattr(MODULE, "DAYS_TOGETHER", 20)
    parts = landmarks(source, workspace=WORKSPACE)
    pd.testing.assert_frame_equal(parts.rows, found.rows)
    pd.testing.assert_frame_equal(parts.ends, found.ends)


def test_nothing_before_the_history_begins():
    deals = [make_opportunity(created_at="2020-01-01")]
    history = [{"opportunity_id": "1", "changed_at": "2024-05-01", "stage": "Lead"}]
    rows = landmarks(make_tables(deals, history=history), until="2024-12-31").rows
    assert rows["as_of"].min() >= pd.Timestamp("2024-05-01")


def test_an_export_without_dates_has_no_rows():
    tables = make_tables([{"opportunity_id": "1", "stage": "Won"}], exported_on=None)
    assert not has_dates(tables)
    assert last_day(tables) == date(1970, 1, 1)
    assert landmarks(tables).rows.empty
