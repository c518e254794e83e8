"""A table of which the browser sees a page at a time: Python sorts, filters and writes the cells."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from oppnb.errors import ColumnMissingError, UsageError, nearest
from oppnb.widgets.typed_numbers import NUMBER, number_typed

__all__ = ["PAGE_ROWS", "Column", "TableView"]

PAGE_ROWS = 50
Kind = Literal["text", "number", "date"]
_ONE = rf"({NUMBER})\s*%?\s*"
_DAY = r"(\d{4}-\d{1,2}(?:-\d{1,2})?)\s*"
_DAYS = re.compile(rf"^\s*(>=|<=|>|<|=)?\s*{_DAY}(?:(?:\.\.|…|–)\s*{_DAY})?$")
_BOUND = re.compile(rf"(?i)^\s*(>=|<=|>|<|=)?\s*{_ONE}(?:(?:\.\.|…|–)\s*{_ONE})?$")


@dataclass(frozen=True)
class Column:
    """A column as the reader sees it.

    Attributes
    ----------
    key : str
        In the frame.
    label : str
        Header.
    kind : {'text', 'number', 'date'}
        How it is sorted, filtered and set.
    write : callable
        Cell value -> text; never called with a missing value.
    scale : float
        What is shown is so many times the value: 100 for shares written as percent, so that `> 50` means 50 %.
    hint : str, optional
        What stands in an empty filter, by default an example for its kind.
    values : str, optional
        Of a text: column of the frame with the values as Python has them, where the reader sees other words. A filter
        that is such a value (`hot`, `Proposal`) finds its rows in every language.
    """

    key: str
    label: str
    kind: Kind = "text"
    write: Callable[[Any], str] = str
    scale: float = 1.0
    hint: str | None = None
    values: str | None = None


@dataclass(frozen=True)
class TableView:
    """A frame with its order and filters; every change gives a new one.

    Parameters
    ----------
    frame : DataFrame
        All rows; never changed.
    columns : tuple of Column
        Those shown, the first names the row.
    key : str
        Column with the key of a row (`opportunity_id`).
    sort_by, descending : str or None, bool
        None keeps the frame's order. Missing values stand last either way.
    filters : mapping of column to text
        Text: is part of what is shown, whatever its case, or the value as Python has it. Numbers `> 1000`, `<= 5M`,
        `10..20`. Days `> 2025-10-01`, `2025-10`, `2025-10-01..2025-10-31`, or part of what is shown.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": ["a", "b"], "amount": [5.0, 7.0]})
    >>> view = TableView(frame, (Column("amount", "Amount", "number"),), key="id")
    >>> view.sorted("amount", descending=True).page(0)["rows"]
    [['b', '7.0'], ['a', '5.0']]
    >>> view.filtered("amount", "> 6").n
    1
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    key: str = "opportunity_id"
    sort_by: str | None = None
    descending: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)

    def sorted(self, column: str | None, *, descending: bool = False) -> "TableView":
        """In the order of a column.

        Raises
        ------
        ColumnMissingError
            If it is not shown; names the nearest.
        """
        if column is not None:
            self._column(column)
        return replace(self, sort_by=column, descending=descending)

    def filtered(self, column: str, text: str) -> "TableView":
        """With one filter more, or without it if the text is empty.

        Raises
        ------
        ColumnMissingError
            If the column is not shown.
        UsageError
            If a filter of numbers cannot be read.
        """
        _keep(self.frame, self._column(column), text)  # an unreadable one is said here
        kept = {name: said for name, said in self.filters.items() if name != column}
        return replace(self, filters={**kept, column: text} if text.strip() else kept)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The frame as filtered and sorted."""
        found = self.frame
        for name, text in self.filters.items():
            found = found[_keep(found, self._column(name), text)]
        if self.sort_by is None:
            return found
        values = found[self.sort_by]
        has_order = isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.ordered
        if self._column(self.sort_by).kind == "text" and not has_order:
            values = values.astype("str").str.casefold().where(values.notna())
        return found.loc[values.sort_values(ascending=not self.descending, kind="stable", na_position="last").index]

    @property
    def n(self) -> int:
        """Rows after the filters."""
        return len(self.rows)

    def page(self, offset: int, limit: int = PAGE_ROWS) -> dict[str, Any]:
        """`offset` and `rows`, each its key and then its cells as text; at most 200."""
        offset, limit = max(offset, 0), min(max(limit, 0), 200)
        part = self.rows.iloc[offset : offset + limit]
        cells = [[_written(value, one) for value in part[one.key]] for one in self.columns]
        return {"offset": offset, "rows": [list(row) for row in zip(part[self.key].astype(str), *cells, strict=True)]}

    def spec(self, name: str) -> dict[str, Any]:
        """What the front end's table needs: columns, order, filters, how many rows, and the first page."""
        return {
            "name": name,
            "n": self.n,
            "total": len(self.frame),
            "columns": [_head(one) for one in self.columns],
            "sort_by": self.sort_by,
            "descending": self.descending,
            "filters": dict(self.filters),
            **self.page(0),
        }

    def written(self) -> pd.DataFrame:
        """Header and cells as the reader sees them, at most 200 rows, for the static twin.

        `attrs["numbers"]` names the columns that stand to the right.
        """
        made = {one.label: [_written(value, one) for value in self.rows[one.key].head(200)] for one in self.columns}
        frame = pd.DataFrame(made, dtype="str")
        frame.attrs["numbers"] = [one.label for one in self.columns if one.kind == "number"]
        return frame

    def _column(self, key: str) -> Column:
        for one in self.columns:
            if one.key == key:
                return one
        keys = [one.key for one in self.columns]
        near = nearest(key, keys)
        hint = f" The nearest is '{near}'." if near else f" There are: {', '.join(keys)}."
        raise ColumnMissingError(f"The table has no column '{key}'.{hint}")


def _head(column: Column) -> dict[str, str]:
    hint = {} if column.hint is None else {"hint": column.hint}
    return {"key": column.key, "label": column.label, "kind": column.kind, **hint}


def _written(value: Any, column: Column) -> str:
    return "–" if pd.isna(value) else column.write(value)


def _keep(frame: pd.DataFrame, column: Column, text: str) -> pd.Series:
    values, asked = frame[column.key], text.strip()
    if not asked:
        return pd.Series(True, index=values.index)
    if column.kind == "number":
        return _in_bounds(values, asked, column)
    if column.kind == "date" and (_DAYS.match(asked) or asked[0] in "<>="):
        return _in_days(values, asked, column)
    shown = values.map(lambda value: _written(value, column)) if len(values) else values.astype("str")
    is_shown = shown.astype("str").str.casefold().str.contains(asked.casefold(), regex=False)
    if column.values is None:
        return is_shown
    return is_shown | frame[column.values].astype("str").str.casefold().eq(asked.casefold())


def _in_bounds(values: pd.Series, asked: str, column: Column) -> pd.Series:
    found = _BOUND.match(asked)
    first, last = (number_typed(found[2]), number_typed(found[3])) if found else (None, None)
    if found is None or first is None:
        raise UsageError(f"'{column.label}' cannot be filtered by that. Write for example > 1000, <= 5M or 10..20.")
    first = first / column.scale
    if last is not None:
        last = last / column.scale
        return values.between(first, last)
    return {
        ">": values > first,
        "<": values < first,
        "<=": values <= first,
        "=": values == first,
        ">=": values >= first,
    }[found[1] or ">="]


def _in_days(values: pd.Series, asked: str, column: Column) -> pd.Series:
    """Days or moments; a month without a day is all of its days, of its bounds the outer ones."""
    found = _DAYS.match(asked)
    first, last = (_day_or_month(found[2]), _day_or_month(found[3])) if found else (None, None)
    if found is None or first is None or (found[3] and last is None):
        raise UsageError(f"'{column.label}' cannot be filtered by that. Write for example > 2025-10-01 or 2025-10.")
    days = pd.to_datetime(values).dt.normalize()
    if days.dt.tz is not None:
        days = days.dt.tz_localize(None)
    begin, end = first[0], (last or first)[1]
    return {
        ">": days > end,
        "<": days < begin,
        "<=": days <= end,
        ">=": days >= begin,
    }.get(found[1], days.between(begin, end))


def _day_or_month(text: str | None) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """First and last day that a text means; None if there is no such day."""
    try:
        begin = pd.Timestamp(text if text and text.count("-") == 2 else f"{text}-01")
    except ValueError:
        return None
    return (begin, begin) if text and text.count("-") == 2 else (begin, begin + pd.offsets.MonthEnd(0))
