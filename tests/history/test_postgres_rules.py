"""What rules ask of history is the same from a PostgreSQL server as from DuckDB."""

import numpy as np
import pandas as pd
import pytest

from oppnb.history import activity_decay, connect_tables, snapshots, with_account_columns
from tests.pg_tables import load_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

pytestmark = pytest.mark.postgres


def test_contact_and_account_columns_are_equal_on_both_engines(postgres_url: str) -> None:
    tables, workspace = awkward_pipeline(9), awkward_workspace()
    accounts = tables["accounts"]
    tables = tables.replace(accounts=accounts.assign(tier=np.where(accounts["employees"] > 3, "A", "B")))
    load_tables(postgres_url, tables, schema="rules")
    source = connect_tables(postgres_url, schema="rules", exported_on=tables.exported_on)
    rows = snapshots(tables, ["2024-03-10", "2024-11-03"], workspace=workspace, only_open=True)
    for how in ({"half_life_days": 9.0, "kinds": ["Call"]}, {"within_days": 30}):
        here, there = (activity_decay(known, rows, workspace=workspace, **how) for known in (tables, source))
        pd.testing.assert_frame_equal(there, here, check_exact=True)
    here = with_account_columns(rows, tables)
    assert set(here["tier"].dropna()) == {"A", "B"}
    pd.testing.assert_frame_equal(with_account_columns(rows, source), here)
