"""Judge a score that came with the export by the same report as our own models."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.landmarks import has_dates
from oppnb.scoring.backtest import Backtest, rolling_backtest
from oppnb.scoring.candidates import candidate_models
from oppnb.scoring.choice import STAGE_ODDS, choose_models
from oppnb.scoring.court import Court
from oppnb.scoring.evaluation import evaluation_frame
from oppnb.scoring.imported.evidence import OutcomeEvidence, look_for_outcome
from oppnb.scoring.imported.judgement import ScoreJudgement
from oppnb.scoring.imported.models import PLACE, ImportedScore, RecalibratedScore
from oppnb.scoring.imported.said import said_score
from oppnb.scoring.imported.scale import ScoreScale, find_scale
from oppnb.scoring.leakage import audit_leakage
from oppnb.scoring.measures import measure_predictions
from oppnb.scoring.opening import open_for_scoring
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.ranking import best_that_fit, lift_by_decile
from oppnb.scoring.reliability import reliability_table
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["judge_score"]

Floats = npt.NDArray[np.float64]

CHEAP_ROWS = 20_000
OURS = ("stage_rates", "ridge_on_rates", "ridge")
AGAINST = ("base_rate", "set_stage_odds", "observed_stage_odds", "stage_week_rates")
OF_PROBABILITIES = ("log_loss", "brier", "brier_skill", "ece", "ece_by_chance", "calibration")


def judge_score(
    data: str | Path | Tables,
    column: str,
    *,
    until: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    own: bool | None = None,
    locale: str | None = None,
) -> ScoreJudgement:
    """Judge a score column of the export by what became of the deals.

    It is judged on deals as they stood open on weekly days (see `oppnb.scoring.training_rows`), after the first day of
    a rolling backtest, beside base rate, stage odds and our own models on the very same rows. A score that a history
    or the store tells with its day is taken as it was said by then. Of any other only the state at the export is there:
    then the leakage audit says whether closed deals were overwritten with their outcome.

    Parameters
    ----------
    data, workspace
        As in `oppnb.stages.open_data`.
    column : str
        Of `opportunities`, of its history, or of the scores in the store.
    until : date or str, optional
        Day of knowledge of the outcomes; by default that of the export.
    own : bool, optional
        Whether our own models are trained beside it: False for no, True for all of them; by default the linear ones
        where there are at most 20,000 rows.
    locale : str, optional
        Of the reader: en or zh_CN; by default the workspace's.

    Returns
    -------
    ScoreJudgement

    Raises
    ------
    ColumnMissingError
        If there is no such column; names the nearest.
    DataError
        If it holds no numbers.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": [str(number) for number in range(40)], "stage": ["Won", "Lost"] * 20,
    ...     "fit": ["80", "20", "60", "70"] * 10})
    >>> judge_score(Tables({"opportunities": deals}), "fit", own=False).scale.kind
    'points'
    """
    opened = open_for_scoring(data, as_of=until, workspace=workspace)
    told = said_score(opened, column)
    day = opened.as_of if has_dates(opened.tables) else None
    rows = training_rows(opened.tables, until=day, workspace=opened.workspace)
    now = scoring_rows(opened.tables, None, workspace=opened.workspace)
    known, values = told.on(rows, opened.workspace)
    open_values = told.on(now, opened.workspace)[1] if known != "store" else told.as_exported(now)
    scale = find_scale(pd.Series(told.all_values), column=column, told=told.kinds)
    evidence = look_for_outcome(
        rows, values, open_now=now, open_values=open_values, column=column, is_dated=known != "as_exported"
    )
    has = np.isfinite(values)
    judged = _with_places(rows, scale.places(values), column).take(has)
    found = _Found(column, scale, judged, opened.workspace)
    backtest = _backtest(found, now, own=own)
    return _judgement(
        found,
        backtest,
        known=known,
        evidence=evidence,
        n_without=_n_deals(rows) - _n_deals(judged),
        locale=locale or opened.workspace.locale,
        until=day,
    )


@dataclass(frozen=True)
class _Found:
    """The score on the rows that it is judged on."""

    column: str
    scale: ScoreScale
    rows: ScoringRows
    workspace: Workspace

    @property
    def recalibrated(self) -> str:
        return f"{self.column}_recalibrated"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.column, self.recalibrated)


def _with_places(rows: ScoringRows, places: Floats, column: str) -> ScoringRows:
    """The score beside the keys, where no model of ours looks; and not among the fields."""
    kept = [feature.name for feature in rows.features if feature.name != column]
    rows = rows.with_features(kept)
    return replace(rows, keys=rows.keys.assign(**{PLACE: places}))


def _backtest(found: _Found, now: ScoringRows, *, own: bool | None) -> Backtest:
    rows, candidates = found.rows, candidate_models(found.rows)
    wanted = set(AGAINST) | {"stage_rates"}
    if own or (own is None and len(rows) <= CHEAP_ROWS):
        audit = audit_leakage(
            rows,
            open_now=now.with_features([feature.name for feature in rows.features]),
            keep_fields=found.workspace.scoring.keep_fields,
            leave_out=found.workspace.scoring.leave_out,
        )
        rows = rows.with_features(audit.kept)
        wanted = {getattr(maker, "name", "") for maker in candidates} if own else wanted | set(OURS)
    models = [maker for maker in candidates if getattr(maker, "name", "") in wanted]
    is_probability = found.scale.is_probability
    mine: list[Callable[[], WinModel]] = [
        lambda: ImportedScore(found.column),
        lambda: RecalibratedScore(found.column, is_probability=is_probability),
    ]
    return rolling_backtest(rows, [*mine, *models])


def _judgement(
    found: _Found,
    backtest: Backtest,
    *,
    known: str,
    evidence: OutcomeEvidence,
    n_without: int,
    locale: str,
    until: date | None,
) -> ScoreJudgement:
    own = choose_models(_without(backtest, found.names)).ever if len(backtest.frame) else None
    judged = _closed(found) if backtest.frame.empty else backtest.of(found.column)
    comparisons = _comparisons(found, backtest, own)
    evaluation = _evaluation(found, backtest, judged)
    return ScoreJudgement(
        column=found.column,
        scale=found.scale,
        known=known,
        evidence=evidence,
        verdict=_verdict(found, evidence, evaluation, comparisons),
        until=until,
        is_over_time=backtest.is_over_time,
        n_deals=_n_deals(found.rows),
        n_without=n_without,
        evaluation=evaluation,
        reliability=_reliability(judged) if found.scale.is_probability else pd.DataFrame(),
        lift=_lift(judged),
        precision=_precision(judged, found.workspace),
        comparisons=comparisons,
        own=own,
        locale=locale,
    )


def _without(backtest: Backtest, names: tuple[str, ...]) -> Backtest:
    return replace(backtest, frame=backtest.frame[~backtest.frame["model"].isin(names)])


def _closed(found: _Found) -> pd.DataFrame:
    """Where the past is too short for a backtest: the last row of each closed deal, in the shape of one."""
    rows = found.rows.take(found.rows.is_closed)
    frame = pd.DataFrame(
        {
            "opportunity_id": rows.keys["opportunity_id"],
            "as_of": rows.keys["as_of"],
            "p_ever": rows.keys[PLACE],
            "is_won": rows.is_won,
            "weight": 1.0,
        }
    )
    return frame.drop_duplicates("opportunity_id", keep="last").reset_index(drop=True)


def _evaluation(found: _Found, backtest: Backtest, judged: pd.DataFrame) -> pd.DataFrame:
    if backtest.frame.empty:
        told = measure_predictions(
            judged["is_won"], judged["p_ever"], cluster=judged["opportunity_id"], weight=judged["weight"]
        )
        frame = pd.DataFrame([{"model": found.column, "is_baseline": False, **told, "is_over_time": False}])
    else:
        frame = evaluation_frame(backtest)
    if not found.scale.is_probability:
        hidden = [name for name in frame.columns if str(name).startswith(OF_PROBABILITIES)]
        frame.loc[frame["model"] == found.column, hidden] = np.nan
    return frame


def _reliability(judged: pd.DataFrame) -> pd.DataFrame:
    return reliability_table(
        judged["is_won"], judged["p_ever"], cluster=judged["opportunity_id"], weight=judged["weight"]
    )


def _lift(judged: pd.DataFrame) -> pd.DataFrame:
    return lift_by_decile(judged["is_won"], judged["p_ever"], cluster=judged["opportunity_id"], weight=judged["weight"])


def _precision(judged: pd.DataFrame, workspace: Workspace) -> dict[str, float | bool]:
    found = best_that_fit(
        judged["is_won"],
        judged["p_ever"],
        capacity=workspace.scoring.capacity,
        day=judged["as_of"],
        cluster=judged["opportunity_id"],
        weight=judged["weight"],
    )
    told = {"capacity": found["capacity"], "is_told": found["is_declared"]}
    return {**told, "value": found["precision"], "win_rate": found["win_rate"]}


def _comparisons(found: _Found, backtest: Backtest, own: str | None) -> pd.DataFrame:
    columns = ["model", "against", "difference", "low", "high", "n_deals", "is_better", "is_worse"]
    if backtest.frame.empty or not (backtest.frame["weight"] > 0).any():
        return pd.DataFrame(columns=columns)
    court, names = Court(backtest, 0.9), found.names if found.scale.is_probability else (found.recalibrated,)
    others = [name for name in (*AGAINST, own) if name in backtest.models]
    rows = []
    for name in names:
        for other in dict.fromkeys(others):
            one = court.compare("imported", name, str(other), court.ever_loss)
            rows.append([name, other, one.value, one.low, one.high, one.n_deals, one.is_better, one.is_worse])
    return pd.DataFrame(rows, columns=columns)


def _verdict(found: _Found, evidence: OutcomeEvidence, evaluation: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    if evidence.knows:
        return "knows_the_outcome"
    mine = evaluation[evaluation["model"] == found.column].iloc[0]
    if not math.isfinite(mine["auc_low"]):
        return "not_measured"
    if mine["auc_low"] <= 0.5:
        return "wrong_way" if mine["auc_high"] < 0.5 else "no_order"
    if comparisons.empty:
        return "better_than_chance"
    name = found.column if found.scale.is_probability else found.recalibrated
    of_it = comparisons[comparisons["model"] == name].set_index("against")["is_better"]
    if not of_it.get("base_rate", True):
        return "no_better_than_base_rate"
    return "better_than_baselines" if of_it.reindex(list(STAGE_ODDS)).dropna().all() else "no_better_than_stage_odds"


def _n_deals(rows: ScoringRows) -> int:
    return int(rows.keys["opportunity_id"].nunique())
