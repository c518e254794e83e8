"""The ledger of published forecasts."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from oppnb.errors import StoreError
from oppnb.forecasting import append_forecasts, forecasts_known, remember_forecasts
from oppnb.store import open_store


def said(as_of: str = "2024-10-06", value: float = 1.0, **columns: str) -> pd.DataFrame:
    given = {"period": "2024Q4", "node": "company", "model": "blend", "quantity": "mean"} | columns
    return pd.DataFrame([{"as_of": pd.Timestamp(as_of), **given, "value": value}])


def test_what_is_appended_is_read_back_value_for_value(tmp_path: Path) -> None:
    store, frame = open_store(tmp_path), pd.concat([said(), said(quantity="quantile_10", value=0.5)], ignore_index=True)
    append_forecasts(store, frame)
    found = forecasts_known(store, date(2024, 10, 7))
    pd.testing.assert_frame_equal(
        found[list(frame)].astype(object), frame.astype(object), check_exact=True, check_dtype=False
    )


def test_of_two_about_the_same_day_the_one_published_last_counts(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    moments = [datetime(2024, 10, 7, hour, tzinfo=UTC) for hour in (8, 9)]
    for value, moment in zip((1.0, 2.0), moments, strict=True):
        append_forecasts(store, said(value=value), seen_at=moment)
    assert forecasts_known(store, date(2024, 10, 8))["value"].tolist() == [2.0]
    assert forecasts_known(store, date(2024, 10, 8), seen_before=moments[1])["value"].tolist() == [1.0]


def test_days_from_the_day_on_are_not_looked_at_and_each_day_stands_by_itself(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for day, value in (("2024-10-06", 1.0), ("2024-10-13", 2.0), ("2024-10-20", 3.0)):
        append_forecasts(store, said(day, value))
    assert forecasts_known(store, date(2024, 10, 20))["value"].tolist() == [1.0, 2.0]
    assert forecasts_known(store, date(2024, 10, 20), only_last=True)["value"].tolist() == [2.0]


def test_an_empty_ledger_is_a_frame_with_the_columns(tmp_path: Path) -> None:
    found = forecasts_known(open_store(tmp_path), date(2024, 10, 20))
    assert found.empty
    assert list(found)[:6] == ["as_of", "period", "node", "model", "quantity", "value"]


def test_a_frame_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="lack the column 'node'"):
        append_forecasts(open_store(tmp_path), said().drop(columns="node"))


def test_what_stands_there_already_is_not_added_again_and_what_is_new_is(tmp_path: Path) -> None:
    store, frame = open_store(tmp_path), pd.concat([said(), said(quantity="target", value=float("nan"))])
    assert remember_forecasts(store, frame) is not None
    for again in (frame, frame.iloc[::-1], frame.assign(value=frame["value"] * (1 + 1e-12))):
        assert remember_forecasts(store, again) is None
    news = (frame.assign(value=frame["value"] * 1.001), said("2024-10-13"), said(model="other"), said(period="2025Q1"))
    for new in news:
        assert remember_forecasts(store, new) is not None
    assert len(store.files("forecasts")) == 1 + len(news)


def test_only_the_last_word_counts_as_standing_there(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for hour, value in enumerate((1.0, 2.0, 1.0)):
        moment = datetime(2024, 10, 7, hour, tzinfo=UTC)
        assert remember_forecasts(store, said(value=value), seen_at=moment) is not None
    assert forecasts_known(store, date(2024, 10, 8))["value"].tolist() == [1.0]


def test_a_frame_that_lacks_a_column_is_not_remembered_either(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="lack the column 'node'"):
        remember_forecasts(open_store(tmp_path), said().drop(columns="node"))
