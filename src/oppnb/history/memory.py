"""oppnb's own memory of earlier exports: each is remembered once, and read back where an export has no history."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from oppnb.history.coverage import REMEMBERED, STATE_COLUMNS
from oppnb.history.memory_ledger import Remembered, read_remembered, remember_states
from oppnb.history.memory_recall import recalled
from oppnb.history.memory_states import FOLLOWED, ExportStates, export_states
from oppnb.store import Store
from oppnb.tables import Note, Tables
from oppnb.workspace import Workspace

__all__ = ["depth_note", "remembered_days", "with_memory"]


def with_memory(
    tables: Tables, store: Store, *, workspace: Workspace | None = None, remember: bool = True
) -> tuple[Tables, tuple[Note, ...]]:
    """Remember an export, and add what is remembered of those before it as rows of `opportunity_history`.

    Only columns that the export's own history does not tell are added. A change is told from the day of the export on
    in which it was first seen, and nothing that a later export said is looked at: the same export gives the same tables
    again, whatever was remembered meanwhile.

    Parameters
    ----------
    tables : Tables
        Of one export, with `exported_on`.
    store : Store
        Of `oppnb.store.open_store`; it belongs to one pipeline.
    workspace : Workspace, optional
        Stages and calendar.
    remember : bool
        Whether this export is to be remembered; False only reads.

    Returns
    -------
    tuple of Tables and of Note
        The tables, and how deep their history reaches (`note.history_memory…`). Rows that were added have the day of
        their export in `remembered_on`. Deals that the export no longer holds are there again, for the days before.

    Raises
    ------
    StoreError
        If the store cannot be read or written to.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from oppnb.history import as_of
    >>> from oppnb.store import open_store
    >>> def export(stage, day):
    ...     deals = pd.DataFrame({
    ...         "opportunity_id": ["1"], "stage": [stage], "created_at": pd.to_datetime(["2024-01-02"])})
    ...     return Tables({"opportunities": deals}, exported_on=date.fromisoformat(day))
    >>> with TemporaryDirectory() as folder:
    ...     store = open_store(folder)
    ...     _ = with_memory(export("Lead", "2024-01-08"), store)
    ...     tables, notes = with_memory(export("Demo", "2024-01-15"), store)
    >>> [as_of(tables, day)["stage"].iloc[0] for day in ("2024-01-08", "2024-01-14", "2024-01-15")]
    ['Lead', 'Lead', 'Demo']
    """
    workspace = workspace or Workspace()
    day = workspace.sources.exported_on or tables.exported_on
    if day is None:
        return tables, (Note("history_memory_undated"),)
    states = export_states(tables, day=day, workspace=workspace)
    remembered = read_remembered(store, before=day)
    if _is_another_pipeline(remembered, states):
        return tables, (Note("history_memory_of_others", {"store": store.location}),)
    if remember:
        remember_states(store, states)
    fields = _untold(tables)
    if not fields:
        return tables, ()
    if not remembered.days:
        return tables, (Note("history_memory_begins", {"day": day.isoformat()}),)
    zone = workspace.calendar.time_zone
    return recalled(tables, remembered, states, fields=fields, time_zone=zone), _notes(remembered, day, fields)


def _untold(tables: Tables) -> list[str]:
    """The columns that no history of the data tells."""
    history = tables["opportunity_history"] if "opportunity_history" in tables else pd.DataFrame()
    return [name for name in FOLLOWED if name not in history or not history[name].notna().any()]


def _is_another_pipeline(remembered: Remembered, states: ExportStates) -> bool:
    ids = remembered.rows["opportunity_id"]
    return len(ids) > 0 and len(states.rows) > 0 and not ids.isin(states.rows["opportunity_id"]).any()


def _notes(remembered: Remembered, day: date, fields: Sequence[str]) -> tuple[Note, ...]:
    days = remembered.days
    gaps = [(later - earlier).days for earlier, later in zip(days, (*days[1:], day), strict=True)]
    values: dict[str, Any] = {"n": len(days), "first": days[0].isoformat(), "last": days[-1].isoformat()}
    values["gap"] = max(gaps)
    told = [name for name in STATE_COLUMNS if name not in fields]
    if told:
        return (Note("history_memory_beside", {**values, "columns": ", ".join(told)}),)
    return (Note("history_memory", values),)


def depth_note(tables: Tables) -> Note | None:
    """How deep the history of the data itself reaches; None where all of it is remembered."""
    if "opportunity_history" not in tables:
        return Note("history_depth_none")
    rows = tables["opportunity_history"]
    own = rows[rows[REMEMBERED].isna()] if REMEMBERED in rows else rows
    moments = own["changed_at"].dropna()
    if moments.empty:
        return None if len(rows) > len(own) else Note("history_depth_none")
    days = {"first": moments.min().date().isoformat(), "last": moments.max().date().isoformat()}
    return Note("history_depth_table", {"n": len(own), **days})


def remembered_days(store: Store) -> tuple[date, ...]:
    """The days of the exports that a store remembers."""
    return tuple(sorted({moment.date() for moment in store.read("exports")["as_of"]}))
