"""Money and flow, by hand: weighted, velocity, slippage, pacing, linearity, accuracy, leads, load."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import Words
from oppnb.metrics import measure, note_text, pacing_curve
from tests.metric_frames import QUARTER, make_inputs, make_snapshot, make_spells

ODDS = pd.DataFrame(
    {"process": "new", "stage": ["Lead", "Demo"], "set_odds": [0.1, 0.5], "observed_odds": [0.2, np.nan]}
)


def _value(metric: str, inputs, **options):
    return measure(metric, inputs, **options)["value"].item()


def test_weighted_pipeline_names_stages_without_odds() -> None:
    inputs = make_inputs(
        {"stage": "Lead", "amount_base": 1000.0},
        {"stage": "Demo", "amount_base": 100.0},
        {"stage": "Misc", "amount_base": 7000.0},
        {"stage": "Demo", "amount_base": None},
        {"stage": "Demo", "outcome": "won"},
        odds=ODDS,
    )
    row = measure("weighted_pipeline", inputs).iloc[0]
    assert (row["value"], row["n"], row["n_missing"]) == (150.0, 2, 2)
    assert note_text(row["note"], Words("en")) == "Left out because their stage has no odds: Misc."
    assert "Misc" in note_text(row["note"], Words("zh_CN"))
    observed = measure("weighted_pipeline", inputs, variant="observed_odds").iloc[0]
    assert observed["value"] == 200.0
    assert observed["note"] == "stages_without_odds|Demo, Misc\nstages_at_entered_odds|Lead"
    assert note_text(observed["note"], Words("en")).endswith("which are on the high side: Lead.")
    assert "。曾停留" in note_text(observed["note"], Words("zh_CN"))


def test_observed_odds_are_those_of_the_deals_that_stand_there_where_they_are_known() -> None:
    odds = ODDS.assign(observed_odds=[0.2, 0.6], standing_odds=[np.nan, 0.25])
    inputs = make_inputs(
        {"stage": "Lead", "amount_base": 1_000.0},
        {"stage": "Demo", "amount_base": 100.0},
        odds=odds,
    )
    row = measure("weighted_pipeline", inputs, variant="observed_odds").iloc[0]
    assert (row["value"], row["note"]) == (225.0, "stages_at_entered_odds|Lead")
    all_known = replace(inputs, odds=odds.assign(standing_odds=0.25))
    row = measure("weighted_pipeline", all_known, variant="observed_odds").iloc[0]
    assert row["value"] == 275.0
    assert pd.isna(row["note"])


def test_weighted_pipeline_of_due_deals_and_of_own_probabilities() -> None:
    inputs = make_inputs(
        {"expected_close_on": "2017-10-01", "win_probability": 0.9},
        {"expected_close_on": "2017-09-30", "win_probability": 0.2},
        odds=ODDS,
    )
    assert _value("weighted_pipeline", inputs, variant="set_odds_due") == 50.0
    assert _value("weighted_pipeline", inputs, variant="win_probability") == pytest.approx(110.0)


def test_velocity_of_stock_and_of_flow() -> None:
    deals = [{"outcome": "won", "age_days": 40.0}, {"outcome": "lost", "age_days": 9.0}]
    inputs = make_inputs(*deals, {"amount_base": 300.0}, {"amount_base": 500.0, "created_at": "2017-06-01"})
    # Stock: 2 deals x 400 x 1/2 / 40 days. Flow: created in the quarter 100 + 100 + 300.
    assert _value("velocity", inputs) == 10.0
    assert _value("velocity", inputs, variant="flow") == 6.25
    assert measure("velocity", make_inputs({}))["note"].item() == "no_won"


def test_creation_at_creation_does_not_change_with_the_deal() -> None:
    spells = make_spells({"amount_base": 70.0}, {"spell": 2, "amount_base": 90.0})
    inputs = make_inputs({"amount_base": 100.0}, {"created_at": "2017-06-30"}, spells=spells)
    assert _value("created_amount", inputs) == 70.0
    assert _value("created_amount", inputs, variant="current") == 100.0
    assert _value("created_count", inputs) == 1


CREATED = make_inputs({"amount_base": 90.0}, {"amount_base": 80.0}, {"amount_base": 10.0})


def _created_with(*stays: dict[str, object]) -> pd.Series:
    spells = make_spells(*[{"opportunity_id": f"d{number}", **stay} for number, stay in enumerate(stays, start=1)])
    return measure("created_amount", replace(CREATED, spells=spells)).iloc[0]


def test_the_closing_amount_is_not_the_amount_at_creation() -> None:
    # A flat export: d1 and d2 are known from their close on, d3 from nowhere. d2 closed on the day it was created.
    close = {"outcome": "won", "is_first_stage_known": False}
    row = _created_with({"entered_at": "2017-08-15", **close}, close)
    assert np.isnan(row["value"])
    assert (row["n"], row["n_missing"], row["note"]) == (0, 3, "amounts_at_creation_unknown|3")


def test_the_first_known_stage_is_not_the_first_if_it_began_later() -> None:
    row = _created_with({}, {"entered_at": "2017-07-11"}, {"entered_at": "2017-07-12"})
    assert (row["value"], row["n"], row["n_missing"]) == (200.0, 2, 1)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_what_is_unknown_at_creation_is_counted_and_said(locale: str) -> None:
    most = _created_with({}, {"amount_base": 70.0})
    assert (most["value"], most["n"], most["n_missing"]) == (170.0, 2, 1)
    assert "1" in note_text(most["note"], Words(locale))
    few = _created_with({})
    assert np.isnan(few["value"])
    assert (few["n"], few["n_missing"]) == (1, 2)
    assert "2" in note_text(few["note"], Words(locale))


def test_concentration_of_six_deals() -> None:
    # 50, 20, 10, 10, 5, 5: top 1 is 50 %, top 5 is 95 %, HHI .25 + .04 + .01 + .01 + .0025 + .0025.
    inputs = make_inputs(*[{"amount_base": amount} for amount in (10.0, 50.0, 5.0, 20.0, 5.0, 10.0, None)])
    assert _value("concentration", inputs) == 0.5
    assert _value("concentration", inputs, variant="top_5") == pytest.approx(0.95)
    assert _value("concentration", inputs, variant="hhi") == pytest.approx(0.315)
    assert measure("concentration", inputs)["n_missing"].item() == 1


OPENING = make_snapshot(
    *[{"amount_base": amount} for amount in (100.0, 200.0, 300.0, 400.0, 500.0)],
    {"expected_close_on": "2017-10-01"},
    {"outcome": "won"},
)
LATER = (
    {"outcome": "won"},
    {"outcome": "lost"},
    {"expected_close_on": "2017-11-01"},
    {"expected_close_on": "2017-09-30"},
)


def test_slippage_when_the_period_is_over() -> None:
    # Due: d1 to d5. d1 won, d2 lost: closed. d3 moved out, d4 not moved but still open: slipped. d5 is gone.
    inputs = make_inputs(*LATER, opening=OPENING)
    row = measure("slippage", inputs).iloc[0]
    assert (row["value"], row["n"], row["n_missing"], row["n_open"]) == (0.5, 4, 1, 0)
    assert _value("slippage", inputs, variant="value") == 0.7
    assert (_value("slipped_count", inputs), _value("slipped_amount", inputs)) == (2, 700.0)


def test_slippage_while_the_period_runs_leaves_the_undecided_open() -> None:
    inputs = make_inputs(*LATER, opening=OPENING, as_of=date(2017, 8, 31))
    row = measure("slippage", inputs).iloc[0]
    assert (row["value"], row["n"], row["n_open"]) == (0.25, 4, 1)


def test_a_deal_that_closes_after_the_period_has_slipped() -> None:
    inputs = make_inputs({"outcome": "won", "closed_at": "2017-10-02"}, opening=OPENING, as_of=date(2017, 10, 15))
    assert _value("slipped_count", inputs) == 1


def test_pacing_compares_the_same_day() -> None:
    earlier = make_snapshot(
        {"outcome": "won", "closed_at": "2017-04-20", "amount_base": 100.0},
        {"outcome": "won", "closed_at": "2017-06-20", "amount_base": 300.0},
        {"outcome": "won", "closed_at": "2017-01-20", "amount_base": 900.0},
    )
    past = {QUARTER.shift(-1): earlier, QUARTER.shift(-2): earlier}
    won = {"outcome": "won", "closed_at": "2017-07-05", "amount_base": 200.0}
    inputs = make_inputs(won, past=past, as_of=date(2017, 7, 31))
    # Day 31: second quarter 100 of 400 (by 1 May), first quarter 900 of 900 (by 31 January).
    assert _value("pacing", inputs) == pytest.approx(200 / 500)
    assert _value("pacing", inputs, variant="share_by_then") == pytest.approx(1000 / 1300)
    assert _value("projected_amount", inputs) == pytest.approx(260.0)
    curve = pacing_curve(inputs)
    assert curve.groupby("period", sort=False)["won_amount"].last().to_dict() == {
        "2017Q1": 900.0,
        "2017Q2": 400.0,
        "2017Q3": 200.0,
    }
    assert curve.groupby("period")["day"].max().to_dict() == {"2017Q1": 90, "2017Q2": 91, "2017Q3": 31}
    assert curve.query("period == '2017Q3' and day == 4")["won_amount"].item() == 0
    assert curve.query("period == '2017Q3' and day == 5")["won_amount"].item() == 200.0
    assert pacing_curve(inputs, by=("region",))["region"].unique().tolist() == ["Nord"]


def test_linearity_of_a_quarter() -> None:
    days = {"2017-07-03": 100.0, "2017-08-15": 100.0, "2017-09-01": 200.0, "2017-09-30 23:00": 400.0}
    inputs = make_inputs(*[{"outcome": "won", "closed_at": day, "amount_base": x} for day, x in days.items()])
    assert _value("linearity", inputs) == 0.75
    # Weekly sums: nine zeros, 100, 100, 200, 400: Σ(2i - 14)x / (13 x 800) with i = 10, 11, 12, 13.
    expected = (6 * 100 + 8 * 100 + 10 * 200 + 12 * 400) / (13 * 800)
    assert _value("linearity", inputs, variant="gini") == pytest.approx(expected)
    running = make_inputs({"outcome": "won"}, as_of=date(2017, 9, 1))
    assert measure("linearity", running)["note"].item() == "period_not_over"


def test_forecast_accuracy_has_a_name_for_each_formula() -> None:
    # F = 100, A = 80, the case in which the two "accuracies" disagree.
    one = make_inputs({}, forecasts=pd.DataFrame({"forecast_amount": [100.0], "actual_amount": [80.0]}))
    assert _value("forecast_accuracy", one) == 0.75
    assert _value("forecast_accuracy", one, variant="one_minus_error_of_forecast") == 0.8
    assert _value("forecast_accuracy", one, variant="attainment") == 0.8
    assert _value("forecast_accuracy", one, variant="bias") == 0.25
    # Errors of units do not cancel in WAPE as they do in the total.
    frame = pd.DataFrame(
        {"forecast_amount": [100.0, 50.0, 9.0], "actual_amount": [50.0, 100.0, np.nan], "owner_id": ["u1", "u2", "u2"]}
    )
    two = make_inputs({}, forecasts=frame)
    assert _value("forecast_accuracy", two) == 1.0
    assert _value("forecast_accuracy", two, variant="wape") == pytest.approx(100 / 150)
    assert _value("forecast_accuracy", two, variant="mape") == pytest.approx(0.75)
    assert measure("forecast_accuracy", two)["n_missing"].item() == 1
    assert measure("forecast_accuracy", two, by="owner_id", variant="attainment")["value"].dropna().tolist() == [
        0.5,
        2.0,
    ]


LEADS = pd.DataFrame(
    {
        "lead_id": ["l1", "l2", "l3", "l4"],
        "created_at": pd.to_datetime(["2017-07-01", "2017-07-01", "2017-06-01", "2017-10-05"]),
        "converted_at": pd.to_datetime(["2017-07-11", "2017-10-02", "2017-07-01", None]),
        "source": ["web", "web", "fair", "web"],
        "opportunity_id": ["d1", None, "d2", None],
    }
)


def test_leads_know_nothing_of_what_comes_after_the_day() -> None:
    inputs = make_inputs({}, leads=LEADS)
    row = measure("lead_conversion", inputs).iloc[0]
    assert (row["value"], row["n"], row["n_open"]) == (0.5, 2, 1)
    assert _value("lead_days", inputs) == 20.0
    before = LEADS[:3].assign(converted_at=pd.to_datetime(["2017-07-11", None, "2017-07-01"]))
    for metric, variant in [("lead_conversion", "within_30_days"), ("lead_days", "median")]:
        expected = measure(metric, make_inputs({}, leads=before), variant=variant)
        pd.testing.assert_frame_equal(measure(metric, inputs, variant=variant), expected)


def test_leads_are_sliced_by_their_own_columns() -> None:
    found = measure("lead_conversion", make_inputs({}, leads=LEADS), by="source").set_index("source")
    assert found.loc["web", ["value", "n"]].tolist() == [0.5, 2]


def test_load_of_owners() -> None:
    deals = [{"owner_id": owner} for owner in ("u1", "u1", "u1", "u2", None)]
    inputs = make_inputs(*deals, {"owner_id": "u3", "outcome": "won"})
    row = measure("deals_per_owner", inputs).iloc[0]
    assert (row["value"], row["n"], row["n_missing"]) == (2.0, 2, 1)
    assert _value("deals_per_owner", inputs, variant="largest") == 3
    assert _value("deals_per_owner", inputs, variant="spread") == 0.25
    assert measure("deals_per_owner", inputs, by="owner_id")["value"].dropna().tolist() == [3.0, 1.0]
