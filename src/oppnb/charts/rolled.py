"""Parts of an amount for each name, stacked, with the interval of their sum and a target."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, row_height, value_axis
from oppnb.charts.bars import narrow_rows
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["rolled"]

_PALETTE = ("up", "main", "pale", "warn")


def rolled(
    frame: pd.DataFrame,
    *,
    label: str,
    parts: Mapping[str, str],
    words: Words,
    formats: Formats,
    title: str,
    coverage: str = "80%",
) -> "go.Figure":
    """One row a name: its parts end to end, and the interval of the whole.

    Parameters
    ----------
    frame : DataFrame
        One row a name, in the order to be shown: the columns of `parts`, `low`, `high` (null: no interval), and perhaps
        `target`.
    label : str
        Column with the names.
    parts : mapping of str to str
        Column -> name in the legend, in the order of the stack.
    words, formats : Words, Formats
        The reader's language.
    title : str
        The finding.
    coverage : str
        Of the interval, for the pointer.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"region": ["East"], "won": [4.0], "open": [2.0], "low": [5.0], "high": [8.0]})
    >>> chart = rolled(frame, label="region", parts={"won": "Won", "open": "Open"}, words=Words("en"),
    ...     formats=Formats("en"), title="East expects 6")
    >>> [list(trace.x) for trace in chart.data]
    [[4.0], [2.0], [6.0]]
    """
    if frame.empty:
        return blank_chart(title=title, message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True)
    total = rows[list(parts)].astype("float64").fillna(0.0).sum(axis="columns")
    traces = [
        _part(rows, label, (column, name), _PALETTE[place % len(_PALETTE)], formats)
        for place, (column, name) in enumerate(parts.items())
    ]
    traces.append(_interval(rows, label, total, words("chart.interval_of", coverage=coverage), formats))
    if "target" in rows and rows["target"].notna().any():
        traces.append(_target(rows, label, words, formats))
    ends = [total.max(), rows["high"].max(), rows["target"].max() if "target" in rows else 0.0]
    labels = rows[label].tolist()
    return figure(
        traces,
        title=title,
        barmode="stack",
        height=row_height(len(rows), top=92),
        xaxis=value_axis(
            0.0,
            float(pd.Series(ends).max()),
            write=lambda tick: plain(formats.money(tick, short=True)),
            room=0.04,
        ),
        yaxis=label_axis(labels),
        narrow=narrow_rows(labels, top=150),
    )


def _part(rows: pd.DataFrame, label: str, part: tuple[str, str], colour: str, formats: Formats) -> dict[str, Any]:
    values = rows[part[0]].astype("float64").fillna(0.0)
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain(part[1]),
        "x": values.tolist(),
        "y": list(range(len(rows))),
        "width": 0.56,
        "marker": {"color": COLOURS[colour]},
        "hoverinfo": "text",
        "hovertext": [
            plain(f"{name} · {part[1]}: {formats.money(float(value), short=True)}")
            for name, value in zip(rows[label], values, strict=True)
        ],
    }


def _interval(rows: pd.DataFrame, label: str, total: "pd.Series[float]", name: str, formats: Formats) -> dict[str, Any]:
    low, high = (rows[end].astype("float64").fillna(total) for end in ("low", "high"))
    return {
        "type": "scatter",
        "mode": "markers",
        "cliponaxis": False,
        "name": plain(name),
        "x": total.tolist(),
        "y": list(range(len(rows))),
        "marker": {"color": COLOURS["ink"], "size": 5},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (high - total).clip(lower=0).tolist(),
            "arrayminus": (total - low).clip(lower=0).tolist(),
            "color": COLOURS["neutral"],
            "thickness": 2,
            "width": 5,
        },
        "hoverinfo": "text",
        "hovertext": [
            plain(f"{who}: {_money(value, formats)} ({_money(a, formats)} – {_money(b, formats)})")
            for who, value, a, b in zip(rows[label], total, low, high, strict=True)
        ],
    }


def _target(rows: pd.DataFrame, label: str, words: Words, formats: Formats) -> dict[str, Any]:
    values = rows["target"].astype("float64")
    return {
        "type": "scatter",
        "mode": "markers",
        "cliponaxis": False,
        "name": plain(words("chart.target")),
        "x": [None if math.isnan(value) else float(value) for value in values],
        "y": list(range(len(rows))),
        "marker": {"color": "rgba(0,0,0,0)", "size": 12, "symbol": "diamond", "line": _line()},
        "hoverinfo": "text",
        "hovertext": [
            plain(f"{who} · {words('chart.target')}: {'–' if math.isnan(value) else _money(value, formats)}")
            for who, value in zip(rows[label], values, strict=True)
        ],
    }


def _line() -> dict[str, Any]:
    return {"color": COLOURS["target"], "width": 2}


def _money(value: float, formats: Formats) -> str:
    return formats.money(float(value), short=True)
