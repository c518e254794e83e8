"""How completely deals are filled in: by column, and by seller or team."""

from collections.abc import Sequence

import pandas as pd

from oppnb.review.scope import is_open

__all__ = ["NEEDED", "filled_by_column", "filled_by_group", "needed_columns"]

NEEDED = (
    "account_id",
    "owner_id",
    "amount",
    "expected_close_on",
    "created_at",
    "source",
    "product",
    "region",
    "next_step",
    "next_step_due_on",
)
"""Columns that an open deal should fill; those that the export does not have are not asked for."""

_OUTCOMES = ("open", "won", "lost")
_ALWAYS = ("opportunity_id", "outcome")
_OF_CLOSED = ("closed_at", "lost_reason")


def needed_columns(deals: pd.DataFrame) -> tuple[str, ...]:
    """The columns of `NEEDED` that the export fills for some deal.

    Examples
    --------
    >>> needed_columns(pd.DataFrame({"amount": [1.0], "source": [None]}))
    ('amount',)
    """
    return tuple(name for name in NEEDED if name in deals and deals[name].notna().any())


def filled_by_column(deals: pd.DataFrame) -> pd.DataFrame:
    """Share of deals that have a value, column by column.

    Parameters
    ----------
    deals : DataFrame
        The table `opportunities`, with `outcome`.

    Returns
    -------
    DataFrame
        `column`, `filled_share` (of all deals, 0-1), `open_filled_share`, `won_filled_share`, `lost_filled_share` (null
        without such deals, and of open deals for what only a close can tell), `n_empty`, `n`. The emptiest first.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["open", "won"], "amount": [None, 5.0]})
    >>> filled_by_column(deals)[["column", "filled_share", "open_filled_share"]].values.tolist()
    [['amount', 0.5, 0.0]]
    """
    names = [str(name) for name in deals.columns if name not in _ALWAYS]
    rows = []
    for name in names:
        is_filled = deals[name].notna()
        row: dict[str, object] = {"column": name, "filled_share": float(is_filled.mean()) if len(deals) else None}
        for outcome in _OUTCOMES:
            of_outcome = is_filled[deals["outcome"].eq(outcome).fillna(value=False).astype(bool)]
            is_asked = len(of_outcome) > 0 and not (outcome == "open" and name in _OF_CLOSED)
            row[f"{outcome}_filled_share"] = float(of_outcome.mean()) if is_asked else None
        rows.append({**row, "n_empty": int((~is_filled).sum()), "n": len(deals)})
    shares = ["filled_share", *(f"{outcome}_filled_share" for outcome in _OUTCOMES)]
    frame = pd.DataFrame(rows, columns=["column", *shares, "n_empty", "n"])
    frame = frame.astype({**dict.fromkeys(shares, "float64"), "column": "str", "n_empty": "int64", "n": "int64"})
    return frame.sort_values(["filled_share", "column"], kind="stable", ignore_index=True)


def filled_by_group(deals: pd.DataFrame, by: str, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """How completely the open deals of each seller, team or region are filled in.

    Parameters
    ----------
    deals : DataFrame
        With `outcome`, the column `by` and what is asked for.
    by : str
        Column of the groups.
    columns : sequence of str, optional
        What an open deal should fill; by default `needed_columns`.

    Returns
    -------
    DataFrame
        `slice` (null: none is named), `n_open`, `n_complete` (deals that fill all), `complete_share` (0-1),
        `filled_share` (of all cells asked for, 0-1), `emptiest` (column that lacks most; null where nothing lacks),
        `n_empty` (deals that lack it). All open deals are in one of the rows; those with the fewest complete first.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": "open", "owner_id": ["a", "a", "b"], "amount": [1.0, None, 2.0]})
    >>> filled_by_group(deals, "owner_id")[["slice", "n_open", "complete_share"]].values.tolist()
    [['a', 2, 0.5], ['b', 1, 1.0]]
    """
    asked = [name for name in (columns or needed_columns(deals)) if name != by]
    open_deals = deals[is_open(deals)]
    rows = []
    for value, group in open_deals.groupby(by, dropna=False, sort=True) if asked else ():
        is_filled = group[asked].notna()
        lacking = (~is_filled).sum().sort_values(ascending=False, kind="stable")
        n_complete, most = int(is_filled.all(axis=1).sum()), int(lacking.iloc[0])
        rows.append(
            [
                value if isinstance(value, str) else None,
                len(group),
                n_complete,
                n_complete / len(group),
                float(is_filled.to_numpy().mean()),
                str(lacking.index[0]) if most else None,
                most,
            ]
        )
    names = ["slice", "n_open", "n_complete", "complete_share", "filled_share", "emptiest", "n_empty"]
    frame = pd.DataFrame(rows, columns=names).astype(
        {"slice": "str", "emptiest": "str", **dict.fromkeys(("complete_share", "filled_share"), "float64")}
    )
    return frame.sort_values(
        ["complete_share", "n_open", "slice"], ascending=[True, False, True], kind="stable", ignore_index=True
    )
