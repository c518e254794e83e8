"""The table of open deals, ranked, as the reader sees it."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from oppnb.scoring.signed import signed_number, signed_points
from oppnb.widgets.score_explorer.source import Scored
from oppnb.widgets.table_view import Column, Kind, TableView

__all__ = ["GRADES", "missing_notes", "ranked_view"]

GRADES = ("cold", "warm", "hot")
_PERCENT = 100.0
_HINTS = {"change": "< -5", "priority_rank": "<= 25", "amount_base": "> 50000"}
_VALUES = {"grade": "grade", "stage": "stage_value", "owner_id": "owner_value"}
_ARROWS = {"improving": "▲", "steady": "▬", "declining": "▼"}


def ranked_view(scored: Scored, *, only: tuple[str, ...] | None = None) -> TableView:
    """Every open deal, the first to look at on top, or only those given.

    Columns that are empty throughout (no rules, no earlier score, no amounts) are left out; `missing_notes` says so.
    """
    frame = scored.frame
    if only is not None:
        frame = frame[frame["opportunity_id"].astype(str).isin(only)]
    columns = tuple(_columns(scored))
    shown = pd.DataFrame({one.key: _values(frame, one.key, scored) for one in columns}, index=frame.index)
    told = {one.values: frame.get(one.key) for one in columns if one.values not in (None, one.key)}
    return TableView(shown.assign(opportunity_id=frame["opportunity_id"].astype(str), **told), columns)


def _values(frame: pd.DataFrame, key: str, scored: Scored) -> pd.Series:
    if key == "name":
        ids = frame["opportunity_id"].astype(str)
        return frame["name"].fillna(ids) if "name" in frame else ids
    if key not in frame:
        return pd.Series(None, index=frame.index, dtype="str")
    if key == "owner_id":
        return frame[key].map(lambda one: scored.owners.get(str(one), str(one)), na_action="ignore").astype("str")
    if key == "stage":
        pairs = zip(frame.get("process", frame[key]), frame[key], strict=True)
        return pd.Series([scored.stage(*pair) for pair in pairs], index=frame.index, dtype="str").where(
            frame[key].notna()
        )
    if key == "grade":
        return frame[key].astype(pd.CategoricalDtype(list(GRADES), ordered=True))
    return frame[key]


def _columns(scored: Scored) -> Iterator[Column]:
    """Those that are always there, and those of which something is known."""
    words, formats = scored.words, scored.formats
    optional = {"change", "attribute_points", "behaviour_points", "amount_base", "owner_id", "expected_close_on"}
    writers: dict[str, tuple[Kind, Callable[[Any], str], float]] = {
        "name": ("text", str, 1.0),
        "priority_rank": ("number", lambda value: formats.number(float(value)), 1.0),
        "win_probability": ("number", lambda value: formats.share(float(value)), _PERCENT),
        "win_probability_low_80": ("number", lambda value: formats.share(float(value)), _PERCENT),
        "win_probability_high_80": ("number", lambda value: formats.share(float(value)), _PERCENT),
        "change": ("number", lambda value: trend_text(value, scored), _PERCENT),
        "grade": ("text", lambda grade: words(f"score_grade.{grade}"), 1.0),
        "attribute_points": ("number", lambda value: signed_number(float(value), formats), 1.0),
        "behaviour_points": ("number", lambda value: signed_number(float(value), formats), 1.0),
        "amount_base": ("number", lambda value: formats.money(value, short=True), 1.0),
        "stage": ("text", str, 1.0),
        "owner_id": ("text", str, 1.0),
        "expected_close_on": ("date", lambda day: _day(day, scored), 1.0),
    }
    for key, (kind, write, scale) in writers.items():
        if key not in optional or _is_known(scored, key):
            hint = (
                None if kind != "number" else _HINTS.get(key, "> 50") if scale == _PERCENT else _HINTS.get(key, "> 10")
            )
            yield Column(key, words(f"widgets_score_explorer.column_{key}"), kind, write, scale, hint, _VALUES.get(key))


def _day(value: Any, scored: Scored) -> str:
    return scored.formats.day(pd.Timestamp(value).date(), short=True)


def trend_text(change: float, scored: Scored) -> str:
    """The change since the last score in points, with an arrow as its trend is called."""
    arrow = _ARROWS.get(scored.trends.get(float(change), ""), "")
    return f"{arrow} {signed_points(float(change), scored.formats)}".strip()


def _is_known(scored: Scored, name: str) -> bool:
    return name in scored.frame and bool(scored.frame[name].notna().any())


def missing_notes(scored: Scored) -> list[str]:
    """What the pipeline as a whole does not have, a line each."""
    said = scored.words
    if scored.scores is None:
        return []
    rules = {"attribute_points": "attribute", "behaviour_points": "behaviour"}
    without = [kind for name, kind in rules.items() if not _is_known(scored, name)]
    notes = [said(f"widgets_score_explorer.none_{'rules' if len(without) == 2 else without[0]}")] if without else []
    notes += [] if _is_known(scored, "change") else [said("widgets_score_explorer.none_change")]
    notes += [] if scored.scores.as_of else [said("scoring_deal.no_curve")]
    tables = ("opportunity_history", "activities", "contacts", "evidence")
    notes += [said(f"widgets_score_explorer.none_{name}") for name in tables if name not in scored.opened.tables]
    return notes
