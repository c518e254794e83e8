"""Frames as Arrow tables of few plain types, so that files of different years can be read together."""

import io
from typing import Any

import pandas as pd

from oppnb.errors import StoreError

__all__ = ["parquet_bytes", "to_arrow"]


def to_arrow(name: str, rows: pd.DataFrame) -> Any:
    """The rows as an Arrow table: text as `string`, moments in microseconds without a zone, no pandas notes.

    Raises
    ------
    StoreError
        If a column holds values of several kinds.
    """
    import pyarrow as pa

    named = rows.set_axis([str(column) for column in rows.columns], axis="columns")
    columns = {}
    for column, values in named.items():
        try:
            columns[str(column)] = _plain(pa.array(_without_zone(values), from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise StoreError(
                f"The column '{column}' cannot be kept in '{name}' of the store: it holds values of several kinds, "
                "or of one that Parquet does not know."
            ) from error
    return pa.table(columns)


def _without_zone(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        utc: pd.Series = values.dt.tz_convert("UTC").dt.tz_localize(None)
        return utc
    return values


def _plain(values: Any) -> Any:
    import pyarrow as pa
    import pyarrow.types as kinds

    if kinds.is_dictionary(values.type):
        values = values.dictionary_decode()
    if kinds.is_large_string(values.type) or kinds.is_string_view(values.type):
        return values.cast(pa.string())
    if kinds.is_timestamp(values.type) or kinds.is_date(values.type):
        return values.cast(pa.timestamp("us"))
    return values


def parquet_bytes(table: Any) -> bytes:
    """The table as the content of a Parquet file."""
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
