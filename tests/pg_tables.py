"""Canonical tables copied into a schema of a PostgreSQL database, for tests."""

from typing import Any

import pandas as pd

from oppnb.tables import CANONICAL, Tables

TYPES = {"moment": "timestamp", "day": "date", "money": "double precision", "number": "double precision"}
TYPES |= {"share": "double precision", "flag": "boolean"}


def load_tables(url: str, tables: Tables, *, schema: str) -> None:
    """Write each table into the schema, made anew; rows of the history keep their order in a column `seq`."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        connection.execute(f'CREATE SCHEMA "{schema}"')
        for name, frame in tables.items():
            if name == "opportunity_history":
                frame = frame.assign(seq=range(len(frame)))
            _load(connection, f'"{schema}"."{name}"', name, frame)


def _load(connection: Any, target: str, name: str, frame: pd.DataFrame) -> None:
    known = CANONICAL[name].columns
    kinds = {c: TYPES.get(known[c].kind, "text") if c in known else "text" for c in frame.columns}
    if "seq" in kinds:
        kinds["seq"] = "bigint"
    columns = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
    connection.execute(f"CREATE TABLE {target} ({columns})")
    rows = frame.astype(object).where(frame.notna(), None)
    with connection.cursor().copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows.itertuples(index=False, name=None):
            copy.write_row(row)
