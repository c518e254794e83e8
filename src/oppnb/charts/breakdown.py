"""Slices beside each other: what is won, what the open pipeline is worth, and the target."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, row_height, value_axis
from oppnb.charts.bars import narrow_labels
from oppnb.charts.extremes import top_row
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["breakdown"]

_PARTS = (("won_amount", "chart.won", "up"), ("weighted_amount", "chart.weighted", "main"))


def breakdown(frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None) -> "go.Figure":
    """Won and weighted open amount stacked, one bar a slice, with a mark at the target.

    Parameters
    ----------
    frame : DataFrame
        `slice`, `won_amount`, `weighted_amount`, `open_amount`, `open_count`, and if known `target`.
        Where the weighted amount is not known, the open amount is drawn.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the slice that is furthest ahead, and its share.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"slice": ["East", "West"], "won_amount": [30.0, 10.0], "weighted_amount": [5.0, 5.0],
    ...     "open_amount": [9.0, 9.0], "open_count": [2, 2], "target": [40.0, 40.0]})
    >>> breakdown(frame, words=Words("en"), formats=Formats("en", currency="USD")).layout.title.text
    'East won 75% of the amount won'
    """
    if frame.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True)
    parts = [part if _is_known(rows, part[0]) else ("open_amount", "chart.open", "pale") for part in _PARTS]
    traces = [_part(rows, column, words(key), COLOURS[colour], formats) for column, key, colour in parts]
    reach = float(rows[[column for column, _, _ in parts]].fillna(0.0).clip(lower=0).sum(axis=1).max())
    if _is_known(rows, "target"):
        traces.append(_targets(rows, words, formats))
        reach = max(reach, float(rows["target"].max()))
    return figure(
        traces,
        title=title or _finding(rows, words, formats),
        height=row_height(len(rows), top=84),
        barmode="stack",
        xaxis=value_axis(0.0, reach, write=lambda tick: plain(formats.money(tick, short=True)), room=0.06),
        yaxis=label_axis(rows["slice"].tolist()),
        narrow=narrow_labels(rows["slice"].tolist()),
    )


def _is_known(rows: pd.DataFrame, column: str) -> bool:
    return column in rows and bool(rows[column].notna().any())


def _part(rows: pd.DataFrame, column: str, name: str, colour: str, formats: Formats) -> dict[str, Any]:
    values = rows[column].astype("float64").fillna(0.0)
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain(name),
        "width": 0.62,
        "x": values.tolist(),
        "y": list(range(len(rows))),
        "marker": {"color": colour},
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(slice_)}<br>{plain(name)}: {plain(formats.money(value))}"
            for slice_, value in zip(rows["slice"], values, strict=True)
        ],
    }


def _targets(rows: pd.DataFrame, words: Words, formats: Formats) -> dict[str, Any]:
    name = words("chart.target")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": [None if pd.isna(value) else float(value) for value in rows["target"]],
        "y": list(range(len(rows))),
        "marker": {"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": COLOURS["target"]}},
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(slice_)}<br>{plain(name)}: {plain(formats.money(float(value)))}"
            for slice_, value in zip(rows["slice"], rows["target"].astype("float64"), strict=True)
        ],
    }


def _finding(rows: pd.DataFrame, words: Words, formats: Formats) -> str:
    for column, key in (("won_amount", "chart.breakdown_won"), ("open_amount", "chart.breakdown_open")):
        values = rows[column].astype("float64").fillna(0.0)
        if values.sum() > 0:
            top = top_row(rows, values)
            return words(key, slice=top["slice"], share=formats.share(float(values.max() / values.sum())))
    return words("chart.nothing_to_show")
