"""Bring a raw column to the kind of its canonical column."""

from typing import Literal

import pandas as pd

from oppnb.sources.coerced import Coerced, Decision
from oppnb.sources.currencies import coerce_currencies, currencies_in
from oppnb.sources.date_order import DateOrder
from oppnb.sources.dates import coerce_dates
from oppnb.sources.flags import coerce_flags
from oppnb.sources.numbers import coerce_numbers
from oppnb.sources.problems import Problem
from oppnb.sources.texts import coerce_text
from oppnb.tables import Kind

__all__ = ["Coerced", "DateOrder", "Decision", "Problem", "coerce_column", "currencies_in"]


def coerce_column(
    values: pd.Series,
    kind: Kind,
    *,
    date_order: Literal["D/M/Y", "M/D/Y"] | None = None,
    time_zone: str = "UTC",
    scale: float | None = None,
) -> Coerced:
    """Bring a column to a kind; what cannot be read is null and reported, never guessed row by row.

    Parameters
    ----------
    values : pandas.Series
        Texts as `read_raw` gives them, or native values of a workbook, Parquet or JSON.
    kind : str
        Kind of the canonical column: key, text, moment, day, money, number, share, currency or flag.
    date_order : {'D/M/Y', 'M/D/Y'}, optional
        For days and moments; by default decided over the whole column.
    time_zone : str
        IANA name, for moments written without an offset.
    scale : float, optional
        Factor for numbers, e.g. 0.01 for percent.

    Returns
    -------
    Coerced
        Values with the index of `values` (dtypes as `oppnb.tables.Column` says), problems, and what was decided.

    Raises
    ------
    UsageError
        If there is no such time zone.

    Examples
    --------
    >>> done = coerce_column(pd.Series(["13/2/2024", "1/3/2024", "30/2/2024"]), "day")
    >>> done.values.dt.strftime("%Y-%m-%d").tolist(), done.decided
    (['2024-02-13', '2024-03-01', nan], 'D/M/Y over 3 values, 2 say so')
    >>> [(problem.rule, problem.rows.tolist()) for problem in done.problems]
    [('date_is_possible', [2])]
    """
    if kind in ("key", "text"):
        return coerce_text(values)
    if kind == "moment" or kind == "day":
        return coerce_dates(values, kind, date_order=date_order, time_zone=time_zone)
    if kind == "money" or kind == "number" or kind == "share":
        return coerce_numbers(values, kind, scale=scale)
    return coerce_currencies(values) if kind == "currency" else coerce_flags(values)
