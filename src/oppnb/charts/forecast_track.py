"""What was said on past days beside what came: a band, a line, and the level that it came to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import value_axis
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["forecast_track"]

_WIDE, _NARROW = 10, 4


def forecast_track(
    frame: pd.DataFrame, *, words: Words, formats: Formats, title: str, coverage: str = "80%"
) -> "go.Figure":
    """For each period in turn: the forecast on each of its days with its interval, and what came.

    Parameters
    ----------
    frame : DataFrame
        One row a day, in order: `period` (name), `day`, `forecast`, `low`, `high`, `actual` (null: not over yet).
    words, formats : Words, Formats
        The reader's language.
    title : str
        The finding.
    coverage : str
        Of the interval, for its name.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"period": ["2024Q1", "2024Q1"], "day": pd.to_datetime(["2024-01-07", "2024-01-14"]),
    ...     "forecast": [10.0, 11.0], "low": [5.0, 8.0], "high": [15.0, 14.0], "actual": 12.0})
    >>> chart = forecast_track(frame, words=Words("en"), formats=Formats("en"), title="Near")
    >>> [trace.name for trace in chart.data]
    ['80% interval', 'Forecast', 'What came']
    """
    if frame.empty:
        return blank_chart(title=title, message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True)
    high = float(rows[["high", "forecast", "actual"]].max().max())
    starts = [place for place in range(len(rows)) if place == 0 or rows["period"][place] != rows["period"][place - 1]]
    return figure(
        [
            _band(rows, starts, words("chart.interval_of", coverage=coverage)),
            _line(rows, starts, "forecast", words("chart.forecast"), formats),
            _line(rows, starts, "actual", words("chart.came"), formats),
        ],
        title=title,
        height=360,
        xaxis=_period_axis(rows, starts, _WIDE),
        yaxis=value_axis(
            min(float(rows["low"].min()), 0.0),
            high,
            write=lambda tick: plain(formats.money(tick, short=True)),
            room=0.08,
        ),
        narrow={f"xaxis.{key}": value for key, value in _period_axis(rows, starts, _NARROW).items()},
    )


def _pieces(rows: pd.DataFrame, starts: Sequence[int]) -> list[range]:
    ends = [*starts[1:], len(rows)]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]


def _line(rows: pd.DataFrame, starts: Sequence[int], column: str, name: str, formats: Formats) -> dict[str, Any]:
    """A line with a gap between periods; what came is a level of its own for each."""
    is_actual = column == "actual"
    x: list[float | None] = []
    y: list[float | None] = []
    hover: list[str] = []
    for piece in _pieces(rows, starts):
        for place in piece:
            value = rows[column][place]
            is_null = pd.isna(value)
            x.append(float(place))
            y.append(None if is_null else float(value))
            money = "–" if is_null else formats.money(float(value), short=True)
            day = formats.day(rows["day"][place])
            hover.append(plain(f"{rows['period'][place]} · {day} · {name}: {money}"))
        x.append(None)
        y.append(None)
        hover.append("")
    colour = COLOURS["down" if is_actual else "main"]
    is_alone = all(len(piece) == 1 for piece in _pieces(rows, starts))
    return {
        "type": "scatter",
        "mode": "markers" if is_alone else "lines",
        "name": plain(name),
        "x": x,
        "y": y,
        "line": {"color": colour, "width": 3 if is_actual else 2, **({"dash": "dot"} if is_actual else {})},
        "marker": {"color": colour, "size": 9, "symbol": "diamond" if is_actual else "circle"},
        "hoverinfo": "text",
        "hovertext": hover,
    }


def _band(rows: pd.DataFrame, starts: Sequence[int], name: str) -> dict[str, Any]:
    """The interval as one outline a period: there along its upper edge and back along the lower one."""
    x: list[float | None] = []
    y: list[float | None] = []
    for piece in _pieces(rows, starts):
        there, back = list(piece), list(reversed(piece))
        if len(there) == 1:  # a single day is as wide as a short line
            edge = float(there[0])
            x += [edge - 0.2, edge + 0.2, edge + 0.2, edge - 0.2, None]
            high, low = float(rows["high"][there[0]]), float(rows["low"][there[0]])
            y += [high, high, low, low, None]
            continue
        x += [*map(float, there), *map(float, back), None]
        y += [*rows["high"][there].tolist(), *rows["low"][back].tolist(), None]
    return {
        "type": "scatter",
        "mode": "none",
        "fill": "toself",
        "fillcolor": "rgba(47,127,193,0.25)",
        "name": plain(name),
        "x": x,
        "y": y,
        "hoverinfo": "skip",
    }


def _period_axis(rows: pd.DataFrame, starts: Sequence[int], most: int) -> dict[str, Any]:
    every = -(-len(starts) // most)
    shown = [start for place, start in enumerate(starts) if (len(starts) - 1 - place) % every == 0]
    return {
        "tickvals": shown,
        "ticktext": [plain(rows["period"][start]) for start in shown],
        "tickangle": 0,
        "showgrid": False,
        "range": [-1, len(rows)],
    }
