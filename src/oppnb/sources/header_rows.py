"""Which row of a table-shaped file is its header, and whether it has one."""

import re
from collections.abc import Sequence

from oppnb.sources.headers import clean_headers, is_blank

__all__ = ["column_names", "first_table_row", "holds_data"]

_MAX_TITLE_ROWS = 30
_TYPED = (
    ("uuid", re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$", re.IGNORECASE)),
    ("date", re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?$|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ].*)?$")),
    ("mail", re.compile(r"[^@\s]+@[^@\s]+\.\w+$")),
    ("number", re.compile(r"[-+]?[$€£¥]?\s?\d[\d.,]*%?$")),
)
_YEAR = re.compile(r"(19|20)\d\d$")

Cells = Sequence[object]


def first_table_row(rows: Sequence[Cells], *, usual_width: int) -> int:
    """Place of the header (or of the first data row): rows above it with few filled cells are titles.

    Parameters
    ----------
    rows : sequence of rows
        The first rows of the file, blank ones left out.
    usual_width : int
        Cells of a usual row. A sparse row of that width is data of a file without header, not a title.

    Examples
    --------
    >>> first_table_row([["Pipeline 2024"], ["id", "stage"], ["1", "Demo"]], usual_width=2)
    1
    """
    counts = sorted(_n_filled(row) for row in rows)
    usual = counts[round(0.75 * (len(counts) - 1))]
    for place, row in enumerate(rows[:_MAX_TITLE_ROWS]):
        filled = _n_filled(row)
        is_sparse = filled < 0.6 * usual and (filled <= 2 or filled < 0.4 * usual)
        if not is_sparse or (filled > 1 and len(row) == usual_width):
            return place
    return 0


def holds_data(first: Cells, below: Sequence[Cells]) -> bool:
    """Whether the first row is data already: the file has no header.

    It is where it holds a date, a UUID or a mail address over a column of the same, or numbers (other than years)
    over numbers in at least half of its filled cells.

    Examples
    --------
    >>> holds_data(["1", "2024-01-31"], [["2", "2024-02-29"]]), holds_data(["id", "2016"], [["1", "5.2"]])
    (True, False)
    """
    kinds = [_kind(cell) for cell in first]
    alike = [place for place, kind in enumerate(kinds) if kind is not None and _share_of_kind(below, place, kind) > 0.5]
    if any(kinds[place] != "number" for place in alike):
        return True
    only_years = all(_YEAR.match(str(first[place]).strip()) for place in alike)
    return bool(alike) and not only_years and len(alike) >= _n_filled(first) / 2


def column_names(header: Cells, below: Sequence[Cells], width: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names for every place of a row, and those of them that are columns.

    A place without a header and without a value in the rows seen is no column; should a value turn up later, the
    column comes back under its name.

    Examples
    --------
    >>> column_names(["id", None, None], [["1", None, "x"]], 3)
    (('id', 'column_2', 'column_3'), ('id', 'column_3'))
    """
    cells = [*header, *([None] * width)][: max(width, len(header))]
    names = clean_headers(cells)
    filled = {place for row in below for place, cell in enumerate(row) if not is_blank(cell)}
    kept = (name for place, name in enumerate(names) if place in filled or not is_blank(cells[place]))
    return names, tuple(kept)


def _n_filled(row: Cells) -> int:
    return sum(not is_blank(cell) for cell in row)


def _kind(cell: object) -> str | None:
    text = "" if cell is None else str(cell).strip("\ufeff \t\"'")
    return next((name for name, pattern in _TYPED if pattern.match(text)), None)


def _share_of_kind(below: Sequence[Cells], place: int, kind: str) -> float:
    cells = [row[place] for row in below if place < len(row) and not is_blank(row[place])]
    return sum(_kind(cell) == kind for cell in cells) / len(cells) if cells else 0.0
