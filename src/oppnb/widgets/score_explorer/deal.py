"""One open deal as the front end draws it: the number and how sure it is, why, by when, what would change it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from oppnb import charts
from oppnb.scoring import ScoringRows, ToldDeal
from oppnb.scoring.deal_told import deal_curves
from oppnb.scoring.reasons import Explanation, explain_deals
from oppnb.scoring.score_table import CURVE_DAYS
from oppnb.scoring.signed import signed_number, signed_points
from oppnb.scoring.similar import similar_summary
from oppnb.scoring.what_if import ACTIONS, what_if_all, what_would_change
from oppnb.stages import process_label
from oppnb.widgets.axes import axis
from oppnb.widgets.score_explorer.ranked import trend_text
from oppnb.widgets.score_explorer.source import Scored

__all__ = [
    "actions_for",
    "curve_state",
    "explained",
    "head_state",
    "similar_state",
    "together",
    "what_if_state",
    "why_figure",
    "why_state",
]

_EVERY = 7
_MOST_REASON = 72


def rows_of(scored: Scored, deal: str) -> ScoringRows:
    """What was known of one deal."""
    if scored.scores is None:
        raise LookupError(deal)
    return scored.scores.rows.take(np.array([scored.places[deal]], dtype="int64"))


def explained(scored: Scored, deal: str) -> Explanation:
    """Why a deal scores as it does."""
    if scored.scores is None:
        raise LookupError(deal)
    found = explain_deals(
        scored.scores.scorer,
        rows_of(scored, deal),
        words=scored.words,
        formats=scored.formats,
        workspace=scored.opened.workspace,
    )
    return found[0]


def _known(row: dict[str, Any], name: str) -> bool:
    return row.get(name) is not None and not pd.isna(row[name])


def head_state(scored: Scored, deal: str, told: ToldDeal | None) -> dict[str, Any]:
    """Name, facts, probability with its interval, the three scores, grade, trend, alerts."""
    words, formats, row = scored.words, scored.formats, scored.row(deal)
    ends = {
        f"{end}{level}": formats.share(float(row[f"win_probability_{end}_{'95' if level else '80'}"]))
        for level in ("", "_95")
        for end in ("low", "high")
    }
    chance = formats.share(float(row["win_probability"]))
    return {
        "id": deal,
        "name": str(row["name"]) if _known(row, "name") else deal,
        "facts": list(_facts(scored, row, deal)),
        "chance": chance,
        "chance_words": words("scoring_deal.chance", chance=chance, **ends),
        "range": {
            "low": float(row["win_probability_low_80"]),
            "high": float(row["win_probability_high_80"]),
            "at": float(row["win_probability"]),
            "text": words("widgets_score_explorer.range", low=ends["low"], high=ends["high"]),
        },
        "scores": list(_scores(scored, row, chance)),
        "grade": words(f"score_grade.{row['grade']}") if isinstance(row.get("grade"), str) else "–",
        "grade_key": row["grade"] if isinstance(row.get("grade"), str) else "",
        "trend": trend_text(row["change"], scored) if _known(row, "change") else "–",
        "change": _change(scored, told),
        "alerts": str(row["alerts"]) if _known(row, "alerts") else "",
    }


def _facts(scored: Scored, row: dict[str, Any], deal: str) -> Iterator[dict[str, str]]:
    words, formats, workspace = scored.words, scored.formats, scored.opened.workspace

    def fact(key: str, text: str) -> dict[str, str]:
        return {"label": words(f"widgets_score_explorer.column_{key}"), "text": text}

    yield fact("opportunity_id", deal)
    yield fact("stage", scored.stage(row.get("process"), row.get("stage")))
    if _known(row, "process") and len(workspace.processes) > 1:
        yield fact("process", process_label(workspace, str(row["process"]), locale=words.locale))
    if _known(row, "amount_base"):
        yield fact("amount_base", formats.money(float(row["amount_base"]), short=True))
    if _known(row, "owner_id"):
        yield fact("owner_id", scored.owners.get(str(row["owner_id"]), str(row["owner_id"])))
    if _known(row, "expected_close_on"):
        yield fact("expected_close_on", formats.day(pd.Timestamp(row["expected_close_on"]).date(), short=True))
    if _known(row, "priority_rank"):
        n = formats.number(float(scored.frame["priority_rank"].count()))
        rank = formats.number(float(row["priority_rank"]))
        yield fact("priority_rank", words("widgets_score_explorer.rank", rank=rank, n=n))


def _scores(scored: Scored, row: dict[str, Any], chance: str) -> Iterator[dict[str, str]]:
    words = scored.words
    yield {"label": words("widgets_score_explorer.learned"), "text": chance, "note": _prior(scored, row)}
    for kind in ("attribute", "behaviour"):
        said = row.get(f"{kind}_reasons")
        known = _known(row, f"{kind}_points")
        yield {
            "label": words(f"widgets_score_explorer.column_{kind}_points"),
            "text": signed_number(float(row[f"{kind}_points"]), scored.formats) if known else "–",
            "note": said
            if isinstance(said, str) and said
            else ""
            if known
            else words("widgets_score_explorer.no_rule"),
        }


def _prior(scored: Scored, row: dict[str, Any]) -> str:
    if not _known(row, "prior_share"):
        return ""
    return scored.words("scoring_deal.prior_share", share=scored.formats.share(float(row["prior_share"])))


def _change(scored: Scored, told: ToldDeal | None) -> str:
    if told is None or scored.scores is None or scored.scores.as_of is None:
        return ""
    if not told.change:
        return scored.words("scoring_deal.change_unknown")
    before = scored.formats.share(float(told.change["win_probability_before"]))
    return scored.words("scoring_deal.change_known", before=before, text=told.change["text"])


def why_figure(scored: Scored, why: Explanation) -> Any:
    """The waterfall of the reports: typical deal, each reason, this deal."""
    frame = pd.DataFrame(
        {
            "label": [reason.phrase for reason in why.reasons],
            "value": [reason.value for reason in why.reasons],
            "points": [reason.points for reason in why.reasons],
        }
    )
    return charts.contributions(frame, base=why.base, words=scored.words, formats=scored.formats)


def why_state(scored: Scored, why: Explanation) -> dict[str, Any]:
    """The bars of that waterfall; a deal without reasons has the typical deal and itself alone."""
    words, formats = scored.words, scored.formats
    typical, this = words("chart.typical_deal"), words("chart.this_deal")
    ends = [
        ("base", typical, why.base, formats.share(why.base)),
        ("total", this, why.probability, formats.share(why.probability)),
    ]
    bars: list[dict[str, Any]] = [
        {
            "key": key,
            "label": label,
            "from": 0.0,
            "to": value,
            "kind": "neutral" if key == "base" else "total",
            "text": text,
            "note": "",
        }
        for key, label, value, text in ends
    ]
    if why.reasons:
        drawn = why_figure(scored, why).data[0]
        steps = [
            {
                "key": reason.group,
                "label": _short(reason.phrase),
                "from": float(base),
                "to": float(base) + reason.value,
                "kind": "up" if reason.value >= 0 else "down",
                "text": signed_number(reason.points, formats),
                "note": reason.text,
            }
            for reason, base in zip(why.reasons, list(drawn.base)[1:-1], strict=True)
        ]
        bars[1:1] = steps
    high = max(0.05, *(max(bar["from"], bar["to"]) for bar in bars))
    low = min(0.0, *(min(bar["from"], bar["to"]) for bar in bars))
    return {
        "bars": bars,
        "axis": axis(low, high, write=formats.share, count=5),
        "chosen": None,
        "compared": words("widgets_score_explorer.why", compared=why.compared),
        "note": why.note,
    }


def _short(text: str) -> str:
    return text if len(text) <= _MOST_REASON else f"{text[: _MOST_REASON - 1]}…"


def curve_state(scored: Scored, deal: str) -> dict[str, Any] | None:
    """Won by then and lost by then, week by week, with the end of the quarter; None without dates."""
    if scored.scores is None or scored.scores.as_of is None:
        return None
    words, formats, row = scored.words, scored.formats, scored.row(deal)
    days = sorted({*range(0, CURVE_DAYS[-1] + 1, _EVERY), *CURVE_DAYS})
    points = deal_curves(scored.scores, rows_of(scored, deal), days=days)[0]
    told = points[points["days"].isin(CURVE_DAYS)].to_dict("records")
    lines: list[dict[str, Any]] = [
        {
            "key": name,
            "label": words(f"chart.{name}_by"),
            "kind": kind,
            "points": [
                [float(day), round(float(share), 5)] for day, share in zip(points["days"], points[name], strict=True)
            ],
        }
        for name, kind in (("won", "up"), ("lost", "down"))
    ]
    ever = float(row["win_probability"])
    label = words("chart.won_at_all", share=formats.share(ever))
    last = float(days[-1])
    lines.append(
        {"key": "ever", "label": label, "kind": "target", "dashed": True, "points": [[0.0, ever], [last, ever]]}
    )
    return {
        "x": {
            "low": 0.0,
            "high": last,
            "ticks": [{"at": float(one["days"]), "text": _day(scored, one["by"])} for one in told if one["days"] != 60],
            "title": "",
        },
        "y": axis(0.0, 1.0, write=formats.share, count=5),
        "lines": lines,
        "marks": _quarter(scored, row),
        "told": [
            [_day(scored, one["by"]), *(formats.share(float(one[name])) for name in ("won", "lost", "open"))]
            for one in told
        ],
    }


def _quarter(scored: Scored, row: dict[str, Any]) -> list[dict[str, Any]]:
    if not _known(row, "win_probability_period_end") or not _known(row, "period_end_on"):
        return []
    end = pd.Timestamp(row["period_end_on"])
    share = scored.formats.share(float(row["win_probability_period_end"]))
    label = scored.words("widgets_score_explorer.quarter", day=_day(scored, end), share=share)
    return [{"at": float((end.date() - scored.opened.as_of).days), "label": label, "kind": "neutral"}]


def _day(scored: Scored, value: Any) -> str:
    return scored.formats.day(pd.Timestamp(value).date(), short=True)


def similar_state(scored: Scored, told: ToldDeal) -> dict[str, Any]:
    """Closed deals that stood as this one stands, and how they ended."""
    words, formats, similar = scored.words, scored.formats, told.similar
    if similar.empty:
        return {"note": words("scoring_deal.similar_none"), "rows": []}
    summary = similar_summary(similar, words=words, formats=formats)
    rows = [
        {
            "end": row["end"],
            "cells": [
                scored.deal_names.get(str(row["similar_opportunity_id"]), str(row["similar_opportunity_id"])),
                _ended(scored, row),
                scored.stage(row["process"], row["similar_stage"]),
                formats.money(float(row["similar_amount_base"]), short=True),
                formats.share(float(row["win_probability_then"])),
            ],
        }
        for row in similar.to_dict("records")
    ]
    return {"note": words("widgets_score_explorer.similar_note", summary=summary), "rows": rows}


def _ended(scored: Scored, row: Any) -> str:
    days = row["days_to_end"]
    dated = "" if days == days else "_undated"
    return scored.words(f"score_similar.{row['end']}{dated}", days=scored.formats.number(days))


def actions_for(scored: Scored, deal: str) -> pd.DataFrame:
    """What a seller can do something about and that would change the number shown; see `what_would_change`."""
    if scored.scores is None:
        raise LookupError(deal)
    return what_would_change(
        scored.scores.scorer,
        rows_of(scored, deal),
        among=scored.background.past,
        workspace=scored.opened.workspace,
        most=len(ACTIONS),
    )


def together(scored: Scored, deal: str, actions: Sequence[str]) -> float:
    """The probability if all of these were otherwise at once."""
    if scored.scores is None:
        raise LookupError(deal)
    found = what_if_all(
        scored.scores.scorer,
        rows_of(scored, deal),
        actions,
        among=scored.background.past,
        workspace=scored.opened.workspace,
    )
    return float(found[0])


def what_if_state(scored: Scored, deal: str, found: pd.DataFrame, chosen: Sequence[str]) -> dict[str, Any]:
    """Each thing with what it alone would do, and what those chosen would do together."""
    words, formats = scored.words, scored.formats
    if found.empty:
        return {"actions": [], "note": words("scoring_deal.what_if_none"), "result": None}
    now = float(scored.row(deal)["win_probability"])
    then = together(scored, deal, chosen) if chosen else now
    before, after = formats.share(now), formats.share(then)
    shown = round(100 * then) - round(100 * now)
    said = {"before": before, "after": after, "points": signed_points(shown / 100, formats)}
    key = _of_points("if_chosen", shown) if chosen else "if_nothing"
    return {
        "actions": [
            {
                "key": row["action"],
                "label": words(f"score_what_if.{row['action']}"),
                "text": _alone(scored, row),
                "is_chosen": row["action"] in chosen,
            }
            for row in found.to_dict("records")
        ],
        "note": words("score_why.not_advice"),
        "result": {"text": words(f"widgets_score_explorer.{key}", **said), "before": now, "after": then},
    }


def _alone(scored: Scored, row: Any) -> str:
    shown = round(100 * float(row["win_probability_if"])) - round(100 * float(row["win_probability"]))
    key = f"widgets_score_explorer.{_of_points('alone', shown)}"
    return scored.words(key, points=signed_points(shown / 100, scored.formats))


def _of_points(key: str, shown: int) -> str:
    return f"{key}_one" if abs(shown) == 1 else key
