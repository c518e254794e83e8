"""What was noticed while a rule was applied, as findings: counted, with keys, nothing mended in silence."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import first_keys
from oppnb.sources.joins import Joined
from oppnb.sources.mapping_columns import FilledColumn, headers_of, recoded_rows
from oppnb.tables import Finding, Note
from oppnb.workspace import ColumnRule, Join, MappingRule

__all__ = ["column_findings", "decision_notes", "join_findings", "key_findings", "recode_findings"]


def column_findings(table: str, column: str, filled: FilledColumn, *, keys: pd.Series) -> list[Finding]:
    """Values that could not be read and are null now, or were read although they are doubtful."""
    return [
        Finding(
            problem.rule,
            table,
            n_rows=len(problem.rows),
            n_checked=problem.n_checked,
            first_keys=_first(keys.loc[problem.rows[:3]]),
            note=Note(
                "sources_value_is_doubtful" if problem.is_kept else "sources_value_not_read",
                {"column": column, "header": problem.header, "n": len(problem.rows)},
            ),
        )
        for problem in filled.problems
    ]


def decision_notes(rule: MappingRule, filled: FilledColumn) -> list[Note]:
    """What was decided over whole columns, such as the order of day and month."""
    return [
        Note(f"sources_decided_{decision.code}", {"file": rule.file, "column": header, **dict(decision.values)})
        for header, decision in filled.decided
    ]


def join_findings(rule: MappingRule, join: Join, joined: Joined, *, keys: pd.Series) -> list[Finding]:
    """Rows whose key the other file lacks, and rows of the other file that say a key again."""
    findings = []
    n_missed = int(joined.missed.sum())
    if n_missed:
        said = "; ".join(f"{key} -> {mend}" for key, mend in joined.likely.items())
        values = {"file": join.file, "column": ", ".join(join.on), "n": n_missed, "spellings": said}
        note = Note("sources_join_likely" if said else "sources_join_missed", values)
        first = _first(keys[joined.missed].iloc[:3])
        findings.append(Finding("key_is_in_the_joined_file", rule.table, n_missed, len(joined.frame), first, note=note))
    if joined.n_doubles:
        note = Note("sources_join_double", {"file": join.file, "n": joined.n_doubles})
        findings.append(Finding("joined_file_has_a_key_once", rule.table, joined.n_doubles, joined.n_other, note=note))
    n_respelt = int(joined.respelt.sum())
    if n_respelt:
        values = {"file": join.file, "column": ", ".join(join.on), "n": n_respelt, "spellings": _arrows(join.spellings)}
        first = _first(keys[joined.respelt].iloc[:3])
        rule_name, note = "key_is_spelt_as_in_the_joined_file", Note("sources_key_respelt", values)
        findings.append(Finding(rule_name, rule.table, n_respelt, len(joined.frame), first, done="mended", note=note))
    return findings


def recode_findings(
    table: str, column: str, rule: ColumnRule, *, frame: pd.DataFrame, keys: pd.Series
) -> list[Finding]:
    """Values that were exchanged because the mapping says so: each counted, none mended in silence."""
    findings = [
        finding
        for part in rule.first_of or ()
        for finding in recode_findings(table, column, part, frame=frame, keys=keys)
    ]
    for header in headers_of(rule) if rule.values else ():
        recoded = recoded_rows(frame[header], rule.values or {})
        n_recoded = int(recoded.sum())
        if n_recoded:
            said = {key: "–" if value is None else str(value) for key, value in (rule.values or {}).items()}
            values = {"column": column, "header": header, "n": n_recoded, "spellings": _arrows(said)}
            name, note = "value_is_written_as_the_mapping_says", Note("sources_value_recoded", values)
            first = _first(keys[recoded].iloc[:3])
            findings.append(Finding(name, table, n_recoded, len(frame), first, done="mended", note=note))
    return findings


def _arrows(spellings: Mapping[str, str]) -> str:
    shown = [f"{key} -> {mend}" for key, mend in list(spellings.items())[:3]]
    return "; ".join(shown) + (" …" if len(spellings) > len(shown) else "")


def key_findings(rule: MappingRule, codes: npt.NDArray[np.intp]) -> list[Finding]:
    """Rows that belong to no group because their key is missing."""
    n_missing = int((codes < 0).sum())
    if not n_missing:
        return []
    return [Finding("grouping_key_is_filled", rule.table, n_missing, len(codes), done="set_aside")]


def _first(keys: pd.Series) -> tuple[str, ...]:
    return tuple(first_keys([key], 1) for key in keys.fillna("–").tolist())
