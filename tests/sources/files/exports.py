"""Small exports for these tests: rows in, a file out."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

DEALS = [["opportunity_id", "stage", "amount"], ["007", "Demo", "12.50"], ["1e5", "NA", ""], ["42", "None", "null"]]


def delimited(rows: Sequence[Sequence[str]], *, delimiter: str = ",", line_end: str = "\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return out.getvalue()


def write(path: Path, text: str | bytes, *, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def write_workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path
