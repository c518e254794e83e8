"""Estimates by period, one line a name, each with its interval."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import value_axis
from oppnb.charts.intervals import Estimate
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["over_time"]

_COLOURS = ("main", "down", "up", "target", "warn", "neutral")
_ASIDE = 0.09
_MOST_TICKS = {"wide": 12, "narrow": 4}


def over_time(
    frame: pd.DataFrame,
    *,
    period: str,
    name: str,
    estimate: Estimate,
    title: str,
    write: Callable[[float], str],
    settled: str | None = None,
    upper: float | None = None,
    empty: str = "–",
) -> "go.Figure":
    """One line a name over periods, with intervals; what is not settled yet is a hollow dot.

    Parameters
    ----------
    frame : DataFrame
        One row a name and period; periods in the order in which they are first met, left to right.
    period, name : str
        Columns of the axis and of the lines.
    estimate : Estimate
        Which columns to draw; a reference is not drawn.
    title : str
        The finding.
    write : callable
        Turns a value into its label, e.g. `formats.share`.
    settled : str, optional
        Column that says whether a value is final.
    upper : float, optional
        Where the axis ends, e.g. 1 for shares; by default at the largest value.
    empty : str
        What is said when nothing can be drawn.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"quarter": ["Q1", "Q2"], "stage": "Demo", "rate": [0.4, 0.2], "low": [0.3, 0.1],
    ...     "high": [0.5, 0.3], "n": [50, 50]})
    >>> what = Estimate("rate", "low", "high", name="Win rate", n="n")
    >>> chart = over_time(frame, period="quarter", name="stage", estimate=what, title="Demo wins less",
    ...     write=lambda x: f"{x:.0%}")
    >>> chart.data[0].hovertext[1]
    'Demo, Q2<br>Win rate: 20% (10% – 30%, n = 50)'
    """
    known = frame[frame[estimate.value].notna()]
    if known.empty:
        return blank_chart(title=title, message=empty)
    periods = list(dict.fromkeys(frame[period]))
    names = list(dict.fromkeys(known[name]))
    traces = []
    for number, one in enumerate(names):
        rows = known[known[name] == one]
        aside = _ASIDE * (number - (len(names) - 1) / 2)
        places = [periods.index(value) + aside for value in rows[period]]
        traces.append(_line(rows, places, one, number, estimate, period, write, settled))
    high = float(known[[estimate.value, estimate.high]].max().max()) if upper is None else upper
    return figure(
        traces,
        title=title,
        height=380 if len(names) > 1 else 320,
        xaxis=_period_axis(periods, _MOST_TICKS["wide"]),
        yaxis=value_axis(0.0, high, write=lambda tick: plain(write(tick)), room=0.04),
        showlegend=len(names) > 1,
        narrow={f"xaxis.{key}": value for key, value in _period_axis(periods, _MOST_TICKS["narrow"]).items()},
    )


def _line(
    rows: pd.DataFrame,
    places: Sequence[float],
    name: str,
    number: int,
    estimate: Estimate,
    period: str,
    write: Callable[[float], str],
    settled: str | None,
) -> dict[str, Any]:
    colour = COLOURS[_COLOURS[number % len(_COLOURS)]]
    value = rows[estimate.value].astype("float64")
    is_final = [True] * len(rows) if settled is None else rows[settled].astype(bool).tolist()
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "cliponaxis": False,
        "name": plain(name),
        "x": list(places),
        "y": value.tolist(),
        "line": {"color": colour, "width": 2},
        "marker": {"color": colour, "size": 8, "symbol": ["circle" if one else "circle-open" for one in is_final]},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (rows[estimate.high].astype("float64") - value).clip(lower=0).fillna(0.0).tolist(),
            "arrayminus": (value - rows[estimate.low].astype("float64")).clip(lower=0).fillna(0.0).tolist(),
            "color": colour,
            "thickness": 1.2,
            "width": 3,
        },
        "hoverinfo": "text",
        "hovertext": [_hover(row, name, estimate, period, write) for row in rows.to_dict("records")],
    }


def _hover(row: Any, name: str, estimate: Estimate, period: str, write: Callable[[float], str]) -> str:
    low, high = row[estimate.low], row[estimate.high]
    inside = [] if pd.isna(low) or pd.isna(high) else [f"{write(low)} – {write(high)}"]
    if estimate.n is not None and not pd.isna(row[estimate.n]):
        inside.append(f"n = {int(row[estimate.n]):,}")
    said = f"{estimate.name}: {write(row[estimate.value])}" + (f" ({', '.join(inside)})" if inside else "")
    return f"{plain(name)}, {plain(row[period])}<br>{plain(said)}"


def _period_axis(periods: Sequence[object], most: int) -> dict[str, Any]:
    every = -(-len(periods) // most)
    shown = [place for place in range(len(periods)) if (len(periods) - 1 - place) % every == 0]
    return {
        "tickvals": shown,
        "ticktext": [plain(periods[place]) for place in shown],
        "tickangle": 0,
        "range": [-0.5, len(periods) - 0.5],
        "showgrid": False,
    }
