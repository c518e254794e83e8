"""The types every rule relies on, checked once by pandera."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.errors import ColumnMissingError, DataError, first_keys, nearest
from oppnb.tables.bundle import Tables
from oppnb.tables.schema import CANONICAL, Kind

__all__ = ["with_types"]

_TYPES: Mapping[Kind, str] = {
    "key": "str",
    "text": "str",
    "moment": "datetime64[us]",
    "day": "datetime64[us]",
    "money": "float64",
    "number": "float64",
    "share": "float64",
    "currency": "str",
    "flag": "boolean",
}


def with_types(tables: Tables) -> Tables:
    """The same tables with rows numbered from 0 and canonical columns in their canonical types.

    Raises
    ------
    ColumnMissingError
        If a table lacks a column it cannot do without.
    DataError
        If a column holds values that are not of its type.
    """
    return tables.replace(**{name: _typed(name, tables[name]) for name in sorted(tables)})


def _typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    schema = CANONICAL[table]
    for column in schema.required:
        if column not in frame.columns:
            near = nearest(column, [str(name) for name in frame.columns])
            raise ColumnMissingError(
                f"'{table}' has no column '{column}'." + (f" The nearest is '{near}'." if near else "")
            )
    there = {name: _TYPES[column.kind] for name, column in schema.columns.items() if name in frame.columns}
    other = {name: kind for name, kind in there.items() if str(frame[name].dtype) != kind}
    numbered = frame.reset_index(drop=True)
    if not other:
        return numbered
    wanted = pa.DataFrameSchema({name: pa.Column(kind, nullable=True, coerce=True) for name, kind in other.items()})
    try:
        typed = wanted.validate(numbered[list(other)], lazy=True)
    except SchemaErrors as error:
        raise _wrong_type(table, error, other) from None
    return numbered.assign(**{name: typed[name] for name in other})


def _wrong_type(table: str, error: Any, kinds: Mapping[str, str]) -> DataError:
    columns = sorted({str(name) for name in error.failure_cases["column"] if str(name) in kinds}) or sorted(kinds)
    lines = [f"  {name}  should be {kinds[name]}" for name in columns[:3]]
    return DataError(
        f"'{table}': {len(columns)} columns hold values that are not of their type: {first_keys(columns)}.\n"
        + "\n".join(lines)
        + "\nRead the files with oppnb.read_tables, which reports such values, or convert the columns."
    )
