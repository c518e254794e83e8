"""A frame as an HTML table that scrolls inside its box or becomes cards on a phone; all text is escaped."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.columns import ColumnKind, header, kind_of, written

__all__ = ["TableLook", "table_html"]


@dataclass(frozen=True)
class TableLook:
    """How a table is shown.

    Attributes
    ----------
    cards : bool
        Each row becomes a card on a phone; else the table scrolls inside its box.
    folded : bool
        Closed until it is opened (always open in print).
    limit : int
        Rows shown; the rest is counted, and in the workbook.
    numbers : tuple of str
        Columns of numbers that are already written out; they stand to the right as numbers do.
    wraps : bool
        An interval may stand below its number, so that names have room.
    tight : bool
        The same, with little between columns: for a table of many that has to fit a page without scrolling.
    """

    cards: bool = False
    folded: bool = False
    limit: int = 40
    numbers: tuple[str, ...] = ()
    wraps: bool = False
    tight: bool = False


def table_html(
    frame: pd.DataFrame, *, words: Words, formats: Formats, look: TableLook = TableLook(), caption: str = ""
) -> str:
    """A table.

    Parameters
    ----------
    frame : DataFrame
        Shown in its order; the first column names the row.
    words, formats : Words, Formats
        The reader's language.
    look : TableLook
        Cards or scrolling, folded or not, how many rows.
    caption : str
        Said above it, or on the fold.

    Returns
    -------
    str
        HTML without any markup from the data.

    Examples
    --------
    >>> frame = pd.DataFrame({"name": ["<b>Deal</b>"], "amount": [1200.0]})
    >>> made = table_html(frame, words=Words("en"), formats=Formats("en", currency="USD"))
    >>> "&lt;b&gt;Deal&lt;/b&gt;" in made, "$1,200" in made
    (True, True)
    """
    kinds = {str(column): kind_of(frame, str(column)) for column in frame.columns}
    heads = {column: header(column, words) for column in kinds}
    shown = frame.head(look.limit)
    head = "".join(f'<th scope="col"{_align(c, kinds[c], look)}>{html.escape(heads[c])}</th>' for c in kinds)
    rows = "".join(_row(row, kinds, heads, formats, look) for row in shown.itertuples(index=False, name=None))
    left = len(frame) - len(shown)
    more = f'<p class="more">{html.escape(words("report.more_rows", n=formats.number(left)))}</p>' if left else ""
    style = ("cards" if look.cards else "scrolls") + (" wraps" if look.wraps else "") + (" tight" if look.tight else "")
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    box = f'<div class="table-box {style}" tabindex="0" role="region" aria-label="{html.escape(caption)}">{table}</div>'
    if frame.empty:
        box = f'<p class="quiet">{html.escape(words("report.no_rows"))}</p>'
    fold = words("report.table_of", name=caption)
    if look.folded:
        return f'<details class="table"><summary>{html.escape(fold)}</summary>{box}{more}</details>'
    return f'<div class="table">{box}{more}</div>'


def _align(column: str, kind: ColumnKind, look: TableLook) -> str:
    """Numbers stand to the right, also those already written out in units of their own."""
    written_out = ("value", "target", "previous", "interval", "n", *look.numbers)
    return ' class="n"' if kind != "text" or column in written_out else ""


def _row(
    row: Sequence[object], kinds: dict[str, ColumnKind], heads: dict[str, str], formats: Formats, look: TableLook
) -> str:
    cells = []
    for position, (value, column) in enumerate(zip(row, kinds, strict=True)):
        text = html.escape(written(value, kinds[column], formats))
        if (look.wraps or look.tight) and column in look.numbers:
            # A line ends before the bracket of an interval, not within.
            text = re.sub(r"\([^()]*\)", r'<span class="whole">\g<0></span>', text)
        label = f' data-label="{html.escape(heads[column])}"'
        if position == 0:
            cells.append(f'<th scope="row"{label}>{text}</th>')
        else:
            cells.append(f"<td{_align(column, kinds[column], look)}{label}>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"
