"""Which slices a run makes a report of: those with deals that are open or were closed in the last year."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import pandas as pd

from oppnb.errors import UsageError, WorkspaceError, nearest
from oppnb.history import as_of, open_source, with_attributes
from oppnb.stages import OpenedData
from oppnb.stages.slicing import NOT_TOLD
from oppnb.workspace import ReportRun

__all__ = ["LOOKS_LIKE", "Slices", "find_slices"]

LOOKS_LIKE = 0.75
"""Share of letters that two names have in common, in order, if one is the other misspelt."""

_A_YEAR = pd.Timedelta(days=365)
_MOST_SHOWN = 8


@dataclass(frozen=True)
class Slices:
    """Slices of an export.

    Attributes
    ----------
    names : tuple of str
        Values of the column, sorted.
    missing : mapping of str to str
        Values that `only` names and no deal has any more, each with what to tell of it.
    n_without : int
        Open and lately closed deals that tell no value: they are in no report.
    """

    names: tuple[str, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    n_without: int = 0


def find_slices(opened: OpenedData, asked: ReportRun, *, run: str, reported: Collection[str] = ()) -> Slices:
    """Find the slices of a run; `reported` are those of `only` that have a report from an earlier day.

    Raises
    ------
    WorkspaceError
        If the deals have no such column; names the nearest.
    UsageError
        If no deal tells the column, or `only` names a value that no deal has and of which there never was a report.
    """
    column = str(asked.for_each)
    source = open_source(opened.tables)
    deals = with_attributes(as_of(source, opened.as_of, workspace=opened.workspace), source)
    _check_column(deals, column, run)
    values = deals[column].fillna(NOT_TOLD)
    if asked.only is not None:
        known = {str(value) for value in values}
        _check_named(asked.only, known | set(reported), column=column, run=run)
        return _named(asked.only, known, column=column)
    closed = deals["closed_at"] >= pd.Timestamp(opened.as_of) - _A_YEAR
    counts = values[deals["outcome"].eq("open") | closed].value_counts()
    names = tuple(sorted(str(name) for name in counts.index if name != NOT_TOLD))
    if not names:
        raise UsageError(f"Run '{run}': no deal that is open or was closed in the last year tells its {column}.")
    return Slices(names, n_without=int(counts.get(NOT_TOLD, 0)))


def _check_named(only: Sequence[str], known: set[str], *, column: str, run: str) -> None:
    """A value of `only` that never was there is a mistake in `oppnb.yaml`: nothing is made until it is mended."""
    unknown = sorted(set(only) - known)
    if unknown:
        told = [_no_deal_has(name, known, column) for name in unknown]
        raise UsageError(f"reports.{run}.only: {' '.join(told)}")


def _named(only: Sequence[str], known: set[str], *, column: str) -> Slices:
    """Those of `only`; one that no deal has any more, but had when its last report was made, fails alone."""
    missing = {name: _no_deal_has(name, known, column) for name in sorted(set(only) - known)}
    return Slices(tuple(sorted(known & set(only))), missing)


def _no_deal_has(name: str, known: set[str], column: str) -> str:
    told = sorted(value for value in known if value)
    near = get_close_matches(name, told, n=1, cutoff=LOOKS_LIKE)
    shown = ", ".join(told[:_MOST_SHOWN]) + (" …" if len(told) > _MOST_SHOWN else "")
    return f"No deal has the {column} '{name}'." + (f" Did you mean '{near[0]}'?" if near else f" There are: {shown}.")


def _check_column(deals: pd.DataFrame, column: str, run: str) -> None:
    texts = sorted(str(name) for name in deals if pd.api.types.is_string_dtype(deals[name].dtype))
    if column in texts:
        return
    near = nearest(column, texts)
    hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(texts)}."
    raise WorkspaceError(f"reports.{run}.for_each: the deals have no text column '{column}'.{hint}")
