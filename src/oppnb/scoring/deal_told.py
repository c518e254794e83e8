"""One deal told in full: how likely, by when, why, what like deals did, what would change it, what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.change import change_texts, score_changes
from oppnb.scoring.earlier import comparable_scores, last_scores
from oppnb.scoring.pipeline import Scores
from oppnb.scoring.plain import as_json
from oppnb.scoring.reasons import Explanation, explain_deals
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.score_table import CURVE_DAYS
from oppnb.scoring.similar import similar_closed_deals, similar_texts
from oppnb.scoring.training_rows import training_rows
from oppnb.scoring.what_if import ACTIONS, what_if_texts, what_would_change
from oppnb.stages import only_currency

__all__ = ["DealBackground", "ToldDeal", "deal_background", "deal_curves", "tell_deals"]

MOST = 3


@dataclass(frozen=True)
class ToldDeal:
    """All that is said of one open deal.

    Attributes
    ----------
    opportunity_id : str
    score : mapping
        Its row of the score table, see `oppnb.scoring.score_pipeline`.
    explanation : Explanation
        Every idea that adds anything, in points that sum up to the difference to the typical recent deal.
    curve : DataFrame
        `days`, `by` (the day; null without dates), `won`, `lost`, `open`: shares that make 1. Empty without dates.
    similar : DataFrame
        See `oppnb.scoring.similar.similar_closed_deals`; `text` in the reader's words.
    what_if : DataFrame
        See `oppnb.scoring.what_if.what_would_change`: three at most, what gives the same number told once; `text` in
        the reader's words.
    change : mapping
        Its row of `oppnb.scoring.change.score_changes`, `text` in the reader's words; empty where it was not scored
        before.
    """

    opportunity_id: str
    score: Mapping[str, Any]
    explanation: Explanation
    curve: pd.DataFrame
    similar: pd.DataFrame
    what_if: pd.DataFrame
    change: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON can hold it: days as text, what is not known as null."""
        why = self.explanation
        told: dict[str, Any] = as_json(
            {
                "opportunity_id": self.opportunity_id,
                "score": self.score,
                "curve": self.curve.to_dict("records"),
                "base_probability": why.base,
                "compared": why.compared,
                "reasons": [asdict(reason) for reason in why.reasons],
                "similar": self.similar.to_dict("records"),
                "what_would_change": self.what_if.to_dict("records"),
                "change": self.change or None,
                "note": why.note,
            }
        )
        return told


@dataclass(frozen=True)
class DealBackground:
    """What every deal of a scored pipeline is held against; worth keeping where one after the other is told.

    Attributes
    ----------
    past : ScoringRows
        Earlier deals with their ends, as the model learns from them.
    before : DataFrame or None
        What was last said of the deals; see `oppnb.scoring.earlier.last_scores`.
    """

    past: ScoringRows
    before: pd.DataFrame | None


def deal_background(scores: Scores) -> DealBackground:
    """Work out what `tell_deals` holds deals against; it takes most of its time."""
    opened = scores.opened
    past = training_rows(opened.tables, until=scores.as_of, workspace=opened.workspace)
    return DealBackground(past, last_scores(scores.scorer, scores.rows, opened))


def tell_deals(
    scores: Scores,
    deals: Sequence[str],
    *,
    locale: str | None = None,
    background: DealBackground | None = None,
) -> list[ToldDeal]:
    """Tell deals of a scored pipeline in full.

    Parameters
    ----------
    scores : Scores
        Of `oppnb.scoring.score_pipeline`.
    deals : sequence of str
        Ids of deals that were open on its day; see `oppnb.scoring.deal_ids.check_deals`.
    locale : str, optional
        Of the texts: en or zh_CN; by default the workspace's.
    background : DealBackground, optional
        Of `deal_background`, if it is known already.

    Returns
    -------
    list of ToldDeal
        In the order of `deals`. Similar deals are those whose close was known on the day.

    Raises
    ------
    KeyError
        If a deal is not among the rows.
    """
    opened = scores.opened
    words = Words(locale or opened.workspace.locale)
    formats = Formats(words.locale, currency=opened.workspace.currency or only_currency(opened.tables))
    rows = scores.rows.take(_places(scores.rows, deals))
    known = background or deal_background(scores)
    past = known.past
    similar = similar_closed_deals(scores.scorer, rows, past)
    similar = similar.assign(text=similar_texts(similar, words=words, formats=formats, workspace=opened.workspace))
    what_if = _unlike(what_would_change(scores.scorer, rows, among=past, workspace=opened.workspace, most=len(ACTIONS)))
    what_if = what_if.assign(text=what_if_texts(what_if, words=words, formats=formats))
    changes = _changes(scores, rows, known.before, words=words, formats=formats)
    table = {str(row["opportunity_id"]): row for row in scores.frame.to_dict("records")}
    return [
        ToldDeal(
            opportunity_id=key,
            score={str(name): value for name, value in table[key].items()},
            explanation=why,
            curve=curve,
            similar=_of(similar, key),
            what_if=_of(what_if, key),
            change=changes.get(key, {}),
        )
        for key, why, curve in zip(
            deals,
            explain_deals(scores.scorer, rows, words=words, formats=formats, workspace=opened.workspace),
            deal_curves(scores, rows),
            strict=True,
        )
    ]


def _places(rows: ScoringRows, deals: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    place = {str(key): number for number, key in enumerate(rows.keys["opportunity_id"])}
    return np.array([place[deal] for deal in deals], dtype="int64")


def _unlike(what_if: pd.DataFrame) -> pd.DataFrame:
    """The first three a deal; what gives the same number (a mail, a meeting) is told once."""
    told = what_if[~what_if.assign(to=what_if["win_probability_if"].round(9)).duplicated(["opportunity_id", "to"])]
    rank = told.groupby("opportunity_id").cumcount() + 1
    return told.assign(rank=rank)[rank <= MOST].reset_index(drop=True)


def _of(frame: pd.DataFrame, deal: str) -> pd.DataFrame:
    return frame[frame["opportunity_id"] == deal].drop(columns="opportunity_id").reset_index(drop=True)


def deal_curves(scores: Scores, rows: ScoringRows, *, days: Sequence[int] = CURVE_DAYS) -> list[pd.DataFrame]:
    """Points of each deal's curve, as in `ToldDeal.curve`; without dates there are none."""
    if scores.as_of is None:
        return [pd.DataFrame(columns=["days", "by", "won", "lost", "open"])] * len(rows)
    told = scores.scorer.model.predict(scores.scorer.rows(rows))
    won, lost = (np.stack([np.clip(of(float(one)), 0.0, 1.0) for one in days]) for of in (told.won_by, told.lost_by))
    points = {"days": list(days), "by": [scores.as_of + timedelta(days=one) for one in days]}
    return [
        pd.DataFrame({**points, "won": won[:, place], "lost": lost[:, place]}).assign(
            open=np.clip(1 - won[:, place] - lost[:, place], 0.0, 1.0)
        )
        for place in range(len(rows))
    ]


def _changes(
    scores: Scores, rows: ScoringRows, before: pd.DataFrame | None, *, words: Words, formats: Formats
) -> dict[str, dict[str, Any]]:
    """What changed since each deal was last scored; deals never scored before have no entry."""
    if before is None:
        return {}
    frame = scores.frame[scores.frame["opportunity_id"].isin(rows.keys["opportunity_id"])]
    now = frame.drop(columns=["win_probability_before", "as_of_before", "change", "trend", "moved_by"], errors="ignore")
    changes = score_changes(now, comparable_scores(frame, before))
    told = change_texts(changes, words=words, formats=formats)
    changes = changes.assign(text=pd.Series(told, dtype="object"))[changes["change"].notna()]
    return {str(row["opportunity_id"]): {str(k): v for k, v in row.items()} for row in changes.to_dict("records")}
