"""One look for every chart: colours that the colour-blind can tell apart, quiet axes, room for labels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oppnb.charts.text import plain
from oppnb.errors import ExtraMissingError

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["COLOURS", "FONT", "blank_chart", "figure", "theme"]

FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, '
    '"PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif'
)

COLOURS = {
    "main": "#2f7fc1",
    "pale": "#9cc3e6",
    "up": "#1a9a76",
    "down": "#d5671d",
    "neutral": "#8a8f98",
    "target": "#c23b8f",
    "warn": "#d39b00",
    "ink": "#22262b",
    "grid": "rgba(128,136,148,0.25)",
    "line": "rgba(128,136,148,0.6)",
}
"""Mid-tones that hold on white and on near-black, told apart without red against green."""


def theme() -> "go.layout.Template":
    """The layout that every chart starts from; nothing is registered with plotly.

    Raises
    ------
    ExtraMissingError
        If plotly is not installed.
    """
    go = _plotly()
    axis = {
        "gridcolor": COLOURS["grid"],
        "linecolor": COLOURS["line"],
        "zerolinecolor": COLOURS["line"],
        "zeroline": False,
        "automargin": True,
        "ticks": "outside",
        "ticklen": 6,
        "tickcolor": "rgba(0,0,0,0)",
        "fixedrange": True,
        "title": {"font": {"size": 12}, "standoff": 10},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": COLOURS["ink"]},
            "title": {"x": 0, "xref": "container", "xanchor": "left", "font": {"size": 16}, "pad": {"l": 8}},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [COLOURS[name] for name in ("main", "down", "up", "target", "warn", "neutral")],
            "margin": {"l": 8, "r": 16, "t": 48, "b": 8, "autoexpand": True},
            "hoverlabel": {"align": "left", "font": {"family": FONT, "size": 13}},
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1.0,
                "yanchor": "bottom",
                "font": {"size": 12},
                "traceorder": "normal",
            },
            "xaxis": {**axis, "tickangle": 0},  # slanted labels are hard to read: a narrow page shows fewer of them
            "yaxis": axis,
            "bargap": 0.32,
            "separators": ".,",
        }
    )


def figure(traces: Sequence[Any], *, title: str, height: int, **layout: Any) -> "go.Figure":
    """A chart in the theme.

    Parameters
    ----------
    traces : sequence of dict
        Plotly traces; text from the data already made plain.
    title : str
        The finding, as plain text.
    height : int
        Pixels.
    **layout
        Whatever else the layout says. `narrow` holds what differs on a phone; the report applies it there.

    Returns
    -------
    Figure
    """
    go = _plotly()
    narrow = layout.pop("narrow", None)
    meta = {"oppnb": {"narrow": narrow}} if narrow else None
    chart = go.Figure(data=list(traces))
    chart.update_layout(template=theme(), title={"text": plain(title)}, height=height, meta=meta, **layout)
    return chart


def blank_chart(*, title: str, message: str) -> "go.Figure":
    """A chart that says why there is nothing to draw."""
    note = {"text": plain(message), "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    hidden = {"visible": False}
    return figure([], title=title, height=120, xaxis=hidden, yaxis=hidden, annotations=[note])


def _plotly() -> Any:
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise ExtraMissingError.for_extra("report", what="A chart") from error
    return go
