"""A plotly figure as plain SVG: bars, lines, points, bands and text, enough for the static twin of a widget.

Nothing is measured or worked out anew: the figure's own traces, ranges, ticks and colours are drawn.
"""

import base64
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oppnb.charts import COLOURS

__all__ = ["figure_image", "figure_svg"]

WIDTH = 860
_SVG = "http://www.w3.org/2000/svg"
_INK = "#22262b"
_FONTS = "system-ui, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class _Frame:
    left: float
    right: float
    top: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, value: float) -> float:
        low, high = self.x
        return self.left + (value - low) / ((high - low) or 1.0) * (self.right - self.left)

    def down(self, value: float) -> float:
        low, high = self.y
        return self.bottom - (value - low) / ((high - low) or 1.0) * (self.bottom - self.top)


def figure_svg(figure: Any) -> str:
    """Draw a figure's bars and scatters; '' if it holds nothing that can be drawn so.

    Parameters
    ----------
    figure : Figure
        Of `oppnb.charts`.

    Returns
    -------
    str
        An `svg` element; every text is escaped.

    Examples
    --------
    >>> from oppnb.charts import bars
    >>> from oppnb.locale import Formats
    >>> frame = pd.DataFrame({"name": ["<b>", "c"], "amount": [1.0, 2.0]})
    >>> made = figure_svg(bars(frame, label="name", value="amount", title="T", write=Formats("en").money))
    >>> made.count("<rect") >= 2 and "<b>" not in made
    True
    """
    spec = json.loads(figure.to_json())
    traces = [trace for trace in spec["data"] if trace.get("type", "scatter") in ("bar", "scatter")]
    points = [(_values(trace, "x"), _values(trace, "y"), trace) for trace in traces]
    points = [one for one in points if one[0] and one[1]]
    if not points:
        return ""
    layout = spec.get("layout", {})
    height = int(layout.get("height") or 360)
    frame = _frame(points, layout, height)
    body = [_axes(frame, layout), *(_trace(frame, *one) for one in points)]
    title = html.escape(_plain((layout.get("title") or {}).get("text", "")))
    return (
        f'<svg xmlns="{_SVG}" role="img" aria-label="{title}" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" style="max-width:100%;height:auto" font-family="{_FONTS}" font-size="12" fill="{_INK}">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{"".join(body)}</svg>'
    )


def figure_image(figure: Any) -> str:
    """The same as an image with its drawing inside; '' if nothing can be drawn so.

    JupyterLab takes drawings out of notebooks that it does not trust, and leaves their words; it leaves images.

    Examples
    --------
    >>> from oppnb.charts import bars
    >>> from oppnb.locale import Formats
    >>> frame = pd.DataFrame({"name": ["a", "c"], "amount": [1.0, 2.0]})
    >>> figure_image(bars(frame, label="name", value="amount", title="T", write=Formats("en").money))[:14]
    '<img alt="T" s'
    """
    drawn = figure_svg(figure)
    if not drawn:
        return ""
    title = html.escape(
        _plain(((figure.to_plotly_json().get("layout") or {}).get("title") or {}).get("text", "") or "")
    )
    source = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="{title}" style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{source}">'


def _values(trace: dict[str, Any], name: str) -> list[Any]:
    found = trace.get(name)
    if isinstance(found, dict):  # plotly's packed arrays
        import base64

        import numpy as np

        return list(np.frombuffer(base64.b64decode(found["bdata"]), dtype=found["dtype"]).tolist())
    return list(found or [])


def _frame(points: list[Any], layout: dict[str, Any], height: int) -> _Frame:
    x_axis, y_axis = layout.get("xaxis", {}), layout.get("yaxis", {})
    longest = max((len(_plain(text)) for text in y_axis.get("ticktext", [])), default=6)
    left = min(24 + 7.5 * min(longest, 26), 240)
    return _Frame(left, WIDTH - 24, 12, height - 44, _range(x_axis, points, 0), _range(y_axis, points, 1))


def _range(axis: dict[str, Any], points: list[Any], place: int) -> tuple[float, float]:
    if axis.get("range"):
        low, high = (_number(value) for value in axis["range"][:2])
        return low, high
    values = [_number(value) for one in points for value in one[place]]
    low, high = min([*values, *_from_zero(points, place)]), max(values)
    return low, high + 0.05 * ((high - low) or 1.0)


def _from_zero(points: list[Any], place: int) -> list[float]:
    upright = "v" if place else "h"
    return [0.0 for *_, trace in points if trace.get("type") == "bar" and trace.get("orientation", "v") == upright]


def _number(value: Any) -> float:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return pd.Timestamp(value).timestamp()
    return float("nan") if value is None else float(value)


def _axes(frame: _Frame, layout: dict[str, Any]) -> str:
    grid = COLOURS["grid"]
    made = []
    for place, text in _ticks(layout.get("xaxis", {})):
        x = frame.across(place)
        if frame.left - 1 <= x <= frame.right + 1:
            made.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{frame.top}" y2="{frame.bottom}" stroke="{grid}"/>')
            made.append(_text(x, frame.bottom + 18, text, "middle"))
    for place, text in _ticks(layout.get("yaxis", {})):
        made.append(_text(frame.left - 8, frame.down(place) + 4, text, "end"))
    named = ((layout.get("xaxis", {}).get("title") or {}).get("text")) or ""
    return "".join(made) + (_text((frame.left + frame.right) / 2, frame.bottom + 38, named, "middle") if named else "")


def _ticks(axis: dict[str, Any]) -> list[tuple[float, str]]:
    places, texts = axis.get("tickvals") or [], axis.get("ticktext") or []
    places = _values({"v": places}, "v")
    return [(_number(place), _plain(text)) for place, text in zip(places, texts, strict=False)]


def _trace(frame: _Frame, xs: list[Any], ys: list[Any], trace: dict[str, Any]) -> str:
    if trace.get("type") == "bar":
        return _bars(frame, xs, ys, trace)
    return _scatter(frame, [_number(x) for x in xs], [_number(y) for y in ys], trace)


def _bars(frame: _Frame, xs: list[Any], ys: list[Any], trace: dict[str, Any]) -> str:
    lies = trace.get("orientation") == "h"
    base = trace.get("base")
    bases = [_number(one) for one in _values({"b": base}, "b")] if isinstance(base, (list, dict)) else []
    width = trace.get("width")
    half = (float(width) if isinstance(width, (int, float)) else 0.62) / 2
    colours = _each((trace.get("marker") or {}).get("color"), COLOURS["main"])
    made = []
    for place, (x, y) in enumerate(zip(xs, ys, strict=False)):
        value, at = (_number(x), _number(y)) if lies else (_number(y), _number(x))
        start = bases[place] if place < len(bases) else 0.0
        box = _box(frame, start, start + value, at, half, lies=lies)
        made.append(f'<rect {box} fill="{html.escape(colours(place))}"/>')
    return "".join(made)


def _box(frame: _Frame, start: float, end: float, at: float, half: float, *, lies: bool) -> str:
    along: Callable[[float], float] = frame.across if lies else frame.down
    beside: Callable[[float], float] = frame.down if lies else frame.across
    low, high = (frame.left, frame.right) if lies else (frame.top, frame.bottom)
    a, b = sorted(min(max(along(value), low), high) for value in (start, end))
    c, d = sorted((beside(at - half), beside(at + half)))
    size, thick = max(b - a, 1.0), max(d - c, 1.0)
    x, y, w, h = (a, c, size, thick) if lies else (c, a, thick, size)
    return f'x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"'


def _scatter(frame: _Frame, xs: list[float], ys: list[float], trace: dict[str, Any]) -> str:
    places = [(frame.across(x), frame.down(y)) for x, y in zip(xs, ys, strict=False) if x == x and y == y]
    mode = trace.get("mode", "lines")
    colour = html.escape(str((trace.get("line") or {}).get("color") or _first_colour(trace)))
    made = ""
    if trace.get("fill") in ("toself", "tozerox", "tozeroy", "tonexty") and places:
        ends = [] if trace["fill"] == "toself" else [(places[-1][0], frame.bottom), (places[0][0], frame.bottom)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*places, *ends])
        made += f'<polygon points="{path}" fill="{colour}" fill-opacity="0.15"/>'
    if "lines" in mode:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        made += f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    if "markers" in mode:
        made += "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places)
    if "text" in mode:
        texts = _each(trace.get("text"), "")
        side = "start" if "right" in str(trace.get("textposition", "")) else "middle"
        made += "".join(
            _text(x + (4 if side == "start" else 0), y + 4, texts(place), side) for place, (x, y) in enumerate(places)
        )
    return made


def _first_colour(trace: dict[str, Any]) -> str:
    return str(_each((trace.get("marker") or {}).get("color"), COLOURS["main"])(0))


def _each(value: Any, default: str) -> Callable[[int], str]:
    if isinstance(value, list):
        return lambda place: str(value[place]) if place < len(value) else default
    return lambda _: str(value) if value else default


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(_plain(text))}</text>'


def _plain(text: Any) -> str:
    """Plotly's text without its markup."""
    return html.unescape(_TAG.sub(" ", str(text or ""))).replace("\u2060", "").strip()
