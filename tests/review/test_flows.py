"""Flows between stages agree with the funnel's own counts, and a slice is what the whole is of fewer deals."""

from functools import cache

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError
from oppnb.metrics import measure
from oppnb.review import (
    LOST,
    UNDECIDED,
    WON,
    build_funnel,
    build_funnel_by,
    count_flows,
    entered_flows,
    moves_between,
    narrow_inputs,
    open_review,
)
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables


@cache
def review():
    made = make_pipeline(SyntheticSettings(n_opportunities=400))
    return open_review(Tables(made.tables), as_of="2025-03-31", compare_to="2024-12-31")


def snapshot(**stages):
    """Deals by key: (stage, outcome)."""
    rows = [(key, "new", stage, outcome) for key, (stage, outcome) in stages.items()]
    frame = pd.DataFrame(rows, columns=["opportunity_id", "process", "stage", "outcome"]).astype("str")
    day = pd.Timestamp("2025-01-01")
    return frame.assign(amount_base=10.0, days_in_stage=1.0, entered_stage_at=day)


def test_what_leaves_a_stage_is_what_entered_it():
    flows = count_flows(entered_flows(review().inputs)).groupby(["process", "origin"])["n"].sum()
    funnel = review().funnel().set_index(["process", "stage"])
    entered = funnel["n_entered"][funnel["n_entered"] > 0]
    assert len(entered) >= 5
    assert flows.to_dict() == entered.to_dict()


def test_those_that_went_on_and_the_undecided_are_those_of_the_metric():
    rows = entered_flows(review().inputs)
    went_on = ~rows["target"].isin([LOST, UNDECIDED])
    share = went_on.groupby([rows["process"], rows["origin"]]).mean()
    told = measure("stage_conversion", review().inputs, variant="cohort_year", by=["process", "stage"])
    told = told[told["n"] > 0].set_index(["process", "stage"])
    assert (share - told["value"]).abs().max() < 1e-12
    undecided = rows["target"].eq(UNDECIDED).groupby([rows["process"], rows["origin"]]).sum()
    assert undecided.to_dict() == told["n_open"].to_dict()


def test_a_deal_goes_to_the_first_stage_further_on_even_after_going_back():
    inputs = review().inputs
    rows = entered_flows(inputs).merge(inputs.spells, on="opportunity_id", suffixes=("", "_of_stay"))
    place = inputs.stage_rows.set_index(["process", "stage"])["position"]
    inner = rows[~rows["target"].str.startswith("@")]
    ahead = place.loc[list(zip(inner["process"], inner["target"], strict=True))].to_numpy()
    here = place.loc[list(zip(inner["process"], inner["origin"], strict=True))].to_numpy()
    assert (ahead > here).all()
    reached = inner[inner["stage"] == inner["target"]]
    assert set(reached["opportunity_id"]) == set(inner["opportunity_id"])


def test_between_two_days_a_deal_stays_moves_closes_begins_or_comes_back():
    before = snapshot(
        stays=("A", "open"), moves=("A", "open"), won=("B", "open"), back=("L", "lost"), over=("L", "lost")
    )
    after = snapshot(
        stays=("A", "open"), moves=("B", "open"), won=("W", "won"), back=("A", "open"), over=("L", "lost"),
        new=("A", "open"), quick=("L", "lost"),
    )  # fmt: skip
    rows = moves_between(before, after).set_index("opportunity_id")
    assert {key: (row["origin"], row["target"]) for key, row in rows.iterrows()} == {
        "stays": ("A", "A"),
        "moves": ("A", "B"),
        "won": ("B", WON),
        "back": ("@reopened", "A"),
        "new": ("@created", "A"),
        "quick": ("@created", LOST),
    }


def test_every_open_deal_stands_in_one_target():
    rows = moves_between(review().previous, review().snapshot)
    is_open = ~rows["target"].isin([WON, LOST])
    assert rows["opportunity_id"].is_unique
    assert is_open.sum() == (review().snapshot["outcome"] == "open").sum()


def test_slices_add_up_to_the_whole():
    by = build_funnel_by(review().inputs, "region").groupby(["process", "stage"])[["n_entered", "count"]].sum()
    funnel = review().funnel().set_index(["process", "stage"])[["n_entered", "count"]]
    pd.testing.assert_frame_equal(by, funnel.loc[by.index], check_names=False)


def test_a_slice_of_the_table_is_the_funnel_of_its_deals():
    narrow = narrow_inputs(review().inputs, slice_of={"region": "East"})
    funnel = build_funnel(narrow, workspace=review().workspace).set_index(["process", "stage"])
    by = build_funnel_by(review().inputs, "region")
    by = by[by["slice"] == "East"].set_index(["process", "stage"])
    for name in ("conversion", "conversion_low", "n_entered", "n_undecided", "median_days", "median_high", "count"):
        pd.testing.assert_series_equal(by[name], funnel.loc[by.index, name], check_dtype=False)


def test_narrowing_to_some_deals_leaves_no_other():
    ids = tuple(review().snapshot["opportunity_id"].head(7))
    narrow = narrow_inputs(review().inputs, only=ids)
    assert set(narrow.snapshot["opportunity_id"]) == set(ids)
    assert set(narrow.spells["opportunity_id"]) <= set(ids)
    assert narrow_inputs(review().inputs) is review().inputs


def test_an_unknown_attribute_names_the_nearest():
    with pytest.raises(ColumnMissingError, match="The nearest is 'region'"):
        build_funnel_by(review().inputs, "regoin")
