"""The exports that a store remembers: what is written of one, what is read of those before it."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from oppnb.history.memory_states import (
    MEMORY_COLUMNS,
    ExportStates,
    changed_states,
    last_states,
    states_hash,
    typed,
)
from oppnb.store import Store, new_run_id

__all__ = ["Remembered", "read_remembered", "remember_states"]


@dataclass(frozen=True)
class Remembered:
    """Exports of several days.

    Attributes
    ----------
    days : tuple of date
        On which an export was made, the earliest first.
    rows : DataFrame
        `MEMORY_COLUMNS` and `as_of`: the states that were new on a day, by day and by when they were written.
    """

    days: tuple[date, ...]
    rows: pd.DataFrame


def read_remembered(store: Store, *, before: date | None = None) -> Remembered:
    """What the store remembers of exports made before a day; of all exports without one.

    States of a run that did not come to its end are not among them.
    """
    exports = store.read("exports", as_of_before=before)
    days = tuple(sorted({moment.date() for moment in exports["as_of"]}))
    every = store.read("exports")["run_id"] if before is not None else exports["run_id"]
    rows = store.read("snapshots", as_of_before=before, columns=MEMORY_COLUMNS)
    rows = rows[rows["run_id"].isin(every)].reset_index(drop=True)
    return Remembered(days, typed(rows)[["as_of", *MEMORY_COLUMNS]])


def remember_states(store: Store, export: ExportStates) -> int | None:
    """Write the states of an export that the store does not know yet.

    An export that is older than others in the store is put between them: what its changes would hide of the next
    one is written once more.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    export : ExportStates
        Of `export_states`.

    Returns
    -------
    int or None
        How many states were written; None if the store knew this export already.
    """
    states, moment, mark = export.rows, pd.Timestamp(export.day), states_hash(export.rows)
    exports = store.read("exports")
    if ((exports["as_of"] == moment) & (exports["states_hash"] == mark)).any():
        return None
    remembered = read_remembered(store)
    until = remembered.rows["as_of"] <= moment
    found = changed_states(last_states(remembered.rows[until]), states)
    parts = [found.assign(as_of=moment), _restated(remembered, found, export.day)]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    run_id = new_run_id()
    if len(rows):
        store.append("snapshots", rows.astype({"as_of": "datetime64[us]"}), run_id=run_id)
    said = {"as_of": moment, "states_hash": mark, "n_open": float((states["outcome"] == "open").sum())}
    store.append("exports", pd.DataFrame([{**said, "n_written": float(len(found))}]), run_id=run_id)
    return len(found)


def _restated(remembered: Remembered, found: pd.DataFrame, day: date) -> pd.DataFrame:
    """What the next export had shown as before of deals that change by this one."""
    later = [other for other in remembered.days if other > day]
    if not later:
        return remembered.rows.iloc[:0]
    known = last_states(remembered.rows[remembered.rows["as_of"] <= pd.Timestamp(later[0])])
    hidden = known["opportunity_id"].isin(found["opportunity_id"]) & (known["as_of"] <= pd.Timestamp(day))
    return known[hidden].assign(as_of=pd.Timestamp(later[0]))
