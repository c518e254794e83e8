"""From the frames of the funnel to small typed JSON: the controls, and what is found."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.review import Review, bottleneck_text
from oppnb.stages import process_label
from oppnb.widgets.column_names import column_label, value_names
from oppnb.widgets.funnel_explorer.flow_state import node_label
from oppnb.widgets.funnel_explorer.frames import Frames
from oppnb.widgets.funnel_explorer.question import VIEWS, Question

__all__ = ["found_state", "leakiest", "question_state"]

_LEAKS = ("leak", "conversion_low")


def question_state(
    review: Review, asked: Question, columns: tuple[str, ...], owners: Mapping[str, str]
) -> dict[str, Any]:
    """The controls: processes, views, attributes, values of the chosen attribute."""
    words = review.words
    return {
        "process": asked.process,
        "processes": [
            {"key": one.name, "label": process_label(review.workspace, one.name, locale=words.locale)}
            for one in review.workspace.processes
        ],
        "view": asked.view,
        "views": [{"key": name, "label": words(f"widgets_funnel_explorer.view_{name}")} for name in VIEWS],
        "by": asked.by or "",
        "columns": [{"key": name, "label": column_label(words, name)} for name in columns],
        "value": asked.value or "",
        "values": _values(review, asked, owners),
    }


def _values(review: Review, asked: Question, owners: Mapping[str, str]) -> list[dict[str, str]]:
    if asked.by is None:
        return []
    found = {str(value) for value in review.snapshot[asked.by].dropna().unique()} | {asked.value or ""} - {""}
    named = value_names(asked.by, owners)
    told = [{"key": value, "label": named.get(value, value)} for value in found]
    return sorted(told, key=lambda one: (one["label"].casefold(), one["key"]))


# --- what is found ------------------------------------------------------------------------------------------------


def leakiest(frames: Frames) -> pd.Series | None:
    """The row of the stage from which the largest share is lost; None if nothing was lost."""
    lost = frames.leakage[frames.leakage["n_lost"] > 0]
    return None if lost.empty else lost.sort_values("lost_share", ascending=False, kind="stable").iloc[0]


def found_state(review: Review, asked: Question, frames: Frames) -> dict[str, Any]:
    """The finding as a title, where it leaks and what else is out of line as sentences."""
    top = leakiest(frames)
    return {
        "title": _title(review, asked, frames, top),
        "leaks": _leaks(review, asked, frames, top),
        "others": _sentences(review, frames.bottlenecks[~frames.bottlenecks["reason"].isin(_LEAKS)]),
    }


def _title(review: Review, asked: Question, frames: Frames, top: pd.Series | None) -> str:
    words = review.words
    if asked.view == "snapshot":
        return _standing_title(review, asked, frames)
    if top is None:
        return words("report.title_leakage_none")
    key = "report.title_leakage" if len(frames.leakage) > 1 else "report.title_leakage_only"
    what = node_label(review, asked.process, top["stage"])
    return words(key, share=review.formats.share(top["lost_share"]), what=what)


def _leaks(review: Review, asked: Question, frames: Frames, top: pd.Series | None) -> list[str]:
    """The largest share lost, the largest amount lost if that is elsewhere, and stages that are out of line."""
    if top is None:
        return []
    said = [_lost_in_words(review, asked, top, "leak")]
    dear = frames.leakage.sort_values("lost_amount", ascending=False, kind="stable").iloc[0]
    if dear["stage"] != top["stage"] and dear["lost_amount"] > 0:
        said.append(_lost_in_words(review, asked, dear, "leak_amount"))
    found = frames.bottlenecks[frames.bottlenecks["reason"].isin(_LEAKS)]
    return said + _sentences(review, found[(found["reason"] != "leak") | (found["stage"] != top["stage"])])


def _sentences(review: Review, found: pd.DataFrame) -> list[str]:
    words, formats, workspace = review.words, review.formats, review.workspace
    return [bottleneck_text(row, words=words, formats=formats, workspace=workspace) for _, row in found.iterrows()]


def _lost_in_words(review: Review, asked: Question, row: pd.Series, key: str) -> str:
    formats = review.formats
    return review.words(
        f"widgets_funnel_explorer.{key}",
        stage=node_label(review, asked.process, row["stage"]),
        lost=formats.number(row["n_lost"]),
        n=formats.number(row["n_left"]),
        share=formats.share(row["lost_share"]),
        low=formats.share(row["low"]),
        high=formats.share(row["high"]),
        amount=formats.money(row["lost_amount"], short=True),
        of_losses=formats.share(row["share_of_losses"]),
    )


def _standing_title(review: Review, asked: Question, frames: Frames) -> str:
    if not frames.funnel["count"].any():
        return review.words("chart.funnel_empty")
    top = frames.funnel.sort_values("count", ascending=False, kind="stable").iloc[0]
    return review.words(
        "widgets_funnel_explorer.standing",
        stage=node_label(review, asked.process, top["stage"] if isinstance(top["stage"], str) else None),
        n=review.formats.number(top["count"]),
        day=review.formats.day(review.as_of, short=True),
    )
