"""Names and one amount each: horizontal bars, so that long names stay readable on a phone."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, labels_above, narrow_range, room_for, row_height, value_axis
from oppnb.charts.text import plain, text_width, wrapped
from oppnb.charts.theme import COLOURS, blank_chart, figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["bars", "names_above", "narrow_labels", "narrow_rows"]

LONG_NAME = 24
"""Columns beyond which names stand above their bars."""
_TALL = 3


def bars(
    frame: pd.DataFrame,
    *,
    label: str,
    value: str,
    title: str,
    write: Callable[[float], str],
    texts: Sequence[str] | None = None,
    hover: Sequence[str] | None = None,
    empty: str = "–",
) -> "go.Figure":
    """One horizontal bar a row, in the frame's order.

    Parameters
    ----------
    frame : DataFrame
        One row a bar.
    label, value : str
        Columns with the name and the length of the bar.
    title : str
        The finding.
    write : callable
        Turns a value into its label, e.g. `formats.money`.
    texts : sequence of str, optional
        What stands behind each bar; by default its value.
    hover : sequence of str, optional
        What the pointer shows for each row; by default name and value.
    empty : str
        What is said when the frame has no rows.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"team": ["East", "West"], "won": [3.0, 5.0]})
    >>> chart = bars(frame, label="team", value="won", title="West is ahead", write=lambda n: f"{n:.0f}")
    >>> list(chart.data[0].text)
    ['3', '5']
    """
    if frame.empty:
        return blank_chart(title=title, message=empty)
    labels, values = frame[label].tolist(), frame[value].astype("float64").fillna(0.0).tolist()
    texts = [plain(text) for text in (texts or [write(amount) for amount in values])]
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(values))),
        "text": texts,
        "textposition": "outside",
        "cliponaxis": False,
        "width": 0.62,
        "marker": {"color": COLOURS["main"]},
        "hoverinfo": "text",
        "hovertext": list(hover) if hover else [f"{plain(a)}: {b}" for a, b in zip(labels, texts, strict=True)],
    }
    room = {"xaxis.range": narrow_range(min(*values, 0.0), max(values), texts)}
    return figure(
        [trace],
        title=title,
        xaxis=value_axis(min(*values, 0.0), max(values), write=lambda tick: plain(write(tick)), room=room_for(texts)),
        showlegend=False,
        **_placed(labels, trace, room),
    )


def _placed(labels: Sequence[object], trace: dict[str, Any], room: dict[str, Any]) -> dict[str, Any]:
    """Short names stand beside their bars, long ones above them."""
    if max(text_width(str(label)) for label in labels) <= LONG_NAME:
        both_ways = min(trace["x"]) < 0
        return {
            "height": row_height(len(labels)),
            "yaxis": label_axis(labels),
            "narrow": {**(names_above(labels) if both_ways else narrow_labels(labels)), **room},
        }
    trace["width"] = 0.34
    trace["offset"] = -0.12
    narrow = {
        "annotations": labels_above(labels, width=46, lines=2),
        "height": row_height(len(labels), each=70),
        "few_ticks": True,
        **room,
    }
    return {
        "height": row_height(len(labels), each=52),
        "yaxis": {"range": [len(labels) - 0.6, -0.75], "visible": False},
        "annotations": labels_above(labels, width=110),
        "narrow": narrow,
    }


def names_above(labels: Sequence[object]) -> dict[str, Any]:
    """On a phone names stand above bars that go both ways, in full: beside them there is no room for two texts."""
    told = labels_above(labels, width=46, lines=3)
    above = [{**note, "y": place - 0.33} for place, note in enumerate(told)]
    lines = max(note["text"].count("<br>") + 1 for note in told)
    height = row_height(len(labels), each=58 if lines == 1 else 44 + 22 * lines)
    shown = {"yaxis.visible": False, "yaxis.range": [len(labels) - 0.5, -0.8]}
    return {"annotations": above, "height": height, "few_ticks": True, **shown}


def narrow_labels(labels: Sequence[object], *, width: int = 13) -> dict[str, Any]:
    """What a chart of names changes on a phone: shorter lines, every second tick of the values."""
    return {"yaxis.ticktext": [wrapped(label, width=width, lines=3) for label in labels], "few_ticks": True}


def narrow_rows(labels: Sequence[object], *, top: int = 64) -> dict[str, Any]:
    """As `narrow_labels`, with taller rows where a name then takes three lines."""
    narrow = narrow_labels(labels)
    lines = max((str(text).count("<br>") for text in narrow["yaxis.ticktext"]), default=0) + 1
    return narrow if lines < _TALL else {**narrow, "height": row_height(len(labels), each=50, top=top)}
