"""How far a period has come on each of its days, beside the periods before it."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import nice_ticks, value_axis
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["pacing"]

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
"""Of the periods before, the last one first."""


def pacing(
    frame: pd.DataFrame,
    *,
    words: Words,
    formats: Formats,
    current: str,
    target: float | None = None,
    title: str | None = None,
) -> "go.Figure":
    """One line a period: the amount won so far on each day of it.

    Parameters
    ----------
    frame : DataFrame
        `period` (name), `day` (1 is its first), `amount` (won so far); days that have not come yet are not there.
    words, formats : Words, Formats
        The reader's language.
    current : str
        The period that is running; drawn strong, the others quiet.
    target : float, optional
        Drawn as a level.
    title : str, optional
        By default how the period compares with the mean of the others on the same day.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"period": ["2017Q2", "2017Q2", "2017Q3", "2017Q3"], "day": [1, 2, 1, 2],
    ...     "amount": [5.0, 10.0, 6.0, 15.0]})
    >>> chart = pacing(frame, words=Words("en"), formats=Formats("en", currency="USD"), current="2017Q3")
    >>> chart.layout.title.text
    'On day 2, 2017Q3 is 50% ahead of the mean of the periods before'
    """
    if frame.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    names = [name for name in dict.fromkeys(frame["period"]) if name != current] + [current]
    dashes = [_DASHES[place % len(_DASHES)] for place in reversed(range(len(names) - 1))] + ["solid"]
    traces = [
        _line(frame[frame["period"] == name], name, formats, words) | _look(dash, is_current=name == current)
        for name, dash in zip(names, dashes, strict=True)
    ]
    last_day, reach = int(frame["day"].max()), float(frame["amount"].max())
    shapes = [] if target is None else [_level(target)]
    notes = [] if target is None else [_level_name(target, words, formats)]
    days = nice_ticks(0, last_day, count=6)
    return figure(
        traces,
        title=title or _finding(frame, current, words, formats),
        height=340,
        shapes=shapes,
        annotations=notes,
        xaxis={
            "range": [0, last_day + 1],
            "tickvals": days,
            "ticktext": [formats.number(day) for day in days],
            "title": {"text": plain(words("chart.day_of_period"))},
            "showgrid": False,
        },
        yaxis=value_axis(
            0.0, max(reach, target or 0.0), write=lambda tick: plain(formats.money(tick, short=True)), room=0.05
        ),
    )


def _look(dash: str, *, is_current: bool) -> dict[str, Any]:
    """The current period thick and blue; those before it thin and grey, each with a dash of its own."""
    colour, width = (COLOURS["main"], 4) if is_current else (COLOURS["neutral"], 2)
    return {
        "line": {"color": colour, "width": width, "dash": dash, "shape": "hv"},
        "opacity": 1.0 if is_current else 0.75,
    }


def _line(rows: pd.DataFrame, name: str, formats: Formats, words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "x": rows["day"].tolist(),
        "y": rows["amount"].astype("float64").tolist(),
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(name)}, {plain(words('chart.day_n', n=day))}: {plain(formats.money(float(amount)))}"
            for day, amount in zip(rows["day"], rows["amount"], strict=True)
        ],
    }


def _level(target: float) -> dict[str, Any]:
    line = {"color": COLOURS["target"], "width": 2, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target, "line": line}


def _level_name(target: float, words: Words, formats: Formats) -> dict[str, Any]:
    said = f"{words('chart.target')} {formats.money(target, short=True)}"
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": target, "yanchor": "bottom"}
    return {"text": plain(said), "showarrow": False, "font": {"size": 12}, **place}


def _finding(frame: pd.DataFrame, current: str, words: Words, formats: Formats) -> str:
    now = frame[frame["period"] == current]
    if now.empty:
        return words("chart.pacing_none", period=current)
    day = int(now["day"].max())
    before = frame[(frame["period"] != current) & (frame["day"] <= day)]
    mean = float(before.groupby("period", sort=True)["amount"].last().mean()) if len(before) else 0.0
    if mean <= 0:
        return words("chart.pacing_alone", period=current, day=day)
    change = float(now["amount"].iloc[-1]) / mean - 1
    key = "chart.pacing_ahead" if change >= 0 else "chart.pacing_behind"
    return words(key, period=current, day=day, share=formats.share(abs(change)))
