"""A probability that grows with the date: won by then, lost by then, open in between."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["probability_curve"]

_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def probability_curve(
    frame: pd.DataFrame,
    *,
    words: Words,
    formats: Formats,
    ever: float | None = None,
    title: str | None = None,
) -> "go.Figure":
    """Three layers that add up to 1 on every day: won by then from below, lost by then from above, open between.

    Parameters
    ----------
    frame : DataFrame
        `on` (day, rising), `won`, `lost` (0-1, by the end of that day).
    words, formats : Words, Formats
        The reader's language.
    ever : float, optional
        Probability of being won at all; drawn as a level.
    title : str, optional
        By default the probability by the last day, and that of being won at all.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"on": pd.to_datetime(["2025-01-31", "2025-03-31"]), "won": [0.2, 0.5],
    ...     "lost": [0.1, 0.2]})
    >>> probability_curve(frame, words=Words("en"), formats=Formats("en"), ever=0.6).layout.title.text
    'Won by Mar 31, 2025: 50%; won at all: 60%'
    """
    rows = frame[frame["won"].notna()].reset_index(drop=True)
    if rows.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    still = 1.0 - rows["won"] - rows["lost"]
    layers = [
        ("chart.won_by", rows["won"], "up"),
        ("chart.open_still", still, "pale"),
        ("chart.lost_by", rows["lost"], "down"),
    ]
    days = [formats.day(day, short=True) for day in rows["on"]]
    traces = [_layer(words(key), values, days, COLOURS[colour], formats) for key, values, colour in layers]
    if ever is not None:
        traces.append(_level(ever, len(days), words, formats))
    return figure(
        traces,
        title=title or _finding(rows, ever, words, formats),
        height=320,
        xaxis=_day_axis(days, most=5),
        yaxis={
            "range": [0.0, 1.0],
            "tickvals": list(_TICKS),
            "ticktext": [plain(formats.share(tick)) for tick in _TICKS],
        },
        narrow={f"xaxis.{key}": value for key, value in _day_axis(days, most=3).items()},
    )


def _layer(name: str, values: "pd.Series[float]", days: list[str], colour: str, formats: Formats) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "stackgroup": "all",
        "name": plain(name),
        "x": list(range(len(days))),
        "y": values.astype("float64").tolist(),
        "line": {"color": colour, "width": 1},
        "hoverinfo": "text",
        "hovertext": [plain(f"{name}, {day}: {formats.share(p)}") for day, p in zip(days, values, strict=True)],
    }


def _day_axis(days: list[str], *, most: int) -> dict[str, Any]:
    every = max(1, -(-(len(days) - 1) // (most - 1))) if len(days) > 1 else 1
    shown = [place for place in range(len(days)) if (len(days) - 1 - place) % every == 0]
    return {"tickvals": shown, "ticktext": [plain(days[place]) for place in shown], "showgrid": False}


def _level(value: float, n_days: int, words: Words, formats: Formats) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(words("chart.won_at_all", share=formats.share(value))),
        "x": [0, n_days - 1],
        "y": [value, value],
        "line": {"color": COLOURS["target"], "width": 2, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _finding(rows: pd.DataFrame, ever: float | None, words: Words, formats: Formats) -> str:
    said = {"day": formats.day(rows["on"].iloc[-1], short=True), "share": formats.share(float(rows["won"].iloc[-1]))}
    if ever is None:
        return words("chart.curve_by", **said)
    return words("chart.curve_by_and_ever", ever=formats.share(ever), **said)
