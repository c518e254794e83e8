"""A retrospective in the reader's language: bars with their labels, sentences on gap, proposals and decisions."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from oppnb.forecasting.models import MODEL
from oppnb.forecasting.proposals import Proposal, Proposals
from oppnb.forecasting.retrospective import Retrospective
from oppnb.locale import Formats, Words
from oppnb.stages import process_label, stage_label
from oppnb.workspace import Workspace

__all__ = [
    "GROUPS",
    "target_label",
    "tell_decided",
    "tell_declined",
    "tell_help",
    "tell_proposals",
    "tell_record",
    "tell_retrospective",
    "waterfall",
]

GROUPS = {
    "deals": ("won", "pulled_in", "lost", "slipped", "won_early", "corrected"),
    "odds": ("odds", "shared"),
    "amounts": ("grown", "shrunk"),
    "currency": ("currency",),
    "new": ("new_business",),
    "combination": ("combination",),
}
"""Causes that are told together: what single deals did goes up and down and is only read as a sum."""
_METHOD = "combination"
_STAGES_TOLD = 2
_SURE = 1.96
"""A stage is spoken of if so many standard deviations more or fewer deals were won than expected."""


def waterfall(found: Retrospective, words: Words) -> pd.DataFrame:
    """The bars of `found.bars()` with their names in `label` and what they mean in `meaning`.

    For `oppnb.charts.bridge`, which leaves out bars with nothing in them.
    """
    bars = found.bars()
    return bars.assign(
        label=[words(f"forecast_retrospective.bar_{bar}") for bar in bars["bar"]],
        meaning=[words.get(f"forecast_retrospective.means_{bar}", "") for bar in bars["bar"]],
    )


def tell_retrospective(found: Retrospective, *, words: Words, formats: Formats) -> list[str]:
    """What came against what was expected, how surprising that was, and what it was made of."""
    said = [_headline(found, words, formats), _which(found, words, formats)]
    surprise = found.surprise
    said.append(
        words(
            f"forecast_retrospective.{'inside' if surprise.is_inside else 'outside'}",
            low=formats.money(surprise.low, short=True),
            high=formats.money(surprise.high, short=True),
            percentile=formats.share(surprise.percentile),
        )
    )
    key = "by_chance" if surprise.share_by_chance >= 1 else "beyond_chance"
    sd = formats.money(surprise.sd_by_chance, short=True)
    said.append(words(f"forecast_retrospective.{key}", sd=sd, share=formats.share(surprise.share_by_chance)))
    amount = found.causes().set_index("cause")["amount"]
    sums = {name: float(amount[list(causes)].sum()) for name, causes in GROUPS.items()}
    said.append(
        words("forecast_retrospective.groups", **{name: _signed(value, formats) for name, value in sums.items()})
    )
    return said + _stages(found, words, formats)


def _which(found: Retrospective, words: Words, formats: Formats) -> str:
    """Which forecast is explained, and what win curves alone said beside it."""
    name = words(f"forecasting.model_{found.told_model}")
    if found.told is None or found.told_model == MODEL:
        return words("forecast_retrospective.explained", model=name)
    amount = found.opening.expected - found.expected
    return words(
        "forecast_retrospective.explained_beside",
        model=name,
        expected=formats.money(found.expected, short=True),
        alone=formats.money(found.opening.expected, short=True),
        difference=_signed(amount, formats),
    )


def _headline(found: Retrospective, words: Words, formats: Formats) -> str:
    gap = round(found.gap, 2)
    key = "more" if gap > 0 else "less" if gap < 0 else "same"
    by_method = _by_method(found)
    if gap and by_method / gap >= 1:
        key = f"{key}_by_method"
    return words(
        f"forecast_retrospective.headline_{key}",
        period=found.period.name,
        actual=formats.money(found.actual, short=True),
        expected=formats.money(found.expected, short=True),
        gap=formats.money(abs(gap), short=True),
        share=formats.share(abs(gap) / found.expected if found.expected else None),
        day=formats.day(found.opening.point.day),
        method=_signed(by_method, formats),
        rest=_signed(gap - by_method, formats),
    )


def _by_method(found: Retrospective) -> float:
    """What of the gap is only how the opening was forecast."""
    return float(found.causes().set_index("cause")["amount"].get(_METHOD, 0.0))


def _stages(found: Retrospective, words: Words, formats: Formats) -> list[str]:
    """The stages whose chances were off most, in money, where it is hardly luck."""
    off = found.stages[(found.stages["won"] - found.stages["expected_won"]).abs() > _SURE * found.stages["sd"]]
    off = off.assign(size=off["amount"].abs()).sort_values(["size", "process", "stage"], ascending=[False, True, True])
    return [
        words(
            f"forecast_retrospective.stage_{'more' if row['shift'] > 0 else 'less'}",
            stage=_stage(row["process"], row["stage"], words.locale, found.workspace),
            n=formats.number(row["n"]),
            won=formats.number(row["won"]),
            expected=formats.number(row["expected_won"], digits=1),
            amount=_signed(row["amount"], formats),
        )
        for row in off.head(_STAGES_TOLD).to_dict("records")
    ]


def tell_proposals(proposals: Proposals, *, words: Words, formats: Formats) -> list[str]:
    """One text a proposal: what, on what evidence, what it does to the figures, and how it would have done before."""
    told = [_proposal(one, proposals, words, formats) for one in proposals.items]
    return told or [words("forecast_retrospective.nothing_proposed")]


def _proposal(one: Proposal, proposals: Proposals, words: Words, formats: Formats) -> str:
    is_odds, days = one.change.kind == "stage_odds", one.change.value
    write = formats.share if is_odds else formats.number
    unset = "_unset" if math.isnan(one.before) else ""
    key = one.change.kind + (unset if is_odds else "_later" if days > 0 else "_earlier")
    text = words(
        f"forecast_retrospective.propose_{key}",
        target=_target(one.change.kind, one.change.process, one.change.target, words, proposals.odds.before),
        before=formats.share(one.before),
        after=formats.share(one.change.value),
        days=formats.number(abs(days)),
        n=formats.number(one.n),
        **{name: write(getattr(one, name)) for name in ("observed", "reference", "low", "high")},
    )
    return _joined(
        [text, _effect(one, proposals, words, formats), tell_record(one, words=words, formats=formats)], words
    )


def _effect(one: Proposal, proposals: Proposals, words: Words, formats: Formats) -> str:
    none = "no_effect_odds" if one.change.kind == "stage_odds" else "no_effect"
    return words(
        f"forecast_retrospective.{'effect' if one.n_concerned else none}",
        period=proposals.point.period.name,
        before=formats.money(one.expected_before, short=True),
        after=formats.money(one.expected_after, short=True),
        n_concerned=formats.number(one.n_concerned),
    )


def tell_record(one: Proposal, *, words: Words, formats: Formats) -> str:
    """How a proposal would have done in past periods; empty where it was tried on none."""
    if not one.n_periods:
        return ""
    return words(
        f"forecast_retrospective.record_{'better' if one.would_have_helped else 'worse'}",
        n_periods=formats.number(one.n_periods),
        before=formats.money(one.past_error_before, short=True),
        after=formats.money(one.past_error_after, short=True),
    )


def tell_help(summary: pd.DataFrame, workspace: Workspace, *, words: Words, formats: Formats) -> list[str]:
    """One sentence a decision, of what `oppnb.forecasting.help_summary` gave."""
    told = [
        words(
            f"forecast_retrospective.{row['status']}_"
            + ("helped" if row["error_with"] < row["error_without"] else "not_helped"),
            target=target_label(row, workspace, words),
            n_periods=formats.number(row["n_periods"]),
            with_it=formats.money(row["error_with"], short=True),
            without=formats.money(row["error_without"], short=True),
        )
        for row in summary.to_dict("records")
    ]
    return told or [words("forecast_retrospective.nothing_decided")]


def tell_decided(decided: pd.DataFrame, workspace: Workspace, *, words: Words, formats: Formats) -> list[str]:
    """One sentence a decision, of what `oppnb.forecasting.decisions` gave: when, who, what, and why."""
    told = []
    for row in decided.to_dict("records"):
        write = formats.share if row["kind"] == "stage_odds" else formats.number
        said = words(
            f"forecast_retrospective.decided_{row['status']}",
            day=formats.day(row["as_of"]),
            who=row["who"],
            target=target_label(row, workspace, words),
            before=write(row["before"]),
            after=write(row["after"]),
        )
        why = row.get("why")
        told.append(_joined([said, why if isinstance(why, str) else ""], words))
    return told


def tell_declined(decided: pd.DataFrame, workspace: Workspace, *, words: Words, formats: Formats) -> list[str]:
    """One sentence a decision of `oppnb.forecasting.declined_before`: when, who and why, and what was proposed then."""
    told = []
    for row in decided.to_dict("records"):
        write = formats.share if row["kind"] == "stage_odds" else formats.number
        then, now = write(row["after"]), write(row.get("now", row["after"]))
        said = words(
            "forecast_retrospective.declined_before" + ("" if then == now else "_other"),
            day=formats.day(row["as_of"]),
            who=row["who"],
            target=target_label(row, workspace, words),
            then=then,
            now=now,
        )
        why = row.get("why")
        told.append(_joined([said, why if isinstance(why, str) else ""], words))
    return told


def target_label(row: Mapping[Hashable, Any], workspace: Workspace, words: Words) -> str:
    """What a proposal is about, from its `kind`, `process` and `target`: "odds of Negotiation"."""
    of = _target(row["kind"], row["process"], row["target"], words, workspace)
    return words(f"forecast_retrospective.kind_{row['kind']}", target=of)


def _target(kind: str, process: str, target: str, words: Words, workspace: Workspace) -> str:
    return _stage(process, target, words.locale, workspace) if kind == "stage_odds" else target


def _stage(process: str, stage: str, locale: str, workspace: Workspace) -> str:
    """The stage's label, with its process where there are several."""
    label = stage_label(workspace, process, stage, locale=locale)
    if len(workspace.processes) < 2:
        return label
    name = process_label(workspace, process, locale=locale)
    return f"{name} / {label}"


def _signed(value: float, formats: Formats) -> str:
    sign = "+" if round(value, 2) > 0 else "−" if round(value, 2) < 0 else ""
    return sign + formats.money(abs(value), short=True)


def _joined(sentences: list[str], words: Words) -> str:
    return ("" if words.locale == "zh_CN" else " ").join(one for one in sentences if one)
