"""Lines that speak of the same deals: each deal counts once, in the first line in which it stands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

__all__ = ["count_once"]

_SAME = 0.8
Row = Mapping[str, Any]


def count_once(rows: Sequence[Row], *, typical: float) -> list[dict[str, Any]]:
    """The same lines with their money counted once, those that speak of the same deals in one.

    The line with most money comes first; then, again and again, the one with most money among deals that do not stand
    in a line above. A line whose deals are in one above, and are most of its deals, is told there.

    Parameters
    ----------
    rows : sequence of mapping
        Each with `code` and `deals`: amounts by deal (null where not known).
    typical : float
        What a deal counts for that has no amount, when lines are ranked.

    Returns
    -------
    list of dict
        The lines as ranked, without `deals`: `amount` (of the deals that stand in no line above, null where none is
        known), `whole` (of all its deals), `n_above` (its deals that stand in one), `also` (tuple of `code`, `subject`
        and number of deals of each line that is told here).

    Examples
    --------
    >>> old = pd.Series({"A": 900.0, "B": 50.0, "C": 50.0})
    >>> rows = [{"code": "old", "deals": old}, {"code": "over", "deals": old[["A"]]},
    ...         {"code": "silent", "deals": pd.Series({"A": 900.0, "D": 20.0})}]
    >>> for row in count_once(rows, typical=1.0):
    ...     print(row)
    {'code': 'old', 'amount': 1000.0, 'whole': 1000.0, 'n_above': 0, 'also': ()}
    {'code': 'silent', 'amount': 20.0, 'whole': 920.0, 'n_above': 1, 'also': ()}
    {'code': 'over', 'amount': 0.0, 'whole': 900.0, 'n_above': 1, 'also': ()}
    """
    left, told, above = list(rows), list[dict[str, Any]](), pd.Index([])
    kept = list[pd.Index]()
    while left:
        first = max(left, key=lambda row: (_weight(_new(row, above), typical), len(row["deals"]), row["code"]))
        left = [row for row in left if row is not first]
        place = _told_in(first["deals"].index, kept)
        if place is not None:
            told[place]["also"] += ((first["code"], first.get("subject"), len(first["deals"])),)
            continue
        new = _new(first, above)
        rest = {name: value for name, value in first.items() if name != "deals"}
        whole = _sum(first["deals"])
        amount = 0.0 if new.empty and whole is not None else _sum(new)
        n_above = len(first["deals"]) - len(new)
        told.append({**rest, "amount": amount, "whole": whole, "n_above": n_above, "also": ()})
        kept.append(first["deals"].index)
        above = above.union(first["deals"].index)
    return told


def _sum(amounts: pd.Series) -> float | None:
    known = amounts.astype("float64").dropna()
    return round(float(known.sum()), 2) if len(known) else None


def _new(row: Row, above: pd.Index) -> pd.Series:
    deals: pd.Series = row["deals"].astype("float64")
    return deals[~deals.index.isin(above)]


def _weight(amounts: pd.Series, typical: float) -> float:
    known = amounts.dropna()
    return float(known.abs().sum()) if len(known) else len(amounts) * typical


def _told_in(deals: pd.Index, lines: Iterable[pd.Index]) -> int | None:
    """The line that speaks of the same deals: all of these are in it, and they are four of five of its own."""
    for place, line in enumerate(lines):
        if len(deals) >= _SAME * len(line) and deals.isin(line).all():
            return place
    return None
