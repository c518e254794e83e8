"""What the values of a column look like: dates, numbers, outcomes; how many are distinct, how many are filled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from oppnb.sources.coerce import coerce_column
from oppnb.sources.mapping_columns import Settings, blank, plain_text
from oppnb.sources.outcomes import outcome_word
from oppnb.tables import Kind, fold
from oppnb.workspace.conditions import Scalar

__all__ = ["OUTCOMES", "FileValues"]

_SAMPLE = 5_000
_COUNTED = 1_000_000
_MIN_READABLE = 0.8
OUTCOMES = frozenset({"open", "won", "lost"})
_WORDS: dict[Kind, str] = {
    "moment": "values look like dates",
    "day": "values look like dates",
    "money": "values look like numbers",
    "number": "values look like numbers",
    "share": "values look like numbers",
    "flag": "values look like yes and no",
}


@dataclass(frozen=True)
class FileValues:
    """The values of a file by header, joined ones included, for looking at them.

    Attributes
    ----------
    frame : DataFrame
        As read.
    settings : Settings
        Time zone and date order.
    joined : mapping of str to Series
        Values that a join would bring, by the header they would have; not aligned with `frame`.
    """

    frame: pd.DataFrame
    settings: Settings
    joined: Mapping[str, pd.Series] = field(default_factory=dict)

    def of(self, header: str) -> pd.Series:
        """All values of a header."""
        return self.joined[header] if header in self.joined else self.frame[header]

    def sample(self, header: str) -> pd.Series:
        """The first filled values, at most 5,000."""
        values = self.of(header)
        head = values[~blank(values)] if len(values) <= 20 * _SAMPLE else values.iloc[: 20 * _SAMPLE]
        return head[~blank(head)].iloc[:_SAMPLE]

    def fits(self, header: str, kind: Kind) -> bool:
        """Whether at least 80 % of the sample can be read as `kind`; a column without values fits everything."""
        values = self.sample(header)
        if kind in ("key", "text") or values.empty:
            return True
        read = coerce_column(values, kind, date_order=self.settings.date_order, time_zone=self.settings.time_zone)
        return float(read.values.notna().mean()) >= _MIN_READABLE

    def says_outcomes(self, header: str, recode: Mapping[str, Scalar | None] | None) -> bool:
        """Whether every distinct value in the sample means open, won or lost, by the recode or by itself."""
        folded = {fold(key): value for key, value in (recode or {}).items()}
        return all(_is_outcome(fold(str(word)), folded) for word in plain_text(self.sample(header)).unique())

    def looks(self, header: str, kind: Kind) -> str:
        """What to say about the values, in a few words."""
        if self.sample(header).empty:
            return "no values"
        if kind in _WORDS:
            return _WORDS[kind]
        values = self.of(header).iloc[:_COUNTED]
        n = int(plain_text(values).nunique())
        few = f" in the first {_COUNTED:,} rows" if len(self.of(header)) > _COUNTED else ""
        return f"{n:,} distinct value{'' if n == 1 else 's'}{few}"

    def is_unique(self, header: str) -> bool:
        """Whether every row has its own value."""
        values = self.of(header)
        return len(values) > 0 and not bool(blank(values).any()) and bool(values.is_unique)

    def is_percent(self, header: str) -> bool:
        """Whether the numbers are percent (above 1) and do not say so themselves with a sign."""
        values = self.sample(header)
        if isinstance(values.dtype, pd.StringDtype) and bool(values.str.contains("%", regex=False).any()):
            return False
        numbers = pd.to_numeric(values, errors="coerce")
        return bool((numbers > 1).any())


def _is_outcome(word: str, recode: Mapping[str, Scalar | None]) -> bool:
    said = recode.get(word, word)
    return said is None or said in OUTCOMES or word == "deleted" or outcome_word(str(said)) is not None
