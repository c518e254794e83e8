"""Mending what the workspace names: spellings, and rules whose action is `mend`."""

from collections.abc import Mapping

import pandas as pd

from oppnb.errors import WorkspaceError, nearest
from oppnb.tables.audit.actions import Actions
from oppnb.tables.audit.breaches import BoolArray
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.joins import spelling_note, split_place
from oppnb.tables.audit.keys import first_row_keys
from oppnb.tables.audit.rules import RULES, SPELLING_RULE
from oppnb.tables.audit.searching import find_all
from oppnb.tables.bundle import Tables
from oppnb.tables.findings import Finding, Note

__all__ = ["mend"]


def mend(case: Case, actions: Actions) -> tuple[Tables, tuple[Finding, ...]]:
    """Apply the spellings of the workspace, then the mends of the rules it names; one finding for each."""
    tables, findings = _configured_spellings(case)
    if not any(actions.of(rule) == "mend" for rule in RULES):
        return tables, tuple(findings)
    mended = Case(tables, case.workspace, case.allowed)
    for breach in find_all(mended):
        if actions.of(breach.rule) != "mend" or breach.mended is None:
            continue
        column = str(breach.mended.name)
        before = mended.tables[breach.table][column]
        rows = (before.fillna("") != breach.mended.fillna("")).to_numpy(dtype=bool)
        findings.append(_finding(mended, breach.rule, breach.table, rows, breach.n_checked, breach.note))
        # Written onto what earlier mends of the same column left, never over it.
        current = tables[breach.table]
        tables = tables.replace(**{breach.table: current.assign(**{column: current[column].mask(rows, breach.mended)})})
    return tables, tuple(findings)


def _configured_spellings(case: Case) -> tuple[Tables, list[Finding]]:
    tables, findings = case.tables, []
    for place, spellings in sorted(case.workspace.audit.spellings.items()):
        table, column = split_place(place)
        if not case.has(table):
            continue
        if column not in tables[table].columns:
            near = nearest(column, [str(name) for name in tables[table].columns])
            raise WorkspaceError(
                f"audit.spellings: '{table}' has no column '{column}'." + (f" Did you mean '{near}'?" if near else "")
            )
        values = tables[table][column]
        rows = values.isin([text for text, right in spellings.items() if text != right]).to_numpy()
        if not rows.any():
            continue
        note = spelling_note(values[rows], dict(spellings))
        findings.append(_finding(case, SPELLING_RULE, table, rows, int(values.notna().sum()), note))
        tables = tables.replace(**{table: tables[table].assign(**{column: _respelt(values, rows, spellings)})})
    return tables, findings


def _respelt(values: pd.Series, rows: BoolArray, spellings: Mapping[str, str]) -> pd.Series:
    return values.where(~rows, values.map(dict(spellings)))


def _finding(case: Case, rule: str, table: str, rows: BoolArray, n_checked: int, note: Note | None) -> Finding:
    return Finding(
        rule=rule,
        table=table,
        n_rows=int(rows.sum()),
        n_checked=n_checked,
        first_keys=first_row_keys(case.tables[table], table, rows),
        amount=case.money(table, rows),
        done="mended",
        note=note,
    )
