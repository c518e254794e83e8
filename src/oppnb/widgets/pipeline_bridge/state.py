"""From a review to what the front end draws: the functions of the report, and their frames as small typed JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from oppnb.charts import bridge_steps
from oppnb.review import Bridge, Review, build_bridge
from oppnb.widgets.axes import axis
from oppnb.widgets.column_names import column_label, value_names
from oppnb.widgets.pipeline_bridge.question import ALL_DEALS, Question
from oppnb.widgets.table_view import Column, TableView
from oppnb.widgets.work import Watch

__all__ = ["Days", "chart_state", "deals_view", "question_state", "slice_columns"]

_MOST_VALUES = 200


@dataclass
class Days:
    """Snapshots of the days that were looked at, the last eight kept."""

    review: Review
    kept: dict[date, pd.DataFrame] = field(default_factory=dict)

    def snapshot(self, day: date) -> pd.DataFrame:
        """The pipeline as known on a day."""
        review = self.review
        if day == review.as_of:
            return review.snapshot
        if day == review.compare_to:
            return review.previous
        if day not in self.kept:
            self.kept[day] = review.snapshot_on(day)
            for old in list(self.kept)[:-8]:
                del self.kept[old]
        return self.kept[day]

    def bridge(self, asked: Question, *, only: tuple[str, ...] | None, watch: Watch) -> Bridge:
        """The bridge of a question, over all deals or only those given."""
        watch.done(0.05)
        before = self.snapshot(asked.start)
        watch.done(0.45)
        after = self.snapshot(asked.end)
        watch.done(0.85)
        if only is not None:
            before, after = (frame[frame["opportunity_id"].isin(only)] for frame in (before, after))
        zone = self.review.workspace.calendar.time_zone
        made = build_bridge(before, after, period=asked.period, slice_of=dict(asked.slice), time_zone=zone)
        watch.done(1.0)
        return made


def slice_columns(snapshot: pd.DataFrame) -> tuple[str, ...]:
    """Columns whose values part the deals: text of 2 to 200 values, in the snapshot's order; owners by id alone."""
    without = {"opportunity_id", "name", *(("owner_name",) if "owner_id" in snapshot else ())}
    texts = [name for name in snapshot.columns if name not in without and _parts(snapshot[name])]
    return tuple(str(name) for name in texts)


def _parts(values: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(values)) and 2 <= values.nunique() <= _MOST_VALUES


def question_state(
    review: Review, asked: Question, columns: tuple[str, ...], owners: Mapping[str, str], column: str
) -> dict[str, Any]:
    """The controls: days and their bounds, slices and the values of the chosen column, periods."""
    words = review.words
    created = review.tables["opportunities"].get("created_at")
    first = created.min().date() if created is not None and created.notna().any() else asked.start
    first, last = min(first, asked.start), review.as_of
    known = {"first": review.formats.day(first), "last": review.formats.day(last)}
    period = asked.period.name if asked.period else ALL_DEALS
    names = dict.fromkeys([review.period.name, *([asked.period.name] if asked.period else [])])
    return {
        "start": asked.start.isoformat(),
        "end": asked.end.isoformat(),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "outside": words("widgets_pipeline_bridge.outside", **known),
        "columns": [{"key": name, "label": column_label(words, name)} for name in columns],
        "column": column,
        "values": _values(review, asked, column, owners),
        "value": dict(asked.slice).get(column, ""),
        "periods": [{"key": name, "label": words("widgets_pipeline_bridge.due_in", period=name)} for name in names]
        + [{"key": ALL_DEALS, "label": words("widgets_pipeline_bridge.all_open")}],
        "period": period,
    }


def _values(review: Review, asked: Question, column: str, owners: Mapping[str, str]) -> list[dict[str, str]]:
    if not column:
        return []
    found = {str(value) for value in review.snapshot[column].dropna().unique()} if column in review.snapshot else set()
    found |= {value for name, value in asked.slice if name == column}
    named = value_names(column, owners)
    told = [{"key": value, "label": named.get(value, value)} for value in found]
    return sorted(told, key=lambda one: (one["label"].casefold(), one["key"]))


def chart_state(bridge: Bridge, review: Review, *, chosen: str | None) -> dict[str, Any]:
    """The bars from top to bottom, the axis, the finding."""
    words, formats = review.words, review.formats
    steps = bridge_steps(bridge.bars, words=words, formats=formats)
    bars = [
        {
            "key": row["bar"],
            "label": row["label"],
            "from": float(row["base"]),
            "to": float(row["reach"]),
            "kind": "total" if row["is_total"] else "up" if row["amount"] >= 0 else "down",
            "text": row["text"],
            "note": words("chart.one_deal")
            if row["n"] == 1
            else words("chart.n_deals", n=formats.number(float(row["n"]))),
        }
        for row in _records(steps.rows)
    ]
    begins = words("chart.axis_begins", value=steps.write(steps.floor)) if steps.floor > 0 else ""
    return {
        "title": steps.title,
        "bars": bars,
        "axis": axis(steps.floor, steps.high, write=steps.write, title=begins, count=6),
        "chosen": chosen,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def deals_view(bridge: Bridge, review: Review, owners: Mapping[str, str], *, bar: str | None) -> TableView:
    """The deals behind one bar, or behind every change, largest first."""
    steps = bridge_steps(bridge.bars, words=review.words, formats=review.formats)
    labels = dict(zip(steps.rows["bar"], steps.rows["label"], strict=True))
    rows = bridge.behind(bar) if bar else _all_changes(bridge)
    rows = rows.assign(
        bar_value=rows["bar"],
        owner_value=rows["owner_id"],
        bar=rows["bar"].map(lambda key: labels.get(key, key)),
        owner_id=rows["owner_id"].map(lambda key: owners.get(key, key), na_action="ignore"),
    )
    return TableView(rows, _columns(review, bridge, with_bar=bar is None))


def _all_changes(bridge: Bridge) -> pd.DataFrame:
    moved = bridge.rows[~bridge.rows["bar"].isin(["start", "end"])]
    order = moved["amount"].abs().sort_values(ascending=False, kind="stable").index
    return moved.loc[order].reset_index(drop=True)


def _columns(review: Review, bridge: Bridge, *, with_bar: bool) -> tuple[Column, ...]:
    def label(key: str) -> str:
        return review.words(f"widgets_pipeline_bridge.column_{key}")

    def money(value: float) -> str:
        return review.formats.money(value).replace("-", "−")

    def day(value: pd.Timestamp) -> str:
        return review.formats.day(value.date(), short=True)

    amounts = [Column("amount", label("amount"), "number", money)] if bridge.unit == "money" else []
    return (
        Column("name", label("name")),
        *([Column("bar", label("bar"), values="bar_value")] if with_bar else []),
        *amounts,
        Column("amount_before", label("amount_before"), "number", money),
        Column("amount_after", label("amount_after"), "number", money),
        Column("owner_id", label("owner_id"), values="owner_value"),
        Column("expected_close_before", label("expected_close_before"), "date", day),
        Column("expected_close_after", label("expected_close_after"), "date", day),
    )
