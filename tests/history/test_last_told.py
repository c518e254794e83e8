"""What was said of a deal counts from the day on which it was said."""

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError
from oppnb.history.last_told import history_values, last_told
from oppnb.tables import Tables
from oppnb.workspace import parse_workspace


def rows(*days: str) -> pd.DataFrame:
    return pd.DataFrame({"opportunity_id": "1", "as_of": pd.to_datetime(list(days))})


def test_nothing_is_known_before_it_was_told() -> None:
    told = pd.DataFrame({"opportunity_id": ["1"], "told_at": pd.to_datetime(["2024-03-01 00:00"]), "value": [7.0]})
    assert last_told(told, rows("2024-02-29", "2024-03-01")).isna().tolist() == [True, False]


def test_days_end_where_the_company_is() -> None:
    told = pd.DataFrame({"opportunity_id": ["1"], "told_at": pd.to_datetime(["2024-02-29 17:00"]), "value": [7.0]})
    shanghai = parse_workspace("calendar: {time_zone: Asia/Shanghai}")
    assert last_told(told, rows("2024-02-29"), workspace=shanghai).isna().all()
    assert last_told(told, rows("2024-02-29")).tolist() == [7.0]


def test_a_value_about_a_day_is_known_at_its_end() -> None:
    told = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-03-01"]), "value": [7.0]})
    assert last_told(told, rows("2024-02-29", "2024-03-01")).isna().tolist() == [True, False]


def test_old_values_are_not_taken_where_they_are_asked_to_be_fresh() -> None:
    told = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-03-01"]), "value": [7.0]})
    assert last_told(told, rows("2024-03-20", "2024-04-20"), within_days=28).isna().tolist() == [False, True]


def test_the_later_of_two_counts_and_other_deals_do_not() -> None:
    told = pd.DataFrame(
        {
            "opportunity_id": ["1", "2", "1"],
            "told_at": pd.to_datetime(["2024-03-01", "2024-03-05", "2024-03-03"]),
            "value": [1.0, 2.0, 3.0],
        }
    )
    assert last_told(told, rows("2024-03-10")).tolist() == [3.0]


def test_the_order_and_index_of_the_rows_stay() -> None:
    told = pd.DataFrame({"opportunity_id": ["1"], "told_at": pd.to_datetime(["2024-03-05"]), "value": [7.0]})
    asked = rows("2024-03-10", "2024-03-01").set_axis([5, 2])
    found = last_told(told, asked)
    assert found.index.tolist() == [5, 2]
    assert found.isna().tolist() == [False, True]


def test_values_without_a_time_are_refused() -> None:
    with pytest.raises(ColumnMissingError, match="told_at"):
        last_told(pd.DataFrame({"opportunity_id": ["1"], "value": [1.0]}), rows("2024-03-10"))


def test_a_history_without_the_column_says_nothing() -> None:
    deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    changes = pd.DataFrame(
        {"opportunity_id": ["1", "1"], "changed_at": pd.to_datetime(["2024-01-01", "2024-01-02"]), "fit": ["3", None]}
    )
    tables = Tables({"opportunities": deals, "opportunity_history": changes})
    assert history_values(tables, "crm_score") is None
    found = history_values(tables, "fit")
    assert found is not None
    assert found["value"].tolist() == ["3"]
