"""What was won, month by month."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from oppnb.charts.axes import value_axis
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["won_by_month"]

ENOUGH_MONTHS = 3
"""Earlier months, from the first win on, below which a comparison with their mean says nothing."""


def won_by_month(
    frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None, unfinished: str | None = None
) -> "go.Figure":
    """One bar a month; the month that is still running is pale.

    Parameters
    ----------
    frame : DataFrame
        `month` (`2017-08` or a day in it), `won_count`, `won_amount`, in order.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default how the last finished month compares with the mean of those before it.
    unfinished : str, optional
        The month that is still running, as `2017-09`.

    Returns
    -------
    Figure

    Examples
    --------
    >>> months = ["2017-05", "2017-06", "2017-07", "2017-08"]
    >>> frame = pd.DataFrame({"month": months, "won_count": [2, 3, 2, 3], "won_amount": [8.0, 12.0, 10.0, 12.0]})
    >>> chart = won_by_month(frame, words=Words("en"), formats=Formats("en", currency="USD"))
    >>> chart.layout.title.text
    'Aug 2017 won &#36;12, 20% above the mean of the months before'
    """
    if frame.empty:
        return blank_chart(title=title or words("chart.nothing_to_show"), message=words("chart.nothing_to_show"))
    rows = frame.reset_index(drop=True)
    months = [str(month)[:7] for month in rows["month"]]
    names = [_month_name(month, formats) for month in months]
    amounts = rows["won_amount"].astype("float64").fillna(0.0)
    counts = [words("chart.n_deals", n=formats.number(float(n))) for n in rows["won_count"].fillna(0)]
    trace = {
        "type": "bar",
        "x": list(range(len(rows))),
        "y": amounts.tolist(),
        "marker": {"color": [COLOURS["pale" if month == unfinished else "main"] for month in months]},
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(name)}<br>{plain(formats.money(amount))} · {plain(count)}"
            for name, amount, count in zip(names, amounts, counts, strict=True)
        ],
    }
    every = -(-len(rows) // 12)
    return figure(
        [trace],
        title=title or _finding(months, amounts, unfinished, words, formats),
        height=300,
        xaxis=_month_axis(names, every),
        yaxis=value_axis(
            min(amounts.min(), 0.0), amounts.max(), write=lambda tick: plain(formats.money(tick, short=True)), room=0.08
        ),
        showlegend=False,
        narrow={f"xaxis.{key}": value for key, value in _month_axis(names, -(-len(rows) // 5)).items()},
    )


def _month_axis(names: list[str], every: int) -> dict[str, object]:
    shown = [index for index in range(len(names)) if (len(names) - 1 - index) % every == 0]
    return {
        "tickvals": shown,
        "ticktext": [_two_lines(names[index]) for index in shown],
        "tickangle": 0,
        "showgrid": False,
    }


def _two_lines(name: str) -> str:
    """Month over year, so that twelve stand beside each other; `2025年12月` breaks after the year."""
    first, _, second = name.replace("年", "年 ").partition(" ")
    return f"{plain(first)}<br>{plain(second)}" if second else plain(first)


def _month_name(month: str, formats: Formats) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMM", date(int(month[:4]), int(month[5:7]), 1), locale=formats.locale))


def _finding(
    months: list[str], amounts: "pd.Series[float]", unfinished: str | None, words: Words, formats: Formats
) -> str:
    done = [index for index, month in enumerate(months) if month != unfinished]
    if not done:
        return words("chart.month_only", month=_month_name(months[0], formats))
    last, before = done[-1], [index for index in done[:-1] if amounts[: index + 1].gt(0).any()]
    said = {"month": _month_name(months[last], formats), "amount": formats.money(amounts[last], short=True)}
    mean = float(amounts[before].mean()) if len(before) >= ENOUGH_MONTHS else 0.0
    if mean <= 0:
        return words("chart.month_won", **said)
    change = amounts[last] / mean - 1
    key = "chart.month_above" if change >= 0 else "chart.month_below"
    return words(key, share=formats.share(abs(change)), **said)
