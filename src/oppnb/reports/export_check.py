"""A look at an export before a kernel starts: what cannot be read is said at once, and nothing is written."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from oppnb.tables import CANONICAL
from oppnb.workspace import MappingRule, Workspace

if TYPE_CHECKING:
    from oppnb.sources.mapping_files import ExportFiles

__all__ = ["check_export"]

_MOST_BYTES = 50_000_000


def check_export(data: str | Path, *, workspace: Workspace) -> None:
    r"""Refuse an export that a review could not read either, with the error it would have met.

    Files and headers are held against the mapping without reading rows. Only what looks wrong is read as a review
    reads it, so that the message is the same and nothing is refused that could be read. Without a mapping one is
    proposed, except for an export that is too large for a quick look.

    Parameters
    ----------
    data : path
        A file, a folder or an archive; an address (`scheme://…`) is not looked at.
    workspace : Workspace
        Its mapping.

    Raises
    ------
    NothingToReadError, UsageError, DataError, MappingError
        As `oppnb.sources.read_tables`.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "deals.csv")
    >>> _ = file.write_text("id,stage,amount\n")
    >>> check_export(file, workspace=Workspace())
    Traceback (most recent call last):
    ...
    oppnb.errors.NoRowsError: There is nothing to read in ...
    """
    from oppnb.sources.files import look_at
    from oppnb.sources.mapping_files import ExportFiles
    from oppnb.sources.proposals import propose_mapping
    from oppnb.sources.reading import read_tables, settings_of

    if "://" in str(data):
        return
    seen = look_at(data)
    files = ExportFiles(seen.files, seen.left_out)
    rules: Sequence[MappingRule] = workspace.mapping
    if not rules:
        if sum(file.n_bytes for file in files.files) > _MOST_BYTES:
            return
        proposed = propose_mapping(files, settings=settings_of(workspace), workspace=workspace)
        proposed.check()
        rules = [one.rule for one in proposed.proposals]
    if _lacks_a_table_or_column(rules) or any(_has_unknown_headers(rule, files) for rule in rules):
        read_tables(data, workspace=workspace)


def _lacks_a_table_or_column(rules: Sequence[MappingRule]) -> bool:
    """Whether no rule fills the opportunities, or rules leave a column empty that their table needs."""
    filled: dict[str, set[str]] = {}
    for rule in rules:
        filled.setdefault(rule.table, set()).update(rule.columns)
    if "opportunities" not in filled:
        return True
    return any(
        table not in CANONICAL or not columns.issuperset(CANONICAL[table].required) for table, columns in filled.items()
    )


def _has_unknown_headers(rule: MappingRule, files: "ExportFiles") -> bool:
    """Whether a rule names headers that neither its file nor those it joins have; a file that is missing raises."""
    from oppnb.sources.mapping_columns import headers_of

    known = _headers_in(rule.file, files)
    named = {header for column in rule.columns.values() for header in headers_of(column)}
    for column in rule.columns.values():
        named.update(*(part.where or {} for part in (column, *(column.first_of or ()))))
    named.update(rule.where or {}, _listed(rule.one_row_per), _listed(rule.order_by))
    for join in rule.join:
        there = _headers_in(join.file, files)
        known.update(f"{join.prefix or ''}{header}" for header in there)
        named.update(join.on)
        if not there.issuperset([*join.on.values(), *(join.columns or [])]):
            return True
    return any(header not in known and not header.startswith("#") for header in named)


def _headers_in(pattern: str, files: "ExportFiles") -> set[str]:
    return {header for file in files.named(pattern) for header in file.columns}


def _listed(headers: str | list[str] | None) -> list[str]:
    return [headers] if isinstance(headers, str) else list(headers or [])
