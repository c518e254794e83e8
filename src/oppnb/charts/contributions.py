"""From the typical case to this one: what each reason adds, in points."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, nice_ticks, row_height
from oppnb.charts.bars import names_above
from oppnb.charts.extremes import top_row
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["contributions"]


def contributions(
    frame: pd.DataFrame, *, base: float, words: Words, formats: Formats, title: str | None = None
) -> "go.Figure":
    """A waterfall that reads from top to bottom: the typical deal, each reason, this deal.

    Parameters
    ----------
    frame : DataFrame
        `label` (the reason), `value` (what it adds to the probability, signed; 0.14 is 14 points), and if known
        `points` (whole points to write instead), in the order to be shown.
    base : float
        Probability of the typical deal, 0-1; with all values it adds up to that of this one.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the reason that moved most.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["stage", "contact"], "value": [0.2, -0.05]})
    >>> chart = contributions(frame, base=0.3, words=Words("en"), formats=Formats("en"))
    >>> chart.layout.title.text, list(chart.data[0].base)
    ('45% rather than 30%, most of all through stage (+20 points)', [0.0, 0.3, 0.5, 0.0])
    """
    if frame.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True)
    values = rows["value"].astype("float64")
    after = base + values.cumsum()
    total = min(max(float(after.iloc[-1]), 0.0), 1.0)
    bases = [0.0, *(after - values).round(9).tolist(), 0.0]
    lengths = [base, *values.tolist(), total]
    labels = [words("chart.typical_deal"), *rows["label"].astype(str), words("chart.this_deal")]
    points = rows["points"] if "points" in rows else 100 * values
    texts = [formats.share(base), *(_signed(float(point), formats) for point in points), formats.share(total)]
    return figure(
        [_bars(bases, lengths, labels, texts), _texts(bases, lengths, texts)],
        title=title or _finding(rows, points, base, total, words, formats),
        height=row_height(len(labels), each=32),
        xaxis=_share_axis(bases, lengths, formats),
        yaxis=label_axis(labels, width=44),
        showlegend=False,
        narrow=names_above(labels),
    )


def _share_axis(bases: Sequence[float], lengths: Sequence[float], formats: Formats) -> dict[str, Any]:
    ends = [start + length for start, length in zip(bases, lengths, strict=True)]
    low, high = min(0.0, *ends), max(*ends, 0.05)
    ticks = nice_ticks(low, high)
    return {
        "range": [low, high + 0.18 * (high - low)],
        "tickvals": ticks,
        "ticktext": [plain(formats.share(tick)) for tick in ticks],
    }


def _bars(bases: list[float], lengths: list[float], labels: list[str], texts: list[str]) -> dict[str, Any]:
    colours = [COLOURS["up"] if length >= 0 else COLOURS["down"] for length in lengths]
    colours[0], colours[-1] = COLOURS["neutral"], COLOURS["main"]
    return {
        "type": "bar",
        "orientation": "h",
        "base": bases,
        "x": lengths,
        "y": list(range(len(labels))),
        "width": 0.62,
        "marker": {"color": colours},
        "hoverinfo": "text",
        "hovertext": [plain(f"{label}: {text}") for label, text in zip(labels, texts, strict=True)],
    }


def _texts(bases: list[float], lengths: list[float], texts: list[str]) -> dict[str, Any]:
    right = [max(start, start + length) for start, length in zip(bases, lengths, strict=True)]
    return {
        "type": "scatter",
        "mode": "text",
        "x": right,
        "y": list(range(len(texts))),
        "text": [f"&nbsp;{plain(text)}" for text in texts],
        "textposition": "middle right",
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _signed(points: float, formats: Formats) -> str:
    sign = "+\u2060" if round(points) > 0 else "−\u2060" if round(points) < 0 else ""
    return sign + formats.number(abs(points))


def _finding(
    rows: pd.DataFrame, points: "pd.Series[Any]", base: float, total: float, words: Words, formats: Formats
) -> str:
    top = top_row(rows.assign(told=points), rows["value"].abs())
    return words(
        "chart.contributions",
        total=formats.share(total),
        base=formats.share(base),
        reason=top["label"],
        points=_signed(float(top["told"]), formats).replace("\u2060", ""),
    )
