"""Graded findings of the audit in the reader's words."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.quality_read import column_name, table_name
from oppnb.tables import Note

__all__ = ["areas_in_words", "faults_in_words", "rule_in_words", "with_short_keys"]

_LONGEST_KEY = 20


def rule_in_words(rule: str, words: Words) -> str:
    """The rule as its sentence; one of the workspace's own as its name."""
    return words.get(f"rule.{rule}", rule.replace("_", " "))


def areas_in_words(areas: list[str], words: Words) -> str:
    """Which figures a fault touches."""
    said = [words(f"fault_area.{area}") for area in areas]
    return words("review.and_then").join(said) or words("fault_area.none")


def with_short_keys(told: pd.DataFrame) -> pd.DataFrame:
    """The same findings for a page: keys too long for a column are cut; the workbook has them whole.

    Examples
    --------
    >>> with_short_keys(pd.DataFrame({"first_keys": ["0061G00000N38JZQAZ/0011G00000jWVWoQAO, 7"]}))["first_keys"][0]
    '0061G00000N38JZQAZ/…, 7'
    """
    keys = [", ".join(_cut(key) for key in said.split(", ")) for said in told["first_keys"]]
    return told.assign(first_keys=pd.Series(keys, index=told.index, dtype="str"))


def _cut(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else key[: _LONGEST_KEY - 1] + "…"


def faults_in_words(faults: pd.DataFrame, words: Words, formats: Formats) -> pd.DataFrame:
    """Findings for a reader.

    Parameters
    ----------
    faults : DataFrame
        Of `oppnb.review.grade_faults`.

    Returns
    -------
    DataFrame
        `fault` (the rule that is broken, with its table), `gravity`, `n_rows`, `n_checked`, `share`, `touched_amount`,
        `first_keys`, `touches`, `advice` (with what more there is to say), `done`.
    """
    rows = [_in_words(row, words, formats) for row in faults.to_dict("records")]
    columns = [
        "fault",
        "gravity",
        "n_rows",
        "n_checked",
        "share",
        "touched_amount",
        "first_keys",
        "touches",
        "done",
        "advice",
    ]
    return pd.DataFrame(rows, columns=columns).astype({"touched_amount": "float64", "share": "float64"})


def _spoken(note: Note, words: Words, formats: Formats) -> dict[str, Any]:
    """Values of a note; counts that its text does not write out itself, and columns, are written as the reader does."""
    is_of_reading = note.code.startswith("sources_")
    said = {
        name: formats.number(value) if is_of_reading and isinstance(value, int) else value
        for name, value in note.values.items()
    }
    return said | {"column": column_name(said["column"], words)} if note.code == "audit_filled_by_outcome" else said


def _in_words(row: Mapping[Any, Any], words: Words, formats: Formats) -> dict[str, Any]:
    note = row["note"]
    keys = row["first_keys"]
    if row["advice"] == "giveaway":  # its key is the column
        keys = column_name(keys, words)
    advice = words(f"fault_advice.{row['advice']}")
    more = "" if note is None else words(f"note.{note.code}", **_spoken(note, words, formats))
    return {
        "fault": words("quality.fault", rule=rule_in_words(row["rule"], words), table=table_name(row["table"], words)),
        "gravity": words(f"fault_level.{row['level']}"),
        "n_rows": row["n_rows"],
        "n_checked": row["n_checked"],
        "share": row["share"],
        "touched_amount": row["amount"],
        "first_keys": keys,
        "touches": areas_in_words(row["areas"], words),
        "done": words.get(f"report.done_{row['done']}", str(row["done"])),
        "advice": words("quality.advice_more", advice=advice, more=more) if more else advice,
    }
