"""Deals whose owner, team or region nobody knew on the day: why a roll-up has most of its money in no node."""

from collections.abc import Sequence

import pandas as pd

from oppnb.forecasting.points import Point
from oppnb.history.tenures import OF_OWNER
from oppnb.locale import Formats, Words

__all__ = ["tell_untold_nodes"]


def tell_untold_nodes(
    deals: pd.DataFrame, by: Sequence[str], *, point: Point, words: Words, formats: Formats
) -> list[str]:
    """A sentence for each column that follows from the owner and is not known of more than half of the open deals.

    Parameters
    ----------
    deals : DataFrame
        The deals open on the day, of `ForecastParts`.
    by : sequence of str
        Columns of a roll-up; those that deals do not have are left out.
    point : Point
        Its day is told.
    words, formats : Words, Formats
        Of the reader.
    """
    found = []
    for column in by:
        if column not in deals or column not in OF_OWNER:
            continue
        n = int(deals[column].isna().sum())
        if 2 * n > len(deals):
            counts = {"n": formats.number(n), "n_open": formats.number(len(deals)), "day": formats.day(point.day)}
            name = words.get(f"column.{column}", column)
            found.append(words("forecast_rollup.untold", column=name, **counts))
    return found
