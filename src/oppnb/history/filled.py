"""Nulls of the history filled forward: in it a null means 'as before'."""

from collections.abc import Iterable
from typing import Any

from oppnb.history.source import DEAL

__all__ = ["fill_forward", "in_order", "so_far"]


def in_order() -> Any:
    """The rows of a deal in the order in which they happened; the key (moment, place in the table) is unique."""
    import ibis

    return ibis.window(group_by=DEAL, order_by=["changed_at", "seq"])


def so_far() -> Any:
    """The rows of a deal up to this one."""
    import ibis

    return ibis.window(group_by=DEAL, order_by=["changed_at", "seq"], preceding=None, following=0)


def fill_forward(history: Any, columns: Iterable[str]) -> Any:
    """Put the last value that was named into each null.

    The engines share no "last value that is not null": values are counted as they come, and all rows with the same
    count share the one value that began it.
    """
    import ibis

    columns = list(columns)
    if not columns:
        return history
    counted = history.mutate(**{f"{column}_count": history[column].count().over(so_far()) for column in columns})
    runs = {column: ibis.window(group_by=[DEAL, f"{column}_count"]) for column in columns}
    filled = counted.mutate(**{column: counted[column].max().over(run) for column, run in runs.items()})
    return filled.drop(*[f"{column}_count" for column in columns])
