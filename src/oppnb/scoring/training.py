"""Train: audit the fields, try every model on the client's own past, keep the one that won."""

from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from oppnb.history import Source, open_source
from oppnb.history.landmarks import has_dates, landmarks, last_day
from oppnb.scoring.backtest import Backtest, Progress, rolling_backtest
from oppnb.scoring.calibration import CalibratedModel, calibration_map
from oppnb.scoring.candidates import candidate_models, make_model, n_closed_deals
from oppnb.scoring.choice import Choice, choose_models
from oppnb.scoring.evaluation import evaluation_frame
from oppnb.scoring.intervals import Doubt, learn_doubt
from oppnb.scoring.leakage import LeakageAudit, audit_leakage, final_fields
from oppnb.scoring.models.composed import ComposedModel
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.rules import measure_rules
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["Training", "doubt_of", "fit_chosen", "train_on_rows", "train_scoring"]

N_ORIGINS = 6


@dataclass(frozen=True)
class Training:
    """A model of winning, and everything that speaks for and against it.

    Attributes
    ----------
    model : WinModel
        The one in use: the probability of one model, spread over time by one, corrected where its past asked for it.
    until : date or None
        Day of knowledge; null without dates.
    rows : ScoringRows
        What it learnt from: the fields that passed the audit.
    leakage : LeakageAudit
        Verdict on every field.
    backtest : Backtest
        What each model would have said on past days.
    evaluation : DataFrame
        One row a model, baselines among them; see `oppnb.scoring.evaluation.evaluation_frame`.
    choice : Choice
        Why this model.
    doubt : Doubt
        What intervals add to the model's own doubt.
    rule_lift : DataFrame
        What the declared rules were worth on the same past, see `oppnb.scoring.rules.measure_rules`; empty without any.
    open_now : ScoringRows or None
        Deals open in the export, as the leakage audit looks at them; None for leads.
    """

    model: WinModel
    until: date | None
    rows: ScoringRows
    leakage: LeakageAudit
    backtest: Backtest
    evaluation: pd.DataFrame
    choice: Choice
    doubt: Doubt
    rule_lift: pd.DataFrame = field(default_factory=pd.DataFrame)
    open_now: ScoringRows | None = None

    @property
    def n_closed(self) -> tuple[int, int]:
        """Deals won and lost that it learnt from."""
        return n_closed_deals(self.rows)


def train_scoring(
    tables: Tables,
    *,
    until: date | None = None,
    workspace: Workspace | None = None,
    n_origins: int = N_ORIGINS,
    progress: Progress | None = None,
) -> Training:
    """Learn P(won) from what was known up to a day.

    Parameters
    ----------
    tables : Tables
        Audited, as `oppnb.stages.open_data` gives them.
    until : date, optional
        The day of knowledge; by default that of the export. How deals ended later is not looked at. Fields without a
        history are as the export has them, on every day; the leakage audit looks at them on the export's day too.
    workspace : Workspace, optional
        With its stages.
    n_origins : int
        Past days at most on which every model is trained and judged.
    progress : callable, optional
        As in `oppnb.scoring.backtest.rolling_backtest`, which takes most of the time.

    Returns
    -------
    Training

    Examples
    --------
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> made = make_pipeline(SyntheticSettings(n_opportunities=60, end=date(2023, 12, 31)))
    >>> trained = train_scoring(made.tables, n_origins=1, workspace=Workspace(currency="CNY"))
    >>> trained.choice.ever  # so few deals carry nothing but the stage
    'stage_rates'
    """
    settled = workspace or Workspace()
    source = open_source(tables)
    is_dated = has_dates(source)
    day = (until or last_day(source, workspace=settled)) if is_dated else None
    lift = _rule_lift(source, day, settled)
    rows = training_rows(source, until=day, workspace=settled)
    open_now = scoring_rows(source, None, workspace=settled)
    leakage = audit_leakage(
        rows,
        open_now=open_now,
        keep_fields=settled.scoring.keep_fields,
        leave_out=settled.scoring.leave_out,
        final=final_fields(tables, workspace=settled),
    )
    trained = train_on_rows(rows, leakage, until=day, n_origins=n_origins, progress=progress)
    return replace(trained, rule_lift=lift, open_now=open_now)


def _rule_lift(source: Source, day: date | None, workspace: Workspace) -> pd.DataFrame:
    """Measured first: a rule that names a column that is not there stops the training before it begins."""
    declared = workspace.scoring.attribute_rules or workspace.scoring.behaviour_rules
    if day is None or not declared:
        return pd.DataFrame()
    past = landmarks(source, until=day, workspace=workspace)
    return measure_rules(past.rows, past.ends, source, workspace=workspace)


def train_on_rows(
    rows: ScoringRows,
    leakage: LeakageAudit,
    *,
    until: date | None,
    n_origins: int = N_ORIGINS,
    not_before: date | None = None,
    progress: Progress | None = None,
) -> Training:
    """Try every model on the past of the rows, with the fields that passed the audit, and keep the one that won.

    `not_before` is the first day of training in the backtest at the earliest.
    """
    rows = rows.with_features([name for name in leakage.kept if _tells(rows.values[name])])
    models = candidate_models(rows)
    backtest = rolling_backtest(rows, models, n_origins=n_origins, not_before=not_before, progress=progress)
    choice = choose_models(backtest)
    model = fit_chosen(rows, choice, backtest)
    return Training(
        model=model,
        until=until,
        rows=rows,
        leakage=leakage,
        backtest=backtest,
        evaluation=evaluation_frame(backtest),
        choice=choice,
        doubt=doubt_of(backtest, choice, model),
    )


def _tells(values: pd.Series) -> bool:
    """Whether a field differs between rows at all."""
    first = values.iloc[0] if len(values) else None
    return bool((values.isna() != pd.isna(first)).any() or (values.dropna() != first).any())


def doubt_of(backtest: Backtest, choice: Choice, model: WinModel) -> Doubt:
    """What intervals of the model in use add to its own doubt."""
    if choice.ever not in backtest.models:
        return Doubt()
    return learn_doubt(backtest, choice.ever, correction=model.map if isinstance(model, CalibratedModel) else None)


def fit_chosen(rows: ScoringRows, choice: Choice, backtest: Backtest) -> WinModel:
    """The chosen models, learnt from all rows, as one."""
    ever = make_model(choice.ever).fit(rows)
    timing = ever if choice.timing == choice.ever else make_model(choice.timing).fit(rows)
    model: WinModel = ComposedModel(ever, timing)
    found = calibration_map(backtest, choice.ever) if choice.ever in backtest.models else None
    return model if found is None else CalibratedModel(model, found)
