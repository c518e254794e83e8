"""Delimited text with short or long rows, stray quotes or mixed line ends: no row is lost, each is reported."""

from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from oppnb.sources.dialect import csv_rows
from oppnb.sources.headers import clean_headers, is_blank
from oppnb.sources.problems import Problem
from oppnb.sources.seen import TextLayout
from oppnb.sources.watching import being_written

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_ragged"]

_BATCH = 50_000


def read_ragged(
    text: Path, name: str, delimiter: str | None, layout: TextLayout
) -> tuple["pa.Table", tuple[Problem, ...]]:
    """Read a UTF-8 text row by row.

    Parameters
    ----------
    text : Path
        Begins with the header, or with data where there is none.
    name : str
        For messages.
    delimiter, layout
        As in `FileSeen`.

    Returns
    -------
    table : pyarrow.Table
        Text columns; places beyond the header are `column_9` and so on. Blank rows are left out.
    problems : tuple of Problem
        `row_has_a_cell_for_every_column` (padded with nulls) and `row_has_no_more_cells_than_the_header`.

    Raises
    ------
    DataError
        If a quote is not closed at the end of the file: it is being written or was cut off.
    """
    import pyarrow as pa

    counter = _Counter(_width(layout))
    with text.open(encoding="utf-8-sig", errors="replace", newline="") as source:
        rows = _whole_rows(source, name, delimiter, layout)
        if layout.has_header:
            next(rows, None)
        tables = []
        while batch := list(islice(rows, _BATCH)):
            counter.count(batch)
            tables.append(_table(batch, layout.names))
    if not tables:
        return pa.table({column: pa.array([], pa.large_string()) for column in layout.names}), ()
    return pa.concat_tables(tables, promote_options="default"), counter.problems()


class _Counter:
    """Remembers which rows are shorter or longer than the header."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.seen = 0
        self.short: list[int] = []
        self.long: list[int] = []

    def count(self, batch: list[list[str]]) -> None:
        for place, cells in enumerate(batch, start=self.seen):
            if len(cells) < self.width:
                self.short.append(place)
            elif len(cells) > self.width and not all(map(is_blank, cells[self.width :])):
                self.long.append(place)
        self.seen += len(batch)

    def problems(self) -> tuple[Problem, ...]:
        found = (
            ("row_has_a_cell_for_every_column", self.short),
            ("row_has_no_more_cells_than_the_header", self.long),
        )
        return tuple(Problem(rule, pd.Index(rows, dtype="int64")) for rule, rows in found if rows)


def _width(layout: TextLayout) -> int:
    """Cells that a row needs: up to the last place with a header."""
    return layout.n_headers or len(layout.names)


def _whole_rows(source: Iterator[str], name: str, delimiter: str | None, layout: TextLayout) -> Iterator[list[str]]:
    """Rows that are not blank; raises where the last one ends inside quotes."""
    ended = False

    def lines() -> Iterator[str]:
        nonlocal ended
        yield from source
        ended = True

    for cells, line in csv_rows(lines(), delimiter, layout.escape):
        # A complete row never needs to look beyond the last line; one inside quotes does.
        if ended:
            opened = line + layout.first_line + 1
            raise being_written(
                name, f"the quote opened at line {opened} is never closed: if the file is whole, mend it"
            )
        if any(cells) and not all(map(is_blank, cells)):
            yield cells


def _table(batch: list[list[str]], names: tuple[str, ...]) -> "pa.Table":
    import pyarrow as pa

    columns = list(zip_longest(*batch, fillvalue=None))
    while len(columns) < len(names):
        columns.append((None,) * len(batch))
    wanted = clean_headers([*names, *([None] * (len(columns) - len(names)))])
    arrays = [pa.array([cell or None for cell in column], pa.large_string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=list(wanted))
