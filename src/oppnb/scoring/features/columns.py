"""Every other column of the export as a feature: as exported, so the same on every day."""

from collections.abc import Iterable
from typing import Literal

import pandas as pd

from oppnb.scoring.rows import Feature

__all__ = ["column_features"]

MOSTLY = 0.95
"""Share of the filled values that must read as numbers (or as days) for the column to be one."""


def column_features(
    rows: pd.DataFrame, columns: Iterable[str] | None, *, taken: Iterable[str], prefix: str
) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """Columns that no other feature is made of, as numbers or categories, as their values say.

    Parameters
    ----------
    rows : DataFrame
        `as_of` and the columns.
    columns : iterable of str
        Which to take; None for all.
    taken : iterable of str
        Names that are features already; a column of such a name gets the prefix and a dot before it.
    prefix : str
        The table's name.

    Returns
    -------
    tuple of DataFrame and tuple of Feature
        Days are told as days after the row's own (below 0: before); text stays as it is, `NA` and `None` too.
    """
    taken = set(taken)
    values, features = {}, []
    for column in [str(name) for name in rows.columns if name != "as_of"] if columns is None else columns:
        name = f"{prefix}.{column}" if column in taken else column
        values[name], kind = _as_feature(rows[column], rows["as_of"])
        features.append(Feature(name, "other", kind, is_dated=False))
    return pd.DataFrame(values, index=rows.index), tuple(features)


def _as_feature(values: pd.Series, as_of: pd.Series) -> tuple[pd.Series, Literal["number", "category"]]:
    if pd.api.types.is_datetime64_any_dtype(values):
        return _days(values, as_of), "number"
    if pd.api.types.is_bool_dtype(values):
        return values.astype("str"), "category"
    if pd.api.types.is_numeric_dtype(values):
        return values.astype("float64"), "number"
    return _as_text_says(values.astype("str"), as_of)


def _as_text_says(texts: pd.Series, as_of: pd.Series) -> tuple[pd.Series, Literal["number", "category"]]:
    filled = texts.dropna()
    if filled.empty:
        return texts, "category"
    distinct = pd.Series(filled.unique(), dtype="str")
    numbers = pd.to_numeric(distinct.str.replace(",", "", regex=False), errors="coerce").astype("float64")
    if _is_most(filled, distinct, numbers.notna()) and not distinct.str.match(r"0\d").any():
        return texts.map(dict(zip(distinct, numbers, strict=True))).astype("float64"), "number"
    days = pd.to_datetime(distinct, errors="coerce", format="ISO8601", utc=True).dt.tz_localize(None)
    if _is_most(filled, distinct, days.notna() & distinct.str.match(r"\d{4}-\d\d-\d\d")):
        moments = texts.map(dict(zip(distinct, days, strict=True))).astype("datetime64[us]")
        return _days(moments, as_of), "number"
    return texts, "category"


def _is_most(filled: pd.Series, distinct: pd.Series, reads: pd.Series) -> bool:
    readable = set(distinct[reads])
    return bool(readable) and float(filled.isin(readable).mean()) >= MOSTLY


def _days(moments: pd.Series, as_of: pd.Series) -> pd.Series:
    if moments.dt.tz is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    days: pd.Series = (moments.astype("datetime64[us]") - as_of).dt.total_seconds() / 86_400.0
    return days
