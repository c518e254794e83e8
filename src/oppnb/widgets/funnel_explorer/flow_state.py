"""The stage flow as the front end draws it: nodes by column, links with what goes along them, and the deals behind."""

from typing import Any

import pandas as pd

from oppnb.review import CREATED, LOST, REOPENED, UNDECIDED, WON, Review
from oppnb.stages import stage_label
from oppnb.widgets.funnel_explorer.frames import Frames
from oppnb.widgets.funnel_explorer.question import Question

__all__ = ["Flow", "flow_state", "node_label", "rows_behind"]

Flow = tuple[str | None, str | None]

_ENDS = (WON, UNDECIDED, LOST)
_KINDS = {WON: "up", LOST: "down", UNDECIDED: "neutral", CREATED: "pale", REOPENED: "pale"}


def node_label(review: Review, process: str, name: str | None) -> str:
    """What a reader sees for a stage, an end or a beginning."""
    if name is None:
        return review.words("report.stage_unknown")
    if name.startswith("@"):
        return review.words.get(f"widgets_funnel_explorer.end_{name[1:]}", name[1:])
    return stage_label(review.workspace, process, name, locale=review.words.locale)


def rows_behind(rows: pd.DataFrame, asked: Question, *, stage: str | None, flow: Flow | None) -> pd.DataFrame:
    """The rows behind a stage (those that entered it, or stand there) or a flow; all where neither is chosen."""
    if stage is not None:
        return rows[rows["origin" if asked.view == "cohort" else "target"] == stage]
    for column, name in zip(("origin", "target"), flow or (None, None), strict=True):
        if name is not None:
            rows = rows[rows[column] == name]
    return rows


def flow_state(
    review: Review, asked: Question, frames: Frames, *, stage: str | None, flow: Flow | None, leak: str | None
) -> dict[str, Any]:
    """Nodes, links, and which of them are chosen."""
    stages = [name for name in frames.funnel["stage"] if isinstance(name, str)]
    is_cohort = asked.view == "cohort"
    nodes = _cohort_nodes(stages, frames) if is_cohort else _snapshot_nodes(stages, frames)
    counted = {key: _count(review, frames, key) for key, *_ in nodes}
    told = [
        {
            "key": key,
            "label": node_label(review, asked.process, _name(key)),
            "text": counted[key],
            "column": column,
            "kind": "warn" if is_cohort and _name(key) == leak else _KINDS.get(_name(key) or "", "total"),
        }
        for key, column in nodes
    ]
    order = {key: place for place, (key, _) in enumerate(nodes)}
    links = sorted(_links(review, asked, frames), key=lambda link: (-order[link["from"]], order[link["to"]]))
    return {"nodes": told, "links": links, "chosen": _chosen(is_cohort, stage, flow), "chosen_link": _link_key(flow)}


def _key(side: str, name: Any) -> str:
    return side + (name if isinstance(name, str) else "")


def _name(key: str) -> str | None:
    return key[1:] or None


def _cohort_nodes(stages: list[str], frames: Frames) -> list[tuple[str, int]]:
    found = {*frames.flows["origin"], *frames.flows["target"]}
    inner = [(_key("s", name), place) for place, name in enumerate(stages) if name in found]
    others = sorted(name for name in found - {*stages, *_ENDS} if isinstance(name, str))
    beside = [(_key("s", name), max(len(stages) - 1, 0)) for name in others]
    return [*inner, *beside, *((_key("s", name), len(stages)) for name in _ENDS if name in found)]


def _snapshot_nodes(stages: list[str], frames: Frames) -> list[tuple[str, int]]:
    made = []
    for column, (side, name, ends) in enumerate((("a", "origin", (CREATED, REOPENED)), ("b", "target", (WON, LOST)))):
        found = {value if isinstance(value, str) else "" for value in frames.flows[name]}
        others = sorted(found - {*stages, *ends})
        before, after = (ends, ()) if side == "a" else ((), ends)
        made += [(_key(side, one), column) for one in (*before, *stages, *others, *after) if one in found]
    return made


def _count(review: Review, frames: Frames, key: str) -> str:
    """How many deals a node holds: those that went out of it, or those that came where nothing goes on."""
    name = _name(key)
    out, into = (frames.rows[column] for column in ("origin", "target"))
    if key[0] == "s":
        n = int((out == name).sum()) or int((into == name).sum())
    else:
        side = out if key[0] == "a" else into
        n = int(side.isna().sum() if name is None else (side == name).sum())
    return review.formats.number(n)


def _links(review: Review, asked: Question, frames: Frames) -> list[dict[str, Any]]:
    sides = "ss" if asked.view == "cohort" else "ab"
    made = []
    for _, row in frames.flows.iterrows():
        ends = [row[name] if isinstance(row[name], str) else None for name in ("origin", "target")]
        n = review.formats.number(int(row["n"]))
        said = review.words(
            "widgets_funnel_explorer.flow",
            origin=node_label(review, asked.process, ends[0]),
            target=node_label(review, asked.process, ends[1]),
            n=review.words("chart.one_deal") if row["n"] == 1 else review.words("chart.n_deals", n=n),
            amount=review.formats.money(row["amount"], short=True),
        )
        stays = asked.view == "snapshot" and ends[0] == ends[1]
        made.append(
            {
                "key": _link_key((ends[0], ends[1])),
                "from": _key(sides[0], ends[0]),
                "to": _key(sides[1], ends[1]),
                "origin": ends[0],
                "target": ends[1],
                "value": int(row["n"]),
                "label": said,
                "kind": "neutral" if stays else _KINDS.get(ends[1] or "", "main"),
            }
        )
    return made


def _link_key(flow: Flow | None) -> str | None:
    return None if flow is None or None in flow else f"{flow[0]}>{flow[1]}"


def _chosen(is_cohort: bool, stage: str | None, flow: Flow | None) -> str | None:
    if stage is not None:
        return _key("s" if is_cohort else "b", stage)
    if flow is None or None not in flow:
        return None
    origin, target = flow
    if is_cohort:
        return _key("s", target if origin is None else origin)
    return _key("b", target) if origin is None else _key("a", origin)
