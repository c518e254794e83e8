"""Stated probability against what was observed: dots on the diagonal say what happens."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.extremes import top_row
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["reliability"]

_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability(
    frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None, is_small: bool = False
) -> "go.Figure":
    """One dot a group of cases: what was stated across, what was observed up, with its interval; n as bars below.

    Parameters
    ----------
    frame : DataFrame
        One row a group: `stated`, `observed`, `low`, `high` (0-1), `n_deals`.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default how many intervals hold what was stated, and where it is furthest off.
    is_small : bool
        A picture beside a text: without the bars.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"stated": [0.2, 0.6], "observed": [0.25, 0.4], "low": [0.1, 0.3], "high": [0.4, 0.5],
    ...     "n_deals": [40, 60]})
    >>> reliability(frame, words=Words("en"), formats=Formats("en")).layout.title.text
    'In 1 of 2 groups what was stated lies outside what was observed; furthest off: 60% stated, 40% observed'
    """
    if frame.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True).astype(dict.fromkeys(("stated", "observed", "low", "high"), "float64"))
    traces = [_diagonal(words), _dots(rows, words, formats)]
    if not is_small:
        traces.append(_counts(rows, words, formats))
    return figure(
        traces,
        title=title or _finding(rows, words, formats),
        height=320 if is_small else 460,
        xaxis={**_shares(words("chart.stated"), formats), "anchor": "y" if is_small else "y2"},
        yaxis={**_shares(words("chart.observed"), formats), "domain": [0.0 if is_small else 0.25, 1.0]},
        yaxis2={"domain": [0.0, 0.14], "showgrid": False, "nticks": 3, "title": {"text": plain(words("chart.deals"))}},
        narrow={"few_ticks": True},
    )


def _shares(name: str, formats: Formats) -> dict[str, Any]:
    return {
        "range": [-0.03, 1.03],
        "tickvals": list(_TICKS),
        "ticktext": [plain(formats.share(tick)) for tick in _TICKS],
        "title": {"text": plain(name)},
    }


def _diagonal(words: Words) -> dict[str, Any]:
    line = {"color": COLOURS["target"], "width": 2, "dash": "dash"}
    ends = [0.0, 1.0]
    name = plain(words("chart.as_stated"))
    return {"type": "scatter", "mode": "lines", "name": name, "x": ends, "y": ends, "line": line, "hoverinfo": "skip"}


def _dots(rows: pd.DataFrame, words: Words, formats: Formats) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(words("chart.observed_interval")),
        "x": rows["stated"].tolist(),
        "y": rows["observed"].tolist(),
        "cliponaxis": False,
        "marker": {"color": COLOURS["main"], "size": 10},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - rows["observed"]).clip(lower=0).tolist(),
            "arrayminus": (rows["observed"] - rows["low"]).clip(lower=0).tolist(),
            "color": COLOURS["neutral"],
            "thickness": 2,
            "width": 4,
        },
        "hoverinfo": "text",
        "hovertext": [_hover(row, words, formats) for _, row in rows.iterrows()],
    }


def _counts(rows: pd.DataFrame, words: Words, formats: Formats) -> dict[str, Any]:
    counts = rows["n_deals"].astype("float64")
    return {
        "type": "bar",
        "yaxis": "y2",
        "x": rows["stated"].tolist(),
        "y": counts.tolist(),
        "width": 0.022,
        "marker": {"color": COLOURS["pale"]},
        "showlegend": False,
        "hoverinfo": "text",
        "hovertext": [plain(words("chart.n_deals", n=formats.number(float(n)))) for n in counts],
    }


def _hover(row: "pd.Series[Any]", words: Words, formats: Formats) -> str:
    said = words(
        "chart.reliability_group",
        stated=formats.share(float(row["stated"])),
        observed=formats.share(float(row["observed"])),
        low=formats.share(float(row["low"])),
        high=formats.share(float(row["high"])),
        n=formats.number(float(row["n_deals"])),
    )
    return plain(said)


def _finding(rows: pd.DataFrame, words: Words, formats: Formats) -> str:
    off = (rows["low"] - rows["stated"]).clip(lower=0) + (rows["stated"] - rows["high"]).clip(lower=0)
    if not (off > 0).any():
        return words("chart.reliability_holds", n=formats.number(len(rows)))
    worst = top_row(rows, off)
    return words(
        "chart.reliability_off",
        n=formats.number(int((off > 0).sum())),
        total=formats.number(len(rows)),
        stated=formats.share(float(worst["stated"])),
        observed=formats.share(float(worst["observed"])),
    )
