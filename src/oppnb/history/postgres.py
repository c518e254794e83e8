"""Tables that live in a PostgreSQL database: the work is done there, only the answer comes back."""

import weakref
from datetime import date
from typing import Any

from oppnb.errors import ExtraMissingError, TableMissingError, UsageError
from oppnb.history.source import USED, Source, make_source, named_for_engine

__all__ = ["connect_tables"]


def connect_tables(url_or_connection: Any, *, schema: str | None = None, exported_on: date | None = None) -> Source:
    """The canonical tables of a database, usable in place of `Tables` in this room.

    Tables and columns go by their canonical names. Moments are `timestamp` in UTC, or `timestamptz`. Rows of
    `opportunity_history` with equal moments are ordered by a column `seq` if there is one, else by their values. For
    speed: indexes on (opportunity_id, changed_at) and (opportunity_id, occurred_at). Temporary tables are made for the
    days asked about, nothing else is written.

    Parameters
    ----------
    url_or_connection : str or ibis connection
        `postgresql://…`; a password is better left to the environment (`PGPASSWORD`) or `~/.pgpass`.
    schema : str, optional
        Schema of the tables; by default the connection's own.
    exported_on : date, optional
        The day on which `opportunities` was written; by default that of the latest moment in the data.

    Returns
    -------
    Source
        Never shows the URL.

    Raises
    ------
    ExtraMissingError
        If the extra `postgres` is not installed.
    UsageError
        If the database cannot be reached; the message holds nothing of the URL.
    TableMissingError
        If there is no table `opportunities`.
    """
    if not isinstance(url_or_connection, str):
        return _read_schema(url_or_connection, schema, exported_on)
    connection = _connect(url_or_connection)
    try:
        source = _read_schema(connection, schema, exported_on)
    except BaseException:
        connection.disconnect()
        raise
    # what was opened here is closed when nobody can use it any more
    weakref.finalize(source, connection.disconnect)
    return source


def _read_schema(connection: Any, schema: str | None, exported_on: date | None) -> Source:
    connection.raw_sql("SET TIME ZONE 'UTC'").close()
    there = connection.list_tables(database=schema)
    raw = {name: connection.table(name, database=schema) for name in USED if name in there}
    if "opportunities" not in raw:
        where = f"The schema '{schema}'" if schema else "The database"
        raise TableMissingError(f"{where} has no table 'opportunities'.\nMake a view of that name, or name the schema.")
    names = {name: named_for_engine(name, table.columns)[1] for name, table in raw.items()}
    raw = {name: table.rename(names[name]) if names[name] else table for name, table in raw.items()}
    return make_source(connection, raw, exported_on=exported_on, headers=names)


def _connect(url: str) -> Any:
    import ibis

    if not url.startswith(("postgres://", "postgresql://")):
        raise UsageError("The URL of a database begins with 'postgresql://'.")
    try:
        import psycopg
    except ImportError:
        raise ExtraMissingError.for_extra("postgres", what="Reading tables from PostgreSQL") from None
    try:
        return ibis.connect(url)
    except psycopg.Error as error:
        # neither the message nor the cause: drivers put hosts, users and whole URLs into theirs
        raise UsageError(
            f"The database does not answer ({type(error).__name__}).\nCheck host, name, user and password of its URL."
        ) from None
