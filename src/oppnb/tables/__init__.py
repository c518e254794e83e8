"""Canonical tables, audited: what is wrong, how many, which rows; nothing is mended in silence."""

from oppnb.tables.bundle import Tables
from oppnb.tables.rows import rows_where
from oppnb.tables.schema import CANONICAL, Column, Kind, TableSchema, table_names

__all__ = ["CANONICAL", "Column", "Kind", "TableSchema", "Tables", "rows_where", "table_names"]
