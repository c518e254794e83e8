"""Ending the run where the workspace says that rows must not be like this."""

from collections.abc import Iterable

import numpy as np

from oppnb.errors import RowsRejectedError, first_keys
from oppnb.tables.audit.actions import Actions
from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.keys import first_row_keys
from oppnb.tables.audit.rules import RULES
from oppnb.tables.findings import Finding

__all__ = ["stop_if_asked"]

_Broken = tuple[str, int, tuple[str, ...]]


def stop_if_asked(case: Case, breaches: Iterable[Breach], reading: Iterable[Finding], actions: Actions) -> None:
    """Raise RowsRejectedError if rows break a rule whose action is `stop`; the message counts them by table."""
    broken = [breach for breach in breaches if actions.of(breach.rule) == "stop"]
    read = [finding for finding in reading if finding.n_rows and actions.of(finding.rule) == "stop"]
    if not broken and not read:
        return
    blocks = [_of_table(case, table, broken) for table in sorted({breach.table for breach in broken})]
    blocks += [
        _block(table, None, None, [(f.rule, f.n_rows, f.first_keys) for f in read if f.table == table])
        for table in sorted({finding.table for finding in read})
    ]
    raise RowsRejectedError("\n".join([*blocks, _what_to_do([*broken, *read], actions)]))


def _of_table(case: Case, table: str, broken: Iterable[Breach]) -> str:
    own = [breach for breach in broken if breach.table == table]
    frame = case.tables[table]
    rows = np.logical_or.reduce([breach.rows for breach in own])
    rules = [(b.rule, int(b.rows.sum()), first_row_keys(frame, table, b.rows)) for b in own]
    return _block(table, int(rows.sum()), len(frame), rules)


def _block(table: str, n_rows: int | None, n_all: int | None, rules: list[_Broken]) -> str:
    rules = sorted(rules, key=lambda item: (-item[1], item[0]))
    counted = f"{sum(n for _, n, _ in rules):,} rows" if n_rows is None else f"{n_rows:,} of {n_all:,} rows"
    width = max(len(rule) for rule, _, _ in rules)
    lines = [f"'{table}': {counted} break {len(rules)} rule{'s' if len(rules) > 1 else ''}."]
    for rule, count, keys in rules:
        lines.append(f"  {rule:<{width}}  {count:>6,} rows   first: {first_keys(keys)}")
    return "\n".join(lines)


def _what_to_do(broken: Iterable[Breach | Finding], actions: Actions) -> str:
    rule = min(item.rule for item in broken)
    blocks = {block.name for block in actions.audit.block}
    possible = rule in blocks or (rule in RULES and RULES[rule].can_set_aside)
    action = "set_aside" if possible else "keep"
    end = "\nRows set aside are written to rejected.csv." if possible else ""
    return f"To go on: mend the rows, or say in oppnb.yaml  audit: {{actions: {{{rule}: {action}}}}}.{end}"
