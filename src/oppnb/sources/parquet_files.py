"""Parquet files: native values, with the kinds that pandas would bend kept straight."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.errors import DataError
from oppnb.sources.headers import clean_headers
from oppnb.sources.raw import Raw, without_blank_rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_parquet", "see_parquet"]


def see_parquet(content: Path, name: str) -> tuple[tuple[str, ...], int]:
    """Columns (of nested ones their leaves, with dots) and number of rows.

    Raises
    ------
    DataError
        If the file has no footer (it is being written or was cut off) or is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(content) as file:
            empty = file.schema_arrow.empty_table()
            return _flat(empty)[1], int(file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise _broken(content, name) from error


def read_parquet(content: Path, name: str) -> Raw:
    """Read a Parquet file; whole numbers stay whole beside nulls, dates become midnights, lists become JSON text.

    Raises
    ------
    DataError
        As `see_parquet`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(content) as file:
            table, names = _flat(file.read())
    except (pa.ArrowException, OSError) as error:
        raise _broken(content, name) from error
    columns = [_plain(column) for column in table.columns]
    frame = pa.Table.from_arrays(columns, names=list(names)).to_pandas(
        types_mapper=_nullable().get, ignore_metadata=True
    )
    return Raw(without_blank_rows(frame))


def _flat(table: "pa.Table") -> tuple["pa.Table", tuple[str, ...]]:
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    wanted = [place for place, name in enumerate(table.column_names) if not name.startswith("__index_level_")]
    table = table.select(wanted)
    return table, clean_headers(table.column_names)


def _plain(column: Any) -> Any:
    """Cast the types that pandas holds as slow or lossy objects."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.unit == "ns"):
        return column.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
    if pa.types.is_decimal(kind):
        return _plain_decimal(column)
    if pa.types.is_nested(kind):
        texts = [
            None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in column.to_pylist()
        ]
        return pa.chunked_array([pa.array(texts, pa.large_string())])
    return column


def _plain_decimal(column: Any) -> Any:
    """Warehouses write ids as DECIMAL(38, 0): whole ones stay whole, or text where 64 bits are too few."""
    import pyarrow as pa

    if column.type.scale > 0:
        return column.cast(pa.float64())
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def _nullable() -> dict[Any, Any]:
    import pyarrow as pa

    whole = {getattr(pa, name.lower())(): getattr(pd, f"{name}Dtype")() for name in ("Int8", "Int16", "Int32", "Int64")}
    positive = {getattr(pa, f"uint{bits}")(): getattr(pd, f"UInt{bits}Dtype")() for bits in (8, 16, 32, 64)}
    return {**whole, **positive, pa.bool_(): pd.BooleanDtype()}


def _broken(content: Path, name: str) -> DataError:
    with content.open("rb") as source:
        begins_well = source.read(4) == b"PAR1"
    if begins_well:
        return DataError(f"'{name}' has no complete end: it is being written; try again when that is done.")
    return DataError(f"'{name}' is not a Parquet file, or it is broken. Export it again.")
