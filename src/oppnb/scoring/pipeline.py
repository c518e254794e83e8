"""Score a pipeline: open the export, train or take a model, and say what it says of every open deal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from oppnb.errors import DataError
from oppnb.history import Source, open_source, snapshots
from oppnb.locale import Formats, Words
from oppnb.scoring.alerts import alert_texts, score_alerts
from oppnb.scoring.backtest import Progress
from oppnb.scoring.card import scorer_of
from oppnb.scoring.change import score_changes
from oppnb.scoring.earlier import GRADED, comparable_scores, last_scores, scores_then
from oppnb.scoring.grades import grade_scores
from oppnb.scoring.opening import has_relative_amounts, open_for_scoring
from oppnb.scoring.priority import rank_by_priority
from oppnb.scoring.reasons import score_reasons
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.rules import score_by_rules
from oppnb.scoring.score_table import learned_scores
from oppnb.scoring.scorer import Scorer, load_scorer, refuse_other_subject, refuse_to_know_more
from oppnb.scoring.strangers import refuse_strange_data, strangers, untested_stages
from oppnb.scoring.training import Training, train_scoring
from oppnb.scoring.training_rows import scoring_rows
from oppnb.stages import NO_DAY, OpenedData, only_currency
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["Scores", "score_pipeline", "score_rows", "scores_then", "train_pipeline"]

Ready = Callable[[OpenedData, ScoringRows], None]


@dataclass(frozen=True)
class Scores:
    """Scores of the deals open on a day.

    Attributes
    ----------
    frame : DataFrame
        One row an open deal, the first to look at on top; see `score_pipeline`.
    scorer : Scorer
        The model that said so, with its card.
    training : Training or None
        What it was trained on; None where a saved model was taken.
    opened : OpenedData
        The export.
    rows : ScoringRows
        What was known of each deal, in the order of its key.
    as_of : date or None
        The day of knowledge; null without dates.
    """

    frame: pd.DataFrame
    scorer: Scorer
    training: Training | None
    opened: OpenedData
    rows: ScoringRows
    as_of: date | None

    def strangers(self, locale: str) -> list[str]:
        """Fields that the model learnt from and the export lacks, stages that it never saw; in the reader's words."""
        return strangers(self.scorer, self.rows, words=Words(locale))

    @property
    def are_stages_untested(self) -> bool:
        """Whether no closed deal that the model learnt from was seen in a stage; then `strangers` says so."""
        card = self.scorer.card
        seen, n_closed = card.get("stages_seen"), card["data"]["n_won"] + card["data"]["n_lost"]
        return seen is not None and bool(untested_stages(self.rows, seen, n_closed=n_closed, words=Words("en")))


def train_pipeline(
    data: str | Path | Tables,
    *,
    until: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
) -> tuple[OpenedData, Training, Scorer]:
    """Open an export and learn from what was known up to a day.

    Parameters
    ----------
    data, workspace
        As in `oppnb.stages.open_data`.
    until : date or str, optional
        The day of knowledge; by default the day of the export.

    Raises
    ------
    DataError
        As `oppnb.stages.open_data`.
    ExtraMissingError
        If scikit-learn, LightGBM or skops is not installed.
    """
    opened = open_for_scoring(data, as_of=until, workspace=workspace)
    return opened, *_trained(opened)


def _trained(opened: OpenedData, *, progress: Progress | None = None) -> tuple[Training, Scorer]:
    training = train_scoring(opened.tables, until=opened.as_of, workspace=opened.workspace, progress=progress)
    data_hash = opened.reading.data_hash if opened.reading else None
    return training, scorer_of(training, data_hash=data_hash, workspace=opened.workspace)


def score_pipeline(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    model: Scorer | str | Path | None = None,
    locale: str | None = None,
    ready: Ready | None = None,
    progress: Progress | None = None,
    only: Mapping[str, str] | None = None,
) -> Scores:
    """Score every deal that was open on a day.

    Parameters
    ----------
    data, workspace, only
        As in `oppnb.stages.open_data`.
    as_of : date or str, optional
        The day of knowledge; by default the day of the export.
    model : Scorer or path, optional
        A trained one; by default the one that the workspace names (`scoring: {model: …}`), else one is trained on what
        was known on the day.
    locale : str, optional
        Of the reasons: en or zh_CN; by default the workspace's.
    ready : callable, optional
        Called with the export and the rows of the open deals before anything is trained or scored; what it raises
        stops the work while that costs nothing.
    progress : callable, optional
        Of the training, where no model is given: as in `oppnb.scoring.backtest.rolling_backtest`.

    Returns
    -------
    Scores
        Its frame has, by `priority_rank`: `opportunity_id`, `as_of`, `name`, `process`, `stage`, `owner_id`,
        `amount_base`, `expected_close_on`; the columns of `oppnb.scoring.score_table.learned_scores`;
        `attribute_points`, `behaviour_points` with their reasons; `grade`; `reasons` (text); `expected_value`,
        `movable_points`, `movable_value`, `priority_rank`, `is_within_capacity`; `change` since the last score (in the
        store, else what the same model says of the deal seven days earlier), `trend`, `moved_by`; `alerts` of the
        workspace, as text; `model`, `model_id`.

    Raises
    ------
    DataError
        If no deal was open on the day; and as `oppnb.stages.open_data`.
    ParameterError
        If the model was trained on what became known after the day.
    UsageError
        If the model was trained on leads.
    ModelFileError
        If the model was trained on other data; see `oppnb.scoring.strangers.refuse_strange_data`.
    """
    scorer = _given(model)
    opened = open_for_scoring(data, as_of=as_of, workspace=workspace, only=only)
    named = opened.workspace.scoring.model
    if scorer is None and named is not None:
        scorer = _given(named if isinstance(workspace, Workspace | None) else Path(workspace).parent / named)
    if scorer is not None:
        refuse_to_know_more(scorer, opened.as_of)
    words = Words(locale or opened.workspace.locale)
    rows = scoring_rows(opened.tables, opened.as_of, workspace=opened.workspace)
    if len(rows) == 0:
        day = "in this export" if opened.as_of == NO_DAY else f"on {opened.as_of.isoformat()}"
        raise DataError(
            f"No deal was open {day}: there is nothing to score. "
            "Choose an earlier day of knowledge (--as-of), or see what the outcome is told by (oppnb inspect)."
        )
    if scorer is not None:
        refuse_strange_data(scorer, rows, words=words)
    if ready is not None:
        ready(opened, rows)
    training = None
    if scorer is None:
        training, scorer = _trained(opened, progress=progress)
    frame = score_rows(scorer, rows, opened, words=words)
    return Scores(frame, scorer, training, opened, rows, opened.as_of if rows.is_dated else None)


def _given(model: Scorer | str | Path | None) -> Scorer | None:
    """A model of deals that is there already."""
    scorer = model if isinstance(model, Scorer) else None if model is None else load_scorer(model)
    if scorer is not None:
        refuse_other_subject(scorer, "deal")
    return scorer


def score_rows(
    scorer: Scorer, rows: ScoringRows, opened: OpenedData, *, words: Words, before: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The score table of the rows of one day; `before` is what was said before, by default the last score."""
    workspace = opened.workspace
    formats = Formats(words.locale, currency=workspace.currency or only_currency(opened.tables))
    source = open_source(opened.tables)
    frame = pd.concat([_told(rows, opened.tables), learned_scores(scorer, rows)], axis="columns")
    declared = _by_rules(source, opened, words=words, formats=formats)
    frame = frame.merge(declared, left_on="opportunity_id", right_index=True, how="left")
    grades = workspace.scoring.grades
    frame["grade"] = grade_scores(frame[GRADED[grades.by]], grades)
    frame["reasons"] = [
        words("scoring.between").join(texts)
        for texts in score_reasons(scorer, rows, words=words, formats=formats, workspace=workspace)
    ]
    frame["model"], frame["model_id"] = scorer.model.name, scorer.model_id
    if has_relative_amounts(opened):
        frame["amount_base"] = float("nan")
    frame = pd.concat([frame, rank_by_priority(frame, scoring=workspace.scoring)], axis="columns")
    known = last_scores(scorer, rows, opened) if before is None else before
    frame = _with_change(frame, known, workspace, words=words, formats=formats)
    order = ["priority_rank", "win_probability", "opportunity_id"]
    return frame.sort_values(order, ascending=[True, False, True], na_position="last", ignore_index=True)


def _by_rules(source: Source, opened: OpenedData, *, words: Words, formats: Formats) -> pd.DataFrame:
    """The two declared scores, by the deal's key; reasons as one text."""
    snapshot = snapshots(source, [opened.as_of], workspace=opened.workspace, only_open=True)
    found = score_by_rules(snapshot, source, workspace=opened.workspace, words=words, formats=formats)
    for name in ("attribute_reasons", "behaviour_reasons"):
        found[name] = found[name].map(words("scoring.between").join).astype("str")
    return found.set_axis(pd.Index(snapshot["opportunity_id"]), axis="index")


def _told(rows: ScoringRows, tables: Tables) -> pd.DataFrame:
    deals = tables["opportunities"].drop_duplicates("opportunity_id").set_index("opportunity_id")
    keys = rows.keys[
        ["opportunity_id", "as_of", "process", "stage", "owner_id", "amount_base", "expected_close_on"]
    ].copy()
    name = deals["name"] if "name" in deals else pd.Series(dtype="str")
    keys.insert(2, "name", keys["opportunity_id"].map(name).astype("str"))
    return keys


def _with_change(
    frame: pd.DataFrame, before: pd.DataFrame | None, workspace: Workspace, *, words: Words, formats: Formats
) -> pd.DataFrame:
    """What changed since it was last said, and the alerts of the workspace as one text a deal."""
    if before is None:
        text = pd.Series(None, index=frame.index, dtype="str")
        return frame.assign(change=float("nan"), trend="not_known", moved_by=text, alerts=text)
    changes = score_changes(frame, comparable_scores(frame, before))
    found = score_alerts(changes, workspace=workspace)
    said = found.assign(text=alert_texts(found, words=words, formats=formats))
    alerts = said.groupby("opportunity_id")["text"].agg(words("scoring.between").join)
    names = ["win_probability_before", "as_of_before", "change", "trend", "moved_by"]
    changed = frame.merge(changes.set_index("opportunity_id")[names], left_on="opportunity_id", right_index=True)
    return changed.assign(alerts=changed["opportunity_id"].map(alerts).astype("str"))
