"""Parquet files and JSON records."""

import json
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oppnb.errors import DataError, NothingToReadError
from oppnb.sources.coerce import coerce_column
from oppnb.sources.files import find_files, look_at, read_raw
from tests.sources.files.exports import write


def read(path):
    (file,) = find_files(path)
    return read_raw(file)


def write_parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


def test_keeps_whole_numbers_dates_and_flags_beside_nulls(tmp_path):
    frame = read(
        write_parquet(
            tmp_path / "deals.parquet",
            id=pa.array([2**60 + 1, None]),
            key=pa.array([Decimal(12345678901234567890), None], pa.decimal128(38, 0)),
            amount=pa.array([Decimal("1.50"), None], pa.decimal128(18, 2)),
            closed=pa.array([date(2024, 3, 5), None]),
            won=pa.array([True, None]),
            stage=pa.array(["Demo", "NA"]).dictionary_encode(),
            owner=pa.array([{"id": "7", "tags": ["a"]}, None]),
        )
    )
    assert coerce_column(frame["id"], "key").values.tolist()[0] == str(2**60 + 1)
    assert frame["key"].tolist()[0] == "12345678901234567890"
    assert frame["amount"].tolist()[0] == 1.5
    assert frame["closed"].dtype == "datetime64[us]"
    assert str(frame["won"].dtype) == "boolean"
    assert frame["stage"].tolist() == ["Demo", "NA"]
    assert frame["owner.id"].tolist()[0] == "7"
    assert frame["owner.tags"].tolist()[0] == '["a"]'


def test_leaves_the_index_that_pandas_wrote_out_of_the_columns(tmp_path):
    pd.DataFrame({"id": ["a", "b"]}, index=[3, 4]).to_parquet(tmp_path / "deals.parquet")
    assert list(read(tmp_path / "deals.parquet").columns) == ["id"]


def test_says_that_a_parquet_file_without_its_end_is_being_written(tmp_path):
    whole = write_parquet(tmp_path / "deals.parquet", id=list(range(1000))).read_bytes()
    with pytest.raises(DataError, match="is being written; try again"):
        find_files(write(tmp_path / "cut.parquet", whole[: len(whole) // 2]))


def test_says_that_text_is_not_parquet(tmp_path):
    with pytest.raises(DataError, match="is not a Parquet file"):
        find_files(write(tmp_path / "deals.parquet", "id,stage\n1,Demo\n"))


def test_says_that_a_parquet_file_has_no_rows(tmp_path):
    with pytest.raises(NothingToReadError, match="without rows"):
        find_files(write_parquet(tmp_path / "deals.parquet", id=pa.array([], pa.string())))


RECORDS = [{"id": "007", "amount": 5, "owner": {"name": "A"}}, {"id": "8", "tags": ["x", "y"], "note": None}]
FORMS = {
    "lines.jsonl": "\n".join(map(json.dumps, RECORDS)),
    "spaced.ndjson": "\n\n".join(map(json.dumps, RECORDS)) + "\n",
    "array.json": json.dumps(RECORDS),
    "pretty.json": json.dumps(RECORDS, indent=2),
    "answer.json": json.dumps({"total": 2, "results": RECORDS}),
    "bom.json": "\ufeff" + json.dumps(RECORDS),
}


@pytest.mark.parametrize("name", FORMS)
def test_reads_records_in_every_form(tmp_path, name):
    (file,) = find_files(write(tmp_path / name, FORMS[name]))
    frame = read_raw(file)
    assert list(frame.columns) == list(file.columns) == ["id", "amount", "owner.name", "tags", "note"]
    assert frame["id"].tolist() == ["007", "8"]
    assert frame["amount"].tolist()[0] == 5
    assert frame["tags"].tolist()[1] == '["x", "y"]'


def test_names_the_line_that_is_not_json(tmp_path):
    path = write(tmp_path / "deals.jsonl", '{"id": 1}\n{"id": \n{"id": 3}\n')
    with pytest.raises(DataError, match="line 2"):
        find_files(path)


def test_says_that_json_cut_in_its_last_record_is_being_written(tmp_path):
    for name, text in {"a.jsonl": '{"id": 1}\n{"id": 2, "na', "b.json": '[\n{"id": 1},\n{"id": 2, "na'}.items():
        with pytest.raises(DataError, match="is being written"):
            find_files(write(tmp_path / name, text))


def test_says_that_json_without_records_has_nothing_to_read(tmp_path):
    for text in ("[]", '{"a": 1, "b": {"c": 2}', "[1, 2]"):
        with pytest.raises((NothingToReadError, DataError)):
            find_files(write(tmp_path / "deals.json", text))


def test_leaves_out_json_that_is_no_table_beside_files_that_are(tmp_path):
    write(tmp_path / "settings.json", "[1, 2, 3]")
    write(tmp_path / "deals.csv", "id,stage\n1,Demo\n")
    assert [(item.name, item.reason) for item in look_at(tmp_path).left_out] == [("settings.json", "not_a_table")]


def test_refuses_json_that_nests_without_end(tmp_path):
    with pytest.raises(DataError, match="too deeply"):
        find_files(write(tmp_path / "deals.json", '{"a":' * 20_000 + "1" + "}" * 20_000))


def test_replaces_half_characters_in_json(tmp_path):
    assert read(write(tmp_path / "deals.jsonl", '{"id": "x\\ud800", "n": 1}\n'))["id"].tolist() == ["x?"]
