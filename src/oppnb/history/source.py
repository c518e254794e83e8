"""Where the tables live: frames or files read by DuckDB in this process, or a database; the same columns from each."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

import pandas as pd

from oppnb.errors import ColumnMissingError, NothingToReadError, TableMissingError, nearest
from oppnb.history.engine_names import engine_names, may_be_renamed
from oppnb.history.quiet import ibis_may_use_old_names
from oppnb.tables import CANONICAL, Kind, Tables

__all__ = ["DEAL", "Keep", "Source", "as_it_is", "open_source"]

Keep = Callable[[Any], Any]
DEAL = "deal_"

IBIS_TYPE: Mapping[Kind, str] = {
    "key": "string",
    "text": "string",
    "currency": "string",
    "moment": "timestamp(6)",
    "day": "timestamp(6)",
    "money": "float64",
    "number": "float64",
    "share": "float64",
    "flag": "boolean",
}
USED = (
    "opportunities",
    "opportunity_history",
    "activities",
    "contacts",
    "accounts",
    "owners",
    "exchange_rates",
    "evidence",
    "line_items",
    "payments",
    "tickets",
    "subscriptions",
)
ORDERED: tuple[str, ...] = ("opportunity_history",)
NUMBERED = {"opportunity_history": "seq", "opportunities": DEAL}


def as_it_is(expression: Any) -> Any:
    """Keep nothing: the expression becomes part of whatever is made of it."""
    return expression


@dataclass(frozen=True, repr=False)
class Source:
    """Tables as Ibis expressions on one connection, with canonical columns and types.

    `opportunities` has one column more, `deal_`: what stands for the deal where rows are brought together. Files and
    frames number their rows, for numbers are joined, grouped and sorted faster than texts; else it is the key itself.

    Attributes
    ----------
    tables : mapping of str to ibis Table
        Every canonical column is there; one the data lacks is null throughout.
    given : mapping of str to frozenset of str
        Which columns the data really has.
    exported_on : date, optional
        From this day on, what `opportunities` says is what was known.
    headers : mapping of str to mapping of str to str
        By table: what the data calls a column that had to be named otherwise, because an engine tells no `Product`
        from `product`.
    """

    connection: Any
    tables: Mapping[str, Any]
    given: Mapping[str, frozenset[str]]
    exported_on: date | None = None
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    one_at_a_time: Any = field(default_factory=RLock, compare=False)
    """Held while the engine works: DuckDB refuses a second thread instead of making it wait."""

    def __repr__(self) -> str:
        return f"Source({self.connection.name}: {', '.join(self.tables)})"

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __getitem__(self, name: str) -> Any:
        if name not in self.tables:
            raise TableMissingError(f"The data has no table '{name}' ({CANONICAL[name].meaning.lower()}).")
        return self.tables[name]

    def has(self, table: str, column: str) -> bool:
        """Whether the data has the column at all."""
        return column in self.given.get(table, frozenset())

    def header(self, table: str, column: str) -> str:
        """What the data calls a column."""
        return self.headers.get(table, {}).get(column, column)

    @property
    def orders_by_bytes(self) -> bool:
        """Whether the engine sorts text as pandas does; a database may sort by the rules of a language."""
        return str(self.connection.name) == "duckdb"

    @contextmanager
    def keeping(self) -> Iterator[Keep]:
        """A function that works out an expression once, for use in several others; what it kept is dropped at the end.

        DuckDB keeps a temporary table. In a database the expression stays as it is: nothing is written there.
        """
        kept: list[str] = []

        def keep(expression: Any) -> Any:
            kept.append(f"kept_{uuid4().hex}")
            with self.one_at_a_time, ibis_may_use_old_names():
                return self.connection.create_table(kept[-1], obj=expression, temp=True)

        try:
            yield keep if self.orders_by_bytes else as_it_is
        finally:
            with self.one_at_a_time:
                for name in kept:
                    self.connection.raw_sql(f'DROP TABLE IF EXISTS temp."{name}"')

    def frame(self, expression: Any) -> pd.DataFrame:
        """Run an expression and take the answer as a frame."""
        with self.one_at_a_time, ibis_may_use_old_names():
            rows = self.connection.to_pyarrow(expression)
        # column by column, each freed when it is done: the answer is never there twice
        answer: pd.DataFrame = rows.to_pandas(split_blocks=True, self_destruct=True)
        return answer

    def batches(self, expression: Any, *, n_rows: int) -> Iterator[pd.DataFrame]:
        """Run an expression on DuckDB and take the answer a few rows at a time."""
        import pyarrow as pa
        from ibis.expr.operations import InMemoryTable

        # ibis 12.0 asks DuckDB 2.0 for batches by a name that is gone, so the query is run here; the small tables in it
        # have to be made known first
        with self.one_at_a_time:
            with ibis_may_use_old_names():
                for small in expression.op().find(InMemoryTable):
                    self.connection.to_pyarrow(small.to_expr().limit(0))
            schema = expression.schema().to_pyarrow()
            reader = self.connection.con.sql(self.connection.compile(expression)).to_arrow_reader(n_rows)
            for batch in reader:
                yield pa.Table.from_batches([batch]).cast(schema).to_pandas()


def open_source(
    tables: "Tables | Source | Mapping[str, pd.DataFrame | str | Path]",
    *,
    exported_on: date | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> Source:
    """Tables ready for `as_of`, `snapshots`, `spells` and `labels`; opening once saves time when asking often.

    Parameters
    ----------
    tables : Tables, or mapping of table name to DataFrame or path
        Frames are not copied where Arrow can share their memory. A path names a Parquet or CSV file, or a glob of them.
    exported_on : date, optional
        The day the export was made; by default that of `tables`.
    memory_limit : str, optional
        Cap for DuckDB, e.g. `"1GB"`; what does not fit is spilled to a temporary folder.
    threads : int, optional
        Threads of DuckDB; by default one a processor.

    Returns
    -------
    Source
        May be given in place of `Tables` to the functions of this room.

    Raises
    ------
    TableMissingError
        If there are no opportunities, or a name is not canonical.
    NothingToReadError
        If a path is not there.
    ColumnMissingError
        If a required column is missing.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    >>> open_source({"opportunities": deals})
    Source(duckdb: opportunities)
    """
    if isinstance(tables, Source):
        return tables
    import duckdb
    import ibis

    # DuckDB makes the folder when it first spills; each source has its own, so that two runs cannot meet in it
    spill = Path(tempfile.gettempdir(), f"oppnb-{uuid4().hex}")
    settings = {"memory_limit": memory_limit, "threads": threads, "temp_directory": str(spill)}
    given = {key: value for key, value in settings.items() if value is not None}
    connection = ibis.duckdb.connect(**given)
    with suppress(duckdb.Error):  # in a notebook it would be drawn into the report; without ipywidgets it never is
        connection.raw_sql("SET enable_progress_bar = false")
    known = tables.exported_on if isinstance(tables, Tables) else None
    _check_names(tables)
    with ibis_may_use_old_names():
        raw = {name: _register(connection, name, tables[name]) for name in USED if name in tables}
    registered = {name: table for name, (table, _) in raw.items()}
    headers = {name: own for name, (_, own) in raw.items()}
    source = make_source(connection, registered, exported_on=exported_on or known, headers=headers)
    weakref.finalize(source, shutil.rmtree, spill, ignore_errors=True)
    return source


def make_source(
    connection: Any,
    raw: Mapping[str, Any],
    *,
    exported_on: date | None,
    headers: Mapping[str, Mapping[str, str]] | None = None,
) -> Source:
    """A source from tables of a connection, given their canonical columns and types.

    Columns go by names that the engine can tell apart; `headers` says what the data calls those that are named anew.
    """
    given = {name: frozenset(table.columns) - {DEAL} for name, table in raw.items()}
    if "opportunities" not in raw:
        raise TableMissingError("The data has no table 'opportunities', without which nothing can be said.")
    for name, columns in given.items():
        _check_columns(name, columns)
    conformed = {name: _conform(name, table) for name, table in raw.items()}
    return Source(connection, conformed, given, exported_on, headers or {})


def _check_names(tables: Mapping[str, Any]) -> None:
    for name in tables:
        if name not in CANONICAL:
            near = nearest(name, CANONICAL)
            hint = f" Did you mean '{near}'?" if near else ""
            raise TableMissingError(f"'{name}' is not a canonical table.{hint}")


def _check_columns(name: str, columns: frozenset[str]) -> None:
    for column in CANONICAL[name].required:
        if column not in columns:
            near = nearest(column, columns)
            hint = f" The nearest is '{near}'." if near else ""
            raise ColumnMissingError(f"'{name}' has no column '{column}'.{hint}\nMap it in oppnb.yaml.")


def named_for_engine(name: str, headers: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Names for the columns of a table, by place; and what the data calls those that are not its own."""
    names = engine_names(headers, canonical=[*CANONICAL[name].columns, *([NUMBERED[name]] if name in NUMBERED else [])])
    return names, {new: header for new, header in zip(names, headers, strict=True) if new != header}


def _register(connection: Any, name: str, data: "pd.DataFrame | str | Path") -> tuple[Any, dict[str, str]]:
    if isinstance(data, pd.DataFrame):
        return _register_frame(connection, name, data)
    path = str(data)
    if not any(mark in path for mark in "*?[") and not Path(path).exists():
        raise NothingToReadError(f"There is no file '{path}' for the table '{name}'.")
    quoted = path.replace("'", "''")
    if path.lower().endswith((".csv", ".csv.gz")):
        reader, order, numbers = f"read_csv('{quoted}', all_varchar = true)", "row_number() OVER ()", ORDERED
    else:
        reader, numbers = f"read_parquet('{quoted}', file_row_number = true)", tuple(NUMBERED)
        # of several files, the order of their names; without the cast a number of 128 bits, slow to sort by
        order = f"CAST(file_index * {2**40} + file_row_number AS BIGINT)"
    names, own = named_for_engine(name, _headers(connection, reader))
    listed = ", ".join('"' + column.replace('"', '""') + '"' for column in names)
    columns = f"*, {order} AS {NUMBERED[name]}" if name in numbers else "*"
    connection.raw_sql(f'CREATE VIEW "{name}" AS SELECT {columns} FROM {reader} AS given ({listed})')  # noqa: S608
    table = connection.table(name)
    return (table.drop("file_row_number") if "file_row_number" in table.columns else table), own


def _headers(connection: Any, reader: str) -> list[str]:
    """The headers of a file as they are written."""
    found = [row[0] for row in connection.con.sql(f"DESCRIBE SELECT * FROM {reader}").fetchall()]  # noqa: S608
    columns = [column for column in found if column != "file_row_number"]
    if not may_be_renamed(columns):
        return columns
    if reader.startswith("read_csv"):
        first = reader.replace("all_varchar = true", "all_varchar = true, header = false")
        return [str(header) for header in connection.con.sql(f"SELECT * FROM {first} LIMIT 1").fetchall()[0]]  # noqa: S608
    path = reader.removeprefix("read_parquet(").removesuffix(", file_row_number = true)")
    read = connection.con.sql(f"SELECT file_name, name, num_children FROM parquet_schema({path})").fetchall()  # noqa: S608
    of_first = [name for file, name, _ in read if file == read[0][0]][1:]
    return of_first if len(of_first) == len(columns) else columns


def _register_frame(connection: Any, name: str, frame: pd.DataFrame) -> tuple[Any, dict[str, str]]:
    import numpy as np
    import pyarrow as pa

    rows = pa.Table.from_pandas(frame, preserve_index=False)
    names, own = named_for_engine(name, rows.column_names)
    rows = rows.rename_columns(names)
    if name in NUMBERED and NUMBERED[name] not in names:
        rows = rows.append_column(NUMBERED[name], pa.array(np.arange(len(frame), dtype="int64")))
    connection.con.register(name, rows)
    return connection.table(name), own


def _conform(name: str, table: Any) -> Any:
    import ibis

    columns = {}
    for column, meant in CANONICAL[name].columns.items():
        wanted = IBIS_TYPE[meant.kind]
        columns[column] = _as_type(table[column], wanted) if column in table.columns else ibis.null().cast(wanted)
    extra = {column: table[column] for column in table.columns if column not in columns}
    if name in ORDERED and "seq" not in extra:
        # a database keeps no order of rows; equal moments are then ordered by what they say
        ties = [table[column] for column in sorted(table.columns)]
        extra["seq"] = ibis.row_number().over(ibis.window(order_by=ties))
    if name == "opportunities" and DEAL not in extra:
        extra[DEAL] = columns["opportunity_id"]
    return table.select(**columns, **extra)


def _as_type(column: Any, wanted: str) -> Any:
    import ibis

    if column.type() == ibis.dtype(wanted).copy(nullable=column.type().nullable):
        return column
    return column.cast(wanted)
