"""A bridge from one total to another: what came in, what went out."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.charts.axes import label_axis, narrow_range, room_for, row_height, value_axis
from oppnb.charts.bars import narrow_rows
from oppnb.charts.extremes import top_row
from oppnb.charts.text import plain
from oppnb.charts.theme import COLOURS, blank_chart, figure
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["BridgeSteps", "bridge", "bridge_steps"]

_TOTALS = ("start", "end")


def bridge(bars: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None) -> "go.Figure":
    """A waterfall that reads from top to bottom.

    Parameters
    ----------
    bars : DataFrame
        `bar` (key; `start` first and `end` last are totals, the rest are changes with their sign), `amount`, `n`.
        Bars without rows and without amount are left out. A `label` column, if there, names the bars. If no amount is
        known, the bars count `n`, and `kind` says what leaves (`out`).
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the finding: how much the total rose or fell and what moved it most.

    Returns
    -------
    Figure

    Examples
    --------
    >>> rows = pd.DataFrame({"bar": ["start", "new", "end"], "amount": [100.0, 20.0, 120.0], "n": [4, 1, 5]})
    >>> chart = bridge(rows, words=Words("en"), formats=Formats("en", currency="USD"))
    >>> chart.layout.title.text
    'The pipeline rose by &#36;20, most of all through new deals (+⁠&#36;20)'
    """
    if bars["amount"].isna().all() and "kind" in bars and len(bars):
        return _of_deals(bars, _Unit(words, formats, is_money=False), title=title)
    return _drawn(bars, _Unit(words, formats), title=title)


@dataclass(frozen=True)
class BridgeSteps:
    """What a bridge draws, for another front end than plotly.

    Attributes
    ----------
    rows : DataFrame
        The bars shown, from top to bottom: `bar`, `label`, `base` and `reach` (where it begins and ends), `amount`,
        `n`, `text` (the signed amount as written beside it), `is_total`.
    floor, high : float
        Where the axis begins and how far the bars reach.
    title : str
        The finding.
    write : callable
        A value of the axis -> its label.
    """

    rows: pd.DataFrame
    floor: float
    high: float
    title: str
    write: Callable[[float], str]


def bridge_steps(bars: pd.DataFrame, *, words: Words, formats: Formats) -> BridgeSteps:
    """The steps of a bridge as `bridge` draws them; for `bars`, `words` and `formats` see there.

    Examples
    --------
    >>> rows = pd.DataFrame({"bar": ["start", "new", "end"], "amount": [100.0, 20.0, 120.0], "n": [4, 1, 5]})
    >>> steps = bridge_steps(rows, words=Words("en"), formats=Formats("en", currency="USD"))
    >>> [str(part) for part in steps.rows.loc[1, ["label", "base", "reach"]]]
    ['New deals', '100.0', '120.0']
    """
    if bars["amount"].isna().all() and "kind" in bars and len(bars):
        return _steps(_signed_deals(bars), _Unit(words, formats, is_money=False))
    return _steps(bars, _Unit(words, formats))


def _steps(bars: pd.DataFrame, unit: "_Unit") -> BridgeSteps:
    shown = bars[bars["bar"].isin(_TOTALS) | (bars["n"].fillna(0) > 0) | (bars["amount"].fillna(0) != 0)]
    shown = shown.reset_index(drop=True)
    is_total = shown["bar"].isin(_TOTALS)
    amounts = shown["amount"].astype("float64").fillna(0.0)
    after = (amounts.where(~is_total | (shown["bar"] == "start"), 0.0)).cumsum()
    base = (after - amounts).where(~is_total, 0.0)
    path = pd.concat([after, base.where(~is_total, after)])
    low, high = (float(path.min()), float(path.max())) if len(shown) else (0.0, 0.0)
    rows = shown.assign(
        label=_labels(shown, unit.words),
        base=base,
        reach=base + amounts,
        amount=amounts,
        text=[_signed(unit, value, total) for value, total in zip(amounts, is_total, strict=True)],
        is_total=is_total,
    )
    title = _finding(shown, unit) if len(shown) else unit.words("chart.nothing_to_show")
    return BridgeSteps(rows, _floor(low, high), high, title, unit.short)


def _of_deals(bars: pd.DataFrame, unit: "_Unit", *, title: str | None) -> "go.Figure":
    return _drawn(_signed_deals(bars), unit, title=title)


def _signed_deals(bars: pd.DataFrame) -> pd.DataFrame:
    sign = bars["kind"].map({"out": -1, "change": 0}).fillna(1)
    return bars.assign(amount=sign * bars["n"].fillna(0))


@dataclass(frozen=True)
class _Unit:
    """How the bars are written: as money, or as a number of deals."""

    words: Words
    formats: Formats
    is_money: bool = True

    def short(self, value: float) -> str:
        """Beside a bar and on the axis."""
        return self.formats.money(value, short=True) if self.is_money else self.formats.number(value)

    def told(self, value: float) -> str:
        """In a sentence."""
        if self.is_money or value == 1:
            return self.short(value) if self.is_money else self.words("chart.one_deal")
        return self.words("chart.n_deals", n=self.short(value))

    def signed(self, value: float) -> str:
        """A change."""
        return _sign(value) + self.short(abs(value))


def _drawn(bars: pd.DataFrame, unit: _Unit, *, title: str | None) -> "go.Figure":
    words = unit.words
    steps = _steps(bars, unit)
    shown = steps.rows
    if shown.empty:
        return blank_chart(title=title or "", message=words("chart.nothing_to_show"))
    is_total, amounts, base = shown["is_total"], shown["amount"], shown["base"]
    labels = list(shown["label"])
    texts = [plain(text) for text in shown["text"]]
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "base": base.tolist(),
        "x": amounts.tolist(),
        "y": list(range(len(shown))),
        "width": 0.62,
        "marker": {"color": [_colour(v, t) for v, t in zip(amounts, is_total, strict=True)]},
        "hoverinfo": "text",
        "hovertext": _hover(labels, texts, shown["n"], unit),
    }
    return figure(
        [trace, _text_beyond(base, amounts, texts)],
        title=title or steps.title,
        height=row_height(len(shown), each=32),
        xaxis=_axis(steps.floor, steps.high, room_for(texts), unit),
        yaxis=label_axis(labels),
        showlegend=False,
        narrow={**narrow_rows(labels), "xaxis.range": narrow_range(steps.floor, steps.high, texts)},
    )


def _labels(shown: pd.DataFrame, words: Words) -> list[str]:
    if "label" in shown:
        return [str(label) for label in shown["label"]]
    return [words.get(f"chart.bar_{bar}", str(bar).replace("_", " ")) for bar in shown["bar"]]


def _signed(unit: _Unit, value: float, is_total: bool) -> str:
    return unit.short(value) if is_total and value >= 0 else unit.signed(value)


def _sign(value: float) -> str:
    """The sign, joined to the amount so that no line breaks between them."""
    return "+\u2060" if value > 0 else "−\u2060" if value < 0 else ""


def _colour(value: float, is_total: bool) -> str:
    return COLOURS["main"] if is_total else COLOURS["up"] if value >= 0 else COLOURS["down"]


def _hover(labels: list[str], texts: list[str], n: pd.Series, unit: _Unit) -> list[str]:
    said = [plain(unit.words("chart.n_deals", n=unit.formats.number(float(count)))) for count in n.fillna(0)]
    if not unit.is_money:
        return [f"{plain(label)}: {count}" for label, count in zip(labels, said, strict=True)]
    return [f"{plain(label)}: {text}<br>{count}" for label, text, count in zip(labels, texts, said, strict=True)]


def _floor(low: float, high: float) -> float:
    """Where the axis begins: at 0, unless all that happens would then be slivers at the far end of long bars."""
    span = high - low
    if low <= 0 or span <= 0 or span > 0.3 * high:
        return min(low, 0.0)
    step = 10.0 ** math.floor(math.log10(span))
    return max(math.floor((low - span) / step) * step, 0.0)


def _axis(floor: float, high: float, room: float, unit: _Unit) -> dict[str, Any]:
    axis: dict[str, Any] = value_axis(floor, high, write=lambda tick: plain(unit.short(tick)), room=room)
    if floor > 0:
        begins = plain(unit.words("chart.axis_begins", value=unit.short(floor)))
        axis["title"] = {"text": begins}
    return axis


def _text_beyond(base: pd.Series, amounts: pd.Series, texts: list[str]) -> dict[str, Any]:
    """The numbers stand to the right of each bar, also where the bar runs to the left."""
    right = pd.concat([base, base + amounts], axis=1).max(axis=1)
    return {
        "type": "scatter",
        "mode": "text",
        "x": right.tolist(),
        "y": list(range(len(texts))),
        "text": [f"&nbsp;{text}" for text in texts],
        "textposition": "middle right",
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _finding(shown: pd.DataFrame, unit: _Unit) -> str:
    words = unit.words
    start = float(shown.loc[shown["bar"] == "start", "amount"].sum())
    end = float(shown.loc[shown["bar"] == "end", "amount"].sum())
    change = end - start
    key = "rose" if change > 0 else "fell" if change < 0 else "same"
    said = words(f"chart.bridge_{key}", change=unit.told(abs(change)))
    moves = shown[~shown["bar"].isin(_TOTALS)]
    same_way = moves[(moves["amount"] * (change or 1)) > 0]
    if same_way.empty:
        return said
    top = top_row(same_way.assign(label=_labels(same_way, words)), same_way["amount"].abs())
    return said + words(
        "chart.bridge_most_of_all",
        bar=words.get(f"chart.move_{top['bar']}", str(top["label"])),
        amount=unit.signed(top["amount"]),
    )
