"""What became of earlier deals: counted as the snapshots of the day would have it, and never sooner."""

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError
from oppnb.history import as_of, open_source
from oppnb.history.records import RECORD_COLUMNS, records
from oppnb.tables import Tables
from tests.builders import make_change, make_opportunity, make_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

WORKSPACE = awkward_workspace()
DAYS = ["2024-06-15", "2024-12-31"]
EVER = 100_000


def flat(tables: Tables) -> Tables:
    """The same export without a history."""
    kept = {name: frame for name, frame in tables.frames.items() if name != "opportunity_history"}
    return Tables(kept, exported_on=tables.exported_on)


def without_closings(tables: Tables) -> Tables:
    """A history that never names a closed stage, as some CRMs keep it."""
    history = tables["opportunity_history"]
    is_closing = history["stage"].fillna("").str.startswith("Closed")
    return tables.replace(opportunity_history=history[~is_closing].reset_index(drop=True))


@pytest.mark.parametrize("shape", [Tables.replace, flat, without_closings])
def test_counts_are_those_of_the_snapshot(shape):
    source = open_source(shape(awkward_pipeline(1)))
    snapshots = {day: as_of(source, day, workspace=WORKSPACE) for day in DAYS}
    for by in ("account_id", "owner_id"):
        found = records(source, DAYS, by=by, window_days=EVER, workspace=WORKSPACE).set_index(["as_of", "key"])
        for day, snapshot in snapshots.items():
            told = found.loc[pd.Timestamp(day)]
            counted = {"n_open": snapshot[snapshot["outcome"] == "open"]}
            if by == "account_id":  # of an owner, those count who had the deal at the close
                dated = snapshot[snapshot["closed_at"].notna()]
                counted |= {f"n_{end}": dated[dated["outcome"] == end] for end in ("won", "lost")}
            for column, rows in counted.items():
                wanted = rows.groupby(by).size().reindex(told.index).fillna(0)
                assert told[column].tolist() == wanted.tolist(), (by, day, column)


def test_a_close_counts_for_the_owner_who_had_the_deal_then():
    history = [
        make_change(changed_at="2024-01-01", stage="Lead", owner_id="before"),
        make_change(changed_at="2024-02-01", owner_id="seller"),
        make_change(changed_at="2024-03-01", stage="Won"),
        make_change(changed_at="2024-04-01", owner_id="after"),
    ]
    tables = make_tables([make_opportunity(stage="Won", owner_id="after")], history=history)
    found = records(tables, ["2024-02-29", "2024-05-01"], by="owner_id").set_index(["as_of", "key"])
    assert found.loc["2024-05-01", "n_won"].to_dict() == {"after": 0.0, "before": 0.0, "seller": 1.0}
    assert found.loc["2024-02-29", "n_won"].sum() == 0
    assert found.loc["2024-02-29", "n_open"].to_dict() == {"after": 0.0, "before": 0.0, "seller": 1.0}


def test_a_loss_counts_until_it_is_taken_back_and_a_win_for_a_year():
    history = [
        make_change(changed_at="2023-01-01", stage="Lead"),
        make_change(changed_at="2023-02-01", stage="Lost"),
        make_change(changed_at="2023-04-01", stage="Lead"),
        make_change(changed_at="2023-05-01", stage="Won", amount=70.0),
    ]
    tables = make_tables([make_opportunity(stage="Won", account_id="a", created_at="2023-01-01")], history=history)
    days = ["2023-01-31", "2023-02-01", "2023-04-01", "2023-05-01", "2024-04-29", "2024-04-30"]
    found = records(tables, days, by="account_id")
    assert found["n_lost"].tolist() == [0, 1, 0, 0, 0, 0]
    assert found["n_won"].tolist() == [0, 0, 0, 1, 1, 0]
    assert found["mean_amount_won"].dropna().tolist() == [70.0, 70.0]
    assert tuple(found.columns) == RECORD_COLUMNS


def test_only_columns_with_a_record_are_taken():
    with pytest.raises(ColumnMissingError, match="colour"):
        records(make_tables([make_opportunity()]), ["2024-01-01"], by="colour")
