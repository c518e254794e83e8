"""What is on record of one deal, as the front end draws it: its history on a line, its people, its evidence."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from oppnb.history.moments import local_day
from oppnb.history.one_deal import deal_contacts, deal_evidence
from oppnb.tables import fold
from oppnb.widgets.axes import axis
from oppnb.widgets.score_explorer.source import Scored

__all__ = ["evidence_state", "people_state", "timeline_state"]

_LANES = 6
_MOST_DOTS = 1500
_MOST_TOLD = 40
_EPOCH = pd.Timestamp(0)
_DAY = pd.Timedelta(days=1)


def _place(moment: Any) -> float:
    return float((pd.Timestamp(moment) - _EPOCH) / _DAY)


def _word(scored: Scored, kind: str, text: Any) -> str:
    """A word of the data as the reader says it, where the catalogue knows it."""
    if text is None or pd.isna(text):
        return "–"
    plain = fold(str(text)).replace(" ", "_")
    return scored.words.get(f"widgets_score_explorer.{kind}_{plain}", str(text).replace("_", " "))


def timeline_state(scored: Scored, deal: str) -> dict[str, Any]:
    """Stays in stages, moves of the expected close, activities by kind, up to the day of knowledge."""
    if scored.scores is None or scored.scores.as_of is None:
        return {"note": scored.words("scoring_deal.no_curve"), "chart": None, "told": []}
    rows = scored.timelines
    rows = rows[(rows["opportunity_id"] == deal) & (rows["at"].notna() | rows["kind"].eq("stage"))]
    dated = rows[rows["at"].notna()]
    notes = list(_missing(scored, rows))
    if dated.empty:
        return {"note": " ".join(notes) or scored.words("widgets_score_explorer.no_history"), "chart": None, "told": []}
    end = _place(pd.Timestamp(scored.opened.as_of) + _DAY)
    begin = min(_place(dated["at"].min()), end - 7)
    return {
        "note": " ".join(notes),
        "chart": {
            "x": _days(scored, begin, end),
            "stays": list(_stays(scored, rows, deal, begin, end)),
            "moves": list(_moves(scored, dated)),
            **_activities(scored, dated),
        },
        "told": _told(scored, dated, deal),
    }


def _missing(scored: Scored, rows: pd.DataFrame) -> Iterator[str]:
    tables = scored.opened.tables
    if "opportunity_history" not in tables:
        yield scored.words("widgets_score_explorer.none_opportunity_history")
    if "activities" not in tables:
        yield scored.words("widgets_score_explorer.none_activities")
    elif not rows["kind"].eq("activity").any():
        yield scored.words("widgets_score_explorer.no_activities")


def _days(scored: Scored, begin: float, end: float) -> dict[str, Any]:
    first, last = (_EPOCH + pd.Timedelta(days=at) for at in (begin, end))
    months = (end - begin) / 30.4
    step = next((one for one in (1, 2, 3, 6, 12, 24) if months / one <= 5), 60)
    ticks = pd.date_range(first.normalize(), last, freq=f"{step}MS") if months >= 2 else None
    if ticks is None or len(ticks) < 2:
        ticks = pd.date_range(first.normalize(), last, periods=3).normalize()
    places = [_place(tick) for tick in ticks if begin <= _place(tick) < end - 1]
    if places and end - places[-1] < 0.15 * (end - begin):  # too near to the last day
        places.pop()
    told = [{"at": at, "text": _text_of(scored, _EPOCH + at * _DAY)} for at in places]
    told.append({"at": end, "text": _text_of(scored, scored.opened.as_of)})
    return {"low": begin, "high": end, "ticks": told, "title": ""}


def _text_of(scored: Scored, day: Any) -> str:
    return scored.formats.day(pd.Timestamp(day).date(), short=True)


def _stays(scored: Scored, rows: pd.DataFrame, deal: str, begin: float, end: float) -> Iterator[dict[str, Any]]:
    process = scored.row(deal).get("process")
    for row in rows[rows["kind"] == "stage"].to_dict("records"):
        label = scored.stage(process, row["what"])
        yield {
            "from": begin if pd.isna(row["at"]) else max(_place(row["at"]), begin),
            "to": end if pd.isna(row["until"]) else _place(row["until"]),
            "label": label,
            "text": _stay_text(scored, row, label),
        }


def _stay_text(scored: Scored, row: Any, label: str) -> str:
    if pd.isna(row["days"]):
        return label
    days = scored.formats.number(float(row["days"]))
    return scored.words("widgets_score_explorer.stay", stage=label, days=days)


def _moves(scored: Scored, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in rows[rows["kind"].isin(["push", "pull"])].to_dict("records"):
        yield {"at": _place(row["at"]), "kind": row["kind"], "text": _event_text(scored, row, None)}


def _activities(scored: Scored, rows: pd.DataFrame) -> dict[str, Any]:
    found = rows[rows["kind"] == "activity"].tail(_MOST_DOTS)
    kinds = list(found["what"].fillna("").value_counts().index)
    lanes = kinds[: _LANES - 1] if len(kinds) > _LANES else kinds
    other = scored.words("widgets_score_explorer.other_kinds")
    labels = [_word(scored, "activity", kind) if kind else other for kind in lanes]
    dots = [
        {
            "at": _place(row["at"]),
            "lane": lanes.index(row["what"]) if row["what"] in lanes else len(lanes),
            "kind": "in" if _is_in(row["direction"]) else "out",
            "text": _event_text(scored, row, None),
        }
        for row in found.to_dict("records")
    ]
    return {"lanes": labels if len(lanes) == len(kinds) else [*labels, other], "dots": dots}


def _is_in(direction: Any) -> bool:
    from oppnb.history.activity_facts import FROM_THE_CUSTOMER

    return isinstance(direction, str) and fold(direction) in FROM_THE_CUSTOMER


def _event_text(scored: Scored, row: Any, process: Any) -> str:
    said, kind = scored.words, row["kind"]
    day = _text_of(scored, local_day(pd.Series([row["at"]]), scored.opened.workspace.calendar.time_zone).iloc[0])
    if kind == "activity":
        what = _word(scored, "activity", row["what"])
        side = "" if pd.isna(row["direction"]) else "_in" if _is_in(row["direction"]) else "_out"
        return said(f"widgets_score_explorer.event_activity{side}", day=day, what=what)
    if kind == "stage":
        return said("widgets_score_explorer.event_stage", day=day, what=scored.stage(process, row["what"]))
    days = "" if pd.isna(row["days"]) else scored.formats.number(float(row["days"]))
    return said(f"widgets_score_explorer.event_{kind}", day=day, days=days)


def _told(scored: Scored, rows: pd.DataFrame, deal: str) -> list[str]:
    process = scored.row(deal).get("process")
    texts = [_event_text(scored, row, process) for row in rows.tail(_MOST_TOLD).to_dict("records")][::-1]
    more = len(rows) - len(texts)
    return texts if more <= 0 else [*texts, scored.words("widgets.more_rows", n=scored.formats.number(more))]


def people_state(scored: Scored, deal: str) -> dict[str, Any]:
    """The power map: who decides, and who is for us."""
    said, number = scored.words, scored.formats.number
    people = deal_contacts(scored.opened.tables, deal)
    if people is None or people.empty:
        return {
            "note": said("widgets_score_explorer." + ("none_contacts" if people is None else "no_contacts")),
            "chart": None,
            "rows": [],
        }
    records = people.to_dict("records")
    known = [row for row in records if row["influence"] == row["influence"] and row["stance"] == row["stance"]]
    rows = [
        [
            _word(scored, "role", row["role"]),
            scored.formats.share(_number(row["influence"])),
            "–"
            if row["stance"] != row["stance"]
            else said(
                f"widgets_score_explorer.stance_{_side(row['stance'])}",
                value=number(round(row["stance"], 1) + 0.0, digits=1),
            ),
            str(row["contact_id"]),
        ]
        for row in records
    ]
    dots = [
        {
            "x": float(row["stance"]),
            "y": float(row["influence"]),
            "label": _word(scored, "role", row["role"]) if isinstance(row["role"], str) else str(row["contact_id"]),
            "text": f"{row['contact_id']!s}: {', '.join(told[:3])}",
            "kind": {"for": "up", "against": "down"}.get(_side(row["stance"]), "neutral"),
            "decides": bool(row["decides"]),
        }
        for row, told in zip(records, rows, strict=True)
        if row in known
    ]
    decides = "" if any(row["decides"] for row in records) else said("widgets_score_explorer.nobody_decides")
    return {
        "note": decides,
        "chart": {"x": _stance_axis(scored), "y": _influence_axis(scored), "dots": dots} if dots else None,
        "rows": rows,
    }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _side(stance: float) -> str:
    return "for" if stance > 0.1 else "against" if stance < -0.1 else "neutral"


def _stance_axis(scored: Scored) -> dict[str, Any]:
    texts = [scored.words(f"widgets_score_explorer.axis_{key}") for key in ("against", "neutral", "for")]
    ticks = [{"at": at, "text": text} for at, text in zip((-1.0, 0.0, 1.0), texts, strict=True)]
    return {"low": -1.15, "high": 1.15, "ticks": ticks, "title": ""}


def _influence_axis(scored: Scored) -> dict[str, Any]:
    title = scored.words("widgets_score_explorer.influence")
    made = axis(0.0, 1.0, write=scored.formats.share, title=title, count=3)
    return {**made, "low": -0.05, "high": 1.08}


def evidence_state(scored: Scored, deal: str) -> dict[str, Any]:
    """What is confirmed of what the stage asks for."""
    said, row, opened = scored.words, scored.row(deal), scored.opened
    places = {name: None if pd.isna(row.get(name)) else str(row[name]) for name in ("process", "stage")}
    found = deal_evidence(opened.tables, deal, known_on=opened.as_of, workspace=opened.workspace, **places)
    if found is None or found.empty:
        key = "none_evidence" if found is None else "no_evidence"
        return {"note": said(f"widgets_score_explorer.{key}"), "rows": []}
    rows = [
        {
            "kind": "up" if one["is_confirmed"] else "warn" if not pd.isna(one["recorded_at"]) else "neutral",
            "cells": [
                said.get(
                    f"score_evidence.{fold(str(one['element'])).replace(' ', '_')}",
                    str(one["element"]).replace("_", " "),
                ),
                said("widgets_score_explorer.not_recorded")
                if pd.isna(one["state"])
                else _word(scored, "state", one["state"]),
                "–" if pd.isna(one["recorded_at"]) else _text_of(scored, one["recorded_at"]),
                said("widgets_score_explorer.asked" if one["is_asked"] else "widgets_score_explorer.not_asked"),
            ],
        }
        for one in found.to_dict("records")
    ]
    asked = found[found["is_asked"]]
    counts = {"n": scored.formats.number(int(asked["is_confirmed"].sum())), "total": scored.formats.number(len(asked))}
    note = said("widgets_score_explorer.evidence_confirmed", **counts) if len(asked) else ""
    return {"note": note, "rows": rows}
