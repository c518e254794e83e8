"""Canonical tables, audited: what is wrong, how many, which rows; nothing is mended in silence."""

from oppnb.tables.audit import AuditResult, audit_tables, likely_spellings, write_rejected, write_rejected_rows
from oppnb.tables.bundle import Tables
from oppnb.tables.findings import Finding, Note, findings_frame
from oppnb.tables.rows import rows_where
from oppnb.tables.schema import CANONICAL, Column, Kind, TableSchema, table_names
from oppnb.tables.stage_rows import fold, outcome_from_words, stage_rows

__all__ = [
    "CANONICAL",
    "AuditResult",
    "Column",
    "Finding",
    "Kind",
    "Note",
    "TableSchema",
    "Tables",
    "audit_tables",
    "findings_frame",
    "fold",
    "likely_spellings",
    "outcome_from_words",
    "rows_where",
    "stage_rows",
    "table_names",
    "write_rejected",
    "write_rejected_rows",
]
