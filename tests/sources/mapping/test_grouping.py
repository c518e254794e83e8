"""Several rows into one, against pandas' own grouping."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import MappingError
from oppnb.sources.grouping import Groups, group_rows, sorted_rows, take_one

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(-5, 5))), min_size=1, max_size=30)


@settings(deadline=None)
@given(ROWS)
def test_takes_what_pandas_takes(rows: list[tuple[str, int | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["key", "value"]).astype({"key": "str", "value": "float64"})
    groups = group_rows(frame, ["key"], file="f")
    grouped = frame.groupby("key", sort=False)["value"]
    for take in ("first", "last", "min", "max", "count"):
        expected = getattr(grouped, take)().to_numpy(dtype="float64")
        np.testing.assert_array_equal(take_one(frame["value"], groups, take).to_numpy(), expected)
    np.testing.assert_array_equal(take_one(frame["value"], groups, "sum"), grouped.sum(min_count=1))


@settings(deadline=None)
@given(ROWS)
def test_the_sum_of_the_groups_is_the_sum_of_the_rows(rows: list[tuple[str, int | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["key", "value"]).astype({"key": "str", "value": "float64"})
    groups = group_rows(frame, ["key"], file="f")
    assert take_one(frame["value"], groups, "sum").sum() == frame["value"].sum()


def test_a_row_without_a_key_belongs_to_no_group() -> None:
    groups = group_rows(pd.DataFrame({"key": ["a", None, " ", "a"]}, dtype="str"), ["key"], file="f")
    assert (groups.codes.tolist(), groups.count) == ([0, -1, -1, 0], 1)


def test_two_headers_make_one_key() -> None:
    frame = pd.DataFrame({"a": ["1", "1", "2", None], "b": ["x", "y", "x", "x"]}, dtype="str")
    groups = group_rows(frame, ["a", "b"], file="f")
    assert (groups.codes.tolist(), groups.count) == ([0, 1, 2, -1], 3)


def test_texts_and_moments_are_taken_too() -> None:
    groups = Groups(np.array([0, 1, 0, 1]), 2)
    assert take_one(pd.Series(["a", "b", None, "d"], dtype="str"), groups, "last").tolist() == ["a", "d"]
    moments = pd.Series(pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-01", None])).dt.as_unit("us")
    taken = take_one(moments, groups, "min")
    assert taken.dtype == moments.dtype
    assert taken.dt.day.tolist() == [1, 1]


def test_rows_are_ordered_as_numbers_and_not_as_text() -> None:
    frame = pd.DataFrame({"n": ["10", "9", None]}, dtype="str")
    assert sorted_rows(frame, ["n"], file="f", time_zone="UTC")["n"].tolist()[1:] == ["9", "10"]


def test_rows_are_ordered_as_moments_across_time_zones() -> None:
    frame = pd.DataFrame({"at": ["2024-01-01T10:00+02:00", "2024-01-01T09:00+00:00"], "n": ["1", "2"]}, dtype="str")
    assert sorted_rows(frame, ["at"], file="f", time_zone="UTC")["n"].tolist() == ["1", "2"]


def test_equal_moments_keep_the_order_of_the_file() -> None:
    frame = pd.DataFrame({"at": ["2024-01-01"] * 50, "n": [str(i) for i in range(50)]}, dtype="str")
    assert sorted_rows(frame, ["at"], file="f", time_zone="UTC")["n"].tolist() == frame["n"].tolist()


def test_names_the_nearest_header() -> None:
    with pytest.raises(MappingError, match=r"'one_row_per' names the column 'case', .* nearest header is 'case_id'"):
        group_rows(pd.DataFrame({"case_id": ["1"]}), ["case"], file="log.csv")
