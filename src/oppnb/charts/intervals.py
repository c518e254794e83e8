"""Estimates with what is not known about them: a dot, its interval, its n, and a reference to hold it against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, row_height, value_axis
from oppnb.charts.bars import narrow_rows
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Estimate", "intervals"]


@dataclass(frozen=True)
class Estimate:
    """Which columns hold an estimate, and what it is called.

    Attributes
    ----------
    value, low, high : str
        Columns: the estimate and its interval; a missing interval is not drawn.
    name : str
        For the legend and the pointer.
    n : str, optional
        Column with the number of cases behind it.
    reference : str, optional
        Column with the value to compare with (set odds, a time limit), drawn as a diamond.
    reference_name : str
        For the legend.
    """

    value: str
    low: str
    high: str
    name: str
    n: str | None = None
    reference: str | None = None
    reference_name: str = ""


def intervals(
    frame: pd.DataFrame,
    *,
    label: str,
    estimate: Estimate,
    title: str,
    write: Callable[[float], str],
    upper: float | None = None,
    empty: str = "–",
) -> "go.Figure":
    """One row a name: a dot with its interval and, where given, a diamond for the reference.

    Parameters
    ----------
    frame : DataFrame
        One row a name, in the order to be shown.
    label : str
        Column with the names.
    estimate : Estimate
        Which columns to draw.
    title : str
        The finding.
    write : callable
        Turns a value into its label, e.g. `formats.share`.
    upper : float, optional
        Where the axis ends, e.g. 1 for shares; by default at the largest value.
    empty : str
        What is said when nothing can be drawn.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["Demo"], "rate": [0.4], "low": [0.2], "high": [0.6], "n": [12]})
    >>> what = Estimate("rate", "low", "high", name="Win rate", n="n")
    >>> chart = intervals(frame, label="stage", estimate=what, title="Demo wins", write=lambda x: f"{x:.0%}")
    >>> chart.data[0].hovertext[0]
    'Demo<br>Win rate: 40% (20% – 60%, n = 12)'
    """
    if frame.empty or frame[estimate.value].isna().all():
        return blank_chart(title=title, message=empty)
    rows = frame.reset_index(drop=True)
    traces = [_dots(rows, label, estimate, write)]
    if estimate.reference is not None and rows[estimate.reference].notna().any():
        traces.append(_diamonds(rows, label, estimate, write))
    seen = [c for c in (estimate.value, estimate.high, estimate.reference) if c is not None]
    high = float(rows[seen].max().max()) if upper is None else upper
    axis = value_axis(0.0, high, write=lambda tick: plain(write(tick)), room=0.04)
    return figure(
        traces,
        title=title,
        height=row_height(len(rows), top=84 if len(traces) > 1 else 60),
        xaxis=axis,
        yaxis=label_axis(rows[label].tolist(), showgrid=True),
        showlegend=len(traces) > 1,
        narrow=narrow_rows(rows[label].tolist(), top=84 if len(traces) > 1 else 60),
    )


def _dots(rows: pd.DataFrame, label: str, estimate: Estimate, write: Callable[[float], str]) -> dict[str, Any]:
    value = rows[estimate.value].astype("float64")
    above = (rows[estimate.high].astype("float64") - value).clip(lower=0).fillna(0.0)
    below = (value - rows[estimate.low].astype("float64")).clip(lower=0).fillna(0.0)
    return {
        "type": "scatter",
        "mode": "markers",
        "cliponaxis": False,
        "name": plain(estimate.name),
        "x": _numbers(value),
        "y": list(range(len(rows))),
        "marker": {"color": COLOURS["main"], "size": 11},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": above.tolist(),
            "arrayminus": below.tolist(),
            "color": COLOURS["neutral"],
            "thickness": 2,
            "width": 5,
        },
        "hoverinfo": "text",
        "hovertext": [_hover(row, label, estimate, write) for row in rows.to_dict("records")],
    }


def _diamonds(rows: pd.DataFrame, label: str, estimate: Estimate, write: Callable[[float], str]) -> dict[str, Any]:
    values = _numbers(rows[estimate.reference].astype("float64"))
    return {
        "type": "scatter",
        "mode": "markers",
        "cliponaxis": False,
        "name": plain(estimate.reference_name),
        "x": values,
        "y": list(range(len(rows))),
        "marker": {
            "color": "rgba(0,0,0,0)",
            "size": 12,
            "symbol": "diamond",
            "line": {"color": COLOURS["target"], "width": 2},
        },
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(name)}<br>{plain(estimate.reference_name)}: {'–' if value is None else plain(write(value))}"
            for name, value in zip(rows[label], values, strict=True)
        ],
    }


def _hover(row: Any, label: str, estimate: Estimate, write: Callable[[float], str]) -> str:
    low, high = row[estimate.low], row[estimate.high]
    inside = [] if pd.isna(low) or pd.isna(high) else [f"{write(low)} – {write(high)}"]
    if estimate.n is not None and not pd.isna(row[estimate.n]):
        inside.append(f"n = {int(row[estimate.n]):,}")
    said = f"{estimate.name}: {write(row[estimate.value])}" + (f" ({', '.join(inside)})" if inside else "")
    return f"{plain(row[label])}<br>{plain(said)}"


def _numbers(values: "pd.Series[float]") -> Sequence[float | None]:
    return [None if missing else float(value) for value, missing in zip(values, values.isna(), strict=True)]
