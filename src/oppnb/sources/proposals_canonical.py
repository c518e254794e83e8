"""A file under a canonical name with canonical headers needs no mapping."""

from oppnb.sources.files import FileSeen
from oppnb.tables import CANONICAL
from oppnb.workspace import ColumnRule, MappingRule

__all__ = ["canonical_rule", "table_named", "table_of_name"]


def table_named(file: FileSeen) -> str | None:
    """The canonical table that a file or sheet is named after.

    Examples
    --------
    >>> from pathlib import Path
    >>> seen = FileSeen("book.xlsx#Owners", Path("book.xlsx"), None, "Owners", "xlsx", None, None, (), 0, "")
    >>> table_named(seen)
    'owners'
    """
    return table_of_name(file.name if file.sheet is None else f"#{file.sheet}")


def table_of_name(name: str) -> str | None:
    """The canonical table that a name says, that of the sheet if there is one.

    Examples
    --------
    >>> table_of_name("export/Opportunities.csv.gz"), table_of_name("book.xlsx#Owners"), table_of_name("deals.csv")
    ('opportunities', 'owners', None)
    """
    file, _, sheet = name.rsplit("/", 1)[-1].partition("#")
    stem = sheet or file.split(".", 1)[0]
    name = stem.strip().casefold().replace(" ", "_").replace("-", "_")
    return name if name in CANONICAL else None


def canonical_rule(file: FileSeen) -> MappingRule | None:
    """The rule that takes each header as it is; None if the name or a required header is not canonical."""
    table = table_named(file)
    if table is None:
        return None
    schema = CANONICAL[table]
    there = [name for name in schema.columns if name in file.columns]
    if not set(schema.required) <= set(there) or (schema.any_of and not set(schema.any_of) & set(there)):
        return None
    return MappingRule(table=table, file=file.name, columns={name: ColumnRule(column=name) for name in there})
