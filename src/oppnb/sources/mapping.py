"""One mapping rule, applied: rows of a file become rows of a canonical table."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb.errors import MappingError, nearest
from oppnb.sources.grouping import Groups, group_rows, sorted_rows, take_one
from oppnb.sources.joins import join_file
from oppnb.sources.mapping_columns import FilledColumn, Settings, fill_column, headers_of, holds, plain_text
from oppnb.sources.mapping_files import ExportFiles
from oppnb.sources.mapping_findings import column_findings, decision_notes, join_findings, key_findings, recode_findings
from oppnb.tables import CANONICAL, Finding, Kind, Note
from oppnb.workspace import ColumnRule, Condition, MappingRule

__all__ = ["MappedTable", "apply_rule"]


@dataclass(frozen=True)
class MappedTable:
    """What one rule gave: canonical columns first, then the attributes."""

    table: str
    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class _Rows:
    """The rows of a rule's file on their way, and what was found while joining and grouping."""

    frame: pd.DataFrame
    groups: Groups | None = None
    findings: tuple[Finding, ...] = ()


def apply_rule(rule: MappingRule, files: ExportFiles, *, settings: Settings) -> MappedTable:
    """Fill a canonical table from one file.

    Parameters
    ----------
    rule : MappingRule
        From the workspace or a proposal.
    files : ExportFiles
        The export.
    settings : Settings
        Time zone and date order.

    Returns
    -------
    MappedTable
        Rows in the order of the file, or of the groups' first rows.

    Raises
    ------
    MappingError
        If the rule names a file, table or column that is not there, with the nearest one and the mend.
    """
    _check_names(rule)
    rows = _rows(rule, files, settings=settings)
    kinds = CANONICAL[rule.table].columns
    columns: dict[str, pd.Series] = {}
    findings = list(rows.findings)
    notes: list[Note] = []
    for name, column in _all_columns(rule, rows.frame).items():
        kind = _kind(name, column, {key: value.kind for key, value in kinds.items()})
        filled = fill_column(rows.frame, column, kind, file=rule.file, settings=settings)
        columns[name] = _take(filled, column, rows, rule=rule)
        findings += column_findings(rule.table, name, filled, keys=_keys(rule, rows))
        findings += recode_findings(rule.table, name, column, frame=rows.frame, keys=_keys(rule, rows))
        notes += decision_notes(rule, filled)
    frame = pd.DataFrame(columns).reset_index(drop=True)
    return MappedTable(rule.table, _others(rule, rows, frame), tuple(findings), tuple(notes))


def _rows(rule: MappingRule, files: ExportFiles, *, settings: Settings) -> _Rows:
    frame = files.rows_of(rule.file, with_origin=_names_origin(rule))
    where = rule.where or {}
    early = {name: condition for name, condition in where.items() if name in frame.columns or not rule.join}
    frame = _filter(frame, early, rule, settings)
    findings: list[Finding] = []
    for join in rule.join:
        joined = join_file(frame, files.rows_of(join.file), join, file=rule.file)
        findings += join_findings(rule, join, joined, keys=_raw_keys(rule, frame))
        frame = joined.frame
    frame = _filter(frame, {name: where[name] for name in where if name not in early}, rule, settings)
    if rule.one_row_per is None:
        return _Rows(frame, None, tuple(findings))
    if rule.order_by is not None:
        frame = sorted_rows(frame, _listed(rule.order_by), file=rule.file, time_zone=settings.time_zone)
    frame = frame.reset_index(drop=True)
    groups = group_rows(frame, _listed(rule.one_row_per), file=rule.file)
    findings += key_findings(rule, groups.codes)
    return _Rows(frame, groups, tuple(findings))


def _filter(frame: pd.DataFrame, where: Mapping[str, Condition], rule: MappingRule, settings: Settings) -> pd.DataFrame:
    if not where:
        return frame
    mask = holds(frame, dict(where), file=rule.file, settings=settings)
    return frame if mask.all() else frame[mask].reset_index(drop=True)


def _all_columns(rule: MappingRule, frame: pd.DataFrame) -> dict[str, ColumnRule]:
    """The rule's columns, and headers that bear a canonical name already and are not used otherwise."""
    columns = dict(rule.columns)
    if rule.keep_other_columns:
        used = {header for column in rule.columns.values() for header in headers_of(column)}
        own = [name for name in CANONICAL[rule.table].columns if name not in columns and name in frame.columns]
        columns.update({name: ColumnRule(column=name) for name in own if name not in used})
    return {name: columns[name] for name in [*CANONICAL[rule.table].columns, *columns] if name in columns}


def _kind(name: str, rule: ColumnRule, kinds: Mapping[str, Kind]) -> Kind:
    if rule.take == "count":
        return "text"
    if name in kinds:
        return kinds[name]
    return "number" if rule.take == "sum" or rule.scale is not None else "text"


def _take(filled: FilledColumn, column: ColumnRule, rows: _Rows, *, rule: MappingRule) -> pd.Series:
    if rows.groups is not None:
        return take_one(filled.values, rows.groups, column.take or "last")
    if column.take is not None:
        raise MappingError(
            f"The rule for '{rule.table}' says 'take: {column.take}' without 'one_row_per'.\n"
            'Mend it in oppnb.yaml:  one_row_per: "the header that names the opportunity"'
        )
    return filled.values.reset_index(drop=True)


def _others(rule: MappingRule, rows: _Rows, frame: pd.DataFrame) -> pd.DataFrame:
    """The canonical columns with every other header beside them, as text."""
    if not rule.keep_other_columns:
        return frame
    used = {header for column in rule.columns.values() for header in headers_of(column)}
    names = [str(name) for name in rows.frame.columns if name not in used and not str(name).startswith("#")]
    others: dict[str, pd.Series] = {}
    for name in names:
        if name in frame.columns and name not in rule.columns:
            continue  # filled the canonical column of the same name
        values = plain_text(rows.frame[name])
        one = values if rows.groups is None else take_one(values, rows.groups, "last")
        label = f"{_stem(rule.file)}.{name}" if name in frame.columns else name
        others[label] = one.reset_index(drop=True)
    return pd.concat([frame, pd.DataFrame(others, index=frame.index)], axis=1) if others else frame


def _keys(rule: MappingRule, rows: _Rows) -> pd.Series:
    """The raw key of each row, for messages."""
    return _raw_keys(rule, rows.frame)


def _raw_keys(rule: MappingRule, frame: pd.DataFrame) -> pd.Series:
    for name in (*CANONICAL[rule.table].key, "opportunity_id"):
        column = rule.columns.get(name)
        headers = [header for header in headers_of(column) if header in frame.columns] if column else []
        if headers:
            return frame[headers[0]]
        if column is None and name in frame.columns:
            return frame[name]
    return pd.Series(range(1, len(frame) + 1), index=frame.index).map("row {}".format)


def _check_names(rule: MappingRule) -> None:
    if rule.table not in CANONICAL:
        near = nearest(rule.table, CANONICAL)
        raise MappingError(
            f"The mapping fills the table '{rule.table}', which is not a canonical table."
            + (f"\nMend it in oppnb.yaml:  table: {near}" if near else f" There are: {', '.join(CANONICAL)}.")
        )
    for name in rule.columns:
        near = _misspelt(name, rule.table)
        if near is not None:
            raise MappingError(
                f"The mapping fills the column '{name}' of '{rule.table}', which is not a canonical column.\n"
                f"Mend it in oppnb.yaml:  columns: {{{near}: …}}"
            )


def _misspelt(name: str, table: str) -> str | None:
    """The canonical column that `name` was most likely meant to be; None if it is one, or an attribute of its own."""
    from rapidfuzz import fuzz, process

    columns = list(CANONICAL[table].columns)
    if name in columns:
        return None
    for column in columns:
        if name in (column.removesuffix("_id"), column.removesuffix("_at"), column.removesuffix("_on")):
            return column
    match = process.extractOne(name, columns, scorer=fuzz.ratio, score_cutoff=82)
    return None if match is None else str(match[0])


def _names_origin(rule: MappingRule) -> bool:
    headers = [header for column in rule.columns.values() for header in headers_of(column)]
    return any(header.startswith("#") for header in [*headers, *(rule.where or {}), *_listed(rule.one_row_per or [])])


def _listed(headers: str | list[str]) -> list[str]:
    return [headers] if isinstance(headers, str) else list(headers)


def _stem(file: str) -> str:
    return file.rsplit("/", 1)[-1].split("#", 1)[-1].split(".", 1)[0]
