"""What was read of an export, as tables: its files, which header fills which column and why, and what was not used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from oppnb.locale import Words
from oppnb.sources import Inspection, Reading, inspect_path
from oppnb.sources.mapping_columns import headers_of
from oppnb.tables import Tables

__all__ = [
    "column_name",
    "files_read",
    "headers_unused",
    "look_at_export",
    "mapping_read",
    "table_name",
    "tables_read",
]


def look_at_export(review: Any, data: str | Path) -> Inspection | None:
    """The files of an export and their columns, under the mapping that the review was read with.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    data : path
        What it was opened from.

    Returns
    -------
    Inspection or None
        None for a slice: files are of the whole.

    Raises
    ------
    NothingToReadError
        If there is nothing that can be read any more.
    """
    if review.only or review.reading is None:
        return None
    mapped = review.workspace.model_copy(update={"mapping": list(review.reading.mapping)})
    return inspect_path(data, workspace=mapped)


def table_name(name: str, words: Words) -> str:
    """A canonical table as a reader calls it.

    Examples
    --------
    >>> table_name("line_items", Words("en"))
    'Line items'
    """
    return words.get(f"widgets_mapping_editor.table_{name}", name)


def column_name(name: str, words: Words) -> str:
    """A column as a reader calls it; one of the client's own keeps its name."""
    return words.get(f"widgets_mapping_editor.name_{name}", words.get(f"column.{name}", name))


def files_read(look: Inspection, words: Words) -> pd.DataFrame:
    """Files with what they are and fill: `file`, `layout`, `n_rows`, `n_columns`, `n_used`, `fills`."""
    rows = [
        {
            "file": file.name,
            "layout": ", ".join(part for part in (file.format, file.encoding) if part),
            "n_rows": file.n_rows,
            "n_columns": len(file.columns),
            "n_used": sum(bool(column.fills) for column in file.columns),
            "fills": _filled_by([name for column in file.columns for name in column.fills], words),
        }
        for file in look.files
    ]
    joined = {join.file for one in look.proposals for join in one.rule.join}
    made = pd.DataFrame(rows, columns=["file", "layout", "n_rows", "n_columns", "n_used", "fills"])
    told = [
        words("quality.file_joined") if not fills and file in joined else fills
        for file, fills in zip(made["file"], made["fills"], strict=True)
    ]
    return made.assign(fills=[text or words("quality.file_unused") for text in told])


def _filled_by(names: list[str], words: Words) -> str:
    tables = dict.fromkeys(name.partition(".")[0] for name in names)
    return ", ".join(table_name(name, words) for name in tables)


def tables_read(tables: Tables, rejected: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Rows of each table: `table`, `n_rows` (to go on with), `n_aside` (set aside by the audit)."""
    aside: Mapping[Any, int] = rejected["table"].value_counts().to_dict() if len(rejected) else {}
    rows = [[table_name(name, words), len(frame), int(aside.get(name, 0))] for name, frame in tables.items()]
    return pd.DataFrame(rows, columns=["table", "n_rows", "n_aside"])


def mapping_read(reading: Reading, words: Words, *, is_slice: bool = False) -> pd.DataFrame:
    """Which header fills which column: `table`, `column`, `header`, `file`, `why`.

    Of a slice files and reasons are left out: both speak of the whole.
    """
    reasons = [one.reasons for one in reading.proposals] or [{} for _ in reading.mapping]
    rows = []
    for rule, why in zip(reading.mapping, reasons, strict=True):
        for name, column in rule.columns.items():
            header = " / ".join(headers_of(column))
            told = why.get(name, "") if reading.proposals else words("quality.by_workspace")
            constant = "" if column.value is None or is_slice else words("quality.constant", value=column.value)
            rows.append([table_name(rule.table, words), column_name(name, words), header or constant, rule.file, told])
    frame = pd.DataFrame(rows, columns=["table", "column", "header", "file", "why"]).drop_duplicates(ignore_index=True)
    return frame.drop(columns=["file", "why"]).drop_duplicates(ignore_index=True) if is_slice else frame


def headers_unused(look: Inspection, words: Words) -> pd.DataFrame:
    """Headers that fill no column: `file`, `header`, `kind` (what its values look like), `filled_share`."""
    joined = {header for one in look.proposals for join in one.rule.join for header in join.on.values()}
    rows = [
        [file.name, column.header, words(f"inspect.kind_{column.kind}"), column.filled]
        for file in look.files
        for column in file.columns
        if not column.fills and column.header not in joined
    ]
    frame = pd.DataFrame(rows, columns=["file", "header", "kind", "filled_share"])
    return frame.astype({"filled_share": "float64"})
