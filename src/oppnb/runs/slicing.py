"""Which slices a run makes a report of: those with deals that are open or were closed in the last year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from oppnb.errors import UsageError, WorkspaceError, nearest
from oppnb.history import as_of, open_source, with_attributes
from oppnb.stages import OpenedData
from oppnb.stages.slicing import NOT_TOLD
from oppnb.workspace import ReportRun

__all__ = ["Slices", "find_slices"]

_A_YEAR = pd.Timedelta(days=365)


@dataclass(frozen=True)
class Slices:
    """Slices of an export.

    Attributes
    ----------
    names : tuple of str
        Values of the column, sorted.
    missing : mapping of str to str
        Values that `only` names and no deal has, each with what to tell of it.
    n_without : int
        Open and lately closed deals that tell no value: they are in no report.
    """

    names: tuple[str, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    n_without: int = 0


def find_slices(opened: OpenedData, asked: ReportRun, *, run: str) -> Slices:
    """Find the slices of a run.

    Raises
    ------
    WorkspaceError
        If the deals have no such column; names the nearest.
    UsageError
        If no deal tells the column, or none has any of the values that `only` names.
    """
    column = str(asked.for_each)
    source = open_source(opened.tables)
    deals = with_attributes(as_of(source, opened.as_of, workspace=opened.workspace), source)
    _check_column(deals, column, run)
    values = deals[column].fillna(NOT_TOLD)
    if asked.only is not None:
        return _named(asked.only, {str(value) for value in values}, column=column, run=run)
    closed = deals["closed_at"] >= pd.Timestamp(opened.as_of) - _A_YEAR
    counts = values[deals["outcome"].eq("open") | closed].value_counts()
    names = tuple(sorted(str(name) for name in counts.index if name != NOT_TOLD))
    if not names:
        raise UsageError(f"Run '{run}': no deal that is open or was closed in the last year tells its {column}.")
    return Slices(names, n_without=int(counts.get(NOT_TOLD, 0)))


def _named(only: Sequence[str], known: set[str], *, column: str, run: str) -> Slices:
    """Those of `only`; one value that is not there fails alone, for last week it may have been."""
    missing = {}
    for name in sorted(set(only) - known):
        near = nearest(name, known)
        hint = f" Did you mean '{near}'?" if near else ""
        missing[name] = f"No deal has the {column} '{name}'.{hint}"
    if missing and not known & set(only):
        raise UsageError(f"reports.{run}.only: {' '.join(missing.values())}")
    return Slices(tuple(sorted(known & set(only))), missing)


def _check_column(deals: pd.DataFrame, column: str, run: str) -> None:
    texts = sorted(str(name) for name in deals if pd.api.types.is_string_dtype(deals[name].dtype))
    if column in texts:
        return
    near = nearest(column, texts)
    hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(texts)}."
    raise WorkspaceError(f"reports.{run}.for_each: the deals have no text column '{column}'.{hint}")
