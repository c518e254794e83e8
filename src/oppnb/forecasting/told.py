"""A forecast and its backtest in the reader's words, and as JSON."""

from typing import Any

import pandas as pd

from oppnb.forecasting.backtest import ForecastBacktest
from oppnb.forecasting.baselines import BASELINES
from oppnb.forecasting.chosen import ChosenForecast, choose_forecast
from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.measures import measure_forecasts
from oppnb.forecasting.node_measures import measure_columns, measure_nodes
from oppnb.forecasting.rollup import told_scale
from oppnb.locale import Formats, Words

__all__ = ["backtest_json", "forecast_json", "tell_choice", "tell_forecast", "tell_width"]

_SAME = 0.03


def tell_forecast(forecast: Forecast, *, words: Words, formats: Formats) -> list[tuple[str, str]]:
    """Headings and figures: expected, intervals, parts, target."""
    found, parts, level = forecast.distribution, forecast.parts, told_scale(forecast).level
    if forecast.is_unknown:
        return _unknown(forecast, words, formats)
    rows = [
        ("expected", formats.money(found.mean)),
        ("interval_80", _interval(found.interval(0.8), formats)),
        ("interval_95", _interval(found.interval(0.95), formats)),
        ("won_already", formats.money(parts.won_already)),
        ("from_open_deals", formats.money(level * float(parts.expected_of_deals.sum()))),
        ("from_new_business", formats.money(level * parts.new.mean)),
    ]
    if forecast.target is not None:
        rows.append(("target", formats.money(forecast.target)))
        rows.append(("chance_of_target", formats.share(forecast.chance_of_target)))
    return [(words(f"forecasting.{key}"), value) for key, value in rows]


def _unknown(forecast: Forecast, words: Words, formats: Formats) -> list[tuple[str, str]]:
    """What is certain, and why no more can be said."""
    rows = [("expected", words("forecasting.cannot_be_said"))]
    rows.append(("won_already", formats.money(forecast.parts.won_already)))
    if forecast.target is not None:
        rows.append(("target", formats.money(forecast.target)))
    return [(words(f"forecasting.{key}"), value) for key, value in rows]


def _interval(ends: tuple[float, float], formats: Formats) -> str:
    return f"{formats.money(ends[0])} – {formats.money(ends[1])}"


def tell_choice(chosen: ChosenForecast, *, words: Words) -> str:
    """Which forecast is told, and how it did."""
    model = words(f"forecasting.model_{chosen.model}")
    told = words("forecasting.told_by", model=model)
    if chosen.verdict == "baseline_is_better":
        return told + " " + words("forecasting.verdict_baseline_told", model=model)
    against = words(f"forecasting.model_{chosen.against}") if chosen.against else ""
    return told + " " + words(f"forecasting.verdict_{chosen.verdict}", against=against)


def tell_width(width: float, *, words: Words, formats: Formats) -> str:
    """What the record did to the interval."""
    if abs(width - 1) < _SAME:
        return words("forecasting.width_same")
    key = "width_wider" if width > 1 else "width_narrower"
    return words(f"forecasting.{key}", factor=formats.number(width, digits=2))


def forecast_json(forecast: Forecast) -> dict[str, Any]:
    """The forecast for machines; money in the base currency."""
    parts, level = forecast.parts, told_scale(forecast).level
    is_known = not forecast.is_unknown
    return {
        "as_of": forecast.point.day.isoformat(),
        "period": forecast.point.period.name,
        "chosen": forecast.chosen.model,
        "verdict": forecast.chosen.verdict,
        "against": forecast.chosen.against,
        "cannot_be_said": None if is_known else "nothing_known_before",
        "target": forecast.target,
        "chance_of_target": forecast.chance_of_target,
        "won_already": parts.won_already,
        "from_open_deals": level * float(parts.expected_of_deals.sum()) if is_known else None,
        "from_new_business": level * parts.new.mean if is_known else None,
        "n_open_deals": len(parts.deals),
        "width": forecast.said.width,
        "shock": parts.level.shock,
        "models": [_model_json(name, forecast) for name in forecast.said.forecasts],
    }


def _model_json(name: str, forecast: Forecast) -> dict[str, Any]:
    found = forecast.said.forecasts[name]
    levels = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
    row: dict[str, Any] = {"model": name, "is_baseline": name in BASELINES, "expected": found.mean}
    row |= {f"quantile_{level:g}": found.quantile(level) for level in levels}
    if forecast.target is not None:
        row["chance_of_target"] = found.chance_of(forecast.target)
    if forecast.is_unknown:
        return {key: value if key in ("model", "is_baseline") else None for key, value in row.items()}
    return row


def backtest_json(backtest: ForecastBacktest) -> dict[str, Any]:
    """The backtest for machines: `chosen`, `verdict`, `models`, `by_weeks_left`, `comparisons`, `days`.

    Where it was asked for by columns: `by_node` (of `measure_nodes`) and `by_column` (of `measure_columns`), too.
    """
    chosen = choose_forecast(backtest.frame)
    return {
        "chosen": chosen.model,
        "verdict": chosen.verdict,
        "against": chosen.against,
        "models": _records(measure_forecasts(backtest.frame)),
        "by_weeks_left": _records(
            measure_forecasts(backtest.frame, by=["weeks_left"]).sort_values(
                ["weeks_left", "model"], ascending=[False, True], kind="stable"
            )
        )
        if len(backtest.frame)
        else [],
        "comparisons": _records(chosen.comparisons),
        "days": _records(backtest.frame),
        **_nodes_json(backtest.nodes),
    }


def _nodes_json(nodes: pd.DataFrame) -> dict[str, Any]:
    if nodes.empty:
        return {}
    return {"by_node": _records(measure_nodes(nodes)), "by_column": _records(measure_columns(nodes))}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
