"""What a forecast asks of a team: what is needed for the target, the deals that decide, the categories, the roll-up."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from oppnb.forecasting import roll_up
from oppnb.forecasting.rollup_tree import NOT_KNOWN
from oppnb.reports.told_forecast import ToldForecast

__all__ = ["CATEGORIES", "categories", "deciding_deals", "needed", "rolled_up"]

CATEGORIES = ("closed", "commit", "best_case", "pipeline", "omitted")
"""Forecast categories, the surest first."""
_LATER = "due_later"
_TOP = 10
_CHANCES = (0.5, 0.8, 0.9)


def needed(told: ToldForecast) -> list[str]:
    """What is still to be won for the target, how much of it is expected, and which amounts can be promised."""
    forecast, parts = told.forecast, told.forecast.parts
    safe = [
        told.said("promise", chance=told.formats.share(one), amount=told.money(forecast.distribution.quantile(1 - one)))
        for one in _CHANCES
        if not forecast.is_unknown
    ]
    if forecast.target is None:
        return [told.said("no_target"), *safe]
    missing = forecast.target - parts.won_already
    if missing <= 0:
        return [told.said("target_reached", over=told.money(-missing)), *safe]
    expected = forecast.distribution.mean - parts.won_already
    key = "needed_more" if expected < missing else "needed_less"
    gap = told.money(abs(missing - expected))
    said = told.said(key, missing=told.money(missing), expected=told.money(expected), gap=gap)
    return [said, *_without_largest(told), *safe]


def _without_largest(told: ToldForecast) -> list[str]:
    """What the chance of the target becomes if the deal that weighs most is lost."""
    parts, target = told.forecast.parts, told.forecast.target
    of_deals = parts.expected_of_deals
    if target is None or not len(of_deals) or of_deals.max() <= 0:
        return []
    place = int(np.argmax(of_deals))
    chance = parts.deals["chance"].to_numpy(dtype="float64", copy=True)
    chance[place] = 0.0
    without = parts.with_deals(parts.deals.assign(chance=chance)).distribution()
    before = parts.distribution().chance_of(target)
    row = parts.deals.iloc[place]
    chances = {"before": told.chance(before), "after": told.chance(without.chance_of(target))}
    is_same = chances["before"] == chances["after"]  # "under 0.5% instead of under 0.5%" says nothing
    return [
        told.said(
            "without_largest_same" if is_same else "without_largest",
            deal=_names(told).get(str(row["opportunity_id"]), str(row["opportunity_id"])),
            amount=told.money(float(parts.amount[place])),
            **chances,
        )
    ]


def _names(told: ToldForecast) -> Mapping[str, str]:
    deals = told.tables["opportunities"]
    if "name" not in deals:
        return {}
    named = deals.dropna(subset=["name"])
    return dict(zip(named["opportunity_id"].astype(str), named["name"].astype(str), strict=True))


def deciding_deals(told: ToldForecast, *, most: int | None = _TOP) -> pd.DataFrame:
    """The open deals that the period hangs on, those that move it most first.

    `opportunity_id`, `name`, `owner_id`, `stage`, `amount`, `expected_close_on`, `close_probability` (inside the
    period), `expected_amount`, `swing_amount` (standard deviation that the deal brings).
    """
    parts = told.forecast.parts
    deals, amount, chance = parts.deals, parts.amount, parts.chance
    names = _names(told)
    ids = deals["opportunity_id"].astype("str")
    found = pd.DataFrame(
        {
            "opportunity_id": ids,
            "name": [names.get(one, one) for one in ids],
            "owner_id": deals["owner_id"],
            "stage": deals["stage"],
            "amount": amount,
            "expected_close_on": deals["expected_close_on"],
            "close_probability": chance,
            "expected_amount": told.scale * parts.expected_of_deals,
            "swing_amount": parts.swing_of_deals,
        }
    )
    ordered = found.sort_values(["swing_amount", "opportunity_id"], ascending=[False, True], ignore_index=True)
    return ordered if most is None else ordered.head(most)


def categories(told: ToldForecast) -> pd.DataFrame:
    """What people say beside what the model says of the same deals.

    One row a category (`closed`, `commit`, `best_case`, `pipeline`, `omitted`, and deals that are not due inside the
    period or of which nobody said when): `category`, `n_deals`, `stated_amount` (full amounts of the deals),
    `cumulative_amount` (with all surer categories; null for the last two), `expected_amount` (by their chances; those
    of the open categories add up to the forecast's part from open deals).
    """
    parts = told.forecast.parts
    deals = parts.deals
    category = _category(told, deals).where(deals["due"].fillna(False).astype(bool), _LATER)
    amount, expected = pd.Series(parts.amount), pd.Series(told.scale * parts.expected_of_deals)
    rows = [("closed", len(parts.won), parts.won_already, parts.won_already)]
    for one in (*CATEGORIES[1:], _LATER):
        of = (category == one).to_numpy()
        rows.append((one, int(of.sum()), math.fsum(amount[of]), math.fsum(expected[of])))
    found = pd.DataFrame(rows, columns=["category", "n_deals", "stated_amount", "expected_amount"])
    counted = ~found["category"].isin(["omitted", _LATER])
    running = found["stated_amount"].where(counted, 0.0).cumsum().where(counted)
    found.insert(3, "cumulative_amount", running)
    return found


def _category(told: ToldForecast, deals: pd.DataFrame) -> pd.Series:
    """The deal's own category, else that of its stage, else pipeline."""
    of_stage = {
        (process.name, stage.name): stage.forecast_category
        for process in told.workspace.processes
        for stage in process.stages
    }
    pairs = zip(deals["process"], deals["stage"], strict=True)
    by_stage = pd.Series([of_stage.get(pair) for pair in pairs], index=deals.index, dtype="object")
    own = deals["forecast_category"].astype("object") if "forecast_category" in deals else by_stage
    said = own.where(own.notna(), by_stage)
    folded = said.astype("str").str.strip().str.lower().str.replace(" ", "_")
    return folded.where(folded.isin(CATEGORIES[1:]), "pipeline")


def rolled_up(told: ToldForecast, column: str) -> pd.DataFrame:
    """The forecast that is told by the values of a column; parts and expectations add up to the whole, to the cent.

    `node` (empty: deals without a value), `won_amount`, `from_open_deals_amount`, `new_amount`, `expected_amount`,
    `low_amount`, `high_amount` (80 %), `target_amount` and `chance_probability` where a node has a target; largest
    first, deals without a value last. Empty where the data does not tell deals apart by it.
    """
    from oppnb.review.quotas import targets_in_base

    parts, point = told.forecast.parts, told.forecast.point
    if column not in parts.deals or column not in parts.won or parts.deals[column].nunique() < 2:
        return pd.DataFrame()
    targets = targets_in_base(told.tables, workspace=told.workspace, as_of=point.day, period=point.period)
    nodes = roll_up(told.forecast, told.book, by=[column], targets=targets, levels=(0.1, 0.9))
    nodes = nodes[nodes["parent"].notna()]
    wide = nodes.pivot_table(index="node", columns="quantity", values="value", aggfunc="first")
    rows = wide.reindex(columns=[one for one in _ROLLED if one in wide]).rename(columns=_ROLLED).reset_index()
    rows = rows.assign(node=rows["node"].where(rows["node"] != NOT_KNOWN, "")).assign(is_none=rows["node"] == NOT_KNOWN)
    rows = rows[~rows["is_none"] | (rows["expected_amount"] > 0)]
    ordered = rows.sort_values(["is_none", "expected_amount", "node"], ascending=[True, False, True], ignore_index=True)
    return ordered.drop(columns="is_none").rename_axis(columns=None)


_ROLLED = {
    "won_already": "won_amount",
    "from_open_deals": "from_open_deals_amount",
    "from_new_business": "new_amount",
    "expected": "expected_amount",
    "quantile_0.1": "low_amount",
    "quantile_0.9": "high_amount",
    "target": "target_amount",
    "chance_of_target": "chance_probability",
}
