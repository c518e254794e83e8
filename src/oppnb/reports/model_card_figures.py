"""The figures of a model card as data."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Words
from oppnb.reports.model_card import ModelFound
from oppnb.review.definitions import figure_definition
from oppnb.review.figures import rounded, sorted_figures

__all__ = ["MODEL_FIGURES", "model_definitions", "model_figures"]

MODEL_FIGURES: Mapping[str, str] = {
    "lately_auc": "ratio",
    "lately_calibration_slope": "ratio",
    "lately_deals": "count",
    "lately_log_loss": "ratio",
    "lately_wins_came": "count",
    "lately_wins_expected": "ratio",
    "model_auc": "ratio",
    "model_brier_skill": "ratio",
    "model_calibration_intercept": "ratio",
    "model_calibration_slope": "ratio",
    "model_lost_deals": "count",
    "model_log_loss": "ratio",
    "model_won_deals": "count",
}
"""Figures of a model card with their units."""

Row = dict[str, Any]
_MEASURES = ("auc", "log_loss", "brier_skill", "calibration_slope", "calibration_intercept")
_LATELY = ("auc", "log_loss", "calibration_slope")


def model_figures(found: ModelFound) -> list[Row]:
    """The figures of `MODEL_FIGURES`: every model of the backtest, and what came after the training; none without one.

    Of a slice, with a model that learnt from all deals, only what came of the slice's own deals.
    """
    if found.scorer is None:
        return []
    made = [*(() if found.is_of_whole else _of_card(found)), *_lately(found)]
    return sorted_figures(made)


def _figure(found: ModelFound, name: str, value: object, n: int, piece: Row | None = None) -> Row:
    unit = MODEL_FIGURES[name]
    return {
        "id": name,
        "value": rounded(value, unit),
        "unit": unit,
        "n": int(n),
        "as_of": None if found.day is None else found.day.isoformat(),
        "period": None,
        "slice": piece,
        "definition": figure_definition(name),
    }


def _of_card(found: ModelFound) -> Iterator[Row]:
    card = found.card
    for end in ("won", "lost"):
        yield _figure(found, f"model_{end}_deals", card["data"][f"n_{end}"], card["data"]["n_deals"])
    for row in card["evaluation"]:
        piece = None if row["model"] == card["chosen"] else {"model": row["model"]}
        for name in _MEASURES:
            if row.get(name) is not None:
                yield _measure(found, f"model_{name}", row, name, piece)


def _measure(found: ModelFound, figure: str, row: Mapping[Any, Any], name: str, piece: Row | None) -> Row:
    ends = {end: rounded(row.get(f"{name}_{end}"), "ratio") for end in ("low", "high")}
    return _figure(found, figure, row[name], int(row["n_deals"]), piece) | ends


def _lately(found: ModelFound) -> Iterator[Row]:
    from oppnb.scoring.promotion import CHAMPION

    lately = found.lately
    if lately is None:
        return
    yield _figure(found, "lately_deals", lately.n_deals, lately.n_deals)
    if not lately.is_enough:
        return
    wins = lately.wins()
    expected = _figure(found, "lately_wins_expected", wins.expected if wins.n else None, wins.n)
    yield expected | {"low": rounded(wins.low, "ratio"), "high": rounded(wins.high, "ratio")}
    yield _figure(found, "lately_wins_came", wins.came if wins.n else None, wins.n)
    for row in lately.evaluation().to_dict("records"):
        piece = None if row["model"] == CHAMPION else {"model": row["model"]}
        for name in _LATELY:
            if pd.notna(row[name]):
                yield _measure(found, f"lately_{name}", row, name, piece)


def model_definitions(words: Words) -> pd.DataFrame:
    """`metric`, `name`, `unit`, `definition` of the figures, in the reader's language."""
    rows = [
        [name, words(f"model_card.name_{name}"), unit, figure_definition(name, words=words)]
        for name, unit in MODEL_FIGURES.items()
    ]
    return pd.DataFrame(rows, columns=["metric", "name", "unit", "definition"]).astype("str")
