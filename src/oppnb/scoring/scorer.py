"""A trained model with what it needs to score: its fields, its doubt, its card; kept in one file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from oppnb.errors import ParameterError, UsageError
from oppnb.periods import parse_day
from oppnb.scoring.intervals import Doubt
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.saving import load_model, save_model

__all__ = ["Scorer", "load_scorer", "refuse_other_subject", "refuse_to_know_more", "save_scorer"]


@dataclass(frozen=True)
class Scorer:
    """What scores deals.

    Attributes
    ----------
    model : WinModel
        Fitted.
    features : tuple of str
        The fields it learnt from; others of the rows are not looked at.
    doubt : Doubt
        What the past adds to the model's own doubt.
    card : mapping
        The model card, as JSON can hold it; see `oppnb.scoring.card.model_card`.
    """

    model: WinModel
    features: tuple[str, ...]
    doubt: Doubt
    card: Mapping[str, Any]

    @property
    def model_id(self) -> str:
        """What tells this model from others: a hash of what it learnt from and how."""
        return str(self.card["model_id"])

    def rows(self, rows: ScoringRows) -> ScoringRows:
        """The rows with the model's fields only."""
        return rows.with_features(self.features)


def save_scorer(scorer: Scorer, path: str | Path) -> Path:
    """Write it into one file, the card within; see `oppnb.scoring.saving.save_model`."""
    return save_model(scorer.model, path, card=scorer.card)


def load_scorer(path: str | Path) -> Scorer:
    """Read what `save_scorer` wrote.

    Raises
    ------
    NothingToReadError, ModelFileError, ModelVersionError, ExtraMissingError
        As `oppnb.scoring.saving.load_model`.
    """
    saved = load_model(path)
    doubt = saved.card["doubt"]
    return Scorer(
        saved.model,
        tuple(str(feature["name"]) for feature in saved.card["features"]),
        Doubt(
            excess=float(doubt["excess"]),
            n_groups=int(doubt["n_groups"]),
            data_share=float(doubt["data_share"]),
            finest=float(doubt.get("finest", Doubt().finest)),
        ),
        saved.card,
    )


def refuse_other_subject(scorer: Scorer, subject: Literal["deal", "lead"]) -> None:
    """A model of leads says nothing of deals, nor one of deals of leads.

    Raises
    ------
    UsageError
        If the model was trained on the other ones.
    """
    found = scorer.card.get("subject", "deal")
    if found != subject:
        option = " --leads" if subject == "lead" else ""
        raise UsageError(
            f"This model was trained on {found}s, not on {subject}s. Train one on {subject}s "
            f"(oppnb train DATA{option} --model-out FILE), or leave the model out and one is trained."
        )


def refuse_to_know_more(scorer: Scorer, day: date) -> None:
    """A model of a later day has learnt how what was open on this day ended.

    Raises
    ------
    ParameterError
        If the model was trained on what became known after the day.
    """
    until = scorer.card["data"]["until"]
    if until is not None and parse_day(until) > day:
        raise ParameterError(
            f"The model was trained on what was known on {until}, after {day.isoformat()}: it may have learnt how "
            f"the {scorer.card.get('subject', 'deal')}s of that day ended. Train one on what was known then "
            f"(oppnb train DATA --until {day.isoformat()}), or leave the model out."
        )
