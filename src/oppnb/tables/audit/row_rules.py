"""Rules that a row keeps or breaks by itself, run by pandera over whole columns."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.findings import Note

__all__ = ["RowRule", "find_breaches", "is_not_before"]


@dataclass(frozen=True)
class RowRule:
    """A rule of single rows.

    Attributes
    ----------
    name, table : str
        The rule and the table it speaks of; without these `columns` it is not asked.
    good : callable
        Frame of `columns` and the case -> True where the row is good.
    applies : callable, optional
        The same for the rows the rule speaks of; by default those with a value in every column.
    note : Note, optional
        More for the reader.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    good: Callable[[pd.DataFrame, Case], pd.Series]
    applies: Callable[[pd.DataFrame, Case], pd.Series] | None = None
    note: Note | None = None


def find_breaches(case: Case, rules: Iterable[RowRule]) -> Iterator[Breach]:
    """Run the rules whose table and columns are there.

    pandera's check gives one truth value a row; its report of failing cells is not asked for: on a table where every
    row breaks a rule it costs more than the whole audit.
    """
    import pandera.pandas as pa

    for rule in rules:
        if not case.has(rule.table, *rule.columns):
            continue
        frame = case.tables[rule.table][list(rule.columns)]
        applies = (frame.notna().all(axis=1) if rule.applies is None else rule.applies(frame, case)).to_numpy(
            dtype=bool
        )
        check = pa.Check(_bound(rule, case), name=rule.name, ignore_na=False)
        good = check(frame).check_output.to_numpy(dtype=bool)
        rows = applies & ~good
        if rows.any():
            yield Breach(rule.name, rule.table, rows, int(np.count_nonzero(applies)), rule.note)


def _bound(rule: RowRule, case: Case) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda frame: rule.good(frame, case)


def is_not_before(later: pd.Series, earlier: pd.Series) -> pd.Series:
    """Whether `later` does not lie before `earlier`, both by the local clock; a midnight stands for its whole day."""
    days = later.dt.normalize()
    holds: pd.Series = (later >= earlier) | ((later == days) & (days == earlier.dt.normalize()))
    return holds
