"""The tables under the charts: a stage by an attribute, and the deals behind what is chosen."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.review import Review
from oppnb.widgets.column_names import column_label
from oppnb.widgets.funnel_explorer.flow_state import Flow, node_label, rows_behind
from oppnb.widgets.funnel_explorer.frames import Frames
from oppnb.widgets.funnel_explorer.question import Question
from oppnb.widgets.funnel_explorer.stage_charts import Shown, bars_chart, days_writer, intervals_chart
from oppnb.widgets.table_view import Column, TableView

__all__ = ["deals_view", "slices_state", "slices_view"]

_TOP = 12
OF_SLICES = Shown("conversion", "conversion_low", "conversion_high", n="n_entered")


def slices_state(review: Review, asked: Question, view: TableView, *, stage: str) -> dict[str, Any]:
    """What stands over the table of slices: of which stage, by what, and a chart of the first twelve."""
    frame = view.rows[view.rows["slice"].notna()].head(_TOP).reset_index(drop=True)
    frame = frame.assign(key=frame["slice"], label=frame["named"])
    if asked.view == "cohort":
        made = intervals_chart(review, frame, OF_SLICES, write=review.formats.share, upper=1.0)
    else:
        rows = [(row, float(row["count"])) for _, row in frame.iterrows()]
        made = bars_chart(rows, [review.formats.number(n) for _, n in rows], write=review.formats.number)
    by = column_label(review.words, str(asked.by))
    said = f"widgets_funnel_explorer.by_{asked.view}"
    title = review.words(said, stage=node_label(review, asked.process, stage), by=by)
    return {**made, "title": title, "spec": {**made["spec"], "chosen": asked.value}}


def slices_view(review: Review, asked: Question, frames: Frames, owners: Mapping[str, str], *, stage: str) -> TableView:
    """The slices of one stage, those with most deals first."""
    found = pd.DataFrame() if frames.slices is None else frames.slices[frames.slices["stage"] == stage]
    n = "n_entered" if asked.view == "cohort" else "count"
    found = found[found[n] > 0].sort_values(n, ascending=False, kind="stable", ignore_index=True)
    named = owners if asked.by == "owner_id" else {}
    unknown = review.words("report.stage_unknown")
    label = found["slice"].map(lambda value: named.get(value, value), na_action="ignore").fillna(unknown)
    return TableView(
        found.assign(named=label.astype("str"), row=found["slice"].fillna("")), _slice_columns(review, asked), key="row"
    )


def _slice_columns(review: Review, asked: Question) -> tuple[Column, ...]:
    number, share, days = review.formats.number, review.formats.share, days_writer(review)

    def label(key: str) -> str:
        return review.words(f"widgets_funnel_explorer.column_{key}")

    first = Column("named", column_label(review.words, str(asked.by)), values="row")
    dwell = (
        Column("median_days", label("median_days"), "number", days),
        Column("median_low", label("low"), "number", days),
        Column("median_high", label("high"), "number", days),
    )
    if asked.view == "snapshot":
        heads = Column("heads", label("heads"), "number", lambda value: number(value, digits=2))
        return (first, Column("count", label("count"), "number", number), heads, *dwell)
    return (
        first,
        Column("n_entered", label("n_entered"), "number", number),
        Column("conversion", label("conversion"), "number", share, 100),
        Column("conversion_low", label("low"), "number", share, 100),
        Column("conversion_high", label("high"), "number", share, 100),
        Column("n_undecided", label("n_undecided"), "number", number),
        *dwell,
    )


def deals_view(
    review: Review,
    asked: Question,
    rows: pd.DataFrame,
    owners: Mapping[str, str],
    *,
    stage: str | None,
    flow: Flow | None,
) -> TableView:
    """The deals behind what is chosen, the largest first."""
    found = rows_behind(rows, asked, stage=stage, flow=flow)
    known = review.snapshot[["opportunity_id", "name", "owner_id", "expected_close_on"]]
    found = found.drop(columns="process").merge(known, on="opportunity_id", how="left")
    labels = {
        name: node_label(review, asked.process, name) for name in {*found["origin"].dropna(), *found["target"].dropna()}
    }
    unknown = review.words("report.stage_unknown")
    found = found.assign(
        **{f"{name}_value": found[name] for name in ("origin", "target", "owner_id")},
        name=found["name"].fillna(found["opportunity_id"]),
        origin=found["origin"].map(labels).fillna(unknown),
        target=found["target"].map(labels).fillna(unknown),
        owner_id=found["owner_id"].map(lambda key: owners.get(key, key), na_action="ignore"),
    )
    found = found.sort_values("amount", ascending=False, kind="stable", na_position="last", ignore_index=True)
    return TableView(found, _deal_columns(review, asked))


def _deal_columns(review: Review, asked: Question) -> tuple[Column, ...]:
    def label(key: str) -> str:
        return review.words(f"widgets_funnel_explorer.column_{key}")

    def day(value: pd.Timestamp) -> str:
        return review.formats.day(value.date(), short=True)

    view = asked.view
    entered = (Column("entered_at", label("entered_at"), "date", day),) if view == "cohort" else ()
    close = (Column("expected_close_on", label("expected_close_on"), "date", day),) if view == "snapshot" else ()
    return (
        Column("name", label("name")),
        Column("origin", label(f"origin_{view}"), values="origin_value"),
        Column("target", label(f"target_{view}"), values="target_value"),
        Column("amount", label("amount"), "number", review.formats.money),
        Column("days", label(f"days_{view}"), "number", days_writer(review)),
        *entered,
        Column("owner_id", label("owner_id"), values="owner_id_value"),
        *close,
    )
