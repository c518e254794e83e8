"""Days in stage, cycle and age."""

import numpy as np
import pytest

from oppnb.metrics import measure
from tests.metric_frames import make_inputs, make_snapshot, make_spells


def _stays(*rows: tuple[str, float, bool]) -> list[dict[str, object]]:
    return [{"opportunity_id": deal, "days": days, "is_finished": over} for deal, days, over in rows]


SPELLS = make_spells(
    *_stays(("d1", 10, True), ("d2", 20, True), ("d3", 30, True), ("d4", 100, False), ("d5", 90, False))
)
DEALS = [{} for _ in range(5)]


def test_stays_that_are_not_over_make_the_median_longer() -> None:
    # Five at risk: S = 4/5, 3/5, 2/5 on days 10, 20, 30. Of the finished alone the mean is 20.
    inputs = make_inputs(*DEALS, spells=SPELLS)
    row = measure("days_in_stage", inputs).iloc[0]
    assert (row["value"], row["n"], row["n_open"]) == (30, 5, 2)
    assert measure("days_in_stage", inputs, variant="mean_finished")["value"].item() == 20


def test_deals_that_never_moved_can_be_left_out() -> None:
    # Without d4 and d5: S = 2/3, 1/3 on days 10, 20.
    row = measure("days_in_stage", make_inputs(*DEALS, spells=SPELLS), variant="median_moved").iloc[0]
    assert (row["value"], row["n"]) == (20, 3)
    inputs = make_inputs({"has_moved": False}, {}, {"outcome": "won", "has_moved": False}, {})
    assert measure("never_moved", inputs)["value"].item() == pytest.approx(1 / 3)


def test_a_stay_whose_begin_was_not_recorded_is_missing() -> None:
    spells = make_spells({"days": 5.0, "is_finished": True, "is_first_stage_known": False}, {"spell": 2, "days": 7.0})
    row = measure("days_in_stage", make_inputs({}, spells=spells)).iloc[0]
    assert (row["n"], row["n_missing"]) == (1, 1)


def test_stays_in_closed_stages_do_not_count() -> None:
    spells = make_spells({"outcome": "won", "stage": "Won", "days": 500.0}, {"days": 7.0, "is_finished": True})
    assert measure("days_in_stage", make_inputs({}, spells=spells))["n"].item() == 1


def test_cycle_of_won_deals_and_of_all() -> None:
    deals = [{"outcome": "won", "age_days": age} for age in (10.0, 20.0, 90.0)]
    inputs = make_inputs(*deals, {"outcome": "lost", "age_days": 30.0}, {"age_days": 100.0}, {"age_days": -1.0})
    assert measure("cycle_length", inputs)["value"].item() == 20
    assert measure("cycle_length", inputs, variant="won_mean")["value"].item() == 40
    row = measure("cycle_length", inputs, variant="close_median").iloc[0]
    # S = 4/5, 3/5, 2/5 on days 10, 20, 30; an age below zero is missing.
    assert (row["value"], row["n"], row["n_missing"]) == (30, 5, 1)


def test_age_limit_and_due_day_of_open_deals() -> None:
    import pandas as pd

    steps = pd.DataFrame({"process": ["new"], "stage": ["Demo"], "outcome": ["open"], "time_limit_days": [14.0]})
    inputs = make_inputs(
        {"age_days": 10.0, "days_in_stage": 14.0, "expected_close_on": "2017-09-30"},
        {"age_days": 20.0, "days_in_stage": 15.0, "expected_close_on": "2017-09-29", "amount_base": 300.0},
        {"age_days": 60.0, "stage": "Misc", "expected_close_on": None},
        {"outcome": "won", "age_days": 40.0},
        stage_rows=steps,
    )
    assert measure("open_age", inputs)["value"].item() == 20
    limit = measure("over_limit", inputs).iloc[0]
    assert (limit["value"], limit["n"], limit["n_missing"]) == (0.5, 2, 1)
    assert measure("over_limit", inputs, variant="won_three_quarters")["value"].item() == pytest.approx(1 / 3)
    overdue = measure("overdue", inputs).iloc[0]
    assert (overdue["value"], overdue["n"], overdue["n_missing"]) == (0.5, 2, 1)
    assert measure("overdue", inputs, variant="value")["value"].item() == 0.75


def test_pushes_of_open_deals() -> None:
    deals = [{"n_pushes": count, "days_pushed": count * 10.0} for count in (0.0, 1.0, 4.0)]
    inputs = make_inputs(*deals, {"n_pushes": None}, {"outcome": "won", "n_pushes": 9.0})
    ever = measure("push_rate", inputs).iloc[0]
    assert (ever["value"], ever["n"], ever["n_missing"]) == (pytest.approx(2 / 3), 3, 1)
    assert measure("push_rate", inputs, variant="three_times")["value"].item() == pytest.approx(1 / 3)
    assert measure("pushes", inputs)["value"].item() == pytest.approx(5 / 3)
    assert measure("days_pushed", inputs)["value"].item() == 25


def test_pushed_since_the_period_began() -> None:
    opening = make_snapshot(*[{"expected_close_on": "2017-08-01"}] * 4)
    inputs = make_inputs(
        {"expected_close_on": "2017-10-01"},
        {"expected_close_on": "2017-07-15"},
        {"outcome": "won", "expected_close_on": None},
        {"expected_close_on": None},
        opening=opening,
    )
    row = measure("push_rate", inputs, variant="in_period").iloc[0]
    assert (row["value"], row["n"], row["n_missing"]) == (pytest.approx(1 / 3), 3, 1)


def test_without_an_open_deal_there_is_no_median_age() -> None:
    row = measure("open_age", make_inputs({"outcome": "won"})).iloc[0]
    assert np.isnan(row["value"])
    assert row["note"] == "no_rows"
