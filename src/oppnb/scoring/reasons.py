"""Why a deal scores as it does: what each idea adds to the number shown, in words, and adding up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oppnb.locale import Formats, Words
from oppnb.scoring.feature_parts import FeatureParts, feature_parts
from oppnb.scoring.reason_words import TOLD_BY, FeatureWords, shown_points
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.signed import signed_number
from oppnb.workspace import Workspace

__all__ = ["Explanation", "Reason", "explain_deal", "explain_deals", "score_reasons"]

Floats = npt.NDArray[np.float64]

_ROWS_AT_ONCE = 20_000
_TOLD_SHARE = 0.25
"""A feature is told beside the leading one from this share of its idea's moves on."""


@dataclass(frozen=True)
class Reason:
    """What one idea adds.

    Attributes
    ----------
    group : str
        The idea, of `oppnb.scoring.rows.GROUPS`; `title` is its name for readers.
    value : float
        What it adds in probability, signed; those of a deal add up to probability - base.
    points : int
        The same in whole points, so that those of a deal add up to the difference of the two percentages shown.
    features : tuple of str
        The features behind it, the one that matters most first.
    phrase : str
        The first feature with its value: "no contact for 21 days".
    text : str
        The phrase with its points: "no contact for 21 days: −14 points".
    """

    group: str
    title: str
    value: float
    points: int
    features: tuple[str, ...]
    phrase: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """A deal's probability and all that it is made of.

    Attributes
    ----------
    opportunity_id : str
    probability, base : float
        Of this deal, and of the typical recent deal of its process; 0-1.
    reasons : tuple of Reason
        Every idea that adds anything, the largest first.
    compared : str
        What it is compared with: "typical recent deal of process direct: 31%".
    note : str
        How to read it: as association, not as advice.
    """

    opportunity_id: str
    probability: float
    base: float
    reasons: tuple[Reason, ...]
    compared: str
    note: str


def score_reasons(
    scorer: Scorer,
    rows: ScoringRows,
    *,
    words: Words,
    formats: Formats,
    most: int = 3,
    workspace: Workspace | None = None,
) -> list[list[str]]:
    """The ideas that move each deal's probability most, against the typical recent deal of its process.

    Parameters
    ----------
    scorer : Scorer
    rows : ScoringRows
        Deals as they are scored.
    words, formats
        Of the reader.
    most : int
        How many ideas a deal at most; those that round to 0 points are not told.
    workspace : Workspace, optional
        For the labels of stages and processes.

    Returns
    -------
    list of list of str
        One list a row, the largest first: "no contact for 21 days: −14 points".
    """
    says = FeatureWords(words, formats, workspace=workspace)
    return [
        [reason.text for reason in told if reason.points][:most]
        for chunk in _chunks(rows)
        for _, _, told in _told(scorer, chunk, says, most=most)
    ]


def explain_deals(
    scorer: Scorer, rows: ScoringRows, *, words: Words, formats: Formats, workspace: Workspace | None = None
) -> list[Explanation]:
    """Everything each probability is made of; see `Explanation`."""
    says = FeatureWords(words, formats, workspace=workspace)
    found = []
    for chunk in _chunks(rows):
        told = _told(scorer, chunk, says, most=None)
        for place, (probability, base, reasons) in enumerate(told):
            key = chunk.keys.iloc[place]
            found.append(
                Explanation(
                    opportunity_id=str(key["opportunity_id"]),
                    probability=probability,
                    base=base,
                    reasons=tuple(reasons),
                    compared=_compared(base, key["process"], says),
                    note=words("score_why.not_advice"),
                )
            )
    return found


def explain_deal(
    scorer: Scorer,
    rows: ScoringRows,
    opportunity_id: str,
    *,
    words: Words,
    formats: Formats,
    workspace: Workspace | None = None,
) -> Explanation:
    """Everything one deal's probability is made of.

    Raises
    ------
    KeyError
        If the deal is not among the rows; if it is there on several days, the last one is explained.
    """
    places = np.flatnonzero((rows.keys["opportunity_id"] == opportunity_id).to_numpy(dtype=bool))
    if not len(places):
        raise KeyError(opportunity_id)
    return explain_deals(scorer, rows.take(places[-1:]), words=words, formats=formats, workspace=workspace)[0]


def _chunks(rows: ScoringRows) -> list[ScoringRows]:
    starts = range(0, len(rows), _ROWS_AT_ONCE)
    return [rows.take(np.arange(start, min(start + _ROWS_AT_ONCE, len(rows)))) for start in starts]


def _compared(base: float, process: Any, says: FeatureWords) -> str:
    shown = says.formats.share(base)
    if process is None or process != process:
        return says.words("score_why.compared_all", base=shown)
    return says.words("score_why.compared", process=says.value("process", str(process)), base=shown)


def _told(
    scorer: Scorer, rows: ScoringRows, says: FeatureWords, *, most: int | None
) -> list[tuple[float, float, list[Reason]]]:
    parts = feature_parts(scorer.model, scorer.rows(rows))
    told = parts.by_group
    chance = np.clip(told.base + told.values.sum(axis=1), 0.0, 1.0)
    columns = _columns(rows, parts.names)
    found = []
    for place in range(len(rows)):
        # the points are those of the percentages that a reader sees side by side
        total = round(100 * float(chance[place])) - round(100 * float(told.base[place]))
        points = shown_points(told.values[place], total)
        order = np.argsort(-np.abs(told.values[place]), kind="stable")
        kept = [group for group in order if points[group] or (most is None and told.values[place, group])][:most]
        reasons = [_reason(parts, place, int(group), points[group], columns, says) for group in kept]
        found.append((float(chance[place]), float(told.base[place]), reasons))
    return found


def _columns(rows: ScoringRows, names: Sequence[str]) -> dict[str, npt.NDArray[np.object_]]:
    """Values by feature as plain Python; what the rows do not have is not known."""
    found = {}
    for name in dict.fromkeys([*names, *(TOLD_BY.get(name, name) for name in names), "process"]):
        source = rows.values if name in rows.values.columns else rows.keys
        known = source[name].astype(object).to_numpy() if name in source.columns else [None] * len(rows)
        found[name] = np.asarray(known, dtype=object)
    return found


def _reason(
    parts: FeatureParts,
    place: int,
    group: int,
    points: int,
    columns: dict[str, npt.NDArray[np.object_]],
    says: FeatureWords,
) -> Reason:
    name, value = parts.by_group.groups[group], float(parts.by_group.values[place, group])
    features = _leading(parts, place, name, value)
    phrase = says(features[0], columns[features[0]][place], process=columns["process"][place], is_good=value > 0)
    key = "score_why.part_one" if abs(points) == 1 else "score_why.part"
    return Reason(
        group=name,
        title=says.words(f"score_group.{name}"),
        value=value,
        points=points,
        features=features,
        phrase=phrase,
        text=says.words(key, phrase=phrase, points=signed_number(points, says.formats)),
    )


def _leading(parts: FeatureParts, place: int, group: str, value: float) -> tuple[str, ...]:
    """The features that move the idea its way, the strongest first; those that say the same are one."""
    moves: dict[str, float] = {}
    for mine in parts.of_group(group):
        name = TOLD_BY.get(parts.names[mine], parts.names[mine])
        moves[name] = moves.get(name, 0.0) + float(parts.values[place, mine]) * (1 if value >= 0 else -1)
    order = sorted(moves, key=lambda name: -moves[name])
    least = _TOLD_SHARE * moves[order[0]]
    return (order[0], *(name for name in order[1:] if moves[name] >= least > 0))
