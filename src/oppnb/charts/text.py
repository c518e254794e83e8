"""Text inside a chart: plotly reads a subset of HTML and TeX, so text from the data is made plain first."""

import html
import unicodedata

__all__ = ["plain", "text_width", "wrapped"]

_CLOSING = "）】》」』”’，。、；：！？%)]"
_OPENING = "（【《「『“‘(["


def plain(text: object) -> str:
    """Text that plotly shows letter by letter: no tags, links, entities or formulas.

    Examples
    --------
    >>> plain("<b>R&D</b> $x$")
    '&lt;b&gt;R&amp;D&lt;/b&gt; &#36;x&#36;'
    """
    return html.escape(" ".join(str(text).split()), quote=False).replace("$", "&#36;")


def text_width(text: str) -> int:
    """Columns a text takes; a Chinese character takes two.

    Examples
    --------
    >>> text_width("Demo 演示")
    9
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: object, *, width: int = 22, lines: int = 2) -> str:
    """Break a label into at most `lines` lines of about `width` columns, cut with an ellipsis, made plain.

    Examples
    --------
    >>> wrapped("Weighted pipeline at observed odds", width=18)
    'Weighted pipeline<br>at observed odds'
    >>> wrapped("一个非常长的商机阶段名称", width=12)
    '一个非常长的<br>商机阶段名称'
    """
    rows = [""]
    for piece in _pieces(" ".join(str(text).split())):
        joined = rows[-1] + piece
        if text_width(joined.rstrip()) <= width or not rows[-1]:
            rows[-1] = joined
        else:
            rows.append(piece.lstrip())
    if len(rows) > lines:
        rows = [*rows[: lines - 1], _cut(" ".join(row.strip() for row in rows[lines - 1 :]), width)]
    return "<br>".join(plain(_cut(row.strip(), width + 4)) for row in rows)


def _pieces(text: str) -> list[str]:
    """Words with their following space; each wide character may stand alone, but no closing mark begins a line."""
    pieces = [""]
    for letter in text:
        if letter in _CLOSING and not pieces[-1] and len(pieces) > 1:
            pieces[-2] += letter
            continue
        pieces[-1] += letter
        if letter in " -/" or (unicodedata.east_asian_width(letter) in "WF" and letter not in _OPENING):
            pieces.append("")
    return [piece for piece in pieces if piece]


def _cut(text: str, width: int) -> str:
    if text_width(text) <= width:
        return text
    kept = ""
    for letter in text:
        if text_width(kept + letter) >= width:
            break
        kept += letter
    return kept.rstrip() + "…"
