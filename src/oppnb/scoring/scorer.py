"""A trained model with what it needs to score: its fields, its doubt, its card; kept in one file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oppnb.scoring.intervals import Doubt
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.saving import load_model, save_model

__all__ = ["Scorer", "load_scorer", "save_scorer"]


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
        Doubt(float(doubt["excess"]), int(doubt["n_groups"]), float(doubt["data_share"])),
        saved.card,
    )
