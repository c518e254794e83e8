"""Nothing after the day of knowledge can change what is said about it: not a row, not a value, not its absence."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oppnb.history import SNAPSHOT_COLUMNS, as_of, labels, spells
from oppnb.history.moments import cutoff
from oppnb.tables import Tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

DAY = "2024-06-15"
WORKSPACE = awkward_workspace()
CUTOFF = cutoff(pd.Timestamp(DAY).date(), WORKSPACE.calendar.time_zone)
CURRENT_STATE = [
    "stage", "amount", "expected_close_on", "owner_id", "forecast_category", "next_step", "next_step_due_on",
    "closed_at", "outcome",
]  # fmt: skip
Change = Callable[[np.random.Generator, pd.DataFrame], pd.DataFrame]


def shuffle(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Each column put in an order of its own."""
    return pd.DataFrame({name: values.to_numpy()[rng.permutation(len(rows))] for name, values in rows.items()}).astype(
        rows.dtypes
    )


def remove(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """No row left."""
    return rows.iloc[:0]


def double(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Each row twice, in another order."""
    return pd.concat([rows, rows]).iloc[rng.permutation(2 * len(rows))]


def blank(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Nothing in the rows but keys and moments."""
    kept = {"opportunity_id", "changed_at", "occurred_at", "created_at", "kind", "currency"}
    return rows.assign(**{name: pd.Series(None, index=rows.index, dtype=rows[name].dtype) for name in set(rows) - kept})


def after(tables: Tables, change: Change, seed: int) -> Tables:
    """The tables with everything that lies after the day changed."""
    rng = np.random.default_rng(seed)

    def changed(name: str, is_later: pd.Series) -> pd.DataFrame:
        rows = tables[name]
        return pd.concat([rows[~is_later], change(rng, rows[is_later])], ignore_index=True)

    history, activities, deals = tables["opportunity_history"], tables["activities"], tables["opportunities"]
    told = set(history.loc[history["changed_at"] < CUTOFF, "opportunity_id"])
    later = ~(deals["created_at"] < CUTOFF) & ~deals["opportunity_id"].isin(told)
    deals = _current_state_shuffled(rng, deals)
    return tables.replace(
        opportunities=pd.concat([deals[~later], _with_own_keys(change(rng, deals[later]))], ignore_index=True),
        opportunity_history=changed("opportunity_history", history["changed_at"] >= CUTOFF),
        activities=changed("activities", activities["occurred_at"] >= CUTOFF),
        exchange_rates=changed("exchange_rates", tables["exchange_rates"]["on"] > pd.Timestamp(DAY)),
        contacts=shuffle(rng, tables["contacts"]).drop_duplicates(["opportunity_id", "contact_id"]),
    )


def _current_state_shuffled(rng: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    return deals.assign(**{name: shuffle(rng, deals[[name]])[name].to_numpy() for name in CURRENT_STATE}).astype(
        deals.dtypes
    )


def _with_own_keys(deals: pd.DataFrame) -> pd.DataFrame:
    return deals.drop_duplicates("opportunity_id")


TABLES = awkward_pipeline(21)
BEFORE = {
    "as_of": as_of(TABLES, DAY, workspace=WORKSPACE),
    "spells": spells(TABLES, known_on=DAY, workspace=WORKSPACE),
    "labels": labels(TABLES, "2024-03-01", by="2024-09-01", known_on=DAY, workspace=WORKSPACE),
}


def test_the_columns_have_something_to_lose():
    frame = BEFORE["as_of"]
    untold = {"source", "product", "competitor", "crm_score_kind"}  # the pipeline has no such columns
    assert [name for name in SNAPSHOT_COLUMNS if frame[name].isna().all()] == [
        name for name in SNAPSHOT_COLUMNS if name in untold
    ]
    assert {"open", "won", "lost"} == set(frame["outcome"])
    assert {"won", "lost", "not_yet_known"} == set(BEFORE["labels"]["label"])


@pytest.mark.parametrize("change", [shuffle, remove, double, blank])
def test_a_snapshot_stays_the_same_when_every_later_row_is_changed(change):
    found = as_of(after(TABLES, change, seed=1), DAY, workspace=WORKSPACE)
    for column in BEFORE["as_of"].columns:
        at_close = column in ("lost_reason", "crm_score", "crm_score_kind")
        pd.testing.assert_series_equal(found[column], BEFORE["as_of"][column], check_exact=True, obj=column)
        assert not at_close or found.loc[found["outcome"] == "open", column].isna().all()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), change=st.sampled_from([shuffle, remove, double, blank]))
def test_spells_and_labels_know_nothing_after_known_on(seed, change):
    tables = after(TABLES, change, seed)
    found = spells(tables, known_on=DAY, workspace=WORKSPACE)
    pd.testing.assert_frame_equal(found, BEFORE["spells"], check_exact=True)
    found = labels(tables, "2024-03-01", by="2024-09-01", known_on=DAY, workspace=WORKSPACE)
    pd.testing.assert_frame_equal(found, BEFORE["labels"], check_exact=True)


def test_a_flat_list_hides_the_stage_and_the_expected_close_of_open_deals():
    kept = {name: TABLES[name] for name in ("opportunities", "exchange_rates")}
    flat = Tables(kept, exported_on=TABLES.exported_on)
    frame = as_of(flat, DAY, workspace=WORKSPACE)
    is_open = frame["outcome"] == "open"
    assert frame.loc[is_open, "stage"].isna().all()
    assert is_open.any()
    assert frame.loc[is_open, "expected_close_on"].isna().all()
