"""Paths, folders, archives, and files that change."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from oppnb.errors import DataError, NothingToReadError, UsageError
from oppnb.sources import delimited as delimited_module
from oppnb.sources.files import data_hash, find_files, look_at, read_raw
from oppnb.sources.paths import existing_path
from tests.sources.files.exports import DEALS, delimited, write, write_workbook

TEXT = delimited(DEALS)


def test_names_the_nearest_file_when_there_is_none(tmp_path):
    write(tmp_path / "sales_pipeline.csv", TEXT)
    with pytest.raises(NothingToReadError, match=r"Did you mean '.*sales_pipeline\.csv'\?"):
        find_files(tmp_path / "sales_pipline.csv")


def test_names_the_nearest_folder_when_a_part_of_the_path_is_wrong(tmp_path):
    write(tmp_path / "exports" / "deals.csv", TEXT)
    with pytest.raises(NothingToReadError, match=r"Did you mean '.*exports'\?"):
        find_files(tmp_path / "export" / "deep" / "deals.csv")


def test_finds_files_in_folders_sorted_and_leaves_out_what_is_no_data(tmp_path):
    for name in ("b/deals.csv", "a.tsv", ".hidden.csv", ".git/x.csv", "~$book.xlsx", "x.csv.part", "~lock.tmp"):
        write(tmp_path / name, TEXT)
    write(tmp_path / "notes.docx", b"x")
    write(tmp_path / "empty.csv", "")
    write(tmp_path / "heads.csv", "id,stage\n")
    write(tmp_path / "old.xls", b"\xd0\xcf\x11\xe0")
    write(tmp_path / "readme.txt", "This is prose.\nIt goes on, and on, and on.\nIt ends.\n")
    write_workbook(tmp_path / "book.xlsx", Deals=DEALS)
    seen = look_at(tmp_path)
    assert [file.name for file in seen.files] == ["a.tsv", "b/deals.csv", "book.xlsx#Deals"]
    assert {item.name: item.reason for item in seen.left_out} == {
        "empty.csv": "empty",
        "heads.csv": "no_rows",
        "notes.docx": "unknown_ending",
        "old.xls": "old_excel",
        "readme.txt": "not_a_table",
    }


def test_says_why_nothing_in_a_folder_can_be_read(tmp_path):
    with pytest.raises(NothingToReadError, match="nothing to read"):
        find_files(tmp_path)
    write(tmp_path / "notes.docx", b"x")
    write(tmp_path / "empty.csv", "")
    with pytest.raises(NothingToReadError, match=r"empty\.csv: empty\n  notes\.docx: not a format"):
        find_files(tmp_path)


def test_refuses_an_ending_that_is_not_read(tmp_path):
    with pytest.raises(UsageError, match=r"Give \.csv"):
        find_files(write(tmp_path / "deals.docx", b"x"))
    with pytest.raises(UsageError, match=r"save it as \.xlsx"):
        find_files(write(tmp_path / "deals.xls", b"\xd0\xcf\x11\xe0"))


def test_reads_gzip_and_zip_like_the_plain_file(tmp_path):
    plain = write(tmp_path / "plain" / "deals.csv", TEXT)
    write(tmp_path / "deals.csv.gz", gzip.compress(TEXT.encode()))
    with zipfile.ZipFile(tmp_path / "deals.zip", "w") as archive:
        archive.write(plain, "exports/deals.csv")
        archive.writestr("__MACOSX/._deals.csv", b"\0\1")
        archive.writestr("exports/inner.zip", b"PK")
        archive.writestr("more.csv.gz", gzip.compress(TEXT.encode()))
    expected = read_raw(*find_files(plain))
    (packed,) = find_files(tmp_path / "deals.csv.gz")
    seen = look_at(tmp_path / "deals.zip")
    assert [file.name for file in seen.files] == ["exports/deals.csv", "more.csv.gz"]
    assert [item.reason for item in seen.left_out] == ["archive_in_archive"]
    for file in (packed, *seen.files):
        assert read_raw(file).equals(expected)
        assert file.sha256 == find_files(plain)[0].sha256


def test_reads_chinese_names_in_a_zip_made_on_windows(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("XXXX.csv", TEXT)
    path.write_bytes(path.read_bytes().replace(b"XXXX.csv", "商机".encode("gb18030") + b".csv"))
    (file,) = find_files(path)
    assert file.name == "商机.csv"
    assert len(read_raw(file)) == 3


def test_never_writes_to_a_path_that_an_archive_names(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "evil.zip", "w") as archive:
        archive.writestr("../../evil.csv", TEXT)
        archive.writestr("/etc/evil.csv", TEXT)
    files = find_files(folder / "evil.zip")
    assert [file.name for file in files] == ["etc/evil.csv", "evil.csv"]
    assert all(len(read_raw(file)) == 3 for file in files)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["evil.zip", "in"]


def test_refuses_archives_that_grow_out_of_measure(tmp_path):
    bomb = b"id,stage\n" + b"0" * (80 * 1024 * 1024)
    write(tmp_path / "bomb.csv.gz", gzip.compress(bomb))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", bomb)
    for name in ("bomb.csv.gz", "bomb.zip"):
        with pytest.raises(DataError, match="more than 200 times"):
            find_files(tmp_path / name)


def test_says_that_an_archive_is_broken(tmp_path):
    whole = gzip.compress(TEXT.encode() * 100)
    for name, raw in {
        "a.csv.gz": whole[:-9],
        "b.csv.gz": b"id,stage\n",
        "c.zip": b"PK\x03\x04 cut",
        "d.zip": b"no",
    }.items():
        with pytest.raises(DataError, match="is broken or was cut off"):
            find_files(write(tmp_path / name, raw))


def test_says_that_an_archive_is_protected_by_a_password(tmp_path):
    path = tmp_path / "deals.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deals.csv", TEXT)
    raw = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + place] |= 1
    with pytest.raises(DataError, match="protected by a password"):
        find_files(write(path, bytes(raw)))


def test_one_broken_file_stops_a_folder(tmp_path):
    write(tmp_path / "deals.csv", TEXT)
    write(tmp_path / "owners.xlsx", b"broken")
    with pytest.raises(DataError, match=r"owners\.xlsx"):
        find_files(tmp_path)


def test_refuses_a_file_that_changed_since_it_was_found(tmp_path):
    (file,) = find_files(write(tmp_path / "deals.csv", TEXT))
    with (tmp_path / "deals.csv").open("a") as out:
        out.write("9,Won,1\n")
    with pytest.raises(DataError, match="is being written; try again"):
        read_raw(file)


def test_refuses_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch):
    (file,) = find_files(write(tmp_path / "deals.csv", TEXT))
    regular = delimited_module._read_regular

    def read_and_grow(*args):
        with file.path.open("a") as out:
            out.write("9,Won,1\n")
        return regular(*args)

    monkeypatch.setattr(delimited_module, "_read_regular", read_and_grow)
    with pytest.raises(DataError, match="is being written; try again"):
        read_raw(file)


def test_refuses_a_file_that_is_gone(tmp_path):
    (file,) = find_files(write(tmp_path / "deals.csv", TEXT))
    file.path.unlink()
    with pytest.raises(DataError, match="it is gone"):
        read_raw(file)


def test_says_that_a_file_may_not_be_read(tmp_path, monkeypatch):
    path = write(tmp_path / "deals.csv", TEXT)

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match="permission denied"):
        find_files(path)


def test_says_that_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        existing_path(tmp_path / "pipe.csv")


def test_hashes_contents_and_names_but_not_the_place(tmp_path):
    for folder in ("one", "two", "three"):
        write(tmp_path / folder / "deals.csv", TEXT)
        write(tmp_path / folder / "sub/owners.csv", "id,team\n1,East\n")
    write(tmp_path / "three" / "deals.csv", TEXT.replace("Demo", "Dema"))
    one, two, three = (find_files(tmp_path / folder) for folder in ("one", "two", "three"))
    assert data_hash(one) == data_hash(reversed(two))
    assert data_hash(one) != data_hash(three)
    assert data_hash(one) != data_hash(one[:1])
