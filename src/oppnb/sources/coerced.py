"""A column brought to its kind, with what could not be read and what was decided."""

from dataclasses import dataclass

import pandas as pd

from oppnb.locale import Words
from oppnb.sources.problems import Problem

__all__ = ["Coerced", "Decision", "decision"]


@dataclass(frozen=True)
class Decision:
    """Something decided over a whole column: its words under `decided` in the catalogue, and their values."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    def in_words(self, words: Words) -> str:
        """Say it in the reader's language."""
        return words(f"decided.{self.code}", **dict(self.values))


@dataclass(frozen=True, eq=False)
class Coerced:
    """A column brought to its kind.

    Attributes
    ----------
    values : pandas.Series
        With the index of the raw column; a value that breaks a rule is null.
    problems : tuple of Problem
        Rules that rows break.
    decisions : tuple of Decision
        What was decided over the whole column.
    """

    values: pd.Series
    problems: tuple[Problem, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def decided(self) -> str | None:
        """What was decided, in English, e.g. "D/M/Y over 3,114 values, 1,200 say so"; None if nothing had to be."""
        return self.decided_in(Words("en"))

    def decided_in(self, words: Words) -> str | None:
        """What was decided, in the language of `words`; None if nothing had to be."""
        between = words("decided.and_also")
        return between.join(decision.in_words(words) for decision in self.decisions) or None


def decision(code: str, /, **values: object) -> Decision:
    """Make a decision; whole numbers are written with commas.

    Examples
    --------
    >>> decision("months_alone", n=1200).in_words(Words("en"))
    '1,200 months without a day are read as their first day'
    """
    told = ((name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in values.items())
    return Decision(code, tuple(told))
