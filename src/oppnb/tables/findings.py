"""What was noticed about the data, as data: counted, with keys, and put into words by the locale."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

__all__ = ["Done", "Finding", "Note", "findings_frame"]

Done = Literal["kept", "set_aside", "mended"]


@dataclass(frozen=True)
class Note:
    """A sentence, `Words(locale)("note." + code, **values)`; values are keys and counts, never names."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Rows that break one rule.

    Attributes
    ----------
    rule : str
        The sentence that is true of a good row, e.g. `closed_at_is_not_before_created_at`.
    table : str
        Canonical table, or the file's name while it is being read.
    n_rows, n_checked : int
        Rows that break it, of how many.
    first_keys : tuple of str
        At most three keys.
    amount : float, optional
        Sum of the amounts of those rows in the currency of the report; null where rows carry no amount.
    done : {'kept', 'set_aside', 'mended'}
        What was done with the rows.
    note : Note, optional
        More, e.g. the likely spelling.
    """

    rule: str
    table: str
    n_rows: int
    n_checked: int
    first_keys: tuple[str, ...] = ()
    amount: float | None = None
    done: Done = "kept"
    note: Note | None = None

    @property
    def share(self) -> float:
        """Rows that break the rule as a share of those checked, 0-1."""
        return self.n_rows / self.n_checked if self.n_checked else 0.0


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """One row a finding: table, rule, n_rows, n_checked, share, first_keys, amount, done; most rows first."""
    columns = ["table", "rule", "n_rows", "n_checked", "share", "first_keys", "amount", "done"]
    rows = [
        [f.table, f.rule, f.n_rows, f.n_checked, f.share, ", ".join(f.first_keys), f.amount, f.done] for f in findings
    ]
    frame = pd.DataFrame(rows, columns=columns).astype({"amount": "float64"})
    return frame.sort_values(["n_rows", "table", "rule"], ascending=[False, True, True], ignore_index=True)
