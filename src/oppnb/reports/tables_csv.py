"""`tables/*.csv`: every table of a report for other programs; no text in it is worked out by a spreadsheet."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from oppnb.tables.spreadsheet_text import without_formulas

__all__ = ["csv_name", "write_tables"]


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each frame as a file of its own.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Name -> rows. Columns keep their own names, whatever the reader's language; keys are not put into words.
    folder : Path
        Made if there is a table: UTF-8 with a byte-order mark, days as 2026-12-31, numbers in full.
    """
    taken: set[str] = set()
    for name, frame in tables.items():
        folder.mkdir(exist_ok=True)
        path = folder / csv_name(name, taken)
        _safe(frame).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n", date_format="%Y-%m-%d")


def csv_name(name: str, taken: set[str]) -> str:
    """A file name without anything that a path could mean; added to `taken`.

    Examples
    --------
    >>> csv_name("../by region", set())
    'by_region.csv'
    """
    plain = re.sub(r"[^\w-]+", "_", name).strip("_")[:80] or "table"
    found, number = plain, 2
    while found.casefold() in taken:
        found, number = f"{plain}_{number}", number + 1
    taken.add(found.casefold())
    return f"{found}.csv"


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    made = {}
    for name in frame:
        values = frame[name]
        if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)):
            values = without_formulas(values.astype("object").map(_told, na_action="ignore"))
        made[str(name)] = values
    safe = pd.DataFrame(made, index=frame.index)
    return safe.set_axis(without_formulas(pd.Series(list(made), dtype="object")).tolist(), axis="columns")


def _told(value: object) -> object:
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
