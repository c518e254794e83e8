"""Contact that fades, against the snapshot's own counts and a sum written out."""

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import UsageError
from oppnb.history import activity_decay, cutoff, snapshots
from oppnb.tables import Tables
from tests.builders import make_activity, make_opportunity, make_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

WORKSPACE = awkward_workspace()
DAYS = ["2024-02-10", "2024-03-10", "2024-06-15", "2024-11-03"]


def rows_of(tables: Tables) -> pd.DataFrame:
    return snapshots(tables, DAYS, workspace=WORKSPACE, only_open=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("window", [7, 30, 90])
def test_counts_within_a_window_are_those_of_the_snapshot(seed: int, window: int) -> None:
    tables = awkward_pipeline(seed)
    rows = rows_of(tables)
    found = activity_decay(tables, rows, within_days=window, workspace=WORKSPACE)
    assert found["weight"].tolist() == rows[f"n_activities_last_{window}_days"].tolist()
    assert found["weight"].sum() > 10


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_since_the_last_are_those_of_the_snapshot(seed: int) -> None:
    tables = awkward_pipeline(seed)
    rows = rows_of(tables)
    found = activity_decay(tables, rows, half_life_days=7, workspace=WORKSPACE)
    pd.testing.assert_series_equal(found["days_since_last"], rows["days_since_last_activity"], check_names=False)


def test_the_faded_sum_is_the_sum_written_out() -> None:
    tables = awkward_pipeline(4)
    rows = rows_of(tables).sample(frac=1, random_state=0)
    found = activity_decay(tables, rows, half_life_days=10, kinds=["CALL"], workspace=WORKSPACE)
    calls = tables["activities"].query("kind == 'call'")
    for (label, row), weight in zip(rows.iterrows(), found["weight"], strict=True):
        end = cutoff(row["as_of"].date(), WORKSPACE.calendar.time_zone)
        of_account = calls["opportunity_id"].isna() & (calls["account_id"] == row["account_id"])
        mine = (calls["opportunity_id"] == row["opportunity_id"]) | (
            of_account & (calls["occurred_at"] >= row["created_at"])
        )
        ages = (end - calls.loc[mine & (calls["occurred_at"] < end), "occurred_at"].dt.floor("s")).dt.total_seconds()
        assert weight == pytest.approx(np.exp2(-ages / 864_000).sum()), label


def test_stays_the_same_when_everything_later_is_scrambled() -> None:
    tables = awkward_pipeline(5)
    rows = rows_of(tables).query("as_of <= '2024-06-15'")
    before = activity_decay(tables, rows, half_life_days=10, workspace=WORKSPACE)
    acts = tables["activities"]
    later = acts["occurred_at"] >= cutoff(pd.Timestamp("2024-06-15").date(), WORKSPACE.calendar.time_zone)
    without = tables.replace(activities=acts[~later])
    pd.testing.assert_frame_equal(before, activity_decay(without, rows, half_life_days=10, workspace=WORKSPACE))


def test_a_half_life_halves_and_the_order_of_rows_is_kept() -> None:
    tables = make_tables(
        [make_opportunity("1"), make_opportunity("2")],
        activities=[make_activity("1", "2024-01-10"), make_activity("1", "2024-01-17", direction="in")],
    )
    rows = pd.DataFrame(
        {"opportunity_id": ["2", "1", "1"], "as_of": pd.to_datetime(["2024-01-23", "2024-01-23", None])}
    )
    found = activity_decay(tables, rows, half_life_days=7)
    assert found["weight"].tolist()[:2] == [0.0, 0.75]
    assert found.isna().to_numpy().tolist() == [[False, True], [False, False], [True, True]]
    assert activity_decay(tables, rows, within_days=90, direction="in")["weight"].tolist()[:2] == [0.0, 1.0]


def test_without_activities_nothing_is_known_and_with_none_of_the_kind_there_were_none() -> None:
    rows = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-02-01"])})
    assert activity_decay(make_tables([make_opportunity("1")]), rows, half_life_days=7).isna().all(axis=None)
    tables = make_tables([make_opportunity("1")], activities=[make_activity("1")])
    assert activity_decay(tables, rows, half_life_days=7, kinds=["fax"])["weight"].tolist() == [0.0]


def test_fading_and_a_window_at_once_are_refused() -> None:
    rows = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-02-01"])})
    with pytest.raises(UsageError, match="not both"):
        activity_decay(make_tables([make_opportunity("1")]), rows, half_life_days=7, within_days=7)
