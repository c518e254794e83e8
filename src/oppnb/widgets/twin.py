"""The static twin of a widget: heading, figure as an image, table; all text escaped, no script, no address outside."""

import html
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.widgets.svg import figure_image

__all__ = ["twin_html"]

_ROWS = 25
_STYLE = (
    "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;max-width:960px;overflow-x:auto;color:inherit"
)
_CELL = "padding:3px 10px 3px 0;border-bottom:1px solid rgba(128,136,148,.35);vertical-align:top;text-align:"


def twin_html(figure: Any, table: pd.DataFrame, *, title: str, words: Words, formats: Formats) -> str:
    """HTML that shows a widget's state where no kernel is.

    Parameters
    ----------
    figure : Figure or None
        Drawn without plotly.js; left out if it is None or holds no trace that can be drawn so.
    table : DataFrame
        Its first 25 rows; the rest is counted.
    title : str
        Heading.
    words, formats : Words, Formats
        The reader's language.

    Returns
    -------
    str

    Examples
    --------
    >>> made = twin_html(None, pd.DataFrame({"a": ["<b>"]}), title="T", words=Words("en"), formats=Formats("en"))
    >>> "&lt;b&gt;" in made and "<b>" not in made
    True
    """
    drawn = "" if figure is None else figure_image(figure)
    heading = f'<p style="font-weight:650;font-size:15px;margin:4px 0 8px">{html.escape(title)}</p>'
    return f'<div class="oppnb-twin" style="{_STYLE}">{heading}{drawn}{_table(table, words, formats)}</div>'


def _table(table: pd.DataFrame, words: Words, formats: Formats) -> str:
    if table.empty:
        return f'<p style="margin:8px 0">{html.escape(words("widgets.no_rows"))}</p>'
    numbers = table.attrs.get("numbers", ())
    align = ["right" if name in numbers or _is_number(table[name]) else "left" for name in table]
    head = "".join(_cell("th", str(name), side) for name, side in zip(table, align, strict=True))
    shown = [[_said(value, formats) for value in row] for row in table.head(_ROWS).itertuples(index=False, name=None)]
    cells = ("".join(_cell("td", text, side) for text, side in zip(row, align, strict=True)) for row in shown)
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    more = len(table) - _ROWS
    said = html.escape(words("widgets.more_rows", n=formats.number(more))) if more > 0 else ""
    note = f'<p style="opacity:.75;margin:4px 0">{said}</p>' if said else ""
    style = "border-collapse:collapse;font-variant-numeric:tabular-nums;margin:8px 0"
    return f'<table style="{style}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}'


def _cell(tag: str, text: str, side: str) -> str:
    unbroken = ";white-space:nowrap" if len(text) < 24 else ""
    return f'<{tag} style="{_CELL}{side}{unbroken}">{html.escape(text)}</{tag}>'


def _is_number(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values))


def _said(value: Any, formats: Formats) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, pd.Timestamp):
        return formats.day(value.date(), short=True)
    if isinstance(value, float):
        return formats.number(value, digits=0 if value.is_integer() else 3)
    return str(value)
