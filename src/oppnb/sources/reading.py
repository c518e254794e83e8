"""An export becomes canonical tables: by the workspace's mapping, or by proposals that are said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from oppnb.errors import ColumnMissingError, DataError
from oppnb.sources.exported import latest_fact
from oppnb.sources.files import FileSeen, data_hash, look_at
from oppnb.sources.mapping import MappedTable, apply_rule
from oppnb.sources.mapping_columns import Settings
from oppnb.sources.mapping_files import ExportFiles
from oppnb.sources.outcomes import with_outcomes
from oppnb.sources.proposals import Proposal, propose_mapping
from oppnb.sources.seen import Seen
from oppnb.tables import CANONICAL, Finding, Note, Tables
from oppnb.workspace import MappingRule, Workspace, read_workspace

__all__ = ["Reading", "read_seen", "read_tables", "settings_of"]


@dataclass(frozen=True)
class Reading:
    """What was read from an export, and how.

    Attributes
    ----------
    tables : Tables
        Canonical tables with `exported_on` and the notes of what was assumed.
    findings : tuple of Finding
        Values that could not be read, joins that missed; nothing was mended.
    mapping : tuple of MappingRule
        The rules that were applied: the workspace's, or the proposed ones.
    proposals : tuple of Proposal
        The proposed rules with the reason of each line; empty if the workspace maps.
    files : tuple of FileSeen
        Every file that was found, also those no rule uses.
    data_hash : str
        Of names and contents; the same wherever the folder lies.
    """

    tables: Tables
    findings: tuple[Finding, ...]
    mapping: tuple[MappingRule, ...]
    proposals: tuple[Proposal, ...]
    files: tuple[FileSeen, ...]
    data_hash: str


def read_tables(path: str | Path, *, workspace: Workspace | str | Path | None = None) -> Reading:
    r"""Read an export into canonical tables.

    Parameters
    ----------
    path : path
        A file, an archive, or a folder of files.
    workspace : Workspace or path, optional
        Its `mapping` says which file fills which table. Without one, a mapping is proposed from the headers and
        values, applied, and said in `proposals` and in the notes of the tables.

    Returns
    -------
    Reading

    Raises
    ------
    NothingToReadError
        If there is no such path, or nothing in it that can be read; `NoRowsError` if what is the list of
        opportunities has a header and no rows.
    MappingError
        If a rule names a file, table or column that is not there.
    DataError
        If no mapping is given and none can be proposed, or a table lacks a column it cannot do without.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "opportunities.csv").write_text("opportunity_id,stage,amount\n007,Demo,1200\n008,Won,900\n")
    >>> reading = read_tables(folder)
    >>> reading.tables["opportunities"][["opportunity_id", "stage", "amount", "outcome"]].values.tolist()
    [['007', 'Demo', 1200.0, 'open'], ['008', 'Won', 900.0, 'won']]
    """
    settled = workspace if isinstance(workspace, Workspace) else read_workspace(workspace)
    seen = look_at(path)
    return read_seen(seen, ExportFiles(seen.files, seen.left_out), workspace=settled)


def read_seen(seen: Seen, files: ExportFiles, *, workspace: Workspace) -> Reading:
    """Read files that were looked at before into canonical tables; what was read once of `files` stays read.

    Raises as `read_tables`.
    """
    settled, settings = workspace, settings_of(workspace)
    proposed = propose_mapping(files, settings=settings, workspace=settled) if not settled.mapping else None
    if proposed is not None:
        proposed.check()
    rules = tuple(settled.mapping) if proposed is None else tuple(one.rule for one in proposed.proposals)
    mapped = [apply_rule(rule, files, settings=settings) for rule in rules]
    frames = _stacked(mapped)
    _check_required(frames)
    frames, findings = with_outcomes(frames, workspace=settled)
    frames["opportunities"] = frames["opportunities"][_ordered(frames["opportunities"], "opportunities")]
    notes = (*(proposed.notes if proposed else ()), *_distinct(note for one in mapped for note in one.notes))
    notes = (*notes, *_empty_rules(rules, mapped), *_left_out(seen))
    tables = Tables(frames, exported_on=_exported_on(frames, settled), notes=notes)
    return Reading(
        tables,
        (*files.findings(), *(finding for one in mapped for finding in one.findings), *findings),
        rules,
        proposed.proposals if proposed else (),
        files.files,
        data_hash(files.files),
    )


def settings_of(workspace: Workspace) -> Settings:
    """Time zone and date order that hold for moments and days written without them."""
    zone = workspace.sources.time_zone or workspace.calendar.time_zone
    return Settings(time_zone=zone, date_order=workspace.sources.date_order)


def _stacked(mapped: Sequence[MappedTable]) -> dict[str, pd.DataFrame]:
    """One frame a table, rules one below the other in their order; a table without any row is left away."""
    frames: dict[str, pd.DataFrame] = {}
    for table in CANONICAL:
        parts = [one.frame for one in mapped if one.table == table]
        filled = [part for part in parts if len(part)] or parts[:1]
        if not filled or (table != "opportunities" and not len(filled[0])):
            continue
        frame = filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
        frames[table] = frame[_ordered(frame, table)]
    return frames


def _ordered(frame: pd.DataFrame, table: str) -> list[str]:
    canonical = [name for name in CANONICAL[table].columns if name in frame.columns]
    return canonical + [str(name) for name in frame.columns if name not in canonical]


def _check_required(frames: dict[str, pd.DataFrame]) -> None:
    if "opportunities" not in frames:
        raise DataError(
            "No rule of the mapping fills the table 'opportunities', which every review needs.\n"
            "Add one to oppnb.yaml:  mapping: [{table: opportunities, file: …, columns: {opportunity_id: …, stage: …}}]"
        )
    if not len(frames["opportunities"]):
        raise DataError(
            "The mapping of 'opportunities' leaves no rows. Look at its 'where' in oppnb.yaml: does a row meet it?"
        )
    for table, frame in frames.items():
        _check_table(table, frame)


def _check_table(table: str, frame: pd.DataFrame) -> None:
    schema = CANONICAL[table]
    missing = [name for name in schema.required if name not in frame.columns]
    if schema.any_of and not any(name in frame.columns for name in schema.any_of):
        missing.append(" or ".join(schema.any_of))
    if missing:
        names = "', '".join(missing)
        raise ColumnMissingError(
            f"'{table}' has no column '{names}', and cannot be used without it.\n"
            f'Map it in oppnb.yaml:  mapping: [{{table: {table}, columns: {{{missing[0]}: "the header"}}}}]'
        )


def _exported_on(frames: dict[str, pd.DataFrame], workspace: Workspace) -> date | None:
    return workspace.sources.exported_on or latest_fact(frames, time_zone=workspace.calendar.time_zone)


def _distinct(notes: Iterable[Note]) -> list[Note]:
    kept: list[Note] = []
    for note in notes:
        if note not in kept:
            kept.append(note)
    return kept


def _empty_rules(rules: Sequence[MappingRule], mapped: Sequence[MappedTable]) -> list[Note]:
    return [
        Note("sources_rule_without_rows", {"table": rule.table, "file": rule.file})
        for rule, one in zip(rules, mapped, strict=True)
        if not len(one.frame)
    ]


def _left_out(seen: Seen) -> list[Note]:
    return [Note(f"sources_left_out_{file.reason}", {"file": file.name}) for file in seen.left_out]
