"""How likely which amount is: a histogram of a forecast, with the target it is held against."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.charts.axes import nice_ticks
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["distribution_bars", "forecast_distribution"]

Floats = npt.NDArray[np.float64]

_BARS = 28
_TAIL = 0.004


def forecast_distribution(
    frame: pd.DataFrame,
    *,
    words: Words,
    formats: Formats,
    title: str,
    target: float | None = None,
    line: tuple[str, float] | None = None,
    interval: tuple[float, float] | None = None,
) -> "go.Figure":
    """One bar for each range of amounts, as high as it is likely; those that reach the target in another colour.

    Parameters
    ----------
    frame : DataFrame
        `amount` (equally likely values, e.g. quantiles at evenly spread levels), in any order.
    words, formats : Words, Formats
        The reader's language.
    title : str
        The finding.
    target : float, optional
        Drawn as a line; bars that reach it have another colour.
    line : (str, float), optional
        A name and an amount, drawn as a line and nothing else: what came, for instance. Not beside a target.
    interval : (float, float), optional
        A range that is shaded, such as the middle 80 %.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"amount": [10.0, 20.0, 30.0, 40.0]})
    >>> chart = forecast_distribution(frame, words=Words("en"), formats=Formats("en"), title="Three in four", target=20)
    >>> round(sum(chart.data[0].y), 6), [trace.name for trace in chart.data]
    (0.25, ['Below the target', 'At the target or above'])
    """
    values = np.sort(frame["amount"].dropna().to_numpy(dtype="float64"))
    if not len(values):
        return blank_chart(title=title, message=words("chart.nothing_to_show"))
    edges = _edges(values, target)
    share = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)[0] / len(values)
    mark = line if target is None else (words("chart.target"), target)
    low, high = _shown(edges, mark)
    ticks = nice_ticks(low, high, count=6)
    return figure(
        _traces(edges, share, target, words, formats),
        title=title,
        height=320,
        barmode="overlay",
        bargap=0.0,
        shapes=[*_band(interval), *_line(mark)],
        annotations=_named(mark, (low, high), formats),
        xaxis={
            "range": [low, high],
            "tickvals": ticks,
            "ticktext": [plain(formats.money(tick, short=True)) for tick in ticks],
            "showgrid": False,
        },
        yaxis={"visible": False, "range": [0, max(float(share.max()), 0.01) * 1.25]},
        showlegend=target is not None,
        narrow={"few_ticks": True, "annotations": _named(mark, (low, high), formats)},
    )


def distribution_bars(
    values: npt.ArrayLike, *, target: float | None = None, beside: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """The bars of `forecast_distribution`, for another front end than plotly.

    Parameters
    ----------
    values : array-like
        Equally likely amounts.
    target : float, optional
        One edge lies on it.
    beside : array-like, optional
        A second distribution, over the same bars, which then cover both.

    Returns
    -------
    DataFrame
        `low`, `high`, `share`, `share_beside` (null without one), `reaches` (at the target or above).

    Examples
    --------
    >>> float(distribution_bars([10.0, 20.0, 30.0, 40.0], target=20.0)["share"].sum())
    1.0
    """
    own = np.sort(np.asarray(values, dtype="float64"))
    other = own if beside is None else np.sort(np.asarray(beside, dtype="float64"))
    edges = _edges(own if beside is None else np.sort(np.concatenate([own, other])), target)
    shares = [np.histogram(np.clip(one, edges[0], edges[-1]), bins=edges)[0] / len(one) for one in (own, other)]
    reaches = edges[:-1] >= (np.inf if target is None else target)
    made = {"low": edges[:-1], "high": edges[1:], "share": shares[0]}
    return pd.DataFrame({**made, "share_beside": np.nan if beside is None else shares[1], "reaches": reaches})


def _edges(values: Floats, target: float | None) -> Floats:
    """Bars of one width over nearly all values; one edge lies on the target, so that no bar is of both sides."""
    low, high = (float(end) for end in np.quantile(values, [_TAIL, 1 - _TAIL]))
    width = max((high - low) / _BARS, 1e-9 * max(abs(high), 1.0), 1e-9)
    below = 0 if target is None else int(np.ceil((target - low) / width))
    first = low if target is None else target - below * width
    number = max(int(np.ceil((high - first) / width - 1e-9)), 1)
    edges = np.asarray(first + width * np.arange(number + 1))
    if target is not None and 0 <= below <= number:
        edges[below] = target  # exactly, whatever the sum was rounded to
    return edges


def _shown(edges: Floats, mark: tuple[str, float] | None) -> tuple[float, float]:
    ends = [float(edges[0]), float(edges[-1]), *([] if mark is None else [mark[1]])]
    room = 0.04 * (max(ends) - min(ends))
    return min(ends) - room, max(ends) + room


def _traces(edges: Floats, share: Floats, target: float | None, words: Words, formats: Formats) -> list[dict[str, Any]]:
    reach = edges[:-1] >= (np.inf if target is None else target)
    sides = [(~reach, "main", "chart.below_target"), (reach, "up", "chart.reaches_target")]
    return [_side(edges, share, of, (colour, words(name)), formats) for of, colour, name in sides if of.any()]


def _side(
    edges: Floats, share: Floats, of: npt.NDArray[np.bool_], look: tuple[str, str], formats: Formats
) -> dict[str, Any]:
    width = float(edges[1] - edges[0])
    money = [plain(formats.money(float(edge), short=True)) for edge in edges]
    hover = [
        f"{low} – {high}: {formats.share(float(one), digits=1)}"
        for low, high, one in zip(money[:-1], money[1:], share, strict=True)
    ]
    return {
        "type": "bar",
        "name": plain(look[1]),
        "x": (edges[:-1] + width / 2)[of].tolist(),
        "y": share[of].tolist(),
        "width": width * 0.92,
        "marker": {"color": COLOURS[look[0]]},
        "hoverinfo": "text",
        "hovertext": [text for text, one in zip(hover, of, strict=True) if one],
    }


def _band(interval: tuple[float, float] | None) -> list[dict[str, Any]]:
    if interval is None:
        return []
    place = {"x0": interval[0], "x1": interval[1], "yref": "paper", "y0": 0, "y1": 1}
    return [{"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": COLOURS["grid"], **place}]


def _line(mark: tuple[str, float] | None) -> list[dict[str, Any]]:
    if mark is None:
        return []
    line = {"color": COLOURS["target"], "width": 2, "dash": "dash"}
    return [{"type": "line", "x0": mark[1], "x1": mark[1], "yref": "paper", "y0": 0, "y1": 1, "line": line}]


def _named(mark: tuple[str, float] | None, shown: tuple[float, float], formats: Formats) -> list[dict[str, Any]]:
    """The line's name, on the side where there is more room."""
    if mark is None:
        return []
    name, amount = mark
    is_right = amount > (shown[0] + shown[1]) / 2
    place = {"x": amount, "xanchor": "right" if is_right else "left", "xshift": -6 if is_right else 6}
    said = plain(f"{name} {formats.money(amount, short=True)}")
    return [{"text": said, "showarrow": False, "yref": "paper", "y": 1, "yanchor": "top", **place}]
