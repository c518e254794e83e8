"""The real data sets that lie beside the project."""

import gzip

import pandas as pd
import pytest

from oppnb.sources.coerce import coerce_column
from oppnb.sources.files import find_files, look_at, read_raw, read_with_problems
from tests.field_data import field_data

pytestmark = pytest.mark.field_data


def test_reads_every_file_without_a_complaint():
    for name in ("maven_crm", "bpi2012", "fivetran_seeds", "salvirt_b2b", "adventureworks_quota"):
        seen = look_at(field_data(name))
        assert seen.left_out == ()
        for file in seen.files:
            raw = read_with_problems(file)
            assert raw.problems == (), file.name
            assert len(raw.frame)


@pytest.mark.parametrize(
    ("folder", "name", "separator"),
    [("maven_crm", "sales_pipeline.csv", ","), ("salvirt_b2b", "Salvirt_B2B_ML_dataset.csv", ";")],
)
def test_agrees_with_pandas_cell_by_cell(folder, name, separator):
    path = field_data(folder) / name
    expected = pd.read_csv(path, sep=separator, dtype="str", keep_default_na=False, na_values=[""])
    (file,) = find_files(path)
    pd.testing.assert_frame_equal(read_raw(file), expected, check_dtype=False)


def test_reads_the_event_log_with_its_two_offsets():
    (file,) = find_files(field_data("bpi2012"))
    frame = read_raw(file)
    with gzip.open(file.path, "rt", encoding="utf-8") as source:
        assert len(frame) == sum(1 for _ in source) - 1
    coerced = coerce_column(frame["timestamp"], "moment")
    expected = (
        pd.to_datetime(frame["timestamp"], utc=True, format="ISO8601").dt.tz_localize(None).astype("datetime64[us]")
    )
    assert coerced.problems == ()
    pd.testing.assert_series_equal(coerced.values, expected, check_names=False)


def test_sees_that_the_quotas_have_no_header():
    files = {file.name: file for file in find_files(field_data("adventureworks_quota"))}
    frame = read_raw(files["SalesPersonQuotaHistory.csv"])
    assert list(frame.columns) == [f"column_{n}" for n in range(1, 7)]
    assert len(frame) == 163
    assert coerce_column(frame["column_3"], "day").values.dt.year.tolist()[0] == 2011
