"""Open an export: read it, audit it, settle the currency, the day of knowledge and the stages."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from oppnb.errors import DataError, ParameterError
from oppnb.history import as_of as snapshot_as_of
from oppnb.history import depth_note, open_source, spells, with_memory
from oppnb.periods import parse_day
from oppnb.sources import Reading, read_tables
from oppnb.stages.deal_names import with_deal_names
from oppnb.stages.kept import find_kept
from oppnb.stages.library import with_presets
from oppnb.stages.proposal import propose_from_stays
from oppnb.stages.slicing import Only, cut_tables, deals_of_slice
from oppnb.store import open_store
from oppnb.tables import AuditResult, Note, Tables, audit_tables, fold
from oppnb.workspace import Workspace, read_workspace

__all__ = ["NO_DAY", "OpenedData", "only_currency", "open_data"]

NO_DAY = date(1970, 1, 1)
"""The day of knowledge of data without any date, where that is no error: a `default_day`."""


@dataclass(frozen=True)
class OpenedData:
    """An export, ready to be worked with.

    Attributes
    ----------
    workspace : Workspace
        With presets filled in, the base currency, and stages: proposed ones where it had none.
    tables : Tables
        After the audit; with what the store remembers of earlier exports, and a name for each deal (see
        `oppnb.stages.with_deal_names`).
    audit : AuditResult
        What was found wrong and what was done.
    reading : Reading or None
        How the files were read; None where tables were given.
    as_of : date
        The day of knowledge.
    notes : tuple of Note
        What was assumed.
    only : mapping of str to str
        The slice that was cut out, e.g. `{"region": "North"}`; empty for the whole. Of a slice the workspace has no
        store: most of what it remembers is of the whole.
    store_of_whole : str or None
        Of a slice: where the store of the whole lies.
    """

    workspace: Workspace
    tables: Tables
    audit: AuditResult
    reading: Reading | None
    as_of: date
    notes: tuple[Note, ...]
    only: Mapping[str, str] = field(default_factory=dict)
    store_of_whole: str | None = None

    @property
    def ledger(self) -> str | None:
        """Where the store lies that keeps the forecasts and scores told of these deals; a slice's by its own name."""
        return self.workspace.store or self.store_of_whole


def open_data(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    currency: str | None = None,
    default_day: date | None = None,
    only: Only | None = None,
) -> OpenedData:
    """Read and audit an export, and settle what the workspace leaves open.

    Parameters
    ----------
    data : path or Tables
        An export (file, folder, archive), or tables already read.
    as_of : date or str, optional
        The day of knowledge; stages are proposed from what was known on it. By default the day of the export.
    workspace : Workspace or path, optional
        By default every default: the mapping and the stages are proposed from the data, and said in the notes.
    currency : str, optional
        ISO 4217; by default the workspace's, else the one that has no rate of its own.
    default_day : date, optional
        The day of knowledge of data that says none; by default that is an error.
    only : mapping of str to str, optional
        A slice, e.g. `{"region": "North"}`: everything is cut to the deals that had these values on the day of
        knowledge and to what hangs on them, before anything is worked out. An empty value means deals without one.

    Raises
    ------
    ParameterError
        If the slice names a column or a value that no deal has; names the nearest.
    PeriodError
        If the day cannot be read.
    DataError
        If there is no day of the export and none is given; and whatever reading and the audit raise.
    """
    settled = with_presets(workspace if isinstance(workspace, Workspace) else read_workspace(workspace))
    if currency is not None:
        settled = settled.model_copy(update={"currency": currency})
    kept = None if isinstance(data, Tables) else find_kept(data, settled)
    reading = None if isinstance(data, Tables) else kept[0] if kept else read_tables(data, workspace=settled)
    tables = data if isinstance(data, Tables) else _tables_of(reading)
    settled, base_notes = _with_base_currency(settled, tables)
    findings = reading.findings if reading else ()
    audit = kept[1] if kept else audit_tables(tables, workspace=settled, reading_findings=findings)
    day = _day_of_knowledge(as_of, tables, default_day)
    known, depth = _with_history(audit.tables, settled, is_read=reading is not None)
    found = OpenedData(settled, known, audit, reading, day, (*base_notes, *depth))
    if only:
        found = _cut(found, tables, only)
    settled, notes = _with_processes(found.workspace, found.tables, day)
    before = len([note for note in found.notes if note.code == _ASSUMED])
    told = (*found.notes[:before], *notes, *found.notes[before:])
    return replace(found, workspace=settled, tables=with_deal_names(found.tables), notes=told)


def _cut(whole: OpenedData, raw: Tables, only: Only) -> OpenedData:
    """What was opened, cut to a slice; what was noticed of the files as a whole is left out, and that is said."""
    chosen = deals_of_slice(whole.tables, only, day=whole.as_of, workspace=whole.workspace)
    ids = chosen.ids
    settled = _of_slice(whole.workspace, only)
    known = cut_tables(whole.tables, ids, only)
    told = tuple(note for note in known.notes if not any(isinstance(value, int) for value in note.values.values()))
    known = Tables(known.frames, exported_on=known.exported_on, notes=told)
    reading = whole.reading
    is_less = len(told) < len(whole.tables.notes) or bool(reading and reading.findings)
    notes = [_recounted(note, known) for note in whole.notes]
    notes += [Note("slice_by_export", {"columns": ", ".join(chosen.by_export)})] if chosen.by_export else []
    notes += [Note("slice_without_leads")] if "leads" in whole.tables and "leads" not in known else []
    notes += [Note("slice_without_reading")] if is_less else []
    notes += [Note("slice_without_store")] if whole.workspace.store is not None else []
    return OpenedData(
        workspace=settled,
        tables=known,
        audit=audit_tables(_with_refused(raw, whole.audit.tables, ids, only), workspace=settled),
        reading=None if reading is None else replace(reading, tables=known, findings=()),
        as_of=whole.as_of,
        notes=tuple(notes),
        only=dict(only),
        store_of_whole=whole.workspace.store,
    )


def _of_slice(workspace: Workspace, only: Only) -> Workspace:
    """Without the store, which remembers the whole, and with the slice's process alone."""
    of_process = [one for one in workspace.processes if one.name == only.get("process")]
    return workspace.model_copy(update={"store": None, "processes": of_process or workspace.processes})


def _recounted(note: Note, tables: Tables) -> Note:
    """A note on all deals, said of those of the slice."""
    if note.code == _ASSUMED:
        codes = tables["opportunities"]["currency"].dropna()
        return Note(note.code, {**note.values, "n": int((codes == note.values["currency"]).sum()), "total": len(codes)})
    return (depth_note(tables) or note) if note.code == "history_depth_table" else note


def _with_refused(raw: Tables, audited: Tables, ids: pd.Series, only: Only) -> Tables:
    """What the audit of a slice looks at: its deals as they were read, those that were set aside among them."""
    is_refused = ~raw["opportunities"]["opportunity_id"].isin(audited["opportunities"]["opportunity_id"])
    if not is_refused.any():
        return cut_tables(raw, ids, only)
    refused = raw["opportunities"][is_refused].reset_index(drop=True)
    try:
        of_slice = deals_of_slice(raw.replace(opportunities=refused), only, day=date.max, workspace=Workspace()).ids
    except ParameterError:
        of_slice = ids.iloc[:0]
    return cut_tables(raw, pd.concat([ids, of_slice]), only)


_ASSUMED = "review_base_currency_assumed"


def _with_history(tables: Tables, workspace: Workspace, *, is_read: bool) -> tuple[Tables, tuple[Note, ...]]:
    """The tables with what the store remembers of earlier exports, and how deep their history reaches."""
    remembers = is_read and workspace.store is not None and workspace.sources.remember
    if not remembers or workspace.store is None:
        note = depth_note(tables)
        return tables, () if note is None else (note,)
    found, notes = with_memory(tables, open_store(workspace.store), workspace=workspace)
    note = depth_note(found)
    if note is None or (notes and note.code == "history_depth_none"):
        return found, notes
    if note.code == "history_depth_table":  # what the export tells itself is known, though the store only begins
        notes = tuple(one for one in notes if one.code != "history_memory_begins")
    return found, (*notes, note)


def _tables_of(reading: Reading | None) -> Tables:
    if reading is None:
        raise AssertionError("tables are read from a path, or given")
    return reading.tables


def _day_of_knowledge(as_of: date | str | None, tables: Tables, default: date | None) -> date:
    if as_of is not None:
        return parse_day(as_of)
    if tables.exported_on is None and default is not None:
        return default
    if tables.exported_on is None:
        raise DataError(
            "The data says no day on which it was exported. Name the day of knowledge (--as-of 2017-09-30), "
            "or write sources: {exported_on: 2017-09-30} in oppnb.yaml."
        )
    return tables.exported_on


def _with_processes(workspace: Workspace, tables: Tables, day: date) -> tuple[Workspace, tuple[Note, ...]]:
    """The workspace's processes, or processes proposed from what was known on the day and nothing later."""
    if workspace.processes:
        return workspace, ()
    source = open_source(tables)
    stays = spells(source, known_on=day, workspace=workspace)
    snapshot = snapshot_as_of(source, day, workspace=workspace)
    closed = snapshot[snapshot["outcome"].isin(["won", "lost"])].dropna(subset=["stage"])
    outcomes = _outcome_of_stage(closed[["stage", "outcome"]].to_numpy().tolist())
    stays = stays.assign(process=stays["process"].fillna("default"))
    processes = propose_from_stays(stays[["opportunity_id", "process", "stage", "entered_at"]], outcomes)
    note = Note("review_stages_proposed", {"processes": ", ".join(process.name for process in processes) or "–"})
    return workspace.model_copy(update={"processes": list(processes)}), (note,)


def _outcome_of_stage(pairs: list[list[str]]) -> dict[str, str]:
    folded = {stage: fold(stage) for stage in {stage for stage, _ in pairs}}
    counts = Counter((folded[stage], outcome) for stage, outcome in pairs)
    return {stage: outcome for (stage, outcome), _ in sorted(counts.items(), key=lambda item: (item[1], item[0]))}


def _with_base_currency(workspace: Workspace, tables: Tables) -> tuple[Workspace, tuple[Note, ...]]:
    """The workspace's currency; without one that which the rates lead to: the commonest that has no rate of its own."""
    deals = tables["opportunities"]
    if workspace.currency is not None or "exchange_rates" not in tables or "currency" not in deals:
        return workspace, ()
    rated = tables["exchange_rates"]["currency"].dropna()
    counts = deals["currency"].dropna().value_counts()
    if len(counts) < 2:
        return workspace, ()
    unrated = sorted((-int(n), str(code)) for code, n in counts.items() if code not in set(rated))
    if not unrated:
        return workspace, ()
    n_deals, code = -unrated[0][0], unrated[0][1]
    note = Note(_ASSUMED, {"currency": code, "n": n_deals, "total": int(counts.sum())})
    return workspace.model_copy(update={"currency": code}), (note,)


def only_currency(tables: Tables) -> str | None:
    """The currency that all deals share; None where they have several, or none."""
    deals = tables["opportunities"]
    found = sorted(deals["currency"].dropna().unique()) if "currency" in deals else list[str]()
    return str(found[0]) if len(found) == 1 else None
