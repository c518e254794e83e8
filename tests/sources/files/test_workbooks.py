"""Sheets of workbooks."""

import sys
import zipfile
from datetime import datetime

import pytest

from oppnb.errors import DataError, ExtraMissingError, NothingToReadError
from oppnb.sources.coerce import coerce_column
from oppnb.sources.files import find_files, look_at, read_raw
from tests.sources.files.exports import write, write_workbook

MARCH = datetime.fromisoformat("2024-03-05")
ROWS = [["id", "stage", "amount", "closed"], [7, "Demo", 5.5, MARCH], [12, "Won", None, None]]


def test_reads_each_sheet_under_its_name(tmp_path):
    files = find_files(write_workbook(tmp_path / "book.xlsx", Deals=ROWS, Owners=[["owner", "team"], ["a", "b"]]))
    assert [(file.name, file.sheet, file.columns) for file in files] == [
        ("book.xlsx#Deals", "Deals", ("id", "stage", "amount", "closed")),
        ("book.xlsx#Owners", "Owners", ("owner", "team")),
    ]
    assert files[0].sha256 == files[1].sha256


def test_keeps_native_values(tmp_path):
    (file,) = find_files(write_workbook(tmp_path / "book.xlsx", Deals=ROWS))
    frame = read_raw(file)
    assert [str(dtype) for dtype in frame.dtypes] == ["Int64", "str", "float64", "datetime64[us]"]
    assert coerce_column(frame["id"], "key").values.tolist() == ["7", "12"]


def test_keeps_ids_that_are_numbers_in_some_rows_and_texts_in_others(tmp_path):
    (file,) = find_files(
        write_workbook(tmp_path / "book.xlsx", Deals=[["id", "x"], [7, "a"], ["007", "b"], [8.0, "c"]])
    )
    assert coerce_column(read_raw(file)["id"], "key").values.tolist() == ["7", "007", "8"]


def test_finds_the_header_below_title_lines(tmp_path):
    titles = [["Pipeline"], [], ["Made on", MARCH]]
    (file,) = find_files(write_workbook(tmp_path / "book.xlsx", Deals=[*titles, *ROWS, [], [1, "Lost", 3]]))
    frame = read_raw(file)
    assert file.columns == ("id", "stage", "amount", "closed")
    assert frame["id"].tolist() == [7, 12, 1]


def test_leaves_out_hidden_and_empty_sheets_and_says_so(tmp_path):
    import openpyxl

    path = write_workbook(tmp_path / "book.xlsx", Deals=ROWS, Blank=[], Lists=[["a"], ["b"]], Heads=[["id", "x"]])
    book = openpyxl.load_workbook(path)
    book["Lists"].sheet_state = "hidden"
    book.save(path)
    seen = look_at(path)
    assert [file.sheet for file in seen.files] == ["Deals"]
    assert [(item.name, item.reason) for item in seen.left_out] == [
        ("book.xlsx#Blank", "empty"),
        ("book.xlsx#Heads", "no_rows"),
        ("book.xlsx#Lists", "hidden_sheet"),
    ]


def test_says_that_a_workbook_without_rows_has_nothing_to_read(tmp_path):
    with pytest.raises(NothingToReadError, match="a header without rows"):
        find_files(write_workbook(tmp_path / "book.xlsx", Deals=[["id", "stage"]]))


@pytest.mark.parametrize("raw", [b"not a zip at all", b"PK\x03\x04 cut"])
def test_says_that_a_broken_workbook_cannot_be_read(tmp_path, raw):
    with pytest.raises(DataError, match=r"'book.xlsx' is not a workbook that can be read"):
        find_files(write(tmp_path / "book.xlsx", raw))


def test_says_that_a_zip_under_another_name_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("deals.csv", "id,stage\n1,Demo\n")
    with pytest.raises(DataError, match="is not a workbook"):
        find_files(tmp_path / "book.xlsx")


def test_says_that_a_workbook_cut_short_cannot_be_read(tmp_path):
    whole = write_workbook(tmp_path / "book.xlsx", Deals=ROWS).read_bytes()
    for share in (0.3, 0.6, 0.95):
        with pytest.raises(DataError):
            find_files(write(tmp_path / "cut.xlsx", whole[: int(len(whole) * share)]))


def test_says_that_a_workbook_is_protected_by_a_password(tmp_path):
    raw = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 99
    with pytest.raises(DataError, match="protected by a password"):
        find_files(write(tmp_path / "book.xlsx", raw))


def test_names_the_extra_that_is_missing(tmp_path, monkeypatch):
    path = write_workbook(tmp_path / "book.xlsx", Deals=ROWS)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ExtraMissingError, match=r"oppnb\[excel\]"):
        find_files(path)
