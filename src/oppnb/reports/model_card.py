"""Which model a card is of, and whether it was right lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppnb.errors import UsageError
from oppnb.locale import Formats, Words
from oppnb.periods import parse_day
from oppnb.stages import NO_DAY, OpenedData, only_currency
from oppnb.tables import Tables
from oppnb.workspace import Workspace

if TYPE_CHECKING:
    from oppnb.scoring import LatelyJudged, Scorer

__all__ = ["ModelFound", "find_model"]

SEGMENTS = ("region", "owner_id", "source")


@dataclass(frozen=True, eq=False)
class ModelFound:
    """A model with the export that it is judged on.

    Attributes
    ----------
    opened : OpenedData
        The export.
    scorer : Scorer or None
        The model; None where none is named, and none was to be trained.
    lately : LatelyJudged or None
        How it did on deals that were open after its training; None where nothing can be judged.
    is_of_whole : bool
        The report is of a slice, and the model learnt from all deals: what it learnt is not told then.
    words, formats : Words, Formats
        The reader's language and currency.
    """

    opened: OpenedData
    scorer: "Scorer | None"
    lately: "LatelyJudged | None"
    is_of_whole: bool
    words: Words
    formats: Formats

    @property
    def card(self) -> Mapping[str, Any]:
        """The model's card; empty without a model."""
        return {} if self.scorer is None else self.scorer.card

    @property
    def until(self) -> date | None:
        """The day until which the model was trained; None where it is not dated, or there is none."""
        told = self.card["data"]["until"] if self.card else None
        return None if told is None else parse_day(str(told))

    @property
    def day(self) -> date | None:
        """The day of knowledge; None of an export without dates."""
        return None if self.opened.as_of == NO_DAY else self.opened.as_of


def find_model(
    data: str | Path | Tables,
    *,
    model: str | Path | None = None,
    as_of: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    locale: str | None = None,
    currency: str | None = None,
    train: bool = False,
    segments: Sequence[str] = SEGMENTS,
    only: Mapping[str, str] | None = None,
) -> ModelFound:
    """Find the model that a card is of, and judge it on what came after its training.

    Parameters
    ----------
    data, as_of, workspace, only
        As in `oppnb.stages.open_data`.
    model : path, optional
        A file that `oppnb train --model-out` wrote; by default the one that the workspace names
        (`scoring: {model: …}`). Files are read by `oppnb.scoring.load_scorer`: nothing in them is run.
    locale, currency : str, optional
        By default the workspace's.
    train : bool
        Where no model is named, train one on what was known on the day, as `oppnb train` does: minutes.
    segments : sequence of str
        Columns to judge the model by; those that the data lacks are left out.

    Returns
    -------
    ModelFound

    Raises
    ------
    NothingToReadError, ModelFileError, ModelVersionError
        If the model cannot be read.
    ExtraMissingError
        If skops is not installed; for training, if scikit-learn is not.
    ParameterError, DataError
        As `oppnb.stages.open_data`.
    """
    from oppnb.scoring import load_scorer
    from oppnb.scoring.opening import open_for_scoring

    path = None if model is None else Path(model)
    scorer = None if path is None else load_scorer(path)  # a wrong path is said before an export is read
    opened = open_for_scoring(data, as_of=as_of, workspace=workspace, only=only)
    named = opened.workspace.scoring.model
    if scorer is None and named is not None:
        scorer = load_scorer(named if isinstance(workspace, Workspace | None) else Path(workspace).parent / named)
    is_trained = scorer is None and train
    if is_trained:
        scorer = _trained(opened)
    words = Words(locale or opened.workspace.locale)
    money = currency or opened.workspace.currency or only_currency(opened.tables)
    return ModelFound(
        opened,
        scorer,
        None if scorer is None else _lately(scorer, opened, segments),
        bool(only) and scorer is not None and not is_trained,
        words,
        Formats(words.locale, currency=money),
    )


def _trained(opened: OpenedData) -> "Scorer":
    from oppnb.scoring import scorer_of, train_scoring

    training = train_scoring(opened.tables, until=opened.as_of, workspace=opened.workspace)
    data_hash = None if opened.reading is None else opened.reading.data_hash
    return scorer_of(training, data_hash=data_hash, workspace=opened.workspace)


def _lately(scorer: "Scorer", opened: OpenedData, segments: Sequence[str]) -> "LatelyJudged | None":
    from oppnb.scoring import judge_lately, refuse_other_subject

    until = scorer.card["data"]["until"]
    try:
        refuse_other_subject(scorer, "deal")
    except UsageError:
        return None
    if until is None or opened.as_of == NO_DAY:
        return None
    since = parse_day(str(until))
    return judge_lately(
        scorer, opened.tables, since=since, day=opened.as_of, workspace=opened.workspace, segments=segments
    )
