"""Which model a review is scored with, or one sentence why with none."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.errors import OppnbError

if TYPE_CHECKING:
    from oppnb.scoring import Scorer

__all__ = ["AUTO", "OFF", "ON", "PickedModel", "pick_model"]

AUTO, ON, OFF = "auto", "on", "off"


@dataclass(frozen=True)
class PickedModel:
    """A model, or the reason why there is none.

    Attributes
    ----------
    scorer : Scorer or None
    note : str
        One sentence in the reader's words; empty with a model.
    """

    scorer: "Scorer | None"
    note: str = ""


def pick_model(review: Any, scoring: str, *, workspace: str | Path | None = None) -> PickedModel:
    """Find the model for a review.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    scoring : str
        `auto`: the model that the workspace names, else none. `on`: that one, else one is trained, which takes
        minutes. Or the file of a model.
    workspace : path, optional
        The workspace's file: the model it names is looked for beside it.

    Returns
    -------
    PickedModel
        Without a model where none is named or trained, it cannot be read, an extra is missing, or it knows how deals
        ended after the day of the review: such a model would score with tomorrow's knowledge.
    """
    named = review.workspace.scoring.model
    path = Path(scoring) if scoring not in (AUTO, ON) else None
    if path is None and named is not None:
        path = Path(named) if workspace is None else Path(workspace).parent / named
    if path is None and scoring == AUTO:
        return PickedModel(None, review.words("report_scores.no_model"))
    try:
        scorer = _trained(review) if path is None else _loaded(path)
    except OppnbError as error:
        return PickedModel(None, review.words("report_scores.not_scored", why=" ".join(str(error).split())))
    until = scorer.card["data"]["until"]
    if until is not None and pd.Timestamp(until) > pd.Timestamp(review.as_of):
        days = {"until": review.formats.day(pd.Timestamp(until)), "as_of": review.formats.day(review.as_of)}
        return PickedModel(None, review.words("report_scores.knows_later", **days))
    return PickedModel(scorer)


def _loaded(path: Path) -> "Scorer":
    from oppnb.scoring import load_scorer, refuse_other_subject

    scorer = load_scorer(path)
    refuse_other_subject(scorer, "deal")
    return scorer


def _trained(review: Any) -> "Scorer":
    from oppnb.scoring import scorer_of, train_scoring

    training = train_scoring(review.tables, until=review.as_of, workspace=review.workspace)
    return scorer_of(training, data_hash=getattr(review.reading, "data_hash", None), workspace=review.workspace)
