"""Sheets of Excel workbooks: the header found below title lines, values as Excel keeps them."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from oppnb.errors import DataError, ExtraMissingError
from oppnb.sources.containers import refuse_zip_bomb
from oppnb.sources.header_rows import column_names, first_table_row, holds_data
from oppnb.sources.headers import is_blank
from oppnb.sources.native_columns import native_frame
from oppnb.sources.raw import Raw, without_blank_rows

__all__ = ["SheetSeen", "read_sheet", "see_sheets"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAMPLE = 60


@dataclass(frozen=True)
class SheetSeen:
    """A sheet: its name, its columns, and why it is left out (None if it can be read)."""

    name: str
    columns: tuple[str, ...]
    left_out: str | None


def see_sheets(content: Path, name: str) -> list[SheetSeen]:
    """Look at the first rows of each sheet, in the order of the workbook.

    Raises
    ------
    DataError
        If the workbook is broken, is protected by a password or grows too large when unpacked.
    ExtraMissingError
        If openpyxl is not installed.
    """
    with _workbook(content, name) as book:
        return [_see_sheet(sheet) for sheet in book.worksheets]


def read_sheet(content: Path, name: str, sheet: str) -> Raw:
    """Read one sheet; columns keep their native kind, blank rows are left out. Raises as `see_sheets`."""
    with _workbook(content, name) as book:
        rows = _filled_rows(book[sheet])
        sample = list(islice(rows, _SAMPLE))
        names, columns, n_above = _layout(sample)
        body = [*sample[n_above:], *rows]
    values = {column: [row[place] if place < len(row) else None for row in body] for place, column in enumerate(names)}
    wide = max(map(len, body), default=0)
    values |= {
        f"column_{place + 1}": [row[place] if place < len(row) else None for row in body]
        for place in range(len(names), wide)
    }
    frame = native_frame(
        {column: cells for column, cells in values.items() if column in columns or not all(map(is_blank, cells))}
    )
    return Raw(without_blank_rows(frame))


def _see_sheet(sheet: Any) -> SheetSeen:
    if sheet.sheet_state != "visible":
        return SheetSeen(sheet.title, (), "hidden_sheet")
    sample = list(islice(_filled_rows(sheet), _SAMPLE))
    if not sample:
        return SheetSeen(sheet.title, (), "empty")
    _, columns, n_above = _layout(sample)
    return SheetSeen(sheet.title, columns, None if len(sample) > n_above else "no_rows")


def _layout(sample: list[tuple[object, ...]]) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Names of all places, those that are columns, and how many rows stand above the data."""
    if not sample:
        return (), (), 0
    width = max(map(len, sample))
    first = first_table_row(sample, usual_width=0)
    below = sample[first + 1 :]
    if holds_data(sample[first], below):
        # Without a header nothing tells sparse rows from titles: all of them are data.
        first = 0
        names = column_names((), (), width)[0]
        return names, names, first
    return *column_names(sample[first], below, width), first + 1


def _filled_rows(sheet: Any) -> Iterator[tuple[object, ...]]:
    # Workbooks written by other programs often state a wrong size; without it every row is read.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        if not all(map(is_blank, row)):
            filled = max(place for place, cell in enumerate(row, start=1) if not is_blank(cell))
            yield row[:filled]


@contextmanager
def _workbook(content: Path, name: str) -> Iterator[Any]:
    try:
        import openpyxl
    except ModuleNotFoundError as error:
        raise ExtraMissingError.for_extra("excel", what=f"Reading '{name}'") from error
    _refuse_locked(content, name)
    if not zipfile.is_zipfile(content):
        raise DataError(_broken(name))
    refuse_zip_bomb(content, name)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles, validations and extensions that it drops: none of them is data.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(content, read_only=True, data_only=True)
            try:
                yield book
            finally:
                book.close()
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, SyntaxError, TypeError, EOFError) as error:
        raise DataError(_broken(name)) from error


def _broken(name: str) -> str:
    return (
        f"'{name}' is not a workbook that can be read, or it was cut off.\n"
        "If it is still being written or copied, try again when that is done; else save it again as .xlsx."
    )


def _refuse_locked(content: Path, name: str) -> None:
    """An encrypted workbook (and the old .xls format) is not a zip but an OLE file."""
    with content.open("rb") as source:
        if source.read(8) != _OLE:
            return
        source.seek(0)
        locked = any("EncryptedPackage".encode("utf-16-le") in block for block in iter(lambda: source.read(2**20), b""))
    if locked:
        raise DataError(f"'{name}' is protected by a password.\nSave it without one (File > Info > Protect Workbook).")
    raise DataError(f"'{name}' is an old Excel workbook (.xls) under another ending.\nSave it as .xlsx.")
