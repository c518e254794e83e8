"""What is missing is said in the reader's words, and nothing is worked out without it."""

import pytest

from oppnb.errors import ColumnMissingError, TableMissingError
from oppnb.metrics import measure, measure_all, missing_needs
from tests.metric_frames import make_inputs, make_snapshot, make_targets


def test_a_missing_table_is_named_with_what_to_do() -> None:
    with pytest.raises(
        TableMissingError, match=r"'Pipeline coverage' needs targets\. Map a file to the table 'targets'"
    ):
        measure("coverage", make_inputs({}))


def test_a_missing_column_is_named_with_the_nearest() -> None:
    snapshot = make_snapshot({}).rename(columns={"closed_at": "closed"})
    with pytest.raises(ColumnMissingError, match=r"'closed_at' of opportunities\. The nearest there is 'closed'"):
        measure("win_rate", make_inputs(snapshot=snapshot))


def test_what_is_missing_can_be_asked_before() -> None:
    inputs = make_inputs({})
    assert [need.frame for need in missing_needs("quota_gap", inputs)] == ["targets"]
    assert missing_needs("quota_gap", make_inputs({}, targets=make_targets({}))) == ()
    assert [str(need) for need in missing_needs("forecast_accuracy", inputs)] == [
        "needs forecasts. One row a forecast, with forecast_amount and actual_amount."
    ]


def test_earlier_periods_may_not_be_empty() -> None:
    assert [need.column for need in missing_needs("pacing", make_inputs({}, past={}))] == [None]


def test_a_slice_that_no_table_has_is_named_with_the_nearest() -> None:
    with pytest.raises(ColumnMissingError, match=r"'regions' to slice by\. The nearest is 'region'"):
        measure("win_rate", make_inputs({}), by="regions")


def test_all_that_can_be_worked_out_is_and_the_rest_is_left_out() -> None:
    found = set(measure_all(make_inputs({}, {"outcome": "won"}))["metric"])
    assert {"win_rate", "open_amount", "concentration"} <= found
    assert not found & {"quota_gap", "slippage", "days_in_stage", "lead_conversion"}
