"""Which slice a report is of: said in its title, checked before its kernel starts."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from oppnb.errors import ParameterError
from oppnb.locale import Words
from oppnb.reports.columns import header
from oppnb.stages import NO_DAY, open_data
from oppnb.stages.slicing import NOT_TOLD, check_only
from oppnb.workspace import Workspace

__all__ = ["check_slice", "slice_in_words", "slice_title"]


def slice_in_words(
    only: Mapping[str, str], *, words: Words, labels: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """A slice as a reader says it; empty for the whole.

    Examples
    --------
    >>> slice_in_words({"region": "North"}, words=Words("en"))
    'Region: North'
    """
    said = []
    for column, value in only.items():
        name = (labels or {}).get(column, {}).get(value, value)
        shown = words("report.slice_none") if value == NOT_TOLD else name
        said.append(words("report.slice_is", column=header(column, words), value=shown))
    return words("scoring.between").join(said)


def slice_title(
    title: str, only: Mapping[str, str], *, words: Words, labels: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """The title of a report, with its slice."""
    said = slice_in_words(only, words=words, labels=labels)
    return words("report.title_slice", title=title, slice=said) if said else title


def check_slice(
    data: str | Path, only: Mapping[str, str] | None, *, workspace: Workspace, as_of: date | None = None
) -> None:
    """Refuse a slice by a column or a value that the export does not have, before a report starts.

    Raises
    ------
    ParameterError
        With the nearest name; and what reading the export raises.
    """
    from oppnb.sources import read_tables

    if not only:
        return
    tables = read_tables(data, workspace=workspace).tables
    try:
        check_only(tables, only)
    except ParameterError:  # a value that the audit mends is there only after it
        open_data(tables, as_of=as_of, workspace=workspace, default_day=NO_DAY, only=only)
