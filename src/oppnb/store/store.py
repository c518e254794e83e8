"""Rows appended a run at a time, and read back as they were known on a day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import reduce
from operator import and_
from typing import Any

import pandas as pd

from oppnb.errors import StoreError, first_keys
from oppnb.store.arrow import parquet_bytes, to_arrow
from oppnb.store.places import Place
from oppnb.store.run_ids import checked_run_id, new_run_id
from oppnb.store.tables import ADDED, check_rows, empty_rows, stored_table

__all__ = ["Store"]


class Store:
    """Append-only tables; see `oppnb.store.open_store`. The files of a table are also plain Parquet for other tools.

    Parameters
    ----------
    location : str
        As it is shown in messages.
    place : Place
        Where the files lie.
    """

    def __init__(self, location: str, place: Place) -> None:
        self.location = location
        self._place = place

    def __repr__(self) -> str:
        return f"Store({self.location!r})"

    def append(
        self, table: str, rows: pd.DataFrame, *, run_id: str | None = None, seen_at: datetime | None = None
    ) -> str:
        """Write the rows of one run as one new file; it appears when it is complete, or not at all.

        Parameters
        ----------
        table : str
            One of `STORED`.
        rows : DataFrame
            With at least the columns of `STORED[table]`; any others are kept. The index is not.
        run_id : str, optional
            Name of the run and of the file; by default one that sorts by time.
        seen_at : datetime, optional
            When this became known to oppnb, with a zone or in UTC; by default now.

        Returns
        -------
        str
            `table/file` of what was written.

        Raises
        ------
        StoreError
            If a column that every row must have is missing or null, a column holds values of several kinds, the run has
            already written to the table, or the place cannot be written to.
        """
        import pyarrow as pa

        check_rows(table, rows)
        moment = _utc(seen_at or datetime.now(UTC))
        run = new_run_id(moment.replace(tzinfo=UTC)) if run_id is None else checked_run_id(run_id)
        content = to_arrow(table, _typed(table, rows))
        content = content.append_column("run_id", pa.array([run] * len(rows), pa.string()))
        content = content.append_column("seen_at", pa.array([moment] * len(rows), pa.timestamp("us")))
        name = f"{run}.parquet"
        try:
            self._place.write_new(table, name, parquet_bytes(content))
        except FileExistsError as error:
            raise StoreError(
                f"The run '{run}' has already written to '{table}' of the store '{self.location}'; nothing was changed."
            ) from error
        except OSError as error:
            raise StoreError(
                f"'{table}' of the store '{self.location}' cannot be written: {error.strerror}."
            ) from error
        return f"{table}/{name}"

    def read(
        self,
        table: str,
        *,
        as_of_from: date | None = None,
        as_of_until: date | None = None,
        as_of_before: date | None = None,
        seen_before: datetime | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """The rows of all runs, one under the other.

        Parameters
        ----------
        table : str
            One of `STORED`.
        as_of_from, as_of_until, as_of_before : date, optional
            Only rows about a day from, up to and including, before this one.
        seen_before : datetime, optional
            Only rows written before this moment, with a zone or in UTC: what a run of then could know.
        columns : sequence of str, optional
            Only these, besides those every row has; one that no file has is null.

        Returns
        -------
        DataFrame
            By `as_of`, `seen_at` and `run_id`, within a run in the order they were given. `run_id` and `seen_at` say
            where a row comes from. A column that an older file lacks is null in its rows.

        Raises
        ------
        StoreError
            If files cannot be read or are not from a store; it names them.
        """
        always = [*stored_table(table).columns, *ADDED]
        wanted = None if columns is None else list(dict.fromkeys([*always, *columns]))
        keep = _condition(as_of_from, as_of_until, as_of_before, seen_before)
        parts = [part for part in self._parts(table, always, wanted, keep) if part.num_rows]
        if not parts:
            return empty_rows(table) if wanted is None else empty_rows(table).reindex(columns=wanted)
        rows = _joined(parts, table, self.location)
        chosen = rows.sort_values(["as_of", "seen_at", "run_id"], kind="stable", ignore_index=True)
        return chosen if wanted is None else chosen.reindex(columns=wanted)

    def files(self, table: str) -> list[str]:
        """The files of a table, sorted by name; those not yet complete are not among them."""
        stored_table(table)
        return self._place.names(table)

    def _parts(self, table: str, always: Sequence[str], wanted: Sequence[str] | None, keep: Any) -> list[Any]:
        names = self.files(table)
        found, broken = [], []
        for name in names:
            part = self._part(table, name, wanted)
            if part is None or not set(always) <= set(part.column_names):
                broken.append(name)
            else:
                found.append(part if keep is None else part.filter(keep))
        if broken:
            raise StoreError(
                f"{len(broken)} of {len(names)} files in '{table}' of the store '{self.location}' cannot be read: "
                f"{first_keys(broken)}.\nThey are damaged, or not from oppnb: put them back from a backup, or move "
                "them elsewhere to go on without them."
            )
        return found

    def _part(self, table: str, name: str, wanted: Sequence[str] | None) -> Any | None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with self._place.open(table, name) as file, pq.ParquetFile(file) as content:
                has = content.schema_arrow.names
                some = None if wanted is None else [column for column in wanted if column in has]
                return content.read(columns=some).replace_schema_metadata(None)
        except (pa.ArrowException, OSError, ValueError):
            return None


def _condition(
    as_of_from: date | None, as_of_until: date | None, as_of_before: date | None, seen_before: datetime | None
) -> Any | None:
    """Which rows are wanted, as an Arrow expression; None for all."""
    import pyarrow.compute as pc

    day, seen_at = pc.field("as_of"), pc.field("seen_at")
    said = [
        None if as_of_from is None else day >= pd.Timestamp(as_of_from),
        None if as_of_until is None else day <= pd.Timestamp(as_of_until),
        None if as_of_before is None else day < pd.Timestamp(as_of_before),
        None if seen_before is None else seen_at < pd.Timestamp(_utc(seen_before)),
    ]
    return reduce(and_, [one for one in said if one is not None]) if any(one is not None for one in said) else None


def _typed(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns every row must have, in their types."""
    kinds = stored_table(table).columns
    try:
        return rows.astype(dict(kinds))
    except (ValueError, TypeError) as error:
        raise StoreError(
            f"Rows for '{table}' of the store: a column is not of its kind ({', '.join(kinds)}): {error}"
        ) from error


def _joined(parts: Sequence[Any], table: str, location: str) -> pd.DataFrame:
    import pyarrow as pa

    try:
        whole = pa.concat_tables(parts, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise StoreError(
            f"The files in '{table}' of the store '{location}' do not fit together: {error}\n"
            "A column has changed its kind between runs: read the table with `columns`, without that one."
        ) from error
    frame: pd.DataFrame = whole.to_pandas()
    return frame


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
