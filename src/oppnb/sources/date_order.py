"""D/M/Y against M/D/Y, decided over the whole column and never per row."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from oppnb.sources.coerced import Decision, decision
from oppnb.sources.date_texts import DateParts

__all__ = ["DateOrder", "Order", "decide_order"]

DateOrder = Literal["D/M/Y", "M/D/Y"]
_AGREEING = 0.95


@dataclass(frozen=True)
class Order:
    """What was decided, and which rows it leaves in doubt.

    Attributes
    ----------
    order : str
        D/M/Y or M/D/Y.
    swapped : ndarray of bool
        Rows that are a date only in the other order.
    unclear : ndarray of bool
        Rows that would be another day in the other order, where nothing in the column decides.
    told : tuple of Decision
        What was decided and why; empty where no row needs a decision.
    """

    order: DateOrder
    swapped: np.ndarray
    unclear: np.ndarray
    told: tuple[Decision, ...]


def decide_order(parts: DateParts, *, order: DateOrder | None = None) -> Order:
    """Decide which of the two numbers before the year is the month.

    A number over 12 is a day. If at least 95 % of the rows that decide say one order, it holds for all and the
    others are swapped; if fewer do, the more common one is taken and every row that either order could read is
    unclear too.
    Where no row decides, dots mean D.M.Y (the only order written with them); else D/M/Y is assumed and the rows are
    unclear.

    Parameters
    ----------
    parts : DateParts
        From `read_parts`.
    order : str, optional
        D/M/Y or M/D/Y: then nothing is decided and nothing unclear.
    """
    numeric, first, second = parts.is_numeric, parts.first, parts.second
    day_first = numeric & (first > 12) & (second <= 12)
    month_first = numeric & (second > 12) & (first <= 12)
    either = numeric & (first <= 12) & (second <= 12) & (first != second)
    none = np.zeros(len(numeric), bool)
    n_day, n_month = int(day_first.sum()), int(month_first.sum())
    if order is not None:
        return Order(order, month_first if order == "D/M/Y" else day_first, none, ())
    if not n_day + n_month:
        return _undecided(parts, either, none)
    chosen: DateOrder = "D/M/Y" if n_day >= n_month else "M/D/Y"
    swapped = month_first if chosen == "D/M/Y" else day_first
    n = int(numeric.sum())
    is_sure = max(n_day, n_month) >= _AGREEING * (n_day + n_month)
    told = decision("date_order", order=chosen, n=n, n_say=max(n_day, n_month))
    if swapped.any():
        told = decision("date_order_mixed", order=chosen, n=n, n_say=max(n_day, n_month), n_other=int(swapped.sum()))
    return Order(chosen, swapped, none if is_sure else either, (told,))


def _undecided(parts: DateParts, either: np.ndarray, none: np.ndarray) -> Order:
    n = int(either.sum())
    if not n:
        return Order("D/M/Y", none, none, ())
    if parts.is_dotted[either].all():
        return Order("D/M/Y", none, none, (decision("date_order_by_dots", n=n),))
    return Order("D/M/Y", none, either, (decision("date_order_assumed", n=n),))
