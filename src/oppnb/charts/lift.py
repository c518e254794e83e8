"""What each tenth of the deals was worth, the best scores first."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["lift"]

_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def lift(frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None) -> "go.Figure":
    """One bar a tenth: the share won, with its interval, against the share of all.

    Parameters
    ----------
    frame : DataFrame
        By `decile` (1 holds the best scores): `observed` (0-1), `lift`, `lift_low`, `lift_high` (against the share of
        all), `n_deals`, `share_of_wins` (of all wins, in this tenth and the better ones).
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default what the best three tenths hold of all wins.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"decile": [1, 2], "n_deals": [10, 10], "observed": [0.6, 0.2], "lift": [1.5, 0.5],
    ...     "lift_low": [1.0, 0.2], "lift_high": [1.9, 1.0], "share_of_wins": [0.75, 1.0]})
    >>> lift(frame, words=Words("en"), formats=Formats("en")).layout.title.text
    'The best of 2 groups was won 60% of the time, the last 20%'
    """
    if frame.empty or frame["observed"].isna().all():
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True).astype({"observed": "float64"})
    usual = _usual(rows)
    shapes = [] if usual is None else [_level(usual)]
    notes = [] if usual is None else [_level_name(usual, words, formats)]
    places = list(range(len(rows)))
    return figure(
        [_bars(rows, usual, words, formats)],
        title=title or _finding(rows, words, formats),
        height=340,
        showlegend=False,
        shapes=shapes,
        annotations=notes,
        xaxis={
            "tickvals": places,
            "ticktext": [plain(formats.number(float(decile))) for decile in rows["decile"]],
            "title": {"text": plain(words("chart.tenths"))},
            "showgrid": False,
        },
        yaxis={
            "range": [0.0, 1.03],
            "tickvals": list(_TICKS),
            "ticktext": [plain(formats.share(tick)) for tick in _TICKS],
            "title": {"text": plain(words("chart.share_won"))},
        },
    )


def _usual(rows: pd.DataFrame) -> float | None:
    """The share won of all, which the lift is against."""
    known = rows[rows["lift"] > 0]
    return None if known.empty else float(known["observed"].iloc[0] / known["lift"].iloc[0])


def _bars(rows: pd.DataFrame, usual: float | None, words: Words, formats: Formats) -> dict[str, Any]:
    low, high = ((rows[name] * (usual or 0.0)).astype("float64") for name in ("lift_low", "lift_high"))
    return {
        "type": "bar",
        "x": list(range(len(rows))),
        "y": rows["observed"].tolist(),
        "marker": {"color": COLOURS["main"]},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (high - rows["observed"]).clip(lower=0).fillna(0.0).tolist(),
            "arrayminus": (rows["observed"] - low).clip(lower=0).fillna(0.0).tolist(),
            "color": COLOURS["neutral"],
            "thickness": 2,
            "width": 4,
        },
        "hoverinfo": "text",
        "hovertext": [
            plain(f"{formats.share(float(row['observed']))} · {words('chart.n_deals', n=row['n_deals'])}")
            for row in rows.to_dict("records")
        ],
    }


def _level(value: float) -> dict[str, Any]:
    line = {"color": COLOURS["target"], "width": 2, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line}


def _level_name(value: float, words: Words, formats: Formats) -> dict[str, Any]:
    said = words("chart.all_deals_won", share=formats.share(value))
    place = {"x": 1, "xref": "paper", "xanchor": "right", "y": value, "yanchor": "bottom"}
    return {"text": plain(said), "showarrow": False, "font": {"size": 12}, **place}


def _finding(rows: pd.DataFrame, words: Words, formats: Formats) -> str:
    if len(rows) == 10 and pd.notna(rows["share_of_wins"].iloc[2]):
        return words("chart.lift_best_three", share=formats.share(float(rows["share_of_wins"].iloc[2])))
    return words(
        "chart.lift_ends",
        n=formats.number(len(rows)),
        first=formats.share(float(rows["observed"].iloc[0])),
        last=formats.share(float(rows["observed"].iloc[-1])),
    )
