"""Delimited text: DuckDB for a regular file, a forgiving reader of our own for one that is not."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from oppnb.sources.dialect import SINGLE_COLUMN
from oppnb.sources.encodings import transcode
from oppnb.sources.problems import Problem, problem_where
from oppnb.sources.ragged import read_ragged
from oppnb.sources.raw import Raw, without_blank_rows
from oppnb.sources.seen import FileSeen, TextLayout

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_delimited"]


def read_delimited(content: Path, file: FileSeen) -> Raw:
    """Read a delimited text with every cell as text; only empty cells are null.

    Regular files go through DuckDB in parallel. A file with short or long rows, stray quotes or mixed line ends is
    read again row by row: short rows are padded, long ones get columns of their own, and both are reported.
    Rows without a single value are left out.

    Parameters
    ----------
    content : Path
        The plain text (taken out of gz or zip).
    file : FileSeen
        What was seen of it.

    Returns
    -------
    Raw
        Columns of pandas `str`.

    Raises
    ------
    DataError
        If a quote is never closed; names the line.
    """
    layout = file.layout or TextLayout()
    with _as_utf8(content, file.encoding or "utf-8", layout.first_line) as text:
        table = _read_regular(text, file.delimiter, layout)
        problems: tuple[Problem, ...] = ()
        may_be_garbled = text != content
        if table is None:
            table, problems = read_ragged(text, file.name, file.delimiter, layout)
            may_be_garbled = True
    frame = without_blank_rows(_to_frame(table, file.columns))
    return Raw(frame, problems + (_garbled(frame) if may_be_garbled else ()))


@contextmanager
def _as_utf8(content: Path, encoding: str, first_line: int) -> Iterator[Path]:
    """The text as UTF-8 from its header on; a temporary copy unless it is that already."""
    if encoding in ("utf-8", "utf-8-sig") and not first_line:
        yield content
        return
    with tempfile.TemporaryDirectory(prefix="oppnb-") as folder:
        whole, text = Path(folder) / "whole.csv", Path(folder) / "text.csv"
        transcode(content, whole, encoding)
        if not first_line:
            yield whole
            return
        with whole.open(encoding="utf-8", newline="") as source, text.open("w", encoding="utf-8", newline="") as out:
            for _ in range(first_line):
                source.readline()
            shutil.copyfileobj(source, out)
        yield text


def _read_regular(text: Path, delimiter: str | None, layout: TextLayout) -> "pa.Table | None":
    """Read with DuckDB, or give None where a row, a quote or a byte breaks the rules."""
    import duckdb

    places = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(layout.names)))
    query = (
        f"SELECT * FROM read_csv({_literal(_without_globs(text))}, auto_detect=false, header={layout.has_header},"  # noqa: S608
        f" delim={_literal(delimiter or SINGLE_COLUMN)}, quote='\"', escape={_literal(layout.escape or chr(34))},"
        f" nullstr='', columns={{{places}}})"
    )
    with duckdb.connect() as connection:
        with suppress(duckdb.Error):  # in a notebook it would be drawn into the report; without ipywidgets it never is
            connection.execute("SET enable_progress_bar = false")
        try:
            table: Any = connection.sql(query).to_arrow_table()
        except duckdb.Error:
            return None
    return table.rename_columns(list(layout.names))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _without_globs(path: Path) -> str:
    """DuckDB reads `*`, `?` and `[` in a path as patterns; a bracket makes each of them a plain sign."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def _to_frame(table: "pa.Table", columns: tuple[str, ...]) -> pd.DataFrame:
    kept = [name for name in table.column_names if name in columns or table[name].null_count < table.num_rows]
    frame: pd.DataFrame = table.select(kept).to_pandas()
    return frame.astype({name: "str" for name in kept if frame[name].dtype != "str"})


def _garbled(frame: pd.DataFrame) -> tuple[Problem, ...]:
    """Rows with bytes that are no character of the file's encoding."""
    broken = np.zeros(len(frame), bool)
    for name in frame.columns:
        broken |= frame[name].str.contains("\ufffd", regex=False, na=False).to_numpy(bool)
    return problem_where("text_is_whole", frame.index, broken)
