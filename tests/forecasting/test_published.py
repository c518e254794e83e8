"""Published forecasts beside what came: nothing made anew, the told one counts, periods that run are left alone."""

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError
from oppnb.forecasting.published import published_beside_actuals, tell_published
from oppnb.locale import Formats, Words

NAMES = ("expected", "quantile_0.1", "quantile_0.9")


def ledger(*told: tuple[str, str, str, tuple[float, float, float]], **more: object) -> pd.DataFrame:
    rows = [
        {"as_of": pd.Timestamp(day), "period": period, "model": model, "quantity": name, "value": value, **more}
        for day, period, model, values in told
        for name, value in zip(NAMES, values, strict=True)
    ]
    return pd.DataFrame(rows)


def test_each_published_forecast_stands_beside_what_came_with_its_own_interval():
    said = ledger(
        ("2024-01-14", "2024Q1", "combination", (90.0, 70.0, 110.0)),
        ("2024-02-11", "2024Q1", "combination", (130.0, 120.0, 140.0)),
    )
    found = published_beside_actuals(said, {"2024Q1": 100.0})
    assert found["difference_amount"].tolist() == [-10.0, 30.0]
    assert found["is_held"].tolist() == [True, False]


def test_periods_that_are_not_over_are_left_out():
    said = ledger(("2024-04-14", "2024Q2", "combination", (90.0, 70.0, 110.0)))
    assert published_beside_actuals(said, {"2024Q1": 100.0}).empty


def test_the_forecast_that_was_told_counts_even_if_another_is_the_usual_one():
    both = [
        ("2024-01-14", "2024Q1", name, (value, value, value)) for name, value in (("combination", 1.0), ("rep", 2.0))
    ]
    told = ledger(*both).assign(is_told=lambda rows: rows["model"] == "rep")
    assert published_beside_actuals(told, {"2024Q1": 2.0})["model"].tolist() == ["rep"]
    assert published_beside_actuals(ledger(*both), {"2024Q1": 2.0})["model"].tolist() == ["combination"]


def test_rows_of_before_the_ledger_knew_which_was_told_stand_beside_later_ones():
    old = ledger(("2024-01-14", "2024Q1", "combination", (1.0, 0.0, 2.0)))
    new = ledger(("2024-02-14", "2024Q1", "rep", (3.0, 2.0, 4.0)), is_told=True)
    found = published_beside_actuals(pd.concat([old, new], ignore_index=True), {"2024Q1": 3.0})
    assert found["model"].tolist() == ["combination", "rep"]


def test_a_forecast_without_an_interval_is_neither_held_nor_missed():
    said = ledger(("2024-01-14", "2024Q1", "combination", (90.0, 70.0, 110.0)))
    found = published_beside_actuals(said[said["quantity"] == "expected"], {"2024Q1": 100.0})
    assert found["is_held"].isna().all()
    assert len(tell_published(found, words=Words("en"), formats=Formats("en"))) == 2


def test_what_is_said_agrees_with_a_sum_by_hand():
    said = ledger(
        ("2024-01-14", "2024Q1", "combination", (90.0, 70.0, 110.0)),
        ("2024-04-14", "2024Q2", "combination", (260.0, 250.0, 280.0)),
    )
    found = published_beside_actuals(said, {"2024Q1": 100.0, "2024Q2": 200.0})
    off, held, few = tell_published(found, words=Words("en"), formats=Formats("en"))
    assert "Published forecasts: 2; periods that are over: 2." in off
    assert "Off by 23.3%" in off  # (10 + 60) / 300
    assert "16.7% too high" in off  # (-10 + 60) / 300
    assert "in 1 of 2 (50%" in held
    assert few.endswith("so far it is 2.")


def test_periods_in_which_nothing_was_won_give_no_shares():
    said = ledger(("2024-01-14", "2024Q1", "combination", (90.0, 0.0, 110.0)))
    found = published_beside_actuals(said, {"2024Q1": 0.0})
    assert "Nothing was won" in tell_published(found, words=Words("en"), formats=Formats("en"))[0]


def test_a_ledger_without_a_column_is_refused_by_name():
    with pytest.raises(ColumnMissingError, match="model"):
        published_beside_actuals(ledger(("2024-01-14", "2024Q1", "x", (1.0, 1.0, 1.0))).drop(columns="model"), {})
