"""Delimiter, quotes, header and title lines of a delimited text, found in its first rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from oppnb.sources.header_rows import column_names, first_table_row, holds_data
from oppnb.sources.headers import is_blank
from oppnb.sources.seen import TextLayout

__all__ = ["SINGLE_COLUMN", "Dialect", "csv_rows", "find_dialect"]

SINGLE_COLUMN = "\x1f"
"""Delimiter to give a reader where there is none: a sign that no text holds."""

_DELIMITERS = (",", "\t", ";", "|")
_SEP_LINE = re.compile(r"\ufeff?sep=(.)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How to read a delimited text.

    Attributes
    ----------
    delimiter : str or None
        None for a single column.
    layout : TextLayout
        Title lines, header, names of all places.
    columns : tuple of str
        The columns; empty where the sample holds nothing.
    has_rows : bool
        Whether anything follows the header.
    agreement : float
        Share of rows with the usual number of cells, 0 to 1: low for prose.
    """

    delimiter: str | None
    layout: TextLayout
    columns: tuple[str, ...]
    has_rows: bool
    agreement: float


@dataclass(frozen=True)
class _Row:
    cells: list[str]
    first_line: int


def find_dialect(sample: str) -> Dialect:
    r"""Find how a text is laid out.

    The delimiter is the one that cuts most rows into the same number of cells.

    Parameters
    ----------
    sample : str
        The first lines of the text (whole lines unless the text is shorter).

    Examples
    --------
    >>> find_dialect("id;amount\n1;2,5\n2;3,5\n").delimiter
    ';'
    >>> find_dialect("1\t2024-01-31\n2\t2024-02-29\n").columns
    ('column_1', 'column_2')
    """
    sep = _SEP_LINE.match(sample.split("\n", 1)[0])
    escape = _escape(sample)
    delimiter = sep.group(1) if sep else _delimiter(sample, escape)
    rows = [row for row in _rows(sample, delimiter, escape) if not all(map(is_blank, row.cells))]
    rows = rows[1:] if sep else rows
    if not rows:
        return Dialect(delimiter, TextLayout(), (), has_rows=False, agreement=0.0)
    width = _usual_width(rows)
    rows = rows[first_table_row([row.cells for row in rows], usual_width=width) :]
    below = [row.cells for row in rows[1:]]
    has_header = not holds_data(rows[0].cells, below[:50])
    names, columns = _names(rows[0].cells, below, width, has_header=has_header)
    last = max((place for place, cell in enumerate(rows[0].cells, start=1) if not is_blank(cell)), default=0)
    layout = TextLayout(has_header, rows[0].first_line, escape, names, last if has_header else width)
    agreement = sum(len(row.cells) == width for row in rows) / len(rows)
    return Dialect(delimiter, layout, columns, has_rows=bool(below) or not has_header, agreement=agreement)


def csv_rows(lines: Iterable[str], delimiter: str | None, escape: str | None) -> Iterator[tuple[list[str], int]]:
    """Give the rows of a text with the number of physical lines before each, forgiving stray quotes."""
    with _long_cells():
        reader = csv.reader(
            lines,
            delimiter=delimiter or SINGLE_COLUMN,
            escapechar=escape,
            doublequote=True,
            skipinitialspace=delimiter != "\t",
        )
        line = 0
        for cells in reader:
            yield cells, line
            line = reader.line_num


@contextmanager
def _long_cells() -> Iterator[None]:
    """Lift Python's limit of 131,072 characters a cell: notes and mail bodies are longer."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _rows(sample: str, delimiter: str | None, escape: str | None) -> list[_Row]:
    lines = io.StringIO(sample.removeprefix("\ufeff"), newline="")
    return [_Row(cells, line) for cells, line in csv_rows(lines, delimiter, escape)]


def _escape(sample: str) -> str | None:
    """A backslash where quotes inside quotes are written that way and hardly ever doubled."""
    slashed = len(re.findall(r'[^"\\,;\t|\n]\\"(?![,;\t|\r\n]|$)', sample))
    doubled = len(re.findall(r'[^",;\t|\n]""[^",;\t|\n]', sample))
    return "\\" if slashed > doubled else None


def _delimiter(sample: str, escape: str | None) -> str | None:
    best: tuple[float, int] = (0.4, 1)
    chosen = None
    for delimiter in _DELIMITERS:
        rows = [row for row in _rows(sample, delimiter, escape) if any(row.cells)]
        width = _usual_width(rows) if rows else 1
        agreeing = sum(len(row.cells) == width for row in rows) / max(len(rows), 1)
        header_bonus = 0.2 if rows and len(rows[0].cells) == width else 0.0
        score = (round(agreeing + header_bonus, 1), width)
        if width > 1 and score > best:
            best, chosen = score, delimiter
    return chosen or _most_in_first_line(sample)


def _most_in_first_line(sample: str) -> str | None:
    """For a text too ragged to have a usual width: the delimiter that cuts its first line most, if any does."""
    first = sample.lstrip().split("\n", 1)[0]
    count, delimiter = max((first.count(delimiter), delimiter) for delimiter in _DELIMITERS)
    return delimiter if count else None


def _usual_width(rows: Sequence[_Row]) -> int:
    """The commonest number of cells; of two as common, the larger, which loses nothing."""
    counts = Counter(len(row.cells) for row in rows)
    return max(counts, key=lambda width: (counts[width], width))


def _names(
    first: list[str], below: Sequence[list[str]], width: int, *, has_header: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if has_header:
        return column_names(first, below, width)
    names = column_names([], [], max(width, len(first)))[0]
    return names, names
