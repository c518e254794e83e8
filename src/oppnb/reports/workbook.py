"""`report.xlsx`: every table a sheet; text stays text whatever it begins with."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from oppnb.charts import text_width
from oppnb.errors import ExtraMissingError
from oppnb.locale import Formats, Words
from oppnb.reports.cell_words import cells_in_words
from oppnb.reports.columns import ColumnKind, header, kind_of

__all__ = ["sheet_name", "write_workbook"]

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "default_date_format": "yyyy-mm-dd",
}
_LONGEST = 32_767
_BY_UNIT: Mapping[str, ColumnKind] = {
    "money": "money",
    "money_per_day": "money",
    "share": "share",
    "ratio": "ratio",
    "days": "decimal",
}
_IN_UNIT = ("value", "low", "high", "target", "previous", "before", "after", "observed", "reference")
"""Columns whose numbers are in the unit that the row's `unit` names; any other may have a unit in `<column>_unit`."""


def write_workbook(
    tables: Mapping[str, pd.DataFrame],
    path: str | Path,
    *,
    words: Words,
    formats: Formats,
    headings: Mapping[str, str] | None = None,
) -> None:
    """Write frames into a workbook.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Sheet title -> rows, in the order of the sheets.
    path : path
        The file to write.
    words, formats : Words, Formats
        Headings and the currency's number format.
    headings : mapping of str to str, optional
        Column -> heading, where these tables say it otherwise than reports do.

    Raises
    ------
    ExtraMissingError
        If xlsxwriter is not installed.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise ExtraMissingError.for_extra("report", what="report.xlsx") from error
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        looks = _looks(book, formats)
        taken: set[str] = set()
        for title, frame in tables.items():
            sheet = book.add_worksheet(sheet_name(title, taken))
            kinds = {name: _kinds_of_cells(frame, name) for name in map(str, frame.columns)}
            told = cells_in_words(frame, words)
            _write_sheet(sheet, told, looks, kinds, lambda name: (headings or {}).get(name) or header(name, words))
        if not tables:
            book.add_worksheet()


def sheet_name(title: str, taken: set[str]) -> str:
    """A name that a workbook allows: at most 31 letters, none of the signs Excel forbids; added to `taken`.

    Examples
    --------
    >>> sheet_name("Won/lost: by month", set())
    'Won lost by month'
    """
    plain = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).split()).strip("'")[:31] or "Sheet"
    name, number = plain, 2
    while name.casefold() in taken:
        tail = f" {number}"
        name, number = plain[: 31 - len(tail)] + tail, number + 1
    taken.add(name.casefold())
    return name


def _looks(book: Any, formats: Formats) -> dict[str, Any]:
    numbers = {"money": "#,##0.00", "share": "0.0%", "ratio": "0.00", "day": "yyyy-mm-dd", "number": "#,##0"}
    made = {kind: book.add_format({"num_format": code, "valign": "top"}) for kind, code in numbers.items()}
    if formats.currency:
        code = f"#,##0.00 [${formats.currency}]"
        made["money"] = book.add_format({"num_format": code, "valign": "top"})
    made["measure"] = book.add_format({"num_format": "0.000", "valign": "top"})
    made["decimal"] = book.add_format({"num_format": "#,##0.0", "valign": "top"})
    made["text"] = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    made["head"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    return made


def _write_sheet(
    sheet: Any,
    frame: pd.DataFrame,
    looks: Mapping[str, Any],
    kinds: Mapping[str, list[ColumnKind]],
    heading: Callable[[str], str],
) -> None:
    for place, column in enumerate(map(str, frame.columns)):
        title = heading(column)
        sheet.write_string(0, place, title, looks["head"])
        cells = enumerate(zip(frame[column], kinds[column], strict=True), start=1)
        texts = [_write_cell(sheet, row, place, value, one, looks) for row, (value, one) in cells]
        widest = max([text_width(title), *(text_width(text) for text in texts[:500])])
        sheet.set_column(place, place, min(max(widest + 2, 8), 48))
    sheet.freeze_panes(1, 1)
    if len(frame.columns) and len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _kinds_of_cells(frame: pd.DataFrame, column: str) -> list[ColumnKind]:
    """The kind of each number: that of the row's unit where it has one; a fraction is never shown as a whole number."""
    kind = kind_of(frame, column)
    if kind not in ("number", "decimal"):
        return [kind] * len(frame)
    named = f"{column}_unit" if f"{column}_unit" in frame else "unit"
    is_told = named in frame and (named != "unit" or column in _IN_UNIT)
    units = frame[named] if is_told else [None] * len(frame)
    return [_BY_UNIT.get(unit) or _plain_kind(value, kind) for unit, value in zip(units, frame[column], strict=True)]


def _plain_kind(value: Any, kind: ColumnKind) -> ColumnKind:
    if kind != "number":
        return kind
    is_whole = isinstance(value, (str, list, tuple)) or value is None or pd.isna(value) or float(value).is_integer()
    return "number" if is_whole else "measure"


def _write_cell(sheet: Any, row: int, place: int, value: Any, kind: ColumnKind, looks: Mapping[str, Any]) -> str:
    """Write one value by its type, never by what its text looks like; gives the text for the width."""
    if value is None or (not isinstance(value, (str, list, tuple)) and pd.isna(value)):
        return ""
    if kind == "day":
        sheet.write_datetime(row, place, pd.Timestamp(value).to_pydatetime(), looks["day"])
        return "2026-12-31"
    if kind == "text":
        text = str(value)[:_LONGEST]
        sheet.write_string(row, place, text, looks["text"])
        return text
    sheet.write_number(row, place, float(value), looks[kind])
    return f"{float(value):,.2f}" + ("    " if kind == "money" else "")
