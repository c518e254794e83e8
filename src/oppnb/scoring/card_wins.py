"""What goes with winning, for the model card: drivers, win rates by value, combinations, rules, the best that fit."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oppnb.locale import LOCALES, Words
from oppnb.scoring.backtest import Backtest
from oppnb.scoring.combinations import strong_combinations
from oppnb.scoring.engine.profile import some_recent
from oppnb.scoring.field_rates import field_rates, strongest_fields
from oppnb.scoring.models.weighing import deal_codes
from oppnb.scoring.ranking import best_that_fit
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.rules.saying import rule_said
from oppnb.scoring.score_drivers import score_drivers
from oppnb.scoring.scorer import Scorer
from oppnb.workspace import AttributeRule, BehaviourRule, Workspace

__all__ = ["at_capacity", "card_wins"]

MOST_FIELDS = 5
MOST_COMBINATIONS = 5
LEAST_POINTS = 0.05
_MOST_ROWS = 100_000


def card_wins(
    scorer: Scorer, rows: ScoringRows, backtest: Backtest, *, rule_lift: pd.DataFrame, workspace: Workspace
) -> dict[str, Any]:
    """Parts of the card.

    Parameters
    ----------
    scorer : Scorer
        The model; its card is not looked at.
    rows : ScoringRows
        What it learnt from.
    backtest : Backtest
        What it would have said on past days.
    rule_lift : DataFrame
        Of `oppnb.scoring.rules.measure_rules`; may be empty.
    workspace : Workspace
        Its capacity, and its rules in words.

    Returns
    -------
    dict
        `drivers` (feature, group, `strength`: points by which it moves the probability of the recent deals on average;
        `mean` with its sign, `share_up`, `share_down`, `n`), `effects` (what the model adds for each value or for a
        typical step of a number, where it can tell), `field_rates` (win rate by value of the strongest fields, see
        `oppnb.scoring.field_rates.field_rates`), `combinations` (those that stand out) and `n_combinations` looked at,
        `rules` (their lift, with `said` by locale), `at_capacity` (null without a backtest).
    """
    some = thinned(rows)
    pairs = strong_combinations(some, most=10_000)
    return {
        "drivers": _drivers(scorer, rows),
        "effects": _effects(scorer),
        "field_rates": [
            row for field in strongest_fields(some, most=MOST_FIELDS) for row in _records(field_rates(some, field))
        ],
        "combinations": _records(pairs[pairs["stands_out"].astype(bool)].head(MOST_COMBINATIONS)),
        "n_combinations": len(pairs),
        "rules": _rules(rule_lift, workspace),
        "at_capacity": at_capacity(backtest, scorer.model.name, workspace.scoring.capacity),
    }


def thinned(rows: ScoringRows, *, most: int = _MOST_ROWS) -> ScoringRows:
    """All rows, or, of too many, those of every second, third, … deal: a table to read needs no more."""
    step = -(-len(rows) // most)
    return rows if step < 2 else rows.take(np.flatnonzero(deal_codes(rows) % step == 0))


def _drivers(scorer: Scorer, rows: ScoringRows) -> list[dict[str, Any]]:
    found = score_drivers(scorer, some_recent(rows))
    found = found[found["level"] == "feature"].drop(columns="level")
    found = found.assign(strength=100 * found["strength"], mean=100 * found["mean"])
    return _records(found[found["strength"] >= LEAST_POINTS])


def _effects(scorer: Scorer) -> list[dict[str, Any]]:
    """What the model itself tells; a correction on top changes them all alike."""
    tell = getattr(getattr(scorer.model, "model", scorer.model), "drivers", None)
    return _records(tell()) if callable(tell) else []


def _rules(lift: pd.DataFrame, workspace: Workspace) -> list[dict[str, Any]]:
    declared = workspace.scoring
    rules: list[AttributeRule | BehaviourRule] = [*declared.attribute_rules, *declared.behaviour_rules]
    said = [{locale: rule_said(rule, Words(locale)) for locale in LOCALES} for rule in rules]
    if len(said) != len(lift):
        return []
    return [{**row, "said": texts} for row, texts in zip(_records(lift), said, strict=True)]


def at_capacity(backtest: Backtest, chosen: str, capacity: int | None) -> Mapping[str, Any] | None:
    """How many of the best that one has time for were won on past days; None without any, see `best_that_fit`."""
    if chosen not in backtest.models:
        return None
    rows = backtest.of(chosen)
    if not (rows["weight"] > 0).any():
        return None
    return best_that_fit(
        rows["is_won"],
        rows["p_ever"],
        capacity=capacity,
        day=rows["as_of"],
        cluster=rows["opportunity_id"],
        weight=rows["weight"],
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
