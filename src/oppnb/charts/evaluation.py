"""Models beside each other by what they were worth, the baselines in a colour of their own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, nice_ticks, row_height
from oppnb.charts.bars import narrow_labels
from oppnb.charts.extremes import lowest_row
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["evaluation"]


def evaluation(
    frame: pd.DataFrame, *, words: Words, formats: Formats, chosen: str | None = None, title: str | None = None
) -> "go.Figure":
    """One dot a model: its loss with the interval; lower is better, the best on top.

    Parameters
    ----------
    frame : DataFrame
        `model` (name to show), `is_baseline`, `log_loss`, `log_loss_low`, `log_loss_high`; unknown losses are left out.
    words, formats : Words, Formats
        The reader's language.
    chosen : str, optional
        The model in use; drawn larger.
    title : str, optional
        By default the model in use (or the best one) and the best baseline.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"model": ["Ridge", "Base rate"], "is_baseline": [False, True], "log_loss": [0.5, 0.6],
    ...     "log_loss_low": [0.45, 0.55], "log_loss_high": [0.55, 0.65]})
    >>> evaluation(frame, words=Words("en"), formats=Formats("en"), chosen="Ridge").layout.title.text
    'Ridge: log loss 0.500; best baseline, Base rate: 0.600'
    """
    rows = frame[frame["log_loss"].notna()].sort_values(["log_loss", "model"]).reset_index(drop=True)
    if rows.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    is_baseline = rows["is_baseline"].astype(bool)
    parts = [("chart.models", ~is_baseline, "main"), ("chart.baselines", is_baseline, "warn")]
    traces = [
        _dots(rows[mask], words(key), COLOURS[colour], formats, chosen) for key, mask, colour in parts if mask.any()
    ]
    low, high = _ends(rows)
    names = rows["model"].tolist()
    return figure(
        traces,
        title=title or _finding(rows, words, formats, chosen),
        height=row_height(len(rows), each=30, top=84, bottom=56),
        xaxis=_loss_axis(low, high, words, lambda value: formats.number(value, digits=2)),
        yaxis=label_axis(names, width=30, showgrid=True),
        narrow={**narrow_labels(names, width=15), "height": row_height(len(rows), each=46, top=84, bottom=56)},
    )


def _ends(rows: pd.DataFrame) -> tuple[float, float]:
    low = float(rows[["log_loss", "log_loss_low"]].min().min())
    high = float(rows[["log_loss", "log_loss_high"]].max().max())
    room = 0.05 * ((high - low) or 0.1)
    return low - room, high + room


def _loss_axis(low: float, high: float, words: Words, write: Callable[[float], str]) -> dict[str, Any]:
    ticks = nice_ticks(low, high, count=8)
    return {
        "range": [low, high],
        "tickvals": ticks,
        "ticktext": [plain(write(tick)) for tick in ticks],
        "title": {"text": plain(words("chart.log_loss_axis"))},
    }


def _dots(rows: pd.DataFrame, name: str, colour: str, formats: Formats, chosen: str | None) -> dict[str, Any]:
    value = rows["log_loss"].astype("float64")
    above = (rows["log_loss_high"].astype("float64") - value).clip(lower=0).fillna(0.0)
    below = (value - rows["log_loss_low"].astype("float64")).clip(lower=0).fillna(0.0)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": value.tolist(),
        "y": rows.index.tolist(),
        "cliponaxis": False,
        "marker": {"color": colour, "opacity": 1, "size": [15 if model == chosen else 10 for model in rows["model"]]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": above.tolist(),
            "arrayminus": below.tolist(),
            "color": COLOURS["neutral"],
            "thickness": 2,
            "width": 4,
        },
        "hoverinfo": "text",
        "hovertext": [plain(f"{row['model']}: {_loss(row['log_loss'], formats)}") for row in rows.to_dict("records")],
    }


def _loss(value: Any, formats: Formats) -> str:
    return formats.number(float(value), digits=3)


def _finding(rows: pd.DataFrame, words: Words, formats: Formats, chosen: str | None) -> str:
    mine = rows[rows["model"] == chosen] if chosen is not None else rows[~rows["is_baseline"].astype(bool)]
    baselines = rows[rows["is_baseline"].astype(bool)]
    if mine.empty or baselines.empty:
        best = lowest_row(rows, rows["log_loss"])
        return words("chart.evaluation_best", model=best["model"], loss=_loss(best["log_loss"], formats))
    best, base = lowest_row(mine, mine["log_loss"]), lowest_row(baselines, baselines["log_loss"])
    return words(
        "chart.evaluation_beside",
        model=best["model"],
        loss=_loss(best["log_loss"], formats),
        baseline=base["model"],
        baseline_loss=_loss(base["log_loss"], formats),
    )
