"""Keys and values that are not in the table they point to, with the spelling that was likely meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oppnb.errors import WorkspaceError, nearest
from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.membership import are_among
from oppnb.tables.audit.row_rules import RowRule, find_breaches
from oppnb.tables.audit.spelling import likely_spellings
from oppnb.tables.findings import Note
from oppnb.tables.schema import CANONICAL

__all__ = ["find_missing_links", "spelling_note"]

_SHOWN = 3


@dataclass(frozen=True)
class _Link:
    rule: str
    table: str
    column: str
    other: str
    other_column: str
    spelt: bool = False


_OF_OPPORTUNITIES = tuple(
    _Link("opportunity_id_is_in_opportunities", table, "opportunity_id", "opportunities", "opportunity_id")
    for table in sorted(CANONICAL)
    if "opportunity_id" in CANONICAL[table].columns and table != "opportunities"
)
_OF_ACCOUNTS = tuple(
    _Link("account_id_is_in_accounts", table, "account_id", "accounts", "account_id", spelt=True)
    for table in sorted(CANONICAL)
    if "account_id" in CANONICAL[table].columns and table != "accounts"
)
_OF_OWNERS = tuple(
    _Link("owner_id_is_in_owners", table, "owner_id", "owners", "owner_id", spelt=True)
    for table in sorted(CANONICAL)
    if "owner_id" in CANONICAL[table].columns and table != "owners"
)
_LINKS = (*_OF_OPPORTUNITIES, *_OF_ACCOUNTS, *_OF_OWNERS)
_MANAGERS = _Link("manager_id_is_in_owners", "owners", "manager_id", "owners", "owner_id", spelt=False)

_FILLED = tuple(
    RowRule(
        rule,
        "opportunities",
        (column,),
        good=lambda frame, _: frame.iloc[:, 0].notna(),
        applies=lambda frame, _: pd.Series(True, index=frame.index),
    )
    for rule, column in (
        ("opportunity_has_an_account", "account_id"),
        ("opportunity_has_an_owner", "owner_id"),
        ("opportunity_has_a_creation_date", "created_at"),
    )
)


def find_missing_links(case: Case) -> Iterator[Breach]:
    """Links that are empty or lead nowhere."""
    yield from find_breaches(case, _FILLED)
    for link in _LINKS:
        yield from _missing(case, link)
    # Managers are often named, not keyed: only if most are found does a missing one mean anything.
    for breach in _missing(case, _MANAGERS):
        if np.count_nonzero(breach.rows) * 2 < breach.n_checked:
            yield breach
    yield from _products(case)
    yield from _lists(case)


def _missing(case: Case, link: _Link) -> Iterator[Breach]:
    if not case.has(link.table, link.column) or not case.has(link.other, link.other_column):
        return
    values = case.tables[link.table][link.column]
    known = case.tables[link.other][link.other_column].dropna()
    rows = values.notna().to_numpy() & ~are_among(values, known)
    if not rows.any():
        return
    likely = likely_spellings(values[rows].unique(), known) if link.spelt else {}
    yield _with_spelling(Breach(link.rule, link.table, rows, int(values.notna().sum())), values, likely)


def _products(case: Case) -> Iterator[Breach]:
    """Products of deals that are not spelt as in `line_items`; a product that only looks like none is not one."""
    if not case.has("opportunities", "product") or not case.has("line_items", "product"):
        return
    values, known = case.tables["opportunities"]["product"], case.tables["line_items"]["product"].dropna().unique()
    likely = likely_spellings(values.dropna().unique(), known)
    rows = values.isin(list(likely)).to_numpy(dtype=bool)
    if rows.any():
        breach = Breach("product_is_spelt_as_in_line_items", "opportunities", rows, int(values.notna().sum()))
        yield _with_spelling(breach, values, likely)


def _lists(case: Case) -> Iterator[Breach]:
    for place, allowed in sorted(case.allowed.items()):
        table, column = split_place(place)
        if not case.has(table, column):
            continue
        values, known = case.tables[table][column], pd.Series(list(allowed), dtype="str").dropna().unique().tolist()
        rows = (values.notna() & ~values.isin(known)).to_numpy(dtype=bool)
        if rows.any():
            likely = likely_spellings(values[rows].unique(), known)
            yield _with_spelling(Breach("value_is_in_its_list", table, rows, int(values.notna().sum())), values, likely)


def _with_spelling(breach: Breach, values: pd.Series, likely: dict[str, str]) -> Breach:
    if not likely:
        return breach
    marked = values.isin(list(likely)) & breach.rows
    return Breach(
        breach.rule,
        breach.table,
        breach.rows,
        breach.n_checked,
        spelling_note(values[breach.rows], likely),
        values.where(~marked, values.map(likely)),
    )


def spelling_note(values: pd.Series, likely: dict[str, str]) -> Note:
    """Say which spellings are likely meant: the most frequent pairs, how many pairs there are, how many rows."""
    counts = values[values.isin(list(likely))].value_counts()
    order = sorted(((int(count), str(text)) for text, count in counts.items()), key=lambda item: (-item[0], item[1]))
    pairs = ", ".join(f"{text} → {likely[text]} ({count:,})" for count, text in order[:_SHOWN])
    values_of_note = {"column": str(values.name), "pairs": pairs, "n_pairs": len(order), "n_rows": int(counts.sum())}
    return Note("audit_likely_spelling", values_of_note)


def split_place(place: str, *, tables: Iterable[str] = CANONICAL) -> tuple[str, str]:
    """Split `table.column`; WorkspaceError if the table is not a canonical one."""
    table, _, column = place.partition(".")
    if table not in tables or not column:
        near = nearest(table, tables)
        raise WorkspaceError(
            f"'{place}' is not a table and a column joined by a dot."
            + (f" Did you mean '{near}.{column or 'column'}'?" if near else "")
        )
    return table, column
