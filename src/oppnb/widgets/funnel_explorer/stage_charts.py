"""The charts of the stages as the front end draws them: who goes on, how long deals stay, where they are lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oppnb.review import Review
from oppnb.widgets.axes import axis
from oppnb.widgets.funnel_explorer.flow_state import node_label
from oppnb.widgets.funnel_explorer.frames import Frames
from oppnb.widgets.funnel_explorer.question import Question

__all__ = ["Shown", "bars_chart", "charts_state", "days_writer", "intervals_chart"]

Write = Callable[[float], str]


@dataclass(frozen=True)
class Shown:
    """Which columns of a frame a chart of intervals shows.

    Attributes
    ----------
    value, low, high : str
        The value and its 95 % interval.
    n, undecided : str or None
        Deals it rests on, and those of them that are not decided yet.
    reference : str or None
        What the value is held against.
    """

    value: str
    low: str
    high: str
    n: str | None = None
    undecided: str | None = None
    reference: str | None = None


CONVERSION = Shown(
    "conversion", "conversion_low", "conversion_high", n="n_entered", undecided="n_undecided", reference="reference"
)
DWELL = Shown("median_days", "median_low", "median_high", reference="time_limit_days")
LOST = Shown("lost_share", "low", "high", n="n_left")


def charts_state(review: Review, asked: Question, frames: Frames, *, stage: str | None) -> list[dict[str, Any]]:
    """Charts of the stages: `kind` is `intervals` or `bars`; a row's key is its stage."""
    words = review.words
    frame = _labelled(review, asked, frames.funnel)
    dwell = intervals_chart(review, frame, DWELL, write=days_writer(review))
    dwell |= {"key": "dwell", "reference": words("chart.time_limit")}
    if asked.view == "snapshot":
        made = [_standing(review, frame), _heads(review, frame), dwell]
    else:
        made = [_conversion(review, asked, frames, frame), dwell, _lost(review, asked, frames)]
    return [
        {
            **one,
            "title": words(f"widgets_funnel_explorer.chart_{one['key']}"),
            "about": words(f"widgets_funnel_explorer.about_{one['key']}"),
            "spec": {**one["spec"], "chosen": stage},
        }
        for one in made
    ]


def _labelled(review: Review, asked: Question, frame: pd.DataFrame) -> pd.DataFrame:
    names = [name if isinstance(name, str) else None for name in frame["stage"]]
    labels = [node_label(review, asked.process, one) for one in names]
    return frame.assign(key=[name or "" for name in names], label=labels)


def days_writer(review: Review) -> Write:
    """Days as a chart writes them."""
    return lambda days: review.words("chart.days_short", n=review.formats.number(days))


def _conversion(review: Review, asked: Question, frames: Frames, frame: pd.DataFrame) -> dict[str, Any]:
    """Held against every deal where a slice is shown, else against the benchmark of the preset."""
    if asked.slice_of:
        of_all = frames.whole.drop_duplicates("stage").set_index("stage")["conversion"]
        beside, said = frame["stage"].map(of_all), "widgets_funnel_explorer.all_deals"
    else:
        beside, said = frame["conversion_benchmark"], "chart.benchmark"
    made = intervals_chart(review, frame.assign(reference=beside), CONVERSION, write=review.formats.share, upper=1.0)
    return {**made, "key": "conversion", "reference": review.words(said)}


def _lost(review: Review, asked: Question, frames: Frames) -> dict[str, Any]:
    lost = _labelled(review, asked, frames.leakage)
    made = intervals_chart(review, lost, LOST, write=review.formats.share, upper=1.0, kind="down")
    return {**made, "key": "lost", "reference": ""}


def intervals_chart(
    review: Review, frame: pd.DataFrame, shown: Shown, *, write: Write, upper: float | None = None, kind: str = "main"
) -> dict[str, Any]:
    """A row a name (columns `key`, `label`): value, interval, reference, and in words what they rest on."""
    rows = [_row(review, row, shown, write, kind) for row in frame.to_dict("records")]
    seen = [row[name] for row in rows for name in ("value", "high", "reference") if row[name] is not None]
    top = upper if upper is not None else max(seen, default=1.0)
    count, is_whole = (4, False) if upper is not None else (5, True)
    drawn = axis(0.0, top or 1.0, write=write, count=count, is_whole=is_whole)
    return {"kind": "intervals", "spec": {"rows": rows, "axis": drawn}}


def _row(review: Review, row: Any, shown: Shown, write: Write, kind: str) -> dict[str, Any]:
    value, low, high = (_number(row[name]) for name in (shown.value, shown.low, shown.high))
    unknown = review.words("widgets_funnel_explorer.not_known")
    return {
        "key": row["key"],
        "label": row["label"],
        "value": value,
        "low": low,
        "high": high,
        "reference": None if shown.reference is None else _number(row[shown.reference]),
        "text": "–" if value is None else write(value),
        "note": unknown if value is None else _inside(review, row, shown, write),
        "brief": unknown if value is None else _inside(review, row, shown, write, is_brief=True),
        "kind": kind,
    }


def _inside(review: Review, row: Any, shown: Shown, write: Write, *, is_brief: bool = False) -> str:
    words, number = review.words, review.formats.number
    low, high = _number(row[shown.low]), _number(row[shown.high])
    said = []
    if low is not None and high is not None:
        said.append(words("widgets_funnel_explorer.interval", low=write(low), high=write(high)))
    elif low is not None:
        said.append(words("widgets_funnel_explorer.at_least", low=write(low)))
    if shown.n is not None:
        said.append(words("widgets_funnel_explorer.n", n=number(row[shown.n])))
    if shown.undecided is not None and row[shown.undecided] and not is_brief:
        said.append(words("widgets_funnel_explorer.undecided", n=number(row[shown.undecided])))
    return words("widgets_funnel_explorer.comma").join(said)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _standing(review: Review, frame: pd.DataFrame) -> dict[str, Any]:
    number = review.formats.number
    rows = [(row, float(row["count"])) for _, row in frame.iterrows()]
    texts = [f"{number(n)} · {review.formats.money(_number(row['amount']), short=True)}" for row, n in rows]
    return {**bars_chart(rows, texts, write=number), "key": "count", "reference": ""}


def _heads(review: Review, frame: pd.DataFrame) -> dict[str, Any]:
    rows = [(row, _number(row["heads"]) or 0.0) for _, row in frame.iterrows()]

    def write(value: float) -> str:
        return review.formats.number(value, digits=2)

    texts = ["–" if pd.isna(row["heads"]) else write(row["heads"]) for row, _ in rows]
    return {**bars_chart(rows, texts, write=write), "key": "heads", "reference": ""}


def bars_chart(rows: list[tuple[Any, float]], texts: list[str], *, write: Write) -> dict[str, Any]:
    """A bar a name, with its text."""
    bars = [
        {"key": row["key"], "label": row["label"], "from": 0.0, "to": value, "kind": "total", "text": text, "note": ""}
        for (row, value), text in zip(rows, texts, strict=True)
    ]
    top = max((value for _, value in rows), default=0.0) or 1.0
    return {"kind": "bars", "spec": {"bars": bars, "links": False, "axis": axis(0.0, top, write=write, count=4)}}
