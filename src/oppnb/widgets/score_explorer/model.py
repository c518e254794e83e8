"""Was the model right before: the reliability plot and the main figures of its card."""

import html
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from oppnb import charts
from oppnb.scoring import Choice
from oppnb.widgets.axes import axis
from oppnb.widgets.score_explorer.source import Scored

__all__ = ["card_state", "header_state", "reliability_frame", "reliability_state"]

_BINS = ("bin", "n_deals", "stated", "observed", "low", "high")
_STEPS = ("question", "model", "against", "difference", "low", "high", "n", "n_deals", "is_better", "is_worse")
_MEASURES = ("auc", "log_loss", "brier_skill", "calibration_slope")


def reliability_frame(card: Mapping[str, Any]) -> pd.DataFrame:
    """Stated and observed by group, as the card holds them."""
    frame = pd.DataFrame([{name: row[name] for name in _BINS} for row in card.get("reliability", ())], columns=_BINS)
    return frame.astype({"bin": "int64", "n_deals": "int64", **dict.fromkeys(_BINS[2:], "float64")})


def reliability_state(scored: Scored) -> dict[str, Any]:
    """Dots with intervals, the finding, the slope; a line where nothing was judged."""
    words, formats = scored.words, scored.formats
    card = {} if scored.scores is None else scored.scores.scorer.card
    frame = reliability_frame(card)
    if frame.empty:
        return {"note": words("model_card.not_judged"), "chart": None}
    finding = charts.reliability(frame, words=words, formats=formats).layout.title.text
    dots = [
        {
            **{
                name: float(row[of])
                for name, of in (("x", "stated"), ("y", "observed"), ("low", "low"), ("high", "high"))
            },
            "label": words(
                "chart.reliability_group",
                **{name: formats.share(float(row[name])) for name in _BINS[2:]},
                n=formats.number(float(row["n_deals"])),
            ),
        }
        for row in frame.to_dict("records")
    ]
    shares = {
        name: axis(0.0, 1.0, write=formats.share, title=words(f"chart.{name}"), count=6)
        for name in ("stated", "observed")
    }
    return {
        "title": html.unescape(finding),
        "lead": words("model_card.calibration_lead"),
        "note": _slope(scored, card),
        "chart": {"x": shares["stated"], "y": shares["observed"], "dots": dots},
        "rows": [dot["label"] for dot in dots],
    }


def _chosen(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    rows = [row for row in card.get("evaluation", ()) if row["model"] == card["chosen"]]
    return rows[0] if rows and rows[0].get("log_loss") is not None else None


def _number(scored: Scored, value: Any, digits: int = 3) -> str:
    return scored.formats.number(None if value is None else float(value), digits=digits)


def _ends(scored: Scored, row: Mapping[str, Any], name: str) -> dict[str, str]:
    return {end: _number(scored, row.get(f"{name}_{end}"), 2) for end in ("low", "high")}


def _slope(scored: Scored, card: Mapping[str, Any]) -> str:
    row = _chosen(card)
    if row is None:
        return ""
    slope = _number(scored, row["calibration_slope"], 2)
    return scored.words("model_card.slope", slope=slope, **_ends(scored, row, "calibration_slope"))


def _title(scored: Scored, model: object) -> str:
    return scored.words.get(f"scoring.model_{model}", str(model))


def _day(scored: Scored, text: str | None) -> str:
    return scored.formats.day(None if text is None else date.fromisoformat(text), short=True)


def header_state(scored: Scored) -> dict[str, Any]:
    """What the table is: how many deals, as of when, by which model, and warnings that `oppnb score` prints."""
    words, formats = scored.words, scored.formats
    n = len(scored.frame)
    key = "title_none" if n == 0 else "title_one" if n == 1 else "title_n"
    facts = (
        []
        if scored.scores is None or scored.scores.as_of is None
        else [_fact(scored, "as_of", formats.day(scored.opened.as_of))]
    )
    warnings = [scored.note] if scored.note else []
    if scored.scores is not None:
        card = scored.scores.scorer.card
        facts.append(_fact(scored, "model", _title(scored, card.get("chosen", scored.scores.scorer.model.name))))
        warnings += list(_warnings(scored, card))
    return {
        "title": words(f"widgets_score_explorer.{key}", n=formats.number(n)),
        "facts": words("widgets_score_explorer.between").join(facts),
        "warnings": warnings,
    }


def _fact(scored: Scored, key: str, text: str) -> str:
    return scored.words(f"widgets_score_explorer.{key}", text=text)


def _warnings(scored: Scored, card: Mapping[str, Any]) -> list[str]:
    day, expires = scored.opened.as_of.isoformat(), card.get("expires_on")
    exported = scored.opened.tables.exported_on
    found = []
    if expires is not None and day > expires:
        found.append(scored.words("scoring.expired", expires=expires, day=day))
    if scored.scores is not None and scored.scores.as_of and exported is not None and day > exported.isoformat():
        found.append(scored.words("scoring.export_is_older", exported=exported.isoformat(), day=day))
    return found


def card_state(scored: Scored) -> dict[str, Any]:
    """Verdict, facts, headline measures and every model beside them."""
    if scored.scores is None or "chosen" not in scored.scores.scorer.card:
        return {
            "note": scored.words("widgets_score_explorer.none_model"),
            "verdict": "",
            "facts": [],
            "measures": [],
            "models": None,
        }
    card = scored.scores.scorer.card
    sentences = _sentences(scored, card)
    return {
        "note": "",
        "verdict": sentences[-1],
        "points": [sentences[0], *(_until(scored, card))],
        "facts": _facts(scored, card),
        "measures": _measures(scored, card),
        "models": _models(scored, card),
    }


def _sentences(scored: Scored, card: Mapping[str, Any]) -> list[str]:
    choice = Choice(
        ever=str(card["chosen"]),
        timing=str(card["chosen_timing"]),
        verdict=str(card["verdict"]),
        baseline=card["baseline"],
        is_young=bool(card["is_young"]),
        steps=pd.DataFrame(card["steps"], columns=list(_STEPS)),
    )
    return choice.sentences(scored.words)


def _until(scored: Scored, card: Mapping[str, Any]) -> list[str]:
    until = card["data"]["until"]
    if not until:
        return [scored.words("model_card.undated")]
    days = {"until": _day(scored, str(until)[:10]), "expires": _day(scored, card.get("expires_on"))}
    return [scored.words("model_card.expires", **days)]


def _facts(scored: Scored, card: Mapping[str, Any]) -> list[dict[str, str]]:
    data = card["data"]
    facts = {
        "model": _title(scored, card["chosen"]),
        "until": _day(scored, str(data["until"])[:10] if data["until"] else None),
        "expires_on": _day(scored, card.get("expires_on")),
        "deals": scored.formats.number(data["n_won"] + data["n_lost"]),
        "model_id": str(card.get("model_id", "–")),
    }
    return [{"label": scored.words(f"model_card.fact_{name}"), "text": text} for name, text in facts.items()]


def _measures(scored: Scored, card: Mapping[str, Any]) -> list[dict[str, str]]:
    row, said = _chosen(card), scored.words
    if row is None:
        return []
    losses = [one["log_loss"] for one in card["evaluation"] if one["is_baseline"] and one["log_loss"]]
    beside = {
        "auc": said("model_card.beside_interval", **_ends(scored, row, "auc")),
        "log_loss": said("model_card.beside_baseline", value=_number(scored, min(losses))) if losses else "",
        "brier_skill": said("model_card.beside_base_rate"),
        "calibration_slope": said("model_card.beside_ideal", **_ends(scored, row, "calibration_slope")),
    }
    return [
        {
            "label": said(f"model_card.card_{'slope' if name == 'calibration_slope' else name}"),
            "text": _number(scored, row[name], 2 if name == "calibration_slope" else 3),
            "note": beside[name],
        }
        for name in _MEASURES
    ]


def _models(scored: Scored, card: Mapping[str, Any]) -> dict[str, Any] | None:
    rows = [row for row in card["evaluation"] if row.get("log_loss") is not None]
    if not rows:
        return None
    rows = sorted(rows, key=lambda row: (row["log_loss"], str(row["model"])))
    said = scored.words
    kinds = [
        (row["model"] == card["chosen"] and "in_use") or (row["is_baseline"] and "baseline") or "model" for row in rows
    ]
    return {
        "columns": [said(f"report.column_{name}") for name in ("model", "kind_of_model", *_MEASURES)],
        "rows": [
            {
                "is_chosen": kind == "in_use",
                "cells": [
                    _title(scored, row["model"]),
                    said(f"model_card.kind_{kind}"),
                    *(_number(scored, row[name]) for name in _MEASURES),
                ],
            }
            for row, kind in zip(rows, kinds, strict=True)
        ],
    }
