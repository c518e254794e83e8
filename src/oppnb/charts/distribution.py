"""How a share spreads within each name: a box for the middle half, a line to the ends, a mark at the median."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, row_height
from oppnb.charts.bars import narrow_labels
from oppnb.charts.extremes import top_row
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["distribution"]

_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def distribution(
    frame: pd.DataFrame, *, label: str, value: str, words: Words, formats: Formats, title: str | None = None
) -> "go.Figure":
    """One box a name, in the order in which the names first stand in the frame.

    Parameters
    ----------
    frame : DataFrame
        One row a case.
    label, value : str
        Columns: the name it belongs to, and a share (0-1).
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the name within which the values spread most.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["Demo"] * 4 + ["Offer"], "p": [0.1, 0.2, 0.5, 0.9, 0.7]})
    >>> distribution(frame, label="stage", value="p", words=Words("en"), formats=Formats("en")).layout.title.text
    'Within Demo the middle half runs from 18% to 60%'
    """
    known = frame[frame[value].notna() & frame[label].notna()]
    if known.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    boxes = _boxes(known, label, value)
    names = [
        words("chart.name_and_n", name=name, n=formats.number(float(n)))
        for name, n in zip(boxes["name"], boxes["n"], strict=True)
    ]
    return figure(
        [_trace(boxes, formats)],
        title=title or _finding(boxes, words, formats),
        height=row_height(len(boxes), each=40),
        showlegend=False,
        xaxis={
            "range": [-0.01, 1.01],
            "tickvals": list(_TICKS),
            "ticktext": [plain(formats.share(tick)) for tick in _TICKS],
        },
        yaxis=label_axis(names, width=30),
        narrow=narrow_labels(names, width=15),
    )


def _boxes(known: pd.DataFrame, label: str, value: str) -> pd.DataFrame:
    cuts = {"low": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "high": 1.0}
    rows = [
        {"name": name, "n": len(part), **{key: float(part.quantile(cut)) for key, cut in cuts.items()}}
        for name, part in known.groupby(label, sort=False)[value]
    ]
    return pd.DataFrame(rows)


def _trace(boxes: pd.DataFrame, formats: Formats) -> dict[str, Any]:
    return {
        "type": "box",
        "orientation": "h",
        "y": list(range(len(boxes))),
        "lowerfence": boxes["low"].tolist(),
        "q1": boxes["q1"].tolist(),
        "median": boxes["median"].tolist(),
        "q3": boxes["q3"].tolist(),
        "upperfence": boxes["high"].tolist(),
        "fillcolor": COLOURS["pale"],
        "line": {"color": COLOURS["main"], "width": 2},
        "width": 0.55,
        "hoverinfo": "text",
        "hovertext": [
            plain(f"{row['name']}: {formats.share(float(row['median']))}") for row in boxes.to_dict("records")
        ],
    }


def _finding(boxes: pd.DataFrame, words: Words, formats: Formats) -> str:
    top = top_row(boxes, boxes["q3"] - boxes["q1"])
    return words(
        "chart.distribution_widest",
        name=top["name"],
        low=formats.share(float(top["q1"])),
        high=formats.share(float(top["q3"])),
    )
