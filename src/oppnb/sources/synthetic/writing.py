"""Write a pipeline as text files that are the same, byte for byte, wherever they are made."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oppnb.tables import CANONICAL, Kind

__all__ = ["as_text", "write_csv", "write_json", "write_tables"]

_MOMENT, _DAY = "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"


def as_text(values: pd.Series, kind: Kind | None) -> pd.Series:
    """Text of each value, empty where it is missing: moments in UTC with `Z`, days in ISO, money with up to 2 digits.

    Examples
    --------
    >>> as_text(pd.Series([1200.5, None, 7.0]), "money").tolist()
    ['1200.5', '', '7']
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        text = values.dt.strftime(_DAY if kind == "day" else _MOMENT)
    elif pd.api.types.is_bool_dtype(values):
        text = values.map({True: "true", False: "false"})
    elif pd.api.types.is_numeric_dtype(values):
        digits = 2 if kind == "money" else 6
        text = values.map(lambda number: _number(number, digits))
    else:
        text = values
    filled: pd.Series = text.astype("object").where(values.notna(), "")
    return filled


def _number(number: float, digits: int) -> str:
    """Shortest text with at most `digits` decimals; never an exponent, never a negative nought."""
    if np.isnan(number):
        return ""
    text = f"{number:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def write_csv(path: Path, frame: pd.DataFrame, *, encoding: str = "utf-8", delimiter: str = ",") -> None:
    """Write a frame of texts; every line ends in a line feed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.itertuples(index=False, name=None))
    path.write_bytes(buffer.getvalue().encode(encoding))


def write_tables(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write canonical tables under their own names; missing cells are empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        columns = CANONICAL[name].columns
        kinds = {column: columns[column].kind if column in columns else None for column in frame.columns}
        write_csv(folder / f"{name}.csv", pd.DataFrame({c: as_text(frame[c], kinds[c]) for c in frame.columns}))


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write indented UTF-8 JSON that ends in a line feed."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
