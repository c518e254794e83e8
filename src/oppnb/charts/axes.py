"""Axes whose labels are made in Python, in the reader's locale, instead of by the browser."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from oppnb.charts.text import text_width, wrapped

__all__ = ["label_axis", "labels_above", "narrow_range", "nice_ticks", "room_for", "row_height", "value_axis"]


def nice_ticks(low: float, high: float, *, count: int = 5) -> list[float]:
    """Round numbers that cover [low, high], about `count` of them.

    Examples
    --------
    >>> nice_ticks(0, 1_730_000)
    [0.0, 500000.0, 1000000.0, 1500000.0]
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [0.0]
    raw = (high - low) / max(count - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 10) for index in range(first, math.floor(high / step + 1e-9) + 1)]


def value_axis(low: float, high: float, *, write: Callable[[float], str], room: float = 0.16, **more: Any) -> Any:
    """An axis of values; `write` turns a value into its label, `room` is kept free for text beyond the bars.

    See `narrow_range` for the room that the same text takes on a phone.
    """
    high = max(high, 0.0)
    span = (high - low) or 1.0
    ticks = nice_ticks(low, high)
    return {
        "range": [low - (room * span if low < 0 else 0), high + room * span],
        "tickvals": ticks,
        "ticktext": [write(tick) for tick in ticks],
        **more,
    }


def room_for(texts: Sequence[str]) -> float:
    """Share of the axis that text beyond the longest bar takes on a page of paper, the narrowest of the wide ones."""
    return min(max(0.0145 * max((text_width(text) for text in texts), default=0), 0.1), 0.4)


def narrow_range(low: float, high: float, texts: Sequence[str]) -> list[float]:
    """The range of an axis on a phone, where text beyond the longest bar takes a larger share of the width.

    Examples
    --------
    >>> narrow_range(0.0, 100.0, ["$120K"])
    [0.0, 122.5]
    """
    longest = max((text_width(text) for text in texts), default=0)
    high = max(high, 0.0)
    span = (high - low) or 1.0
    room = min(0.045 * longest, 0.6)
    return [low - (room * span if low < 0 else 0.0), high + room * span]


def label_axis(labels: Sequence[object], *, width: int = 24, **more: Any) -> Any:
    """An axis of names, the first on top; names may repeat and may hold any character."""
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": [wrapped(label, width=width) for label in labels],
        "range": [len(labels) - 0.4, -0.6],
        "showgrid": False,
        **more,
    }


def labels_above(labels: Sequence[object], *, width: int, lines: int = 1) -> list[dict[str, Any]]:
    """Long names as lines above their bars, from the left edge on, so that they cost no width."""
    return [
        {
            "text": wrapped(label, width=width, lines=lines),
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": place - 0.2,
            "yanchor": "bottom",
            "align": "left",
            "showarrow": False,
        }
        for place, label in enumerate(labels)
    ]


def row_height(n_rows: int, *, each: int = 34, top: int = 64, bottom: int = 40) -> int:
    """Pixels for a chart of `n_rows` horizontal bars."""
    return top + bottom + max(n_rows, 1) * each
