"""Which rows of a frame a `where` of the workspace speaks of."""

import pandas as pd

from oppnb.errors import ColumnMissingError, WorkspaceError, nearest
from oppnb.workspace import Condition, Where

__all__ = ["rows_where"]


def rows_where(frame: pd.DataFrame, where: Where, *, table: str) -> pd.Series:
    """Mark the rows for which every condition holds.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, any)
        Raw (all text) or canonical.
    where : mapping of column to Condition
        From the workspace; an empty one marks every row.
    table : str
        Name of the table or file, for the message.

    Returns
    -------
    Series of bool, shape (n_rows,)
        True where all conditions hold. A missing value meets only `is_null: true` and `not_in`.

    Raises
    ------
    ColumnMissingError
        If a condition names a column that is not there, with the nearest one.

    Examples
    --------
    >>> from oppnb.workspace import Condition
    >>> frame = pd.DataFrame({"stage": ["Won", "Lost", None]})
    >>> rows_where(frame, {"stage": Condition(not_in=["Won"])}, table="deals").tolist()
    [False, True, True]
    """
    mask = pd.Series(True, index=frame.index)
    for column, condition in where.items():
        if column not in frame.columns:
            near = nearest(column, [str(name) for name in frame.columns])
            raise ColumnMissingError(
                f"A condition on '{table}' names the column '{column}', which is not there."
                + (f" The nearest is '{near}'." if near else "")
            )
        mask &= _holds(frame[column], condition)
    return mask


def _holds(values: pd.Series, condition: Condition) -> pd.Series:
    text = values.astype("str").where(values.notna())
    mask = pd.Series(True, index=values.index)
    if condition.is_null is not None:
        mask &= values.isna() if condition.is_null else values.notna()
    if condition.is_in is not None:
        mask &= text.isin([_as_text(value) for value in condition.is_in])
    if condition.not_in is not None:
        mask &= ~text.isin([_as_text(value) for value in condition.not_in])
    if condition.starts_with is not None:
        mask &= text.str.startswith(condition.starts_with).fillna(False).astype(bool)
    if condition.contains is not None:
        mask &= text.str.contains(condition.contains, regex=False).fillna(False).astype(bool)
    return mask & _in_range(values, condition)


def _in_range(values: pd.Series, condition: Condition) -> pd.Series:
    mask = pd.Series(True, index=values.index)
    bounds = {"ge": condition.at_least, "le": condition.at_most, "lt": condition.below, "gt": condition.above}
    for operation, bound in bounds.items():
        if bound is None:
            continue
        comparable, limit = _comparable(values, bound)
        mask &= getattr(comparable, operation)(limit).fillna(False).astype(bool)
    return mask


def _comparable(values: pd.Series, bound: object) -> tuple[pd.Series, object]:
    if isinstance(bound, str):
        moments = pd.to_datetime(values, errors="coerce", format="ISO8601", utc=True)
        return moments.dt.tz_localize(None), _moment(bound)
    return pd.to_numeric(values, errors="coerce"), bound


def _moment(bound: str) -> pd.Timestamp:
    """The day or moment of a condition, as UTC without zone."""
    try:
        moment = pd.Timestamp(bound)
    except ValueError as error:
        raise WorkspaceError(
            f"A condition compares with '{bound}', which is neither a number nor an ISO date."
        ) from error
    return moment if moment.tz is None else moment.tz_convert("UTC").tz_localize(None)


def _as_text(value: object) -> str:
    return str(value)
