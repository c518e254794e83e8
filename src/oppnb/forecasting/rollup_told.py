"""Roll-up, categories and influence in the reader's words, and as JSON."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from oppnb.forecasting.categories import CATEGORIES
from oppnb.forecasting.influence import Influence
from oppnb.forecasting.node_widths import NodeWidth
from oppnb.forecasting.nodes import COMPANY
from oppnb.forecasting.rollup_tree import NOT_KNOWN
from oppnb.locale import Formats, Words

__all__ = ["rollup_json", "tell_categories", "tell_influence", "tell_nodes", "tell_slips", "tell_widths", "widths_json"]

_LOW, _HIGH = "quantile_0.1", "quantile_0.9"


def tell_nodes(nodes: pd.DataFrame, *, words: Words, formats: Formats) -> pd.DataFrame:
    """One row a node, those below others moved in; a target and its chance where a node has one.

    Parameters
    ----------
    nodes : DataFrame
        Of `roll_up`, with the levels 0.1 and 0.9.
    words, formats : Words, Formats
        Of the reader.
    """
    wide = _wide(nodes, "quantity", "value")
    found = {words("forecast_rollup.node"): _labels(nodes, words)}
    for name in ("won_already", "from_open_deals", "from_new_business", "expected"):
        found[words(f"forecast_rollup.{name}")] = [formats.money(value) for value in wide[name]]
    low, high = ([formats.money(value) for value in wide[name]] for name in (_LOW, _HIGH))
    found[words("forecast_rollup.interval_80")] = [" – ".join(ends) for ends in zip(low, high, strict=True)]
    if "target" in wide:
        found[words("forecast_rollup.target")] = [_known(value, formats.money) for value in wide["target"]]
        found[words("forecast_rollup.chance_of_target")] = [
            _known(value, formats.share) for value in wide["chance_of_target"]
        ]
    return pd.DataFrame(found)


def tell_widths(widths: Mapping[str, NodeWidth], *, words: Words, formats: Formats) -> list[str]:
    """A sentence a column: how wide its nodes are told, and by what record."""
    said = []
    for column, one in widths.items():
        values = {"column": words.get(f"column.{column}", column), "factor": formats.number(one.width, digits=2)}
        if one.is_own:
            counts = {"n": formats.number(one.n_forecasts), "periods": formats.number(one.n_periods)}
            said.append(words("forecast_rollup.own_width", **values, **counts))
        else:
            said.append(words("forecast_rollup.width_of_company", **values))
    return said


def widths_json(widths: Mapping[str, NodeWidth]) -> dict[str, Any]:
    """`node_widths`, by column: the factor, what it was learnt from, and whether it is the column's own."""
    return {"node_widths": {column: asdict(one) for column, one in widths.items()}}


def _wide(frame: pd.DataFrame, columns: str, values: str) -> pd.DataFrame:
    """One row a node, in order."""
    found = frame.pivot_table(index="node", columns=columns, values=values, aggfunc="first")
    return found.reindex(frame["node"].drop_duplicates())


def _known(value: float, told: Any) -> str:
    return "" if math.isnan(value) else str(told(float(value)))


def _labels(frame: pd.DataFrame, words: Words) -> list[str]:
    """The last value of each node's path, moved in by its depth."""
    depth: dict[str, int] = {}
    found = []
    rows = frame.drop_duplicates("node")
    for node, parent in zip(rows["node"], rows["parent"], strict=True):
        is_top = not isinstance(parent, str)
        depth[node] = 0 if is_top else depth[parent] + 1
        own = node if is_top or parent == COMPANY else node[len(parent) + len(" / ") :]
        told = {COMPANY: words("forecast_rollup.company"), NOT_KNOWN: words("forecast_rollup.not_known")}
        found.append("  " * depth[node] + told.get(own, own))
    return found


def tell_categories(frame: pd.DataFrame, *, words: Words, formats: Formats) -> pd.DataFrame:
    """One row a node: the cumulative amount of every category, what is omitted, and what is expected of all of them."""
    wide = {name: _wide(frame, "category", name) for name in ("amount", "cumulative", "expected")}
    found = {words("forecast_rollup.node"): _labels(frame, words)}
    for name in CATEGORIES[:-1]:
        found[words(f"forecast_rollup.upto_{name}")] = [formats.money(one) for one in wide["cumulative"][name]]
    found[words("forecast_rollup.omitted")] = [formats.money(one) for one in wide["amount"]["omitted"]]
    expected = wide["expected"][list(CATEGORIES)].sum(axis="columns")
    found[words("forecast_rollup.expected_of_due")] = [formats.money(one) for one in expected]
    return pd.DataFrame(found)


def tell_influence(found: Influence, *, words: Words, formats: Formats) -> list[str]:
    """Sentences: what is missing to the target, on how few deals the forecast hangs, what if the largest is lost."""
    said = []
    if found.needed:
        said.append(_needed(found.needed, words, formats))
    shares = found.concentration
    if shares["n_deals"]:
        said.append(
            words(
                "forecast_rollup.concentration",
                one=formats.share(shares["largest_1"]),
                five=formats.share(shares["largest_5"]),
                ten=formats.share(shares["largest_10"]),
                n=formats.number(shares["effective_number"]),
                n_deals=formats.number(shares["n_deals"]),
            )
        )
    lost = found.largest_lost
    if lost:
        values = {"deal": lost["opportunity_id"], "expected": formats.money(lost["expected"])}
        values["change"] = formats.money(-lost["change"])
        if math.isnan(lost["chance_of_target"]):
            said.append(words("forecast_rollup.largest_lost", **values))
        else:
            chance = formats.share(lost["chance_of_target"])
            said.append(words("forecast_rollup.largest_lost_target", chance=chance, **values))
    return said


def _needed(needed: Mapping[str, float], words: Words, formats: Formats) -> str:
    money = {name: formats.money(needed[name]) for name in ("target", "to_win", "beyond_expected", "typical_deal")}
    if needed["to_win"] <= 0:
        return words("forecast_rollup.target_reached", **money)
    if needed["beyond_expected"] <= 0:
        return words("forecast_rollup.target_expected", **money)
    if math.isnan(needed["n_typical"]):
        return words("forecast_rollup.needed", **money)
    return words("forecast_rollup.needed_deals", n=formats.number(needed["n_typical"]), **money)


def tell_slips(slips: pd.DataFrame, *, words: Words, formats: Formats) -> str:
    """A sentence on the deals due in the period that will probably be won later, if at all."""
    chosen = slips[slips["will_probably_slip"].astype(bool)]
    return words(
        "forecast_rollup.slips" if len(chosen) else "forecast_rollup.no_slips",
        n=formats.number(len(chosen)),
        n_due=formats.number(len(slips)),
        later=formats.money(float(slips["expected_later"].sum())),
        inside=formats.money(float(slips["expected_in_period"].sum())),
    )


def rollup_json(nodes: pd.DataFrame, categories: pd.DataFrame, found: Influence, slips: pd.DataFrame) -> dict[str, Any]:
    """`nodes` (one a node, quantities by name), `categories`, `influence`; money in the base currency."""
    keys = ["node", "level", "parent"]
    rows = []
    for _, group in nodes.groupby("node", sort=False):
        quantities = dict(zip(group["quantity"], group["value"], strict=True))
        rows.append({**{name: group[name].iloc[0] for name in keys}, **quantities})
    kept = [name for name in categories if name not in ("as_of", "period")]
    return {
        "nodes": _plain(rows),
        "categories": _plain(categories[kept].to_dict("records")),
        "influence": {
            **_plain([{"concentration": _plain([found.concentration])[0]}])[0],
            "largest_lost": _plain([found.largest_lost])[0] or None,
            "needed": _plain([found.needed])[0] or None,
            "deals": _plain(found.deals.to_dict("records")),
            "slips": _plain(slips[slips["will_probably_slip"].astype(bool)].to_dict("records")),
        },
    }


def _plain(rows: Any) -> list[dict[str, Any]]:
    return [{str(name): _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, dict):
        return value
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
