"""What is worked out once and kept for several uses: the same answer as without, and nothing is left behind."""

import pandas as pd
import pytest

from oppnb.history import open_source
from oppnb.history.coverage import read_coverage
from oppnb.history.moments import as_days
from oppnb.history.snapshots import snapshot_expression, snapshots
from tests.random_pipeline import awkward_pipeline, awkward_workspace

DAYS = ["2024-01-31", "2024-03-10", "2024-03-15", "2024-12-31"]
LEFT_BEHIND = "SELECT count(*) FROM duckdb_tables() WHERE temporary"


def test_a_snapshot_is_the_same_whether_its_parts_are_kept_or_not():
    source, workspace = open_source(awkward_pipeline(5)), awkward_workspace()
    coverage, days = read_coverage(source, workspace), as_days(DAYS)
    plain = source.frame(snapshot_expression(source, coverage, days, workspace, only_open=True))
    with source.keeping() as keep:
        kept = source.frame(snapshot_expression(source, coverage, days, workspace, only_open=True, keep=keep))
    pd.testing.assert_frame_equal(kept, plain, check_exact=True)


def test_many_days_at_once_are_the_days_one_by_one():
    source, workspace = open_source(awkward_pipeline(5)), awkward_workspace()
    together = snapshots(source, DAYS, workspace=workspace, only_open=True)
    one_by_one = [snapshots(source, [day], workspace=workspace, only_open=True) for day in DAYS]
    pd.testing.assert_frame_equal(together, pd.concat(one_by_one, ignore_index=True), check_exact=True)
    assert source.connection.con.execute(LEFT_BEHIND).fetchone() == (0,)


def test_what_was_kept_is_dropped_even_if_something_fails():
    source = open_source(awkward_pipeline(1))
    with pytest.raises(ZeroDivisionError):
        _fail_after_keeping(source)
    assert source.connection.con.execute(LEFT_BEHIND).fetchone() == (0,)


def _fail_after_keeping(source):
    with source.keeping() as keep:
        keep(source["opportunities"])
        assert source.connection.con.execute(LEFT_BEHIND).fetchone() == (1,)
        raise ZeroDivisionError


def test_deals_from_files_are_numbered_and_the_number_is_no_attribute(tmp_path):
    tables, workspace = awkward_pipeline(5), awkward_workspace()
    paths = {}
    for name in ("opportunities", "opportunity_history", "activities", "contacts", "exchange_rates"):
        paths[name] = tmp_path / f"{name}.parquet"
        tables[name].to_parquet(paths[name])
    source = open_source(paths, exported_on=tables.exported_on)
    from_files = snapshots(source, DAYS, workspace=workspace, only_open=True)
    from_frames = snapshots(tables, DAYS, workspace=workspace, only_open=True)
    pd.testing.assert_frame_equal(from_files, from_frames, check_exact=True)
    assert "deal_" not in from_files.columns
