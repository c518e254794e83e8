"""Score leads with the same engine: how likely is each to become an opportunity within so many days, and why."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from oppnb.errors import DataError, UsageError
from oppnb.history.lead_rows import LEAD_PROCESS
from oppnb.history.snapshots import Day
from oppnb.locale import LOCALES, Formats, Words
from oppnb.scoring.card import scorer_of
from oppnb.scoring.choice import Choice
from oppnb.scoring.grades import grade_scores
from oppnb.scoring.lead_rows import AGE_BANDS, OLDEST_DAYS, WITHIN_DAYS, lead_scoring_rows, lead_training_rows
from oppnb.scoring.leakage import audit_leakage
from oppnb.scoring.opening import open_for_scoring
from oppnb.scoring.reasons import score_reasons
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.score_table import learned_scores
from oppnb.scoring.scorer import Scorer, load_scorer, refuse_other_subject, refuse_to_know_more
from oppnb.scoring.strangers import refuse_strange_data, strangers
from oppnb.scoring.training import Training, train_on_rows
from oppnb.stages import NO_DAY, OpenedData
from oppnb.tables import Tables
from oppnb.workspace import Grades, Workspace
from oppnb.workspace.models import Process, Stage

__all__ = ["LeadScores", "lead_labels", "score_leads", "train_leads", "train_on_leads"]

SUBJECT: Literal["lead"] = "lead"
BY_WAIT = "observed_stage_odds"
_AS_OF_RULE = (
    "A row is a lead on a day on which it waited, with what was known at the end of that day. It counts as converted "
    "if it became an opportunity within {days} days, as not converted if it was watched for {days} days and did not, "
    "and as neither while it is younger. Every figure is from days after the day of training."
)


@dataclass(frozen=True)
class LeadScores:
    """Scores of the leads that waited on a day.

    Attributes
    ----------
    frame : DataFrame
        One row a lead, the likeliest first; see `score_leads`.
    scorer : Scorer
        The model that said so, with its card.
    training : Training or None
        What it was trained on, with its evaluation over time; None where a trained model was given.
    opened : OpenedData
        The export.
    rows : ScoringRows
        What was known of each lead.
    as_of : date
        The day of knowledge.
    within_days : int
        The horizon.
    """

    frame: pd.DataFrame
    scorer: Scorer
    training: Training | None
    opened: OpenedData
    rows: ScoringRows
    as_of: date
    within_days: int

    def sentences(self, locale: str) -> list[str]:
        """Which model, what it was worth, what is scored; in the reader's language."""
        words = Words(locale)
        told: list[str] = list(self.scorer.card["sentences"][words.locale])
        told += strangers(self.scorer, self.rows, words=words)
        return [*told, words("scoring_leads.scored", n=f"{len(self.frame):,}", days=self.within_days, old=OLDEST_DAYS)]


def train_on_leads(
    tables: Tables,
    *,
    until: Day | None = None,
    within_days: int = WITHIN_DAYS,
    workspace: Workspace | None = None,
    n_origins: int = 6,
) -> Training:
    """Learn P(converted within n days) from what was known up to a day: fields audited, every model tried on the past.

    Parameters
    ----------
    tables : Tables
        With `leads`.
    until : date, optional
        The day of knowledge; by default that of the export.
    within_days : int
        The horizon n, in days; at least 1.
    workspace : Workspace, optional
        Its calendar, and the fields to keep or leave out.
    n_origins : int
        As in `oppnb.scoring.training.train_scoring`.

    Returns
    -------
    Training
        In it "won ever" means converted within n days. The backtest begins twice n days after the first row: before,
        conversions are known and their absence is not. Base rate and rates by how long a lead has waited (in the place
        of the stage odds) stand in `evaluation` beside the models.

    Raises
    ------
    UsageError
        If the horizon is less than a day.
    TableMissingError
        If there are no leads.
    DataError
        If no lead waited on any day, or none was watched for so many days.
    """
    if within_days < 1:
        raise UsageError(f"Leads convert within a number of days of at least 1, not {within_days}.")
    settled = workspace or Workspace()
    rows = lead_training_rows(tables, until=until, within_days=within_days, workspace=settled)
    if len(rows) == 0:
        raise DataError(
            "No lead waited on any day up to the day of knowledge: there is nothing to learn from. "
            "Leads need created_at, and converted_at once they are opportunities (oppnb inspect shows the mapping)."
        )
    _refuse_short_past(rows, within_days)
    leakage = audit_leakage(
        rows,
        open_now=lead_scoring_rows(tables, workspace=settled),
        keep_fields=settled.scoring.keep_fields,
        leave_out=settled.scoring.leave_out,
    )
    day = None if until is None else pd.Timestamp(until).date()
    begins = rows.keys["as_of"].min() + pd.Timedelta(days=2 * within_days)
    return train_on_rows(rows, leakage, until=day, n_origins=n_origins, not_before=begins.date())


def _refuse_short_past(rows: ScoringRows, within_days: int) -> None:
    """Only conversions are known while nobody was watched for the whole time: every lead would look sure to convert."""
    if not rows.is_lost.any() and not (rows.is_won.any() and rows.is_closed.all()):
        days = 0.0 if rows.ends is None else float(rows.ends["days_to_end"].max())
        raise DataError(
            f"No lead was watched for {within_days} days without converting: leads are followed for {days:.0f} days at "
            f"most, so nobody can say how many convert within {within_days}. Choose fewer days (--within-days)."
        )


def train_leads(
    data: str | Path | Tables,
    *,
    until: date | str | None = None,
    within_days: int = WITHIN_DAYS,
    workspace: Workspace | str | Path | None = None,
) -> tuple[OpenedData, Training, Scorer]:
    """Open an export and learn from its leads up to a day; as `oppnb.scoring.train_pipeline` does from its deals."""
    opened = open_for_scoring(data, as_of=until, workspace=workspace)
    training = train_on_leads(opened.tables, until=_day(opened), within_days=within_days, workspace=opened.workspace)
    return opened, training, _scorer(training, opened, within_days)


def score_leads(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    within_days: int = WITHIN_DAYS,
    workspace: Workspace | str | Path | None = None,
    model: Scorer | str | Path | None = None,
    locale: str | None = None,
    ready: Callable[[OpenedData, ScoringRows], None] | None = None,
) -> LeadScores:
    """Score every lead that had not become an opportunity by a day.

    Parameters
    ----------
    data, workspace
        As in `oppnb.stages.open_data`.
    as_of : date or str, optional
        The day of knowledge; by default the day of the export.
    within_days : int
        The horizon n; a model that is given has its own.
    model : Scorer or path, optional
        Of `train_leads`; by default one is trained on what was known on the day.
    locale : str, optional
        Of the reasons: en or zh_CN; by default the workspace's.
    ready : callable, optional
        As in `oppnb.scoring.score_pipeline`; the key of the rows, `opportunity_id`, is the lead's.

    Returns
    -------
    LeadScores
        Its frame has, the likeliest first: `lead_id`, `as_of`, `age_days` (days it has waited), `source`, `owner_id`;
        `conversion_probability` (of becoming an opportunity within `within_days` days, 0-1) with `_low_80`, `_high_80`,
        `_low_95`, `_high_95` (for the rate of leads like this one); `base_probability` and `contribution_<idea>`, which
        add up to it; `prior_share`; `grade`; `reasons` (text); `rank`; `model`, `model_id`. Leads that have waited for
        more than a year are not scored.

    Raises
    ------
    DataError
        If no lead was waiting on the day.
    TableMissingError
        If there are no leads.
    UsageError
        If the model was trained on deals.
    ParameterError
        If it was trained on what became known after the day.
    """
    training, scorer = None, model if isinstance(model, Scorer) else None if model is None else load_scorer(model)
    if scorer is not None:
        refuse_other_subject(scorer, SUBJECT)
    opened = open_for_scoring(data, as_of=as_of, workspace=workspace)
    day = _day(opened)
    if scorer is not None and day is not None:
        refuse_to_know_more(scorer, day)
    rows = lead_scoring_rows(opened.tables, day, workspace=opened.workspace)
    if len(rows) == 0:
        raise DataError(
            f"No lead of the last {OLDEST_DAYS} days was waiting on {opened.as_of.isoformat()}: there is nothing to "
            "score. Choose another day of knowledge (--as-of)."
        )
    if scorer is not None:
        refuse_strange_data(scorer, rows, words=Words(locale or opened.workspace.locale))
    if ready is not None:
        ready(opened, rows)
    if scorer is None:
        training = train_on_leads(opened.tables, until=day, within_days=within_days, workspace=opened.workspace)
        scorer = _scorer(training, opened, within_days)
    horizon = int(scorer.card["within_days"])
    frame = _frame(scorer, rows, horizon, workspace=opened.workspace, words=Words(locale or opened.workspace.locale))
    found = pd.Timestamp(rows.keys["as_of"].iloc[0]).date()
    return LeadScores(frame, scorer, training, opened, rows, found, horizon)


def _day(opened: OpenedData) -> date | None:
    """The day of knowledge; without one, that of the latest moment in the leads."""
    return None if opened.as_of == NO_DAY else opened.as_of


def _frame(scorer: Scorer, rows: ScoringRows, within_days: int, *, workspace: Workspace, words: Words) -> pd.DataFrame:
    told = learned_scores(scorer, rows).rename(
        columns=lambda name: name.replace("win_probability", "conversion_probability")
    )
    curves = [name for name in map(str, told) if name.endswith(("_days", "_period_end", "period_end_on"))]
    keys = pd.DataFrame(
        {
            "lead_id": rows.keys["opportunity_id"],
            "as_of": rows.keys["as_of"],
            "age_days": np.floor(rows.values["age_days"].astype("float64")),
            "source": rows.values["source"],
            "owner_id": rows.keys["owner_id"],
            "within_days": within_days,
        }
    )
    frame = pd.concat([keys, told.drop(columns=curves)], axis="columns")
    grades = workspace.scoring.grades
    frame["grade"] = grade_scores(frame["conversion_probability"], grades if grades.by == "learned" else Grades())
    frame["reasons"] = _reasons(scorer, rows, words=words)
    frame["model"], frame["model_id"] = scorer.model.name, scorer.model_id
    frame = frame.sort_values(["conversion_probability", "lead_id"], ascending=[False, True], ignore_index=True)
    return frame.assign(rank=np.arange(1, len(frame) + 1))


def _reasons(scorer: Scorer, rows: ScoringRows, *, words: Words) -> list[str]:
    labels = lead_labels(words)
    process = Process(
        name=LEAD_PROCESS, stages=[Stage(name=band, label={words.locale: labels[band]}) for band in labels]
    )
    said = {words("score_reason.stage", value=label): label for label in labels.values()}
    found = score_reasons(
        scorer, rows, words=words, formats=Formats(words.locale), workspace=Workspace(processes=[process])
    )
    return [words("scoring.between").join(_without_stage(text, said) for text in texts) for texts in found]


def _without_stage(text: str, said: dict[str, str]) -> str:
    """A lead has no stage: it has waited for so long."""
    for phrase, label in said.items():
        text = text.replace(phrase, label)
    return text


def lead_labels(words: Words) -> dict[str, str]:
    """How long a lead has waited, in words, by the band of `oppnb.scoring.lead_rows.AGE_BANDS`.

    Examples
    --------
    >>> lead_labels(Words("en"))["week"]
    'waiting for less than a week'
    """
    return {band: words(f"scoring_leads.age_{band}") for band in AGE_BANDS}


def _scorer(training: Training, opened: OpenedData, within_days: int) -> Scorer:
    found = scorer_of(training, data_hash=opened.reading.data_hash if opened.reading else None)
    card: dict[str, Any] = {
        **found.card,
        "subject": SUBJECT,
        "within_days": within_days,
        "as_of_rule": _AS_OF_RULE.format(days=within_days),
        "sentences": {locale: _sentences(training.choice, training, Words(locale), within_days) for locale in LOCALES},
    }
    return replace(found, card=card)


def _sentences(choice: Choice, training: Training, words: Words, within_days: int) -> list[str]:
    n_converted, n_not = training.n_closed
    title = words.get(f"scoring_leads.model_{choice.ever}", words.get(f"scoring.model_{choice.ever}", choice.ever))
    learnt = words("scoring_leads.learnt", days=within_days, converted=f"{n_converted:,}", not_converted=f"{n_not:,}")
    told = [learnt, words("scoring_leads.in_use", model=title)]
    mine = training.evaluation[training.evaluation["model"] == choice.ever]
    if len(mine) and np.isfinite(mine["auc"].iloc[0]):
        values = {name: f"{mine[name].iloc[0]:.2f}" for name in ("auc", "auc_low", "auc_high")}
        waits = training.evaluation[training.evaluation["model"] == BY_WAIT]
        alone = f"{waits['auc'].iloc[0]:.2f}" if len(waits) else "–"
        told.append(words("scoring_leads.worth", n=f"{int(mine['n_deals'].iloc[0]):,}", alone=alone, **values))
    return [*told, words(f"scoring_leads.verdict_{choice.verdict}")]
