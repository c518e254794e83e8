"""What leaders have to decide: how the target is to be reached, which deals get help, what is to be closed."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.forecast_views import deciding_deals
from oppnb.reports.told_forecast import ToldForecast

__all__ = ["LEAST_SHARE", "deal_decisions", "decisive_deals", "largest_open", "target_decision"]

LEAST_CHANCE = 0.1
"""A deal that is hardly won, or nearly sure, is nobody's decision."""
LEAST_SHARE = 0.05
"""A deal of less than this share of what is expected of the period moves it little."""
_MOST_DEALS = 3
_MOST_GROUPS = 2
_ASKS = ("zombie", "overdue_close", "over_time_limit", "stale", "pushed_often")
"""Signs that ask whether a deal goes on; the others ask its seller for a step."""


def target_decision(told: ToldForecast) -> list[str]:
    """Where the rest of the target is to come from; nothing where it is expected to be reached, or there is none."""
    forecast, parts = told.forecast, told.forecast.parts
    if forecast.target is None or forecast.is_unknown:
        return []
    missing, gap = forecast.target - parts.won_already, forecast.target - forecast.distribution.mean
    if missing <= 0 or gap <= 0:
        return []
    amounts = {"missing": missing, "expected": forecast.distribution.mean - parts.won_already, "gap": gap}
    said = {name: told.money(value) for name, value in amounts.items()}
    return [told.words("report.decide_target", period=forecast.point.period.name, **said)]


def decisive_deals(told: ToldForecast) -> pd.DataFrame:
    """The deals that move the period most and can still go either way; as `deciding_deals`, three at most.

    With `expected_share`: the amount as a share of what is expected of the period, at least 5 %.
    """
    expected = told.forecast.distribution.mean
    if not expected > 0:
        return deciding_deals(told, most=0)
    deals = deciding_deals(told, most=None)
    chance = deals["close_probability"]
    is_open = (chance >= LEAST_CHANCE) & (chance <= 1 - LEAST_CHANCE) & (deals["swing_amount"] > 0)
    deals = deals.assign(expected_share=deals["amount"] / expected)
    return deals[is_open & (deals["expected_share"] >= LEAST_SHARE)].head(_MOST_DEALS)


def largest_open(told: ToldForecast) -> float | None:
    """The largest deal that can still go either way, as a share of what is expected; null where there is none."""
    expected = told.forecast.distribution.mean
    deals = deciding_deals(told, most=None) if expected > 0 else deciding_deals(told, most=0)
    return float(deals["amount"].max() / expected) if len(deals) and deals["amount"].notna().any() else None


def deal_decisions(attention: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """Whether deals with warning signs go on: the signs that touch most money, each deal under one of them.

    Parameters
    ----------
    attention : DataFrame
        Of `oppnb.review.attention_list`: `name`, `opportunity_id`, `amount`, `reasons`.
    words, formats : Words, Formats
        The reader's language and currency.
    """
    return [
        _decision(reason, deals, words=words, formats=formats)
        for reason, deals in list(_groups(attention))[:_MOST_GROUPS]
    ]


def _groups(attention: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    left = attention
    while len(left):
        of_sign = {sign: left[[sign in reasons for reasons in left["reasons"]]] for sign in _ASKS}
        sign, deals = max(of_sign.items(), key=lambda item: (item[1]["amount"].sum(), len(item[1])))
        if deals.empty:
            return
        yield sign, deals.sort_values("amount", ascending=False, kind="stable", na_position="last")
        left = left.drop(deals.index)


def _decision(reason: str, deals: pd.DataFrame, *, words: Words, formats: Formats) -> str:
    named = [_named(row, words, formats) for row in deals.head(_MOST_DEALS).to_dict("records")]
    total = float(deals["amount"].sum())
    n = words("chart.one_deal") if len(deals) == 1 else words("chart.n_deals", n=formats.number(len(deals)))
    what = (
        n
        if deals["amount"].isna().all()
        else words("report.decide_worth", deals=n, amount=formats.money(total, short=True))
    )
    said = words(f"report.decide_{reason}", deals=what)
    return words("report.decide_largest", decision=said, largest=words("review.and_then").join(named))


def _named(row: Mapping[Any, Any], words: Words, formats: Formats) -> str:
    name = row["name"] if isinstance(row["name"], str) and row["name"] else str(row["opportunity_id"])
    if pd.isna(row["amount"]):
        return name
    return words("report.decide_deal", name=name, amount=formats.money(row["amount"], short=True))
