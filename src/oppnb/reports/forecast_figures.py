"""The figures of a forecast and of a retrospective, as `figures.json` holds them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from oppnb.forecasting import Retrospective
from oppnb.forecasting.rollup_cents import cents_of, in_cents
from oppnb.locale import Words
from oppnb.reports.told_forecast import ToldForecast
from oppnb.review.definitions import figure_definition
from oppnb.review.figures import rounded, sorted_figures

__all__ = [
    "FORECAST_FIGURES",
    "RETROSPECTIVE_FIGURES",
    "figure_definitions_of",
    "forecast_figures",
    "retrospective_figures",
]

FORECAST_FIGURES: Mapping[str, str] = {
    "forecast_amount": "money",
    "forecast_bias": "share",
    "forecast_chance_of_target": "share",
    "forecast_coverage_80": "share",
    "forecast_crps": "share",
    "forecast_error": "share",
    "forecast_high": "money",
    "forecast_low": "money",
    "forecast_new_business": "money",
    "forecast_open_deals": "money",
    "forecast_target": "money",
    "forecast_won_already": "money",
}
"""Figures of a forecast with their units."""

RETROSPECTIVE_FIGURES: Mapping[str, str] = {
    "retrospective_actual": "money",
    "retrospective_cause": "money",
    "retrospective_expected": "money",
    "retrospective_gap": "money",
    "retrospective_percentile": "share",
}
"""Figures of a retrospective with their units."""

Row = dict[str, Any]
_MEASURES = {"wape": "error", "bias": "bias", "crps": "crps", "coverage_80": "coverage_80"}


def _figure(name: str, value: object, unit: str, n: int, day: date, period: str, piece: Row | None = None) -> Row:
    return {
        "id": name,
        "value": rounded(value, unit),
        "unit": unit,
        "n": int(n),
        "as_of": day.isoformat(),
        "period": period,
        "slice": piece,
        "definition": figure_definition(name),
    }


def forecast_figures(told: ToldForecast, *, rolls: Mapping[str, pd.DataFrame] | None = None) -> list[Row]:
    """The figures of `FORECAST_FIGURES`: the forecast, each model's, each node's, and how good each was."""
    return sorted_figures([*_told(told), *_models(told), *_measures(told), *_nodes(told, rolls or {})])


def _told(told: ToldForecast) -> Iterator[Row]:
    forecast, parts = told.forecast, told.forecast.parts
    n = len(parts.deals)
    low, high = forecast.distribution.interval(0.8)
    won, of_open, new = _parts_in_cents(told)
    values = {
        "forecast_amount": (forecast.distribution.mean, n),
        "forecast_low": (low, n),
        "forecast_high": (high, n),
        "forecast_won_already": (won, len(parts.won)),
        "forecast_open_deals": (of_open, n),
        "forecast_new_business": (new, 0),
        "forecast_target": (forecast.target, 0),
        "forecast_chance_of_target": (forecast.chance_of_target, n),
    }
    certain = ("forecast_won_already", "forecast_target", "forecast_chance_of_target")
    for name, (value, count) in values.items():
        value = None if forecast.is_unknown and name not in certain else value
        yield _of(told, name, value, count)


def _parts_in_cents(told: ToldForecast) -> list[float]:
    """Won already, of open deals, of new business: in cents that add up to the forecast's."""
    exact = [told.forecast.parts.won_already, told.from_open_deals, told.from_new_business]
    if not np.isfinite([*exact, told.forecast.distribution.mean]).all():
        return exact
    cents = in_cents(np.array(exact), cents_of(told.forecast.distribution.mean))
    return [float(one) for one in cents / 100]


def _of(told: ToldForecast, name: str, value: object, n: int, piece: Row | None = None) -> Row:
    point = told.forecast.point
    return _figure(name, value, FORECAST_FIGURES[name], n, point.day, point.period.name, piece)


def _models(told: ToldForecast) -> Iterator[Row]:
    n = len(told.forecast.parts.deals)
    for row in told.models.to_dict("records"):
        piece = {"model": row["model"]}
        for name, column in (("amount", "expected"), ("low", "low"), ("high", "high")):
            value = None if told.forecast.is_unknown else row[f"{column}_amount"]
            yield _of(told, f"forecast_{name}", value, n, piece)


def _measures(told: ToldForecast) -> Iterator[Row]:
    for row in told.measures(told.forecast.backtest).to_dict("records"):
        for column, name in _MEASURES.items():
            made = _of(told, f"forecast_{name}", row[column], int(row["n"]), {"model": row["model"]})
            ends = {end: row.get(f"{column}_{end}") for end in ("low", "high")}
            yield made | {end: rounded(value, made["unit"]) for end, value in ends.items() if value is not None}


def _nodes(told: ToldForecast, rolls: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    for column, rows in rolls.items():
        n_open = told.forecast.parts.deals[column].fillna("").astype("str").value_counts().to_dict()
        for row in rows.to_dict("records"):
            piece = {column: row["node"] or None}
            n = n_open.get(row["node"] or "", 0)
            for name, of in (("amount", "expected"), ("low", "low"), ("high", "high")):
                value = None if told.forecast.is_unknown else row[f"{of}_amount"]
                yield _of(told, f"forecast_{name}", value, n, piece)


def retrospective_figures(found: Retrospective) -> list[Row]:
    """The figures of `RETROSPECTIVE_FIGURES`: expected, came, the gap, and each cause of it."""
    day, period = found.period.end, found.period.name
    n = len(found.opening.deals)
    values = {
        "retrospective_expected": found.expected,
        "retrospective_actual": found.actual,
        "retrospective_gap": found.gap,
        "retrospective_percentile": found.surprise.percentile,
    }
    made = [_figure(name, value, RETROSPECTIVE_FIGURES[name], n, day, period) for name, value in values.items()]
    for model, expected in found.beside.items():
        piece = {"model": model} | ({"explained": "yes"} if model == found.told_model else {})
        made.append(_figure("retrospective_expected", expected, "money", n, day, period, piece))
    for row in found.causes().to_dict("records"):
        piece = {"cause": row["cause"]}
        made.append(_figure("retrospective_cause", row["amount"], "money", int(row["n"]), day, period, piece))
    return sorted_figures(made)


def figure_definitions_of(units: Mapping[str, str], words: Words) -> pd.DataFrame:
    """`metric`, `name`, `unit`, `definition` of figures."""
    rows = [
        [name, words(f"report_forecast.name_{name}"), unit, words(f"figure.{name}")] for name, unit in units.items()
    ]
    return pd.DataFrame(rows, columns=["metric", "name", "unit", "definition"]).astype("str")
