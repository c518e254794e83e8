"""The parts of a forecast segment by segment: deals by their column, new business as past wins were spread."""

from dataclasses import replace

import pandas as pd

from oppnb.errors import ColumnMissingError, nearest
from oppnb.forecasting.new_business import NewBusiness
from oppnb.forecasting.parts import ForecastParts

__all__ = ["known_columns", "segment_parts"]

_NEW = "weight", "money"


def segment_parts(parts: ForecastParts, by: str, *, like: pd.DataFrame) -> dict[str | None, ForecastParts]:
    """The parts of each segment; their expected amounts add up to that of the whole.

    Parameters
    ----------
    parts : ForecastParts
        Of the whole.
    by : str
        A column of the deals, such as `region`.
    like : DataFrame
        What new business is spread by: `oppnb.forecasting.coming.coming`.

    Returns
    -------
    dict of str or None to ForecastParts
        By segment, sorted; None, last, are the deals of no segment.

    Raises
    ------
    ColumnMissingError
        If deals have no such column, with the nearest.
    """
    if by not in parts.deals.columns or by not in parts.won.columns:
        near = nearest(by, known_columns(parts.deals, parts.won))
        raise ColumnMissingError(
            f"Deals have no column '{by}' to tell segments by." + (f" Did you mean '{near}'?" if near else "")
        )
    columns = [frame[by].astype("str").where(frame[by].notna(), None) for frame in (parts.won, parts.deals, like)]
    named = sorted({str(value) for column in columns for value in column.dropna()})
    sums = like.groupby(columns[2].to_numpy(dtype="object"), dropna=False)[list(_NEW)].sum()
    found = {name: _segment(parts, columns, name, sums) for name in [*named, None]}
    return {name: part for name, part in found.items() if name is not None or part.expected or len(part.deals)}


def known_columns(open_deals: pd.DataFrame, won: pd.DataFrame) -> list[str]:
    """Columns that deals of every kind have, sorted: those open, those won."""
    money = {"amount_base", "closed_on", "created_on", "outcome", "opportunity_id"}
    return sorted((set(open_deals.columns) & set(won.columns)) - money)


def _segment(parts: ForecastParts, columns: list[pd.Series], name: str | None, sums: pd.DataFrame) -> ForecastParts:
    won, deals = (column.isna() if name is None else column == name for column in columns[:2])
    return replace(
        parts,
        won=parts.won[won.to_numpy()].reset_index(drop=True),
        deals=parts.deals[deals.to_numpy()].reset_index(drop=True),
        new=_share(parts.new, sums, name),
    )


def _share(new: NewBusiness, sums: pd.DataFrame, name: str | None) -> NewBusiness:
    """The segment's part of the number and of the money of new business."""
    at = sums.index.isna() if name is None else sums.index == name
    number, money = ((float(sums.loc[at, one].sum()), float(sums[one].sum())) for one in _NEW)
    if number[0] <= 0 or money[0] <= 0:
        return new.scaled(number=0.0)
    share = number[0] / number[1]
    return new.scaled(number=share, amount=money[0] / money[1] / share)
