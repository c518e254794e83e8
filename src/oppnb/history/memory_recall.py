"""Remembered states as a history: which row says what of a deal from when on."""

from collections.abc import Sequence

import pandas as pd

from oppnb.history.coverage import REMEMBERED
from oppnb.history.deals import KNOWN_FROM, KNOWN_UNTIL
from oppnb.history.memory_ledger import Remembered
from oppnb.history.memory_states import (
    FOLLOWED,
    MEMORY_COLUMNS,
    REMOVED,
    ExportStates,
    changed_states,
    last_states,
)
from oppnb.history.moments import cutoff, local_day
from oppnb.tables import CANONICAL, Tables

__all__ = ["recalled"]

_A_DAY = pd.Timedelta(days=1)
_OF_LIFE = ("outcome", "created_at", "closed_at")


def recalled(
    tables: Tables, remembered: Remembered, states: ExportStates, *, fields: Sequence[str], time_zone: str
) -> Tables:
    """The tables with what is remembered of earlier exports as rows of `opportunity_history`.

    A state holds from the beginning of the day of the export in which it was first seen. A close has the date that the
    export gives it; without one it holds from when it was first seen. Deals that are gone from the export come back for
    the days from the first export with them up to the first without.

    Parameters
    ----------
    tables : Tables
        Of the export.
    remembered : Remembered
        From days before that of the export.
    states : ExportStates
        Of the export.
    fields : sequence of str
        The columns to take: those that no history of the export tells.
    time_zone : str
        Where days end.

    Returns
    -------
    Tables
    """
    now = changed_states(last_states(remembered.rows), states.rows).assign(as_of=pd.Timestamp(states.day))
    parts = [part for part in (remembered.rows, now[["as_of", *MEMORY_COLUMNS]]) if len(part)]
    told = pd.concat(parts, ignore_index=True)
    told = told.sort_values(["opportunity_id", "as_of"], kind="stable", ignore_index=True)
    told = told.drop_duplicates(["opportunity_id", "as_of"], keep="last", ignore_index=True)
    told["day_begins"] = _beginnings(told["as_of"], time_zone)
    gone = _gone(told[~told["opportunity_id"].isin(states.rows["opportunity_id"])])
    told = told[(told["outcome"] != REMOVED) & ~_first_closes(told, gone["opportunity_id"])]
    found = _dated(told.reset_index(drop=True), states, time_zone)
    history = _history(_in_one_currency(found, states.rows), gone["opportunity_id"], list(fields))
    frames = {"opportunity_history": _below(tables, "opportunity_history", history)}
    if len(gone):
        frames["opportunities"] = _with_gone(tables["opportunities"], gone)
    return tables.replace(**frames)


def _beginnings(days: pd.Series, time_zone: str) -> pd.Series:
    begins = {moment: cutoff((moment - _A_DAY).date(), time_zone) for moment in days.unique()}
    return days.map(begins).astype("datetime64[us]")


def _dated(told: pd.DataFrame, states: ExportStates, time_zone: str) -> pd.DataFrame:
    """The states with `changed_at`; a close that the export dates has its date, whatever was seen after it."""
    exported = states.rows.set_index("opportunity_id").reindex(told["opportunity_id"])
    created_at, closed_at = (_moments(exported[name]) for name in ("created_at", "closed_at"))
    closed_at = closed_at.where(exported["outcome"].isin(["won", "lost"]).to_numpy())
    closed_on, is_open = local_day(closed_at, time_zone), told["outcome"] == "open"
    is_later = (told["as_of"] > closed_on) | (~is_open & (told["as_of"] == closed_on))
    at = told["day_begins"]
    is_born_then = (created_at > at) & (created_at < at + _A_DAY) & ~(closed_at < created_at)
    kept = told.assign(changed_at=at.where(~is_born_then, created_at))[~is_later]
    is_over = states.rows["outcome"].isin(["won", "lost"]) & states.rows["closed_at"].notna()
    over = states.rows[is_over & states.rows["opportunity_id"].isin(kept["opportunity_id"])]
    over = over.assign(changed_at=over["closed_at"], as_of=local_day(over["closed_at"], time_zone))
    found = pd.concat([part for part in (kept, over) if len(part)] or [kept], ignore_index=True)
    return found.sort_values(["opportunity_id", "changed_at"], kind="stable", ignore_index=True)


def _history(found: pd.DataFrame, gone: pd.Series, fields: list[str]) -> pd.DataFrame:
    """Rows of the history: the fields that it does not have, and all of deals that are gone."""
    columns = list(dict.fromkeys((*FOLLOWED, *fields)))
    rows = found[["opportunity_id", "changed_at", *columns]].assign(**{REMEMBERED: found["as_of"]})
    is_gone = rows["opportunity_id"].isin(gone)
    for name in columns:
        if name not in fields:
            rows[name] = rows[name].where(is_gone)
    told = [name for name in columns if rows[name].notna().any()]
    return rows[["opportunity_id", "changed_at", *told, REMEMBERED]].dropna(subset=told, how="all", ignore_index=True)


def _moments(values: pd.Series) -> pd.Series:
    return values.reset_index(drop=True).astype("datetime64[us]")


def _in_one_currency(rows: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """An amount that was in another currency than the export's is not known in this one."""
    currency = states.set_index("opportunity_id")["currency"].reindex(rows["opportunity_id"]).set_axis(rows.index)
    other = currency.notna() & rows["currency"].notna() & (currency != rows["currency"])
    return rows.assign(amount=rows["amount"].where(~other))


def _below(tables: Tables, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    if name not in tables or not len(tables[name]):
        return rows
    return pd.concat([tables[name], rows], ignore_index=True)


def _gone(told: pd.DataFrame) -> pd.DataFrame:
    """Deals that the export no longer holds, one row each as they were first seen, with the days in between."""
    first = told.drop_duplicates("opportunity_id", keep="first").set_index("opportunity_id")
    last = told.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    found = first[[name for name in MEMORY_COLUMNS if name != "opportunity_id"]].copy()
    found[KNOWN_FROM] = first["day_begins"]
    found[KNOWN_UNTIL] = last["day_begins"]
    return found.reset_index()


def _first_closes(told: pd.DataFrame, gone: pd.Series) -> pd.Series:
    """Rows of deals that are gone from before they were first seen open: their own row says when they closed."""
    seen = (told["outcome"] == "open").groupby(told["opportunity_id"], sort=False).cummax()
    first: pd.Series = told["opportunity_id"].isin(gone) & ~seen.astype(bool)
    return first


def _with_gone(deals: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    needed = [name for name in _OF_LIFE if name not in deals and gone[name].notna().any()]
    deals = deals.assign(**{name: gone[name].iloc[:0].reindex(deals.index) for name in needed})
    columns = [*deals.columns, KNOWN_FROM, KNOWN_UNTIL]
    rows = gone.reindex(columns=columns)
    rows = rows.astype(
        {name: kind for name, kind in deals.dtypes.items() if name in CANONICAL["opportunities"].columns}
    )
    added = pd.concat([deals, rows], ignore_index=True)
    return added.astype({KNOWN_FROM: "datetime64[us]", KNOWN_UNTIL: "datetime64[us]"})
