"""A slice of an export: the deals of a region, a seller or a process alone, and whatever hangs on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from oppnb.errors import ParameterError, nearest
from oppnb.history import as_of, open_source, with_attributes
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["NOT_TOLD", "Only", "SliceDeals", "check_only", "cut_tables", "deals_of_slice", "slice_name"]

Only = Mapping[str, str]
"""Column -> value that every deal of the slice has, e.g. `{"region": "North"}`."""
NOT_TOLD = ""
"""The value of deals that do not tell the column."""
_OF_DEAL = ("opportunity_history", "contacts", "evidence", "line_items", "payments")
_OF_DEAL_OR_ACCOUNT = ("activities", "subscriptions", "tickets")
_TELL_MORE = ("opportunity_history", "owners")
_OF_OWNER = ("team", "region", "manager_id")
_NEEDED = ("opportunity_id", "account_id", "owner_id", "region")


def slice_name(only: Only) -> str:
    """How a slice is written in the store: as a node of its column, of several in the order of their names.

    Examples
    --------
    >>> slice_name({"region": "East"}), slice_name({"region": "East", "process": "sales"})
    ('region=East', 'process=sales & region=East')
    """
    return " & ".join(f"{column}={value}" for column, value in sorted(only.items()))


def check_only(tables: Tables, only: Only) -> None:
    """Refuse a slice by a column or a value that no deal has.

    Raises
    ------
    ParameterError
        With the nearest name.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": "Demo", "region": ["North", "South"]})
    >>> check_only(Tables({"opportunities": deals}), {"region": "Nort"})
    Traceback (most recent call last):
    ...
    oppnb.errors.ParameterError: No deal has the region 'Nort'. Did you mean 'North'?
    """
    deals = _as_exported(tables)
    for column, value in only.items():
        elsewhere = [tables[name][column] for name in _TELL_MORE if name in tables and column in tables[name]]
        values = pd.concat([_text_of(deals, column), *elsewhere])
        if not _has(values, value).any():
            near = nearest(value, sorted(set(values.dropna())))
            hint = f" Did you mean '{near}'?" if near else ""
            raise ParameterError(f"No deal has the {column} '{value}'.{hint}")


@dataclass(frozen=True, eq=False)
class SliceDeals:
    """Which deals a slice is of.

    Attributes
    ----------
    ids : Series of str
    by_export : tuple of str
        Columns of which no history says what an open deal had on the day: the export's own values were taken.
    """

    ids: pd.Series
    by_export: tuple[str, ...] = ()


def deals_of_slice(tables: Tables, only: Only, *, day: date, workspace: Workspace) -> SliceDeals:
    """The deals that had these values on a day, as far as was known on it.

    Parameters
    ----------
    tables : Tables
        After the audit.
    only : mapping of str to str
        Column of the deals (or of their owners and accounts: `team`, `manager_id`, `industry`, …) -> value; an empty
        value means the deals that do not tell it.
    day : date
        Of knowledge: a deal belongs to who had it then, not to who got it later. Where no history says of any open
        deal who had it, it is with whom the export names.
    workspace : Workspace
        Stages and calendar.

    Returns
    -------
    SliceDeals

    Raises
    ------
    ParameterError
        For a column or value that no deal has, with the nearest; or if none had it on the day.
    """
    check_only(tables, only)
    exported = tables.exported_on
    by_export: tuple[str, ...] = ()
    if exported is None or day >= exported:
        known = _as_exported(tables)
    else:
        source = open_source(tables)
        known = with_attributes(as_of(source, day, workspace=workspace), source)
        by_export = _untold(known, only)
        known = _told_by_export(known, tables, by_export)
    found = pd.Series(True, index=known.index)
    for column, value in only.items():
        found &= _has(_text_of(known, column), value)
    if not found.any():
        said = ", ".join(f"{column} '{value}'" for column, value in only.items())
        raise ParameterError(f"None of the {len(known):,} deals known on {day.isoformat()} has {said}.")
    return SliceDeals(known.loc[found, "opportunity_id"], by_export)


def cut_tables(tables: Tables, ids: pd.Series, only: Only) -> Tables:
    """The rows of these deals, and of every table what hangs on them.

    Customers and sellers are those of the deals; a target is of the slice if it says so itself or its seller does;
    leads are there only if they tell the columns themselves: those that became no deal could not be told apart.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": "Demo", "region": ["North", "South"]})
    >>> calls = pd.DataFrame({"opportunity_id": ["1", "2"], "kind": "call", "occurred_at": pd.NaT})
    >>> cut = cut_tables(Tables({"opportunities": deals, "activities": calls}), pd.Series(["1"]), {"region": "North"})
    >>> len(cut["opportunities"]), len(cut["activities"])
    (1, 1)
    """
    frames = dict(tables.items())
    deals = _where(frames["opportunities"], frames["opportunities"]["opportunity_id"].isin(ids))
    made = {"opportunities": deals}
    for name in _OF_DEAL:
        if name in frames:
            made[name] = _where(frames[name], frames[name]["opportunity_id"].isin(ids))
    accounts = _values(deals, "account_id")
    for name in _OF_DEAL_OR_ACCOUNT:
        if name in frames:
            made[name] = _where(frames[name], _hangs_on(frames[name], ids, accounts))
    if "accounts" in frames:
        made["accounts"] = _where(frames["accounts"], frames["accounts"]["account_id"].isin(accounts))
    if "owners" in frames:
        made["owners"] = _sellers(frames["owners"], made, only)
    if "targets" in frames:
        made["targets"] = _where(frames["targets"], _targets(frames["targets"], frames.get("owners"), only))
    if "leads" in frames and all(column in frames["leads"] for column in only):
        of_slice = [_has(_text_of(frames["leads"], column), value) for column, value in only.items()]
        made["leads"] = _where(frames["leads"], pd.concat(of_slice, axis="columns").all(axis="columns"))
    if "exchange_rates" in frames:
        made["exchange_rates"] = frames["exchange_rates"]
    order = [name for name in frames if name in made]
    return Tables({name: made[name] for name in order}, exported_on=tables.exported_on, notes=tables.notes)


def _untold(known: pd.DataFrame, only: Only) -> tuple[str, ...]:
    """Columns that no open deal of the day tells."""
    is_open = known["outcome"].eq("open").fillna(value=False).astype(bool)
    return tuple(name for name in only if name in known and is_open.any() and known.loc[is_open, name].isna().all())


def _told_by_export(known: pd.DataFrame, tables: Tables, columns: tuple[str, ...]) -> pd.DataFrame:
    """With the export's values of these columns: a slice of nobody would be wrong."""
    now = _as_exported(tables).set_index("opportunity_id")
    told = {name: known[name].fillna(known["opportunity_id"].map(_text_of(now, name))) for name in columns}
    return known.assign(**told)


def _as_exported(tables: Tables) -> pd.DataFrame:
    """The deals as they stand in the export, with what their owners and accounts add."""
    deals = tables["opportunities"]
    lacking = {name: pd.Series(None, index=deals.index, dtype="str") for name in _NEEDED if name not in deals}
    return with_attributes(deals.assign(**lacking), tables)


def _text_of(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column to slice by."""
    texts = [str(name) for name in frame if pd.api.types.is_string_dtype(frame[name].dtype)]
    if column in texts:
        return frame[column]
    near = nearest(column, texts)
    hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(sorted(texts))}."
    if column in frame:
        raise ParameterError(f"'{column}' is not a text: a slice is of a column such as region or owner_id.")
    raise ParameterError(f"The deals have no column '{column}'.{hint}")


def _has(values: pd.Series, value: str) -> pd.Series:
    found = values.isna() | values.eq(NOT_TOLD) if value == NOT_TOLD else values.eq(value)
    return found.fillna(value=False).astype(bool)


def _where(frame: pd.DataFrame, kept: pd.Series) -> pd.DataFrame:
    return frame[kept.to_numpy(dtype=bool)].reset_index(drop=True)


def _values(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame[column].dropna().drop_duplicates() if column in frame else pd.Series(dtype="str")


def _hangs_on(frame: pd.DataFrame, ids: pd.Series, accounts: pd.Series) -> pd.Series:
    """Rows of the deals; of rows that name no deal, those of their customers."""
    none = pd.Series(None, index=frame.index, dtype="str")
    deal, account = (frame.get(name, none) for name in ("opportunity_id", "account_id"))
    found: pd.Series = deal.isin(ids) | (deal.isna() & account.isin(accounts))
    return found


def _sellers(owners: pd.DataFrame, made: Mapping[str, pd.DataFrame], only: Only) -> pd.DataFrame:
    """Those who have or had a deal of the slice, and those whose own row says that they belong to it."""
    had = [_values(made[name], "owner_id") for name in ("opportunities", "opportunity_history") if name in made]
    kept = owners["owner_id"].isin(pd.concat(had))
    own = [column for column in only if column in owners]
    if own and len(own) == len(only):
        kept |= pd.concat([_has(owners[column], only[column]) for column in own], axis="columns").all(axis="columns")
    return _where(owners, kept)


def _targets(targets: pd.DataFrame, owners: pd.DataFrame | None, only: Only) -> pd.Series:
    """Targets whose own columns, or else whose seller's, say that they are of the slice."""
    found = pd.Series(True, index=targets.index)
    for column, value in only.items():
        told = targets[column] if column in targets else pd.Series(None, index=targets.index, dtype="str")
        if owners is not None and "owner_id" in targets and column in _OF_OWNER and column in owners:
            of_seller = owners.drop_duplicates("owner_id").set_index("owner_id")[column]
            told = told.fillna(targets["owner_id"].map(of_seller))
        found &= _has(told, value)
    return found
