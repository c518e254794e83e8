"""Amounts by week, stacked by kind, with the interval of the week's sum."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import value_axis
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["by_week"]

_PALETTE = ("warn", "up", "main", "pale")


def by_week(
    frame: pd.DataFrame,
    *,
    parts: Mapping[str, str],
    words: Words,
    formats: Formats,
    title: str,
    coverage: str = "80%",
) -> "go.Figure":
    """One column a week: its parts on each other, and the interval of their sum.

    Parameters
    ----------
    frame : DataFrame
        One row a week, in order: `week_start`, the columns of `parts`, `low`, `high`.
    parts : mapping of str to str
        Column -> name in the legend, from the bottom up.
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
    >>> frame = pd.DataFrame({"week_start": pd.to_datetime(["2024-04-01"]), "due": [5.0], "low": [3.0], "high": [8.0]})
    >>> chart = by_week(frame, parts={"due": "Due"}, words=Words("en"), formats=Formats("en"), title="Five")
    >>> [trace.name for trace in chart.data]
    ['Due', '80% interval']
    """
    if frame.empty:
        return blank_chart(title=title, message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True)
    names = [formats.day(day, short=True) for day in rows["week_start"]]
    total = rows[list(parts)].astype("float64").fillna(0.0).sum(axis="columns")
    traces = [
        _part(rows, names, (column, name), _PALETTE[place % len(_PALETTE)], formats)
        for place, (column, name) in enumerate(parts.items())
    ]
    traces.append(_interval(rows, names, total, words("chart.interval_of", coverage=coverage), formats))
    return figure(
        traces,
        title=title,
        height=360,
        barmode="stack",
        xaxis=_week_axis(rows, 9, formats),
        yaxis=value_axis(
            0.0,
            float(max(total.max(), rows["high"].max())),
            write=lambda tick: plain(formats.money(tick, short=True)),
            room=0.06,
        ),
        narrow={f"xaxis.{key}": value for key, value in _week_axis(rows, 4, formats).items()},
    )


def _week_axis(rows: pd.DataFrame, most: int, formats: Formats) -> dict[str, Any]:
    """Day and month; the year below where it begins."""
    from babel.dates import format_skeleton

    shown = list(range(0, len(rows), -(-len(rows) // most)))
    texts, year = [], 0
    for place in shown:
        day = pd.Timestamp(rows["week_start"][place])
        text = plain(str(format_skeleton("MMMd", day, locale=formats.locale)))
        texts.append(text if day.year == year else f"{text}<br>{day.year}")
        year = day.year
    return {"tickvals": shown, "ticktext": texts, "tickangle": 0, "showgrid": False}


def _part(rows: pd.DataFrame, names: list[str], part: tuple[str, str], colour: str, formats: Formats) -> dict[str, Any]:
    values = rows[part[0]].astype("float64").fillna(0.0)
    return {
        "type": "bar",
        "name": plain(part[1]),
        "x": list(range(len(rows))),
        "y": values.tolist(),
        "marker": {"color": COLOURS[colour]},
        "hoverinfo": "text",
        "hovertext": [
            plain(f"{name} · {part[1]}: {formats.money(float(value), short=True)}")
            for name, value in zip(names, values, strict=True)
        ],
    }


def _interval(
    rows: pd.DataFrame, names: list[str], total: "pd.Series[float]", name: str, formats: Formats
) -> dict[str, Any]:
    low, high = (rows[end].astype("float64").fillna(total) for end in ("low", "high"))
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": list(range(len(rows))),
        "y": total.tolist(),
        "marker": {"color": COLOURS["ink"], "size": 4},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (high - total).clip(lower=0).tolist(),
            "arrayminus": (total - low).clip(lower=0).tolist(),
            "color": COLOURS["neutral"],
            "thickness": 1.5,
            "width": 3,
        },
        "hoverinfo": "text",
        "hovertext": [
            plain(f"{week}: {formats.money(float(value), short=True)} ({_money(a, formats)} – {_money(b, formats)})")
            for week, value, a, b in zip(names, total, low, high, strict=True)
        ],
    }


def _money(value: float, formats: Formats) -> str:
    return formats.money(float(value), short=True)
