"""The snapshot agrees to the digit with the same snapshot in plain SQL and in a plain loop over deals."""

import numpy as np
import pandas as pd
import pytest

from oppnb.history import as_of, snapshots, write_snapshots
from tests.history.plain_sql import snapshot_in_sql
from tests.random_pipeline import awkward_pipeline, awkward_workspace

DAYS = ["2023-12-31", "2024-01-01", "2024-03-10", "2024-05-15", "2024-11-03", "2024-12-30", "2024-12-31", "2025-03-01"]


def agree(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal where the second wording has a column; days to six digits, as the first gives them."""
    assert found["opportunity_id"].tolist() == expected["opportunity_id"].tolist()
    for column in expected.columns:
        left, right = found[column], expected[column]
        if left.dtype == "float64":
            right = right.astype("float64").round(6) if "day" in column else right.astype("float64")
            np.testing.assert_array_equal(left.to_numpy(), right.to_numpy(), err_msg=column)
        else:
            left, right = left.astype(object).where(left.notna(), None), right.astype(object).where(right.notna(), None)
            assert left.tolist() == right.tolist(), column


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("day", DAYS)
def test_plain_sql_says_the_same(seed, day):
    tables, workspace = awkward_pipeline(seed, with_gaps=seed % 2 == 0), awkward_workspace()
    agree(as_of(tables, day, workspace=workspace), snapshot_in_sql(tables, day, workspace))


def test_plain_sql_says_the_same_when_tracking_began_late():
    tables, workspace = awkward_pipeline(11), awkward_workspace()
    sources = workspace.sources.model_copy(update={"history_begins_on": pd.Timestamp("2024-05-01").date()})
    late = workspace.model_copy(update={"sources": sources})
    for day in ["2024-04-30", "2024-05-01", "2024-09-09"]:
        found = as_of(tables, day, workspace=late)
        agree(found, snapshot_in_sql(tables, day, late))
        assert found["n_pushes"].isna().all() == (day < "2024-05-01")


def test_many_days_at_once_are_the_days_one_by_one():
    tables, workspace = awkward_pipeline(5), awkward_workspace()
    one_by_one = pd.concat([as_of(tables, day, workspace=workspace) for day in DAYS], ignore_index=True)
    pd.testing.assert_frame_equal(snapshots(tables, DAYS, workspace=workspace), one_by_one)
    only_open = one_by_one.loc[one_by_one["outcome"] == "open"].reset_index(drop=True)
    pd.testing.assert_frame_equal(snapshots(tables, DAYS, workspace=workspace, only_open=True), only_open)


@pytest.mark.parametrize("only_open", [True, False])
def test_a_written_file_holds_what_the_frame_holds(tmp_path, only_open):
    tables, workspace = awkward_pipeline(6), awkward_workspace()
    target = tmp_path / "snapshots.parquet"
    n_rows = write_snapshots(tables, DAYS, target, workspace=workspace, only_open=only_open)
    expected = snapshots(tables, DAYS, workspace=workspace, only_open=only_open)
    assert n_rows == len(expected) > 100
    pd.testing.assert_frame_equal(pd.read_parquet(target), expected)
    assert [path.name for path in tmp_path.iterdir()] == ["snapshots.parquet"]
