"""The same answers from a PostgreSQL server as from DuckDB, and no secrets in what it says."""

import pandas as pd
import pytest

from oppnb.errors import OppnbError, TableMissingError
from oppnb.history import as_of, connect_tables, history_begins_on, labels, limits, snapshots, spells, with_attributes
from tests.builders import make_opportunity, make_tables
from tests.pg_tables import load_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

DAYS = ["2023-12-31", "2024-01-31", "2024-03-10", "2024-07-04", "2024-11-03", "2024-12-31", "2025-02-01"]
pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("with_gaps", [True, False])
@pytest.mark.parametrize("only_open", [True, False])
def test_snapshots_are_equal_to_the_digit_on_both_engines(postgres_url, with_gaps, only_open):
    tables, workspace = awkward_pipeline(7, with_gaps=with_gaps), awkward_workspace()
    load_tables(postgres_url, tables, schema="same")
    source = connect_tables(postgres_url, schema="same", exported_on=tables.exported_on)
    here = snapshots(tables, DAYS, workspace=workspace, only_open=only_open)
    there = snapshots(source, DAYS, workspace=workspace, only_open=only_open)
    assert len(here) > 100
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_spells_labels_limits_and_attributes_are_equal_on_both_engines(postgres_url):
    tables, workspace = awkward_pipeline(8), awkward_workspace()
    load_tables(postgres_url, tables, schema="more")
    source = connect_tables(postgres_url, schema="more", exported_on=tables.exported_on)
    for known_on in ["2024-05-01", None]:
        here = spells(tables, known_on=known_on, workspace=workspace)
        pd.testing.assert_frame_equal(spells(source, known_on=known_on, workspace=workspace), here, check_exact=True)
    here = labels(tables, "2024-04-01", by="2024-08-01", workspace=workspace)
    pd.testing.assert_frame_equal(labels(source, "2024-04-01", by="2024-08-01", workspace=workspace), here)
    assert limits(source, day="2024-04-01", workspace=workspace) == limits(
        tables, day="2024-04-01", workspace=workspace
    )
    assert history_begins_on(source, workspace=workspace) == history_begins_on(tables, workspace=workspace)
    snapshot = as_of(tables, "2024-08-01", workspace=workspace)
    pd.testing.assert_frame_equal(with_attributes(snapshot, source), with_attributes(snapshot, tables))


def test_an_empty_table_gives_the_same_columns_and_types(postgres_url):
    tables = make_tables([], history=[], activities=[])
    load_tables(postgres_url, tables, schema="empty")
    source = connect_tables(postgres_url, schema="empty", exported_on=tables.exported_on)
    pd.testing.assert_frame_equal(as_of(source, "2024-01-01"), as_of(tables, "2024-01-01"))


def test_a_flat_list_of_deals_is_enough(postgres_url):
    tables = make_tables([make_opportunity("1", stage="Won", closed_at="2024-02-01"), make_opportunity("2")])
    load_tables(postgres_url, tables, schema="flat")
    source = connect_tables(postgres_url, schema="flat", exported_on=tables.exported_on)
    pd.testing.assert_frame_equal(as_of(source, "2024-02-01"), as_of(tables, "2024-02-01"))


def test_a_schema_without_opportunities_is_refused(postgres_url):
    with pytest.raises(TableMissingError, match="'nowhere' has no table 'opportunities'"):
        connect_tables(postgres_url, schema="nowhere")


@pytest.mark.parametrize("url", ["postgresql://bob:hunter2@127.0.0.1:1/crm", "mysql://bob:hunter2@db/crm"])
def test_an_error_holds_nothing_of_the_url(postgres_url, url):
    with pytest.raises(OppnbError) as caught:
        connect_tables(url)
    text = str(caught.value) + repr(caught.value.__cause__)
    assert not any(secret in text for secret in ("bob", "hunter2", "127.0.0.1", "crm"))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_source_does_not_show_its_url(postgres_url):
    load_tables(postgres_url, make_tables([make_opportunity()]), schema="quiet")
    assert repr(connect_tables(postgres_url, schema="quiet")) == "Source(postgres: opportunities)"
