"""Counts and amounts of the open, the due, the won and the lost, and how large a deal is."""

from collections.abc import Callable

import pandas as pd

from oppnb.metrics.closed_amounts import sum_of_lost, without_empty_zeros
from oppnb.metrics.figure import count_rows, mean_of, median_of, sum_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask

__all__ = ["DEAL_SIZE", "LOST_AMOUNT", "LOST_COUNT", "OPEN_AMOUNT", "OPEN_COUNT", "WON_AMOUNT", "WON_COUNT"]

Rows = Callable[[Ask], pd.DataFrame]
_OPEN = ("outcome",)
_DUE = ("outcome", "expected_close_on")
_CLOSED = ("outcome", "closed_at")


def _open(ask: Ask) -> pd.DataFrame:
    return ask.open_deals("amount_base")


def _due(ask: Ask) -> pd.DataFrame:
    return ask.open_deals("amount_base", due=True)


def _won(ask: Ask) -> pd.DataFrame:
    return ask.closed_deals("amount_base", outcome="won")


def _lost(ask: Ask) -> pd.DataFrame:
    return ask.closed_deals("amount_base", outcome="lost")


def _lost_with_amounts(ask: Ask) -> pd.DataFrame:
    return without_empty_zeros(_lost(ask), ask.snapshot)


def _count(name: str, rows: Rows, columns: tuple[str, ...]) -> Variant:
    return Variant(id=name, rows=rows, figure=count_rows, needs={"snapshot": columns})


def _amount(name: str, rows: Rows, columns: tuple[str, ...]) -> Variant:
    return Variant(id=name, rows=rows, figure=sum_of("amount_base"), needs={"snapshot": (*columns, "amount_base")})


OPEN_COUNT = Metric(
    id="open_count", unit="count", better="none", variants=(_count("all", _open, _OPEN), _count("due", _due, _DUE))
)
OPEN_AMOUNT = Metric(
    id="open_amount", unit="money", better="higher", variants=(_amount("all", _open, _OPEN), _amount("due", _due, _DUE))
)
WON_COUNT = Metric(id="won_count", unit="count", better="higher", variants=(_count("period", _won, _CLOSED),))
WON_AMOUNT = Metric(id="won_amount", unit="money", better="higher", variants=(_amount("period", _won, _CLOSED),))
LOST_COUNT = Metric(id="lost_count", unit="count", better="lower", variants=(_count("period", _lost, _CLOSED),))
LOST_AMOUNT = Metric(
    id="lost_amount",
    unit="money",
    better="lower",
    variants=(
        Variant(
            id="period",
            rows=_lost_with_amounts,
            figure=sum_of_lost,
            needs={"snapshot": (*_CLOSED, "amount_base")},
        ),
    ),
)
DEAL_SIZE = Metric(
    id="deal_size",
    unit="money",
    better="higher",
    source="Conover 1999 (interval of the median)",
    variants=(
        Variant(
            id="won_median",
            rows=_won,
            figure=median_of("amount_base"),
            needs={"snapshot": (*_CLOSED, "amount_base")},
        ),
        Variant(id="won_mean", rows=_won, figure=mean_of("amount_base"), needs={"snapshot": (*_CLOSED, "amount_base")}),
        Variant(
            id="open_median", rows=_open, figure=median_of("amount_base"), needs={"snapshot": (*_OPEN, "amount_base")}
        ),
    ),
)
