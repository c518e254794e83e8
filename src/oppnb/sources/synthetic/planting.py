"""Plant faults in rows that have none yet, and keep the list of what was planted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Garden", "Planted"]


@dataclass(frozen=True)
class Planted:
    """A fault as it stands in a file.

    Attributes
    ----------
    fault : str
        The sentence that is true of a good row.
    keys : tuple of str
        Opportunities concerned, one entry a row, sorted.
    """

    fault: str
    file: str
    column: str | None
    keys: tuple[str, ...]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As it stands in `faults.json`."""
        content: dict[str, Any] = {"fault": self.fault, "file": self.file, "column": self.column}
        content |= {"n_rows": len(self.keys), "keys": list(self.keys)}
        return content | ({"note": self.note} if self.note else {})


@dataclass
class Garden:
    """One file of an export as texts, with the faults planted so far.

    Attributes
    ----------
    frame : DataFrame of object
        Texts; an empty text is an empty cell.
    key : str
        Header that holds the opportunity.
    """

    file: str
    frame: pd.DataFrame
    key: str
    rng: np.random.Generator
    planted: list[Planted] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)

    def take(self, n: int, where: pd.Series | None = None) -> list[int]:
        """Draw `n` rows (fewer if there are fewer) for which `where` holds and in which nothing was planted yet."""
        rows = self.frame.index if where is None else self.frame.index[where]
        free = [int(row) for row in rows if row not in self._taken]
        chosen = sorted(int(row) for row in self.rng.permutation(free)[:n])
        self._taken.update(chosen)
        return chosen

    def note(self, fault: str, column: str | None, rows: list[int], *, note: str = "") -> None:
        """Write down that rows break a rule."""
        keys = tuple(sorted(str(key) for key in self.frame.loc[rows, self.key]))
        self.planted.append(Planted(fault, self.file, column, keys, note))

    def put(self, fault: str, column: str, texts: Iterable[str], rows: list[int], *, note: str = "") -> None:
        """Overwrite a column in rows, and write it down."""
        self.frame.loc[rows, column] = [text for text, _ in zip(texts, rows, strict=False)]
        self.note(fault, column, rows, note=note)

    def append(self, rows: pd.DataFrame) -> list[int]:
        """Add rows at the end; they take no further faults."""
        first = len(self.frame)
        self.frame = pd.concat([self.frame, rows], ignore_index=True)
        added = list(range(first, len(self.frame)))
        self._taken.update(added)
        return added
