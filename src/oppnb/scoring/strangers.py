"""What a model meets in an export that its past did not have: fields that are not there, stages that it never saw."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oppnb.errors import ModelFileError
from oppnb.locale import Words
from oppnb.scoring.reason_words import FeatureWords
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer

__all__ = ["fields_filled", "missing_fields", "refuse_strange_data", "stages_seen", "strangers", "untested_stages"]

_FIRST = 5
_BY_CHANCE = 0.001
"""A field that no row has is missing, unless so few rows could lack it by chance."""
_MOST_MISSING = 0.5


def stages_seen(rows: ScoringRows) -> list[dict[str, Any]]:
    """Of the stages in rows to learn from: `process`, `stage`, `n_closed` (closed deals seen there)."""
    known = rows.keys.assign(closed=rows.keys["opportunity_id"].where(rows.is_closed)).dropna(subset=["stage"])
    counts = known.groupby(["process", "stage"], dropna=False)["closed"].nunique().reset_index()
    return [
        {"process": None if pd.isna(process) else str(process), "stage": str(stage), "n_closed": int(n)}
        for process, stage, n in counts.itertuples(index=False, name=None)
    ]


def fields_filled(rows: ScoringRows) -> dict[str, float]:
    """Share of the rows that have each field."""
    return {str(name): float(share) for name, share in rows.values.notna().mean().items()}


def missing_fields(scorer: Scorer, rows: ScoringRows) -> list[str]:
    """Fields that the model learnt from and the rows to score do not have at all."""
    filled = fields_filled(rows)
    return [
        str(field["name"])
        for field in scorer.card.get("features", ())
        if field["name"] not in filled
        or (filled[field["name"]] == 0 and (1 - field.get("filled", 0.0)) ** len(rows) < _BY_CHANCE)
    ]


def strangers(scorer: Scorer, rows: ScoringRows, *, words: Words) -> list[str]:
    """What a reader has to know of how a model and the rows to score fit each other, in sentences; none if they do.

    Parameters
    ----------
    scorer : Scorer
        With its card.
    rows : ScoringRows
        Open deals, or leads, of one day.
    words : Words
        Of the reader.
    """
    told = []
    missing, n_learnt = missing_fields(scorer, rows), len(scorer.card.get("features", ()))
    if missing:
        says = _names(missing, words)
        told.append(words("scoring_fit.fields", n=len(missing), total=n_learnt, fields=says))
    if scorer.card.get("subject", "deal") == "deal":
        told += _of_stages(scorer.card, rows, words)
    return told


def _of_stages(card: Mapping[str, Any], rows: ScoringRows, words: Words) -> list[str]:
    seen = card.get("stages_seen")
    if seen is None or rows.keys["stage"].isna().all():
        return []
    untested = untested_stages(rows, seen, n_closed=card["data"]["n_won"] + card["data"]["n_lost"], words=words)
    if untested:
        return [untested]
    strange = _strange_stages(card, rows)
    if not len(strange):
        return []
    names = words("scoring_fit.between").join(dict.fromkeys(strange.tolist()[:_FIRST]))
    return [words("scoring_fit.stages", n=f"{len(strange):,}", total=f"{len(rows):,}", stages=names)]


def untested_stages(rows: ScoringRows, seen: Sequence[Mapping[str, Any]], *, n_closed: int, words: Words) -> str:
    """That stages tell nothing of the outcome, no closed deal having been seen in one; empty where that is not so.

    Parameters
    ----------
    rows : ScoringRows
        Deals in stages: those to score, or those that were learnt from, the open ones among them.
    seen : sequence of mapping
        Of `stages_seen`.
    n_closed : int
        Closed deals that were learnt from; without any there is nothing that stages could have been tested on.
    words : Words
        Of the reader.
    """
    if rows.keys["stage"].isna().all() or any(one["n_closed"] for one in seen) or not n_closed:
        return ""
    guessed = rows.keys.get("odds_are_guessed", pd.Series(False, index=rows.keys.index)).eq(True)
    is_stated = rows.keys["set_odds"].notna() & ~guessed
    return words("scoring_fit.stages_stated" if is_stated.any() else "scoring_fit.stages_untested")


def _strange_stages(card: Mapping[str, Any], rows: ScoringRows) -> pd.Series:
    """Stage of each deal that stands where the model never saw one; the commonest stage first."""
    seen = {(one["process"], one["stage"]) for one in card.get("stages_seen", ())}
    keys = rows.keys[rows.keys["stage"].notna()]
    pairs = zip(keys["process"].astype(object).where(keys["process"].notna(), None), keys["stage"], strict=True)
    strange = keys["stage"][[pair not in seen for pair in pairs]]
    often = strange.map(strange.value_counts())
    return strange.loc[often.sort_values(ascending=False, kind="stable").index]


def _names(fields: list[str], words: Words) -> str:
    from oppnb.locale import Formats

    says = FeatureWords(words, Formats(words.locale))
    named = words("scoring_fit.between").join(says.title(field) for field in fields[:_FIRST])
    return named if len(fields) <= _FIRST else words("scoring_fit.and_more", named=named)


def refuse_strange_data(scorer: Scorer, rows: ScoringRows, *, words: Words) -> None:
    """A model of another pipeline says nothing of this one.

    A field or two that an export has lost are told (see `strangers`), and the deals are scored all the same.

    Raises
    ------
    ModelFileError
        If more than half of the fields that the model learnt from are not there, or if it learnt from stages and none
        of the open deals stands in one of them.
    """
    missing, n_learnt = missing_fields(scorer, rows), len(scorer.card.get("features", ()))
    if len(missing) > _MOST_MISSING * n_learnt:
        said = words("scoring_fit.fields", n=len(missing), total=n_learnt, fields=_names(missing, words))
        raise ModelFileError(f"{words('scoring_fit.refused')} {said}")
    learnt_stages = any(one["n_closed"] for one in scorer.card.get("stages_seen", ()))
    if scorer.card.get("subject", "deal") != "deal" or not learnt_stages or rows.keys["stage"].isna().all():
        return
    if len(_strange_stages(scorer.card, rows)) == len(rows):
        told = " ".join(_of_stages(scorer.card, rows, words))
        raise ModelFileError(f"{words('scoring_fit.refused')} {told}")
