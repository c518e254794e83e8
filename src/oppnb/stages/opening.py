"""Open an export: read it, audit it, settle the currency, the day of knowledge and the stages."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from oppnb.errors import DataError
from oppnb.history import as_of as snapshot_as_of
from oppnb.history import depth_note, open_source, spells, with_memory
from oppnb.periods import parse_day
from oppnb.sources import Reading, read_tables
from oppnb.stages.library import with_presets
from oppnb.stages.proposal import propose_from_stays
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
        After the audit; with what the store remembers of earlier exports.
    audit : AuditResult
        What was found wrong and what was done.
    reading : Reading or None
        How the files were read; None where tables were given.
    as_of : date
        The day of knowledge.
    notes : tuple of Note
        What was assumed.
    """

    workspace: Workspace
    tables: Tables
    audit: AuditResult
    reading: Reading | None
    as_of: date
    notes: tuple[Note, ...]


def open_data(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    currency: str | None = None,
    default_day: date | None = None,
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

    Raises
    ------
    PeriodError
        If the day cannot be read.
    DataError
        If there is no day of the export and none is given; and whatever reading and the audit raise.
    """
    settled = with_presets(workspace if isinstance(workspace, Workspace) else read_workspace(workspace))
    if currency is not None:
        settled = settled.model_copy(update={"currency": currency})
    reading = None if isinstance(data, Tables) else read_tables(data, workspace=settled)
    tables = data if isinstance(data, Tables) else _tables_of(reading)
    settled, base_notes = _with_base_currency(settled, tables)
    audit = audit_tables(tables, workspace=settled, reading_findings=reading.findings if reading else ())
    day = _day_of_knowledge(as_of, tables, default_day)
    known, depth = _with_history(audit.tables, settled, is_read=reading is not None)
    settled, notes = _with_processes(settled, known, day)
    return OpenedData(settled, known, audit, reading, day, (*base_notes, *notes, *depth))


def _with_history(tables: Tables, workspace: Workspace, *, is_read: bool) -> tuple[Tables, tuple[Note, ...]]:
    """The tables with what the store remembers of earlier exports, and how deep their history reaches."""
    remembers = is_read and workspace.store is not None and workspace.sources.remember
    if not remembers or workspace.store is None:
        note = depth_note(tables)
        return tables, () if note is None else (note,)
    found, notes = with_memory(tables, open_store(workspace.store), workspace=workspace)
    note = depth_note(found)
    return found, notes if note is None or (notes and note.code == "history_depth_none") else (*notes, note)


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
    note = Note("review_base_currency_assumed", {"currency": code, "n": n_deals, "total": int(counts.sum())})
    return workspace.model_copy(update={"currency": code}), (note,)


def only_currency(tables: Tables) -> str | None:
    """The currency that all deals share; None where they have several, or none."""
    deals = tables["opportunities"]
    found = sorted(deals["currency"].dropna().unique()) if "currency" in deals else list[str]()
    return str(found[0]) if len(found) == 1 else None
