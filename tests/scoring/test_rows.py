"""Rows to learn from and rows to score: the same deal on the same day is the same row, and knows nothing later."""

import numpy as np
import pandas as pd
import pytest

from oppnb.history.moments import cutoff
from oppnb.scoring.rows import GROUPS, KEYS
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.tables import Tables
from tests.builders import make_opportunity, make_table, make_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

WORKSPACE = awkward_workspace()
DAY = "2024-06-15"
CUTOFF = cutoff(pd.Timestamp(DAY).date(), WORKSPACE.calendar.time_zone)
LATER = ["closed_at", "outcome", "amount", "expected_close_on", "owner_id", "forecast_category", "next_step", "stage"]


def rich_pipeline(seed: int) -> Tables:
    """The awkward pipeline with every table that a feature is made of."""
    rng = np.random.default_rng(seed)
    tables = awkward_pipeline(seed)
    deals, size = tables["opportunities"]["opportunity_id"].to_numpy(), 150

    def moments(n: int) -> pd.Series:
        return pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.uniform(0, 365, n), unit="D"))

    start = moments(size).dt.normalize()
    rows = {
        "evidence": {
            "opportunity_id": rng.choice(deals, size),
            "element": rng.choice(["champion", "metrics"], size),
            "state": rng.choice(["confirmed", "partial"], size),
            "recorded_at": moments(size),
        },
        "payments": {
            "opportunity_id": rng.choice(deals, size),
            "due_on": start,
            "paid_on": (start + pd.to_timedelta(rng.integers(-20, 60, size), unit="D")).mask(
                rng.uniform(size=size) < 0.3
            ),
            "amount": 10.0,
        },
        "tickets": {
            "ticket_id": [f"t{i}" for i in range(size)],
            "account_id": [f"a{i}" for i in rng.integers(0, 10, size)],
            "opened_at": start,
            "closed_at": start + pd.to_timedelta(rng.integers(0, 60, size), unit="D"),
        },
        "subscriptions": {
            "subscription_id": [f"s{i}" for i in range(size)],
            "account_id": [f"a{i}" for i in rng.integers(0, 10, size)],
            "starts_on": start,
            "ends_on": start + pd.to_timedelta(rng.integers(30, 400, size), unit="D"),
            "cancelled_on": (start + pd.to_timedelta(rng.integers(0, 90, size), unit="D")).mask(
                rng.uniform(size=size) < 0.7
            ),
        },
    }
    more = {name: make_table(name, pd.DataFrame(columns)) for name, columns in rows.items()}
    activities = tables["activities"]
    directed = activities.assign(direction=rng.choice(["in", "out"], len(activities)))
    return tables.replace(activities=directed, **more)


def scrambled_later(tables: Tables, seed: int) -> Tables:
    """Everything that lies after the day put in another order, or taken away."""
    rng = np.random.default_rng(seed)

    def shuffled(name: str, is_later: pd.Series) -> pd.DataFrame:
        rows = tables[name]
        later = rows[is_later.to_numpy()]
        later = pd.DataFrame({c: v.to_numpy()[rng.permutation(len(later))] for c, v in later.items()}).astype(
            rows.dtypes
        )
        return pd.concat([rows[~is_later.to_numpy()], later.iloc[: len(later) // 2]], ignore_index=True)

    day = pd.Timestamp(DAY)
    deals, history = tables["opportunities"], tables["opportunity_history"]
    mixed = {name: deals[name].to_numpy()[rng.permutation(len(deals))] for name in LATER}
    payments, contracts, tickets = tables["payments"], tables["subscriptions"], tables["tickets"]
    tables = tables.replace(
        opportunities=deals.assign(**mixed).astype(deals.dtypes),
        payments=payments.assign(paid_on=payments["paid_on"].mask(payments["paid_on"] > day)),
        subscriptions=contracts.assign(cancelled_on=contracts["cancelled_on"].mask(contracts["cancelled_on"] > day)),
        tickets=tickets.assign(closed_at=tickets["closed_at"].mask(tickets["closed_at"] >= CUTOFF)),
    )
    return tables.replace(
        opportunity_history=shuffled("opportunity_history", history["changed_at"] >= CUTOFF),
        activities=shuffled("activities", tables["activities"]["occurred_at"] >= CUTOFF),
        evidence=shuffled("evidence", tables["evidence"]["recorded_at"] >= CUTOFF),
        payments=shuffled("payments", payments["due_on"] > day),
        tickets=shuffled("tickets", tickets["opened_at"] >= CUTOFF),
        subscriptions=shuffled("subscriptions", contracts["starts_on"] > day),
    )


@pytest.fixture(scope="module")
def tables():
    return rich_pipeline(7)


@pytest.fixture(scope="module")
def trained(tables):
    return training_rows(tables, until="2024-12-28", workspace=WORKSPACE)


@pytest.fixture(scope="module")
def scored(tables):
    return scoring_rows(tables, DAY, workspace=WORKSPACE)


def test_each_feature_is_a_column_of_its_kind(trained):
    assert list(trained.values.columns) == [feature.name for feature in trained.features]
    assert tuple(trained.keys.columns) == KEYS
    assert len(trained.keys) == len(trained.values) == len(trained.ends)
    for feature in trained.features:
        assert str(trained.values[feature.name].dtype) == ("float64" if feature.kind == "number" else "str")
        assert feature.group in GROUPS


def test_every_part_of_the_data_has_a_say(trained):
    filled = trained.values.notna().any()
    silent = {name for name in filled.index if not filled[name]}
    # what this pipeline has no column for, or too few deals
    assert silent <= {
        "source", "product", "competitor", "log_annual_revenue", "industry", "owner", "stance", "decision_cover",
        "has_decision_maker", "n_line_items", "amount_over_usual", "evidence_share",
        "days_in_stage_over_limit", "silence_over_limit",
    }  # fmt: skip


def test_rows_to_score_are_rows_to_learn_from(trained, scored):
    on_the_day = trained.take((trained.keys["as_of"] == DAY).to_numpy())
    assert len(on_the_day) > 3
    of_them = scored.keys["opportunity_id"].isin(on_the_day.keys["opportunity_id"]).to_numpy()
    pd.testing.assert_frame_equal(scored.take(of_them).values, on_the_day.values)
    pd.testing.assert_frame_equal(scored.take(of_them).keys, on_the_day.keys)
    assert scored.features == trained.features


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_after_the_day_changes_a_feature(tables, scored, seed):
    found = scoring_rows(scrambled_later(tables, seed), DAY, workspace=WORKSPACE)
    assert found.keys["opportunity_id"].tolist() == scored.keys["opportunity_id"].tolist()
    for feature in scored.features:
        pd.testing.assert_series_equal(found.values[feature.name], scored.values[feature.name], obj=feature.name)


def test_an_export_without_dates_has_a_row_for_each_closed_deal():
    deals = [
        {"opportunity_id": "1", "stage": "Won", "budget": "yes", "owner_id": "u", "account_id": "a"},
        {"opportunity_id": "2", "stage": "Lost", "budget": "None", "owner_id": "u", "account_id": "a"},
        {"opportunity_id": "3", "stage": "Demo", "budget": "NA", "owner_id": "u", "account_id": "a"},
    ]
    tables = make_tables(deals, exported_on=None)
    rows, now = training_rows(tables), scoring_rows(tables)
    assert rows.keys["opportunity_id"].tolist() == ["1", "2"]
    assert rows.ends["end"].tolist() == ["won", "lost"]
    assert rows.ends["days_to_end"].isna().all()
    assert not rows.is_dated
    assert not any(feature.is_dated for feature in rows.features)
    assert rows.values["budget"].tolist() == ["yes", "None"]
    # the stage of a closed deal is its outcome, and so is what counts the deals that are open
    told = [name for name in rows.values if rows.values[name].notna().any()]
    assert told == ["owner", "budget"]
    assert now.keys["opportunity_id"].tolist() == ["3"]
    assert now.features == rows.features


def test_an_export_without_deals_that_were_open_has_no_rows_but_its_features():
    rows = training_rows(make_tables([make_opportunity(created_at="2026-01-01")]), until="2024-01-01")
    assert len(rows) == 0
    assert "days_in_stage" in rows.values
