"""Laws that hold for every metric, whatever the pipeline."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.metrics import METRICS, MetricInputs, measure, measure_all, metric_rows
from tests.metric_frames import QUARTER, make_inputs, make_snapshot, make_spells, make_targets, many_deals

COLUMNS = ["metric", "variant", "value", "n", "low", "high", "unit", "n_missing", "n_open", "note"]
ADDITIVE = [
    ("open_count", "all"),
    ("open_count", "due"),
    ("open_amount", "all"),
    ("won_count", "period"),
    ("won_amount", "period"),
    ("lost_count", "period"),
    ("lost_amount", "period"),
    ("created_count", "period"),
    ("created_amount", "current"),
    ("weighted_pipeline", "set_odds"),
    ("slipped_count", "period"),
    ("slipped_amount", "period"),
    ("target_amount", "period"),
]

deals = st.lists(
    st.fixed_dictionaries(
        {
            "outcome": st.sampled_from(["open", "won", "lost"]),
            "amount_base": st.one_of(st.none(), st.floats(-1000, 1e6).map(lambda value: round(value, 2))),
            "owner_id": st.sampled_from(["u1", "u2", None]),
            "region": st.sampled_from(["Nord", "Süd"]),
            "stage": st.sampled_from(["Lead", "Demo", "Offer"]),
            "closed_at": st.sampled_from(["2017-06-30", "2017-07-01", "2017-09-30 23:59", "2017-10-01"]),
            "created_at": st.sampled_from(["2017-01-05", "2017-07-01", "2017-09-30", None]),
            "expected_close_on": st.sampled_from(["2017-06-30", "2017-09-30", "2017-10-01", None]),
            "age_days": st.one_of(st.none(), st.floats(-5, 400)),
            "days_in_stage": st.one_of(st.none(), st.floats(0, 400)),
            "n_pushes": st.one_of(st.none(), st.integers(0, 5)),
        }
    ),
    max_size=25,
)


def _inputs(rows: list[dict[str, object]]) -> MetricInputs:
    snapshot = make_snapshot(*[row | ({"closed_at": None} if row["outcome"] == "open" else {}) for row in rows])
    opening = snapshot.assign(outcome=pd.array(["open"] * len(snapshot), dtype="str"), amount_base=50.0)
    stays = make_spells(*[{"opportunity_id": f"d{i}", "stage": row["stage"]} for i, row in enumerate(rows, start=1)])
    stages = ["Lead", "Demo", "Offer"]
    steps = pd.DataFrame({"process": "new", "stage": stages, "position": [1, 2, 3], "outcome": "open"})
    return make_inputs(
        snapshot=snapshot,
        opening=opening,
        spells=stays,
        stage_rows=steps.assign(time_limit_days=[10.0, np.nan, 30.0]),
        odds=pd.DataFrame({"process": "new", "stage": stages[:2], "set_odds": [0.1, 0.3], "observed_odds": [0.2, 0.4]}),
        targets=make_targets({"owner_id": "u1"}, {"owner_id": "u2", "amount": 500.0}),
        past={QUARTER.shift(-1): snapshot},
    )


@settings(max_examples=8, deadline=None)
@given(deals)
def test_a_value_lies_within_its_interval_and_a_share_between_zero_and_one(rows: list[dict[str, object]]) -> None:
    found = measure_all(_inputs(rows))
    assert list(found.columns) == COLUMNS
    assert not (found["low"] > found["value"]).any()
    assert not (found["high"] < found["value"]).any()
    bounded = found[(found["unit"] == "share") & ~found["metric"].isin(["quota_attainment", "forecast_accuracy"])]
    assert bounded["value"].dropna().between(0, 1).all()
    assert bounded["low"].dropna().between(0, 1).all()
    assert bounded["high"].dropna().between(0, 1).all()


@settings(max_examples=5, deadline=None)
@given(deals)
def test_what_is_empty_says_why(rows: list[dict[str, object]]) -> None:
    found = measure_all(_inputs(rows))
    assert found.loc[found["value"].isna(), "note"].notna().all()


@settings(max_examples=2, deadline=None)
@given(deals, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[dict[str, object]], random: object) -> None:
    inputs = _inputs(rows)
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = MetricInputs(**{**inputs.__dict__, "snapshot": inputs.snapshot.iloc[order]})
    for by in (None, ["owner_id", "region"]):
        pd.testing.assert_frame_equal(measure_all(inputs, by=by), measure_all(shuffled, by=by), check_exact=True)


@settings(max_examples=8, deadline=None)
@given(deals)
def test_slices_of_a_sum_add_up_to_the_whole(rows: list[dict[str, object]]) -> None:
    inputs = _inputs(rows)
    for metric, variant in ADDITIVE:
        whole = measure(metric, inputs, variant=variant).iloc[0]
        slices = measure(metric, inputs, variant=variant, by="owner_id")
        assert slices["value"].sum() == pytest.approx(np.nan_to_num(whole["value"]), abs=0.01), metric
        assert slices["n"].sum() == whole["n"], metric


@pytest.mark.parametrize("metric", METRICS)
def test_a_pipeline_without_deals_is_null_or_zero_and_never_an_error(metric: str) -> None:
    inputs = _inputs([])
    for variant in METRICS[metric].variants:
        if metric in {"forecast_accuracy", "lead_conversion", "lead_days"} or variant.id == "win_probability":
            continue
        row = measure(metric, inputs, variant=variant.id).iloc[0]
        assert np.isnan(row["value"]) or row["value"] in (0.0, 1500.0)  # 1500 is the target
        assert measure(metric, inputs, variant=variant.id, by="owner_id").shape[0] in (0, 2)


def test_a_slice_without_a_row_that_counts_is_shown_with_none() -> None:
    inputs = make_inputs({"outcome": "won", "region": "Nord"}, {"region": "Süd"})
    found = measure("win_rate", inputs, by="region").set_index("region")
    assert found.loc["Süd", "n"] == 0
    assert np.isnan(found.loc["Süd", "value"])
    assert found.loc["Süd", "note"] == "no_rows"
    assert measure("won_amount", inputs, by="region")["value"].tolist() == [100.0, 0.0]


def test_deals_without_the_slice_are_a_slice_of_their_own() -> None:
    inputs = make_inputs({"region": "Nord"}, {"region": None}, {"region": None})
    found = measure("open_count", inputs, by="region")
    assert found["value"].tolist() == [1.0, 2.0]
    assert found["region"].isna().tolist() == [False, True]


def test_several_columns_slice_together() -> None:
    inputs = make_inputs({"region": "Nord", "product": "A"}, {"region": "Nord", "product": "B"}, {"region": "Süd"})
    found = measure("open_count", inputs, by=["region", "product"])
    assert found[["region", "product", "value"]].to_numpy().tolist() == [
        ["Nord", "A", 1.0],
        ["Nord", "B", 1.0],
        ["Süd", "GTX", 1.0],
    ]


def test_the_rows_behind_a_figure_add_up_to_it() -> None:
    inputs = make_inputs({"amount_base": 10.0}, {"amount_base": 20.0}, {"outcome": "won"})
    rows = metric_rows("open_amount", inputs, by="owner_id")
    assert rows["opportunity_id"].tolist() == ["d1", "d2"]
    assert rows["amount_base"].sum() == measure("open_amount", inputs)["value"].item()


def test_an_amount_that_is_missing_is_counted_apart_and_not_zero() -> None:
    inputs = make_inputs({"amount_base": 10.0}, {"amount_base": None})
    row = measure("open_amount", inputs).iloc[0]
    assert (row["value"], row["n"], row["n_missing"]) == (10.0, 1, 1)
    nothing = measure("open_amount", make_inputs({"amount_base": None})).iloc[0]
    assert np.isnan(nothing["value"])
    assert nothing["note"] == "all_missing"


def test_the_last_day_ends_where_the_workspace_is() -> None:
    # 2017-09-30 17:00 UTC is already October in Shanghai, and still September in New York.
    deal = {"outcome": "won", "closed_at": "2017-09-30 17:00"}
    assert measure("won_count", make_inputs(deal, time_zone="Asia/Shanghai"))["value"].item() == 0
    assert measure("won_count", make_inputs(deal, time_zone="America/New_York"))["value"].item() == 1


def test_a_hundred_thousand_deals_by_owner_add_up() -> None:
    snapshot = many_deals(100_000)
    inputs = MetricInputs(snapshot=snapshot, period=QUARTER, as_of=date(2017, 9, 30))
    found = measure_all(inputs, by="owner_id")
    won = snapshot[
        (snapshot["outcome"] == "won") & snapshot["closed_at"].between("2017-07-01", "2017-09-30 23:59:59.9")
    ]
    expected = won.groupby("owner_id")["amount_base"].sum()
    amount = found[found["metric"] == "won_amount"].set_index("owner_id")["value"]
    pd.testing.assert_series_equal(amount, expected, check_names=False)
