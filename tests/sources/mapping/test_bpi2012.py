"""An event log that fills four tables, against the same in plain pandas."""

from pathlib import Path

import pandas as pd
import pytest

from oppnb.sources import Reading, read_tables
from tests.field_data import field_data

WORKSPACE = Path(__file__).resolve().parents[2] / "workspaces" / "bpi2012.yaml"
FILE = "bpi2012_events_until_2011-12-31.csv.gz"
CLOSED = ["A_APPROVED", "A_DECLINED", "A_CANCELLED"]

pytestmark = pytest.mark.field_data


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_tables(field_data("bpi2012"), workspace=WORKSPACE)


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    events = pd.read_csv(field_data("bpi2012") / FILE, dtype={"case_id": str, "resource": str})
    events["at"] = pd.to_datetime(events["timestamp"], utc=True).dt.tz_localize(None)
    return events


@pytest.fixture(scope="module")
def changes(log: pd.DataFrame) -> pd.DataFrame:
    stage = log["activity"].str.startswith("A_") & (log["lifecycle"] == "COMPLETE")
    kept = log[stage & ~log["activity"].isin(["A_REGISTERED", "A_ACTIVATED"])]
    return kept.sort_values(["at", "event_no"], kind="stable")


def test_each_case_is_one_opportunity_in_its_last_stage(reading: Reading, changes: pd.DataFrame) -> None:
    deals = reading.tables["opportunities"].set_index("opportunity_id")
    last = changes.groupby("case_id").last()
    assert deals["stage"].to_dict() == last["activity"].to_dict()
    assert deals["amount"].sum() == last["amount_req"].sum()


def test_it_closed_when_it_was_approved_declined_or_cancelled(reading: Reading, changes: pd.DataFrame) -> None:
    deals = reading.tables["opportunities"].set_index("opportunity_id")
    closed = changes[changes["activity"].isin(CLOSED)].groupby("case_id")["at"].last()
    assert deals["closed_at"].dropna().to_dict() == closed.to_dict()
    assert deals["outcome"].value_counts().to_dict() == {"lost": 4334 + 1346, "won": 1130, "open": 645}


def test_the_history_is_every_change_of_stage(reading: Reading, changes: pd.DataFrame) -> None:
    history = reading.tables["opportunity_history"]
    assert history["stage"].value_counts().to_dict() == changes["activity"].value_counts().to_dict()
    assert history["changed_at"].max() == changes["at"].max()


def test_the_activities_are_the_work_that_was_completed(reading: Reading, log: pd.DataFrame) -> None:
    work = log[log["activity"].str.startswith("W_") & (log["lifecycle"] == "COMPLETE")]
    activities = reading.tables["activities"]
    assert activities["kind"].value_counts().to_dict() == work["activity"].value_counts().to_dict()
    assert activities["occurred_at"].min() == work["at"].min()


def test_each_resource_is_an_owner_once(reading: Reading, log: pd.DataFrame) -> None:
    owners = reading.tables["owners"]["owner_id"]
    assert owners.is_unique
    assert set(owners) == set(log["resource"].dropna())


def test_the_log_without_a_workspace_is_read_as_an_event_log() -> None:
    reading = read_tables(field_data("bpi2012"))
    assert {one.rule.table for one in reading.proposals} == {"opportunities", "opportunity_history"}
    assert len(reading.tables["opportunities"]) == 7455
