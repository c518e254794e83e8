"""The model card as data: what was learnt from what, what it was worth on past days, and until when to trust it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

import oppnb
from oppnb.locale import LOCALES, Words
from oppnb.scoring.backtest import Backtest
from oppnb.scoring.card_wins import card_wins
from oppnb.scoring.drift import Drift, expires_on, follow_up, learn_shock, watch_drift
from oppnb.scoring.evaluation import evaluation_frame, reliability_frame
from oppnb.scoring.plain import as_json
from oppnb.scoring.ranking import lift_by_decile
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.strangers import fields_filled, stages_seen, untested_stages
from oppnb.scoring.training import Training
from oppnb.stages import process_label
from oppnb.workspace import Workspace

__all__ = ["CARD_FORMAT", "model_card", "scorer_of"]

CARD_FORMAT = 1

_AS_OF_RULE = (
    "A row is a deal on a day on which it was open, with what was known at the end of that day. How it ended is known "
    "up to the day of training; a deal that is still open then is open, not lost. Every figure is from days after the "
    "day on which the model that made it was trained."
)

_UNDATED_RULE = (
    "A row is a deal as the export has it: nothing says what was known on which day, and nothing how open deals end. "
    "Every figure is of deals drawn at random that the model which made it had not learnt from; they are not later "
    "ones."
)


def scorer_of(training: Training, *, data_hash: str | None = None, workspace: Workspace | None = None) -> Scorer:
    """The trained model with its card, ready to score and to be saved."""
    features = tuple(feature.name for feature in training.rows.features)
    return Scorer(
        training.model, features, training.doubt, model_card(training, data_hash=data_hash, workspace=workspace)
    )


def model_card(
    training: Training, *, data_hash: str | None = None, workspace: Workspace | None = None
) -> dict[str, Any]:
    """Everything a reader has to know of a model, as JSON can hold it.

    Parameters
    ----------
    training : Training
        From `oppnb.scoring.training.train_scoring`.
    data_hash : str, optional
        Of the files that were read.
    workspace : Workspace, optional
        Its labels of processes and stages, its rules in words, its capacity.

    Returns
    -------
    dict
        `chosen` and `chosen_timing` (names of models), `verdict` (code) and `sentences` (by locale), `evaluation` (rows
        of `oppnb.scoring.evaluation.evaluation_frame`, baselines among them), `by_process` and `by_stage` (the same of
        the chosen one for slices), `reliability` (stated and observed, by bins), `lift` (by tenths), `leakage` (rows of
        `field`, `verdict`, `reason`, `words`, `auc_without` and `would_have_added` (AUC of a quick model on later
        closed deals without the field, and what the field adds to it): fields that are out, or in by hand only),
        `final_states` (the same for fields in use as known on the day: what their final state would have added),
        `features` (name, group, share filled), `stages_seen` (with closed deals seen in each),
        `stages_untested` (by locale: that stages tell nothing of the outcome; null where they do), `data` (days, rows,
        deals), `drift`, `expires_on`, `as_of_rule`, `doubt`,
        `calibration` (the map on top, or null), `drivers`, `effects`, `field_rates`, `combinations`, `n_combinations`,
        `rules`, `at_capacity` (what goes with winning; see `oppnb.scoring.card_wins.card_wins`), `labels` (of
        processes and stages, by name and locale), `versions`, `model_id`.
    """
    filled = fields_filled(training.rows)
    card = {
        "format": CARD_FORMAT,
        "chosen": training.choice.ever,
        "chosen_timing": training.choice.timing,
        "verdict": training.choice.verdict,
        "baseline": training.choice.baseline,
        "is_young": training.choice.is_young,
        "sentences": {locale: training.choice.sentences(Words(locale)) for locale in LOCALES},
        "steps": _records(training.choice.steps),
        **_measured(training.backtest, training.choice.ever),
        "evaluation": _records(training.evaluation),
        "leakage": _leakage(training, used=False),
        "final_states": _leakage(training, used=True),
        "features": [
            {"name": one.name, "group": one.group, "is_dated": one.is_dated, "filled": filled[one.name]}
            for one in training.rows.features
        ],
        "stages_seen": stages_seen(training.rows),
        "stages_untested": _untested(training),
        "data": _data(training, data_hash),
        "drift": _drift(training),
        "as_of_rule": _AS_OF_RULE if training.rows.is_dated else _UNDATED_RULE,
        "doubt": {
            "excess": training.doubt.excess,
            "n_groups": training.doubt.n_groups,
            "data_share": training.doubt.data_share,
            "finest": training.doubt.finest,
        },
        "calibration": _calibration(training),
        **_wins(training, workspace or Workspace()),
        "labels": _labels(workspace or Workspace()),
        "versions": {"oppnb": oppnb.__version__},
    }
    card["expires_on"] = None if training.until is None else expires_on(training.until).isoformat()
    plain: dict[str, Any] = as_json(card)
    return {**plain, "model_id": _hash(plain)}


def _labels(workspace: Workspace) -> dict[str, dict[str, dict[str, str]]]:
    stages = [stage for process in workspace.processes for stage in process.stages]
    return {
        "process": {
            one.name: {locale: process_label(workspace, one.name, locale=locale) for locale in one.label}
            for one in workspace.processes
            if one.label
        },
        "stage": {one.name: one.label for one in stages if one.label},
    }


def _measured(backtest: Backtest, chosen: str) -> dict[str, Any]:
    if chosen not in backtest.models:
        return {"by_process": [], "by_stage": [], "reliability": [], "reliability_90_days": [], "lift": []}
    only, rows = _only(backtest, chosen), backtest.of(chosen)
    lift = lift_by_decile(rows["is_won"], rows["p_ever"], cluster=rows["opportunity_id"], weight=rows["weight"])
    return {
        "by_process": _records(evaluation_frame(only, by="process")),
        "by_stage": _records(evaluation_frame(only, by="stage")),
        "reliability": _records(reliability_frame(backtest, chosen)),
        "reliability_90_days": _records(reliability_frame(backtest, chosen, horizon="90_days")),
        "lift": _records(lift),
    }


def _only(backtest: Backtest, model: str) -> Backtest:
    from dataclasses import replace

    return replace(backtest, frame=backtest.of(model))


def _leakage(training: Training, *, used: bool) -> list[dict[str, Any]]:
    """Fields that are out or kept by hand only; or those in use whose final state would have told more."""
    return [
        {
            "field": item.field,
            "group": item.group,
            "verdict": item.verdict,
            "reason": item.reason,
            "words": {locale: item.words(locale) for locale in LOCALES},
            "auc_without": item.auc_without,
            "would_have_added": item.would_have_added,
            "n": item.n,
        }
        for item in training.leakage.fields
        if (item.verdict == "kept") == used and not (used and item.would_have_added is None)
    ]


def _untested(training: Training) -> dict[str, str] | None:
    """As whoever scores is told: of the deals open in the export, as it has them."""
    if training.open_now is None:
        return None
    seen, n_closed = stages_seen(training.rows), sum(training.n_closed)
    told = {one: untested_stages(training.open_now, seen, n_closed=n_closed, words=Words(one)) for one in LOCALES}
    return told if any(told.values()) else None


def _data(training: Training, data_hash: str | None) -> dict[str, Any]:
    rows, backtest = training.rows, training.backtest
    n_won, n_lost = training.n_closed
    first = rows.keys["as_of"].min() if rows.is_dated else None
    return {
        "until": training.until,
        "first_day": first,
        "n_rows": len(rows),
        "n_deals": int(rows.keys["opportunity_id"].nunique()),
        "n_won": n_won,
        "n_lost": n_lost,
        "is_over_time": backtest.is_over_time,
        "origins": list(backtest.origins),
        "n_judged": backtest.n_rows,
        "n_judged_open": backtest.n_open,
        "data_hash": data_hash,
    }


def _drift(training: Training) -> dict[str, Any] | None:
    """How the model chosen would have fitted the last half year, by the backtest's own rows."""
    if training.until is None or training.choice.ever not in training.backtest.models:
        return None
    followed = training.backtest.of(training.choice.ever)
    found: Drift = watch_drift(followed, day=training.until, shock=learn_shock(followed))
    return {"state": found.state, "shock": found.shock, "stages": _records(found.frame)}


def drift_since(scorer: Scorer, rows: ScoringRows, *, day: date) -> Drift:
    """Whether a model still fits deals that were open after its training."""
    return watch_drift(follow_up(scorer.model, scorer.rows(rows)), day=day)


def _calibration(training: Training) -> dict[str, float] | None:
    found = getattr(training.model, "map", None)
    if found is None:
        return None
    return {name: getattr(found, name) for name in ("intercept", "slope", "slope_low", "slope_high")}


def _wins(training: Training, workspace: Workspace) -> dict[str, Any]:
    features = tuple(feature.name for feature in training.rows.features)
    scorer = Scorer(training.model, features, training.doubt, {})
    return card_wins(scorer, training.rows, training.backtest, rule_lift=training.rule_lift, workspace=workspace)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _hash(card: Mapping[str, Any]) -> str:
    text = json.dumps(card, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
