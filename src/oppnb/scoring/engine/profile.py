"""The typical recent deal of each process: what a deal's reasons are counted from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.rows import ScoringRows

__all__ = ["Profiles", "is_recent", "some_recent"]

Floats = npt.NDArray[np.float64]

_RECENT_DAYS = 182
_LEAST_ROWS = 20


def is_recent(rows: ScoringRows) -> npt.NDArray[np.bool_]:
    """Rows of the last 26 weeks; all of them without dates."""
    if not rows.is_dated:
        return np.ones(len(rows), dtype=bool)
    days = rows.keys["as_of"]
    return np.asarray((days > days.max() - pd.Timedelta(days=_RECENT_DAYS)).to_numpy(dtype=bool))


def some_recent(rows: ScoringRows, *, most: int = 2_000) -> ScoringRows:
    """At most so many of the recent rows, evenly spaced: enough for a mean that only ranks features."""
    places = np.flatnonzero(is_recent(rows))
    if len(places) > most:
        places = places[np.linspace(0, len(places) - 1, most).astype(np.int64)]
    return rows.take(places)


@dataclass(frozen=True)
class Profiles:
    """A mean of something per process, and last that of all processes.

    Attributes
    ----------
    processes : tuple of str
        Those with at least 20 recent rows, sorted.
    means : array, shape (n_processes + 1, ...)
    """

    processes: tuple[str, ...]
    means: Floats

    @classmethod
    def of(cls, parts: Floats, process: pd.Series) -> "Profiles":
        """Mean of `parts`, shape (n, ...), over the rows of each process."""
        counts = process.value_counts()
        names = tuple(sorted(str(name) for name in counts.index[counts >= _LEAST_ROWS]))
        texts = process.astype(object).to_numpy()
        means = [parts[texts == name].mean(axis=0) for name in names]
        every = parts.mean(axis=0) if len(parts) else np.zeros(parts.shape[1:])
        return cls(names, np.stack([*means, every]))

    def place(self, process: pd.Series) -> npt.NDArray[np.int64]:
        """Row of `means` for each deal; the last for a process that is not known or too thin."""
        found = pd.Index(list(self.processes), dtype=object).get_indexer(pd.Index(process.astype(object)))
        return np.where(found >= 0, found, len(self.processes)).astype(np.int64)
