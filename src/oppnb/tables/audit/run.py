"""The audit: look at every table, do what the workspace says, and say what was done."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from oppnb.tables.audit.actions import Actions
from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.keys import first_row_keys
from oppnb.tables.audit.mending import mend
from oppnb.tables.audit.rejected import rejected_rows
from oppnb.tables.audit.result import AuditResult
from oppnb.tables.audit.searching import find_all
from oppnb.tables.audit.setting_aside import Aside, set_aside
from oppnb.tables.audit.stopping import stop_if_asked
from oppnb.tables.audit.typed import with_types
from oppnb.tables.bundle import Tables
from oppnb.tables.findings import Done, Finding
from oppnb.workspace import Workspace

__all__ = ["audit_tables"]


def audit_tables(
    tables: Tables,
    *,
    workspace: Workspace | None = None,
    reading_findings: Iterable[Finding] = (),
    allowed: Mapping[str, Iterable[str]] | None = None,
) -> AuditResult:
    """Look for everything that is wrong with an export, and set aside what would be counted twice or cannot be counted.

    The audit is about the file, not about a day: it looks at every row, also at what happened after the as-of day of
    a report, so reports as of several days from one export share one audit. Nothing of it enters a figure except
    that rows set aside are not there.

    Set aside by default are rows without their key, repeated rows, and of one key with several contents all rows but
    the last in the file; with an opportunity that goes altogether, its history, activities, contacts, evidence, line
    items and payments. Everything else is kept and reported. Values are mended only where `audit.spellings` or an
    action `mend` names them.

    Parameters
    ----------
    tables : Tables
        As read; canonical columns in other types are converted where that is possible without loss.
    workspace : Workspace, optional
        Its `audit`, `processes`, `currency`, `calendar` and `sources.exported_on` are used.
    reading_findings : iterable of Finding
        What was found while the files were read; they come first in question for `stop` and are part of the result.
    allowed : mapping of str to iterable of str, optional
        `table.column` -> the right spellings, where a list of them is known outside the canonical tables (a price
        list, say).

    Returns
    -------
    AuditResult
        Cleaned tables with rows numbered from 0, all findings, and the rejected rows. Good and rejected rows
        together are all rows; auditing the cleaned tables again sets nothing aside. Counts do not depend on the order
        of rows, save that of one key with several contents the last row stays, and that history rows of one moment
        count in the order of the file.

    Raises
    ------
    RowsRejectedError
        If rows break a rule whose action is `stop`.
    WorkspaceError
        If the workspace names a rule, table or column that does not exist, or an action that a rule cannot take.
    ColumnMissingError, DataError
        If a table lacks a required column, or a column cannot be of its type.

    Examples
    --------
    >>> import pandas as pd
    >>> deals = pd.DataFrame(
    ...     {"opportunity_id": ["1", "2", "2"], "stage": ["Demo", "Won", "Won"], "amount": [None, 500.0, 500.0]}
    ... )
    >>> result = audit_tables(Tables({"opportunities": deals}))
    >>> result.to_frame()[["rule", "n_rows", "n_checked", "first_keys", "amount", "done"]].values.tolist()
    [['open_deal_has_an_amount', 1, 1, '1', nan, 'kept'], ['row_is_not_repeated', 1, 3, '2', 500.0, 'set_aside']]
    """
    workspace = workspace or Workspace()
    reading = tuple(reading_findings)
    actions = Actions(workspace.audit, tuple(finding.rule for finding in reading))
    originals = with_types(tables)
    mended, findings = mend(Case(originals, workspace, allowed or {}), actions)
    case = Case(mended, workspace, allowed or {})
    breaches = tuple(find_all(case))
    stop_if_asked(case, breaches, reading, actions)
    aside = set_aside(case, breaches, actions)
    kept = [_finding(case, breach, "kept") for breach in breaches if actions.of(breach.rule) != "set_aside"]
    found = [*reading, *findings, *kept, *_set_aside_findings(case, aside)]
    return AuditResult(aside.rest(), tuple(sorted(found, key=_sorting)), rejected_rows(originals, aside))


def _set_aside_findings(case: Case, aside: Aside) -> list[Finding]:
    """One finding for each rule and table, also where several rounds were needed."""
    together: dict[tuple[str, str], Breach] = {}
    for breach in aside.breaches:
        first = together.setdefault((breach.table, breach.rule), breach)
        if first is not breach:
            together[breach.table, breach.rule] = replace(first, rows=first.rows | breach.rows)
    return [_finding(case, breach, "set_aside") for breach in together.values()]


def _finding(case: Case, breach: Breach, done: Done) -> Finding:
    frame = case.tables[breach.table]
    keys = first_row_keys(frame, breach.table, breach.rows) if breach.column is None else (breach.column,)
    return Finding(
        rule=breach.rule,
        table=breach.table,
        n_rows=int(breach.rows.sum()),
        n_checked=breach.n_checked,
        first_keys=keys,
        amount=case.money(breach.table, breach.rows),
        done=done,
        note=breach.note,
    )


def _sorting(finding: Finding) -> tuple[str, str, str, str]:
    note = "" if finding.note is None else str(sorted((key, str(value)) for key, value in finding.note.values.items()))
    return finding.table, finding.rule, finding.done, note
