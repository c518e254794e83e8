"""What stands behind each tab: what changed, the roll-up, deals, overrides, saved scenarios, the backtest."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from oppnb.charts import bridge_steps
from oppnb.forecasting import measure_forecasts, tell_assumptions
from oppnb.forecasting.explored import AS_IS, ExploredForecast
from oppnb.forecasting.nodes import COMPANY
from oppnb.forecasting.told import tell_choice, tell_width
from oppnb.locale import Formats, Words
from oppnb.stages import stage_label
from oppnb.widgets.axes import axis
from oppnb.widgets.forecast_explorer.figure import chance_text
from oppnb.widgets.table_view import Column, TableView
from oppnb.workspace import Scenario

__all__ = [
    "backtest_panel",
    "changed_panel",
    "compare_panel",
    "compared_written",
    "deals_view",
    "steps_labelled",
    "tree_panel",
]

_DEAL_COLUMNS = ("name", "expected", "chance", "amount", "expected_close_on", "stage", "owner_id")
_MOST_ROWS = 400
_LEVEL_80 = ("q_0.1", "q_0.9")


def steps_labelled(
    explored: ExploredForecast, scenario: Scenario, node: str, by: str, *, words: Words, formats: Formats
) -> pd.DataFrame:
    """The steps of a scenario with their names in `label`, for `oppnb.charts.bridge`."""
    steps = explored.steps(scenario, node, by=by)
    named = {"start": _said(words, "step_start"), "end": _said(words, "step_end")}
    if by == "change":
        told = tell_assumptions(scenario, words=words, formats=formats)
        named |= {str(place): text for place, text in enumerate(told)}
    names = [named.get(bar) or _said(words, f"lever_{bar}") for bar in steps["bar"]]
    return steps.assign(label=names)


def changed_panel(
    explored: ExploredForecast, scenario: Scenario, node: str, by: str, *, words: Words, formats: Formats
) -> dict[str, Any]:
    """The waterfall from the forecast to the scenario."""
    if not scenario.changes:
        return {"empty": _said(words, "nothing_changed")}
    steps = bridge_steps(
        steps_labelled(explored, scenario, node, by, words=words, formats=formats), words=words, formats=formats
    )
    bars = [
        {
            "key": row["bar"],
            "label": row["label"],
            "from": row["base"],
            "to": row["reach"],
            "kind": "total" if row["is_total"] else "up" if row["amount"] >= 0 else "down",
            "text": row["text"],
            "note": "",
        }
        for row in _records(steps.rows.drop(columns="n"))
    ]
    begins = words("chart.axis_begins", value=steps.write(steps.floor)) if steps.floor > 0 else ""
    options = [{"key": one, "label": _said(words, f"steps_{one}")} for one in ("lever", "change")]
    change = float(steps.rows["amount"].iloc[-1] - steps.rows["amount"].iloc[0])
    key = "step_more" if change > 0 else "step_less" if change < 0 else "step_same"
    return {
        "title": _said(words, key, amount=formats.money(abs(change), short=True)),
        "by": by,
        "options": options,
        "chart": {
            "bars": bars,
            "axis": axis(steps.floor, steps.high, write=steps.write, title=begins, count=6),
            "chosen": None,
        },
    }


def tree_panel(
    explored: ExploredForecast,
    scenario: Scenario,
    *,
    node: str,
    expanded: Collection[str],
    names: Mapping[str, str],
    words: Words,
    formats: Formats,
) -> dict[str, Any]:
    """The rows of the roll-up that are unfolded; money in cents, so that one can add it up."""
    wide = explored.nodes.pivot_table(index="node", columns="quantity", values="value", aggfunc="first")
    under = explored.amounts(scenario).set_index("node")
    parents, expected = set(under["parent"].dropna()), under["expected"]
    shown = _unfolded(under["parent"], expanded)
    is_as_is = not scenario.changes
    columns = ["node", "expected", "interval_80"]
    has_target = "target" in wide and bool(wide.loc[shown, "target"].notna().any())
    columns += ["target", "chance_of_target"] if has_target else []
    columns += [] if is_as_is else ["scenario", "change"]
    rows = []
    for key in shown[:_MOST_ROWS]:
        of = {str(name): values[key] for name, values in wide.items()}
        low, high = (formats.money(of[f"quantile_{level}"], short=True) for level in (0.1, 0.9))
        cells = {"expected": formats.money(of["expected"], cents=True), "interval_80": f"{low} – {high}"}
        if has_target:
            cells["target"] = _money(of["target"], formats)
            cells["chance_of_target"] = _chance(of.get("chance_of_target", np.nan), words, formats)
        if not is_as_is:
            told = float(expected[key])
            cells["scenario"] = formats.money(told, cents=True)
            cells["change"] = _signed(round(told - of["expected"], 2), formats)
        depth = 0 if key == COMPANY else len(explored.path(key))
        rows.append(
            {
                "node": key,
                "label": node_label(explored, key, names, words),
                "depth": depth,
                "open": key in expanded if key in parents else None,
                "cells": [cells[name] for name in columns[1:]],
            }
        )
    left = len(shown) - _MOST_ROWS
    return {
        "columns": [_heading(name, words) for name in columns],
        "rows": rows,
        "chosen": node,
        "more": words("widgets.more_rows", n=formats.number(left)) if left > 0 else "",
    }


def node_label(explored: ExploredForecast, node: str, names: Mapping[str, str], words: Words) -> str:
    """The last value of a node's path."""
    path = explored.path(node)
    if not path:
        return words("override.company")
    column, value = path[-1]
    if value is None:
        return words("forecast_rollup.not_known")
    return names.get(value, value) if column == "owner_id" else value


def _unfolded(parents: pd.Series, expanded: Collection[str]) -> list[str]:
    """Nodes all of whose parents are unfolded, in order."""
    seen: set[str] = set()
    for node, parent in parents.items():
        if pd.isna(parent) or (parent in seen and parent in expanded):
            seen.add(str(node))
    return [str(node) for node in parents.index if node in seen]


def _heading(name: str, words: Words) -> str:
    if name in ("scenario", "change"):
        return _said(words, f"column_{name}")
    return words(f"forecast_rollup.{name}")


def deals_view(
    explored: ExploredForecast,
    scenario: Scenario,
    node: str,
    *,
    names: Mapping[str, str],
    owners: Mapping[str, str],
    words: Words,
    formats: Formats,
) -> TableView:
    """The open deals of a node, those that bring most first."""
    parts = explored.deals(node, scenario)
    ids = parts.deals["opportunity_id"].astype("str")
    frame = pd.DataFrame(
        {
            "opportunity_id": ids.to_numpy(),
            "name": [names.get(one, one) for one in ids],
            "amount": parts.deals["amount_base"].to_numpy(dtype="float64"),
            "chance": parts.deals["chance"].to_numpy(dtype="float64"),
            "expected": parts.expected_of_deals,
            "expected_close_on": parts.deals["expected_close_on"].to_numpy(),
            "stage": _stage_labels(explored, parts.deals, words),
            "stage_value": parts.deals["stage"].to_numpy(),
            "owner_value": parts.deals["owner_id"].to_numpy(),
            "owner_id": parts.deals["owner_id"].map(lambda one: owners.get(one, one), na_action="ignore").to_numpy(),
        }
    ).sort_values(["expected", "opportunity_id"], ascending=[False, True], ignore_index=True)

    def money(value: float) -> str:
        return formats.money(value)

    def share(value: float) -> str:
        return formats.share(value)

    def day(value: pd.Timestamp) -> str:
        return formats.day(value.date(), short=True)

    label = {name: _said(words, f"column_{name}") for name in _DEAL_COLUMNS}
    return TableView(
        frame,
        (
            Column("name", label["name"]),
            Column("expected", label["expected"], "number", money),
            Column("chance", label["chance"], "number", share, scale=100.0, hint="> 50"),
            Column("amount", label["amount"], "number", money),
            Column("expected_close_on", label["expected_close_on"], "date", day),
            Column("stage", label["stage"], values="stage_value"),
            Column("owner_id", label["owner_id"], values="owner_value"),
        ),
    )


def _stage_labels(explored: ExploredForecast, deals: pd.DataFrame, words: Words) -> list[str | None]:
    workspace, known = explored.book.workspace, {}
    for process, stage in deals[["process", "stage"]].drop_duplicates().itertuples(index=False, name=None):
        named = None if pd.isna(stage) else stage_label(workspace, process, str(stage), locale=words.locale)
        known[(process, stage)] = named
    return [known[pair] for pair in zip(deals["process"], deals["stage"], strict=True)]


def compared_written(
    compared: pd.DataFrame, labels: Mapping[str, str], *, words: Words, formats: Formats
) -> pd.DataFrame:
    """The forecast and scenarios as a reader sees them."""

    def money(values: pd.Series) -> list[str]:
        return [formats.money(float(one), short=True) for one in values]

    found = {words("forecast_scenarios.scenario"): [labels.get(one, one) for one in compared["scenario"]]}
    found[words("forecast_scenarios.expected")] = money(compared["expected"])
    found[words("forecast_scenarios.change")] = [_signed(float(one), formats, short=True) for one in compared["change"]]
    low, high = money(compared["quantile_10"]), money(compared["quantile_90"])
    found[words("forecast_rollup.interval_80")] = [f"{one} – {other}" for one, other in zip(low, high, strict=True)]
    if compared["chance_of_target"].notna().any():
        found[words("forecast_rollup.chance_of_target")] = [
            _chance(float(one), words, formats) for one in compared["chance_of_target"]
        ]
    for name in ("won", "open_deals", "new_business"):
        found[words(f"forecast_scenarios.{name}")] = money(compared[name])
    frame = pd.DataFrame(found, dtype="str")
    frame.attrs["numbers"] = list(frame.columns[1:])
    return frame


def compare_panel(
    compared: pd.DataFrame,
    labels: Mapping[str, str],
    assumed: Mapping[str, list[str]],
    *,
    words: Words,
    formats: Formats,
) -> dict[str, Any]:
    """Bars of what is expected under each, and a table."""
    written = compared_written(compared, labels, words=words, formats=formats)
    bars = [
        {
            "key": row["scenario"],
            "label": labels.get(row["scenario"], row["scenario"]),
            "from": 0.0,
            "to": row["expected"],
            "kind": "pale" if row["scenario"] == AS_IS.name else "total",
            "text": formats.money(row["expected"], short=True),
            "note": "",
        }
        for row in _records(compared)
    ]
    high = float(compared["expected"].max())
    return {
        "chart": {
            "bars": bars,
            "axis": axis(0.0, high or 1.0, write=lambda one: formats.money(one, short=True)),
            "chosen": None,
            "links": False,
        },
        "columns": list(written.columns),
        "rows": [
            {"key": key, "cells": list(row), "assumed": assumed.get(key, [])}
            for key, row in zip(compared["scenario"], written.itertuples(index=False, name=None), strict=True)
        ],
    }


def backtest_panel(explored: ExploredForecast, *, words: Words, formats: Formats) -> dict[str, Any]:
    """What was said at the same point of earlier periods, what came, and how near each forecast was."""
    forecast = explored.forecast
    frame = forecast.backtest.frame
    said = [
        tell_choice(forecast.chosen, words=words),
        tell_width(forecast.said.width, words=words, formats=formats),
    ]
    if frame.empty:
        return {"empty": words("forecasting.nothing_to_judge"), "said": said}
    own = frame[frame["model"] == forecast.chosen.model].sort_values(["period", "as_of"], kind="stable")
    near = own.assign(far=(own["weeks_left"] - forecast.point.weeks_left).abs())
    rows = near.sort_values("far", kind="stable").drop_duplicates("period").sort_values("as_of", kind="stable")
    high = float(rows[[_LEVEL_80[1], "forecast", "actual"]].max().max())
    bars = [
        {
            "label": row["period"],
            "low": row[_LEVEL_80[0]],
            "high": row[_LEVEL_80[1]],
            "forecast": row["forecast"],
            "actual": row["actual"],
            "held": bool(row["in_80"]),
            "text": _said(
                words,
                "past_point",
                period=row["period"],
                forecast=formats.money(row["forecast"], short=True),
                low=formats.money(row[_LEVEL_80[0]], short=True),
                high=formats.money(row[_LEVEL_80[1]], short=True),
                actual=formats.money(row["actual"], short=True),
            ),
        }
        for row in _records(rows)
    ]
    held = int(rows["in_80"].astype(bool).sum())
    return {
        "title": _said(words, "past_title", held=formats.number(held), n=formats.number(len(rows))),
        "said": said,
        "points": bars,
        "axis": axis(0.0, high or 1.0, write=lambda one: formats.money(one, short=True)),
        **_measured(frame, forecast.chosen.model, words, formats),
    }


def _measured(frame: pd.DataFrame, chosen: str, words: Words, formats: Formats) -> dict[str, Any]:
    measures = measure_forecasts(frame)
    order = measures.assign(own=measures["model"] != chosen).sort_values(["own", "crps"], kind="stable")
    columns = ["model", "n_periods", "n", "wape", "bias", "crps", "coverage_80"]
    rows = []
    for row in _records(order):
        cells = [
            words(f"forecasting.model_{row['model']}"),
            *(formats.number(row[name]) for name in ("n_periods", "n")),
        ]
        cells += [formats.share(row[name], digits=1) for name in ("wape", "bias", "crps")]
        rows.append({"key": row["model"], "cells": [*cells, formats.share(row["coverage_80"])], "assumed": []})
    return {
        "columns": [words(f"forecasting.{name}") for name in columns],
        "rows": rows,
        "counted": _said(words, "past_counted"),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _money(value: float, formats: Formats) -> str:
    return "–" if np.isnan(value) else formats.money(float(value), short=True)


def _chance(value: float, words: Words, formats: Formats) -> str:
    return "–" if np.isnan(value) else chance_text(float(value), words, formats)


def _signed(value: float, formats: Formats, *, short: bool = False) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + formats.money(abs(value), short=short, cents=not short)


def _said(words: Words, key: str, **values: str) -> str:
    return words(f"widgets_forecast_explorer.{key}", **values)
