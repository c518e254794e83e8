"""What an audit hands back."""

from dataclasses import dataclass

import pandas as pd

from oppnb.locale import Words
from oppnb.tables.bundle import Tables
from oppnb.tables.findings import Finding, findings_frame

__all__ = ["AuditResult"]


@dataclass(frozen=True)
class AuditResult:
    """The tables to go on with, and what was found on the way.

    Attributes
    ----------
    tables : Tables
        Without the rows set aside, with what the workspace has mended; everything else as it was.
    findings : tuple of Finding
        Of the reading and of the audit, sorted by table, rule and what was done.
    rejected : DataFrame
        `table`, `rule` (the first that the row broke), `key`, `row` (the row as it was read, as JSON text).
    """

    tables: Tables
    findings: tuple[Finding, ...]
    rejected: pd.DataFrame

    def to_frame(self, words: Words | None = None) -> pd.DataFrame:
        """One row a finding, most rows first.

        Parameters
        ----------
        words : Words, optional
            With them two more columns: `sentence` (the rule for a reader) and `note` (what more there is to say).

        Returns
        -------
        DataFrame
            table, rule, n_rows, n_checked, share (0-1), first_keys, amount, done.
        """
        frame = findings_frame(self.findings)
        if words is None:
            return frame
        order = sorted(self.findings, key=lambda finding: (-finding.n_rows, finding.table, finding.rule))
        sentences = [words.get(f"rule.{finding.rule}", finding.rule) for finding in order]
        notes = ["" if f.note is None else words(f"note.{f.note.code}", **f.note.values) for f in order]
        return frame.assign(sentence=pd.Series(sentences, dtype="str"), note=pd.Series(notes, dtype="str"))
