"""What a metric needs and does not have, in the reader's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb.errors import ColumnMissingError, TableMissingError, nearest
from oppnb.locale import Words
from oppnb.metrics.inputs import MetricInputs

__all__ = ["Need", "check_needs", "lacking"]


@dataclass(frozen=True)
class Need:
    """A frame, or a column of one, that a metric needs and that is not there.

    Attributes
    ----------
    frame : str
        Field of `MetricInputs`.
    column : str, optional
        Null if the whole frame is not there.
    present : tuple of str
        Columns that are there, to name the nearest.
    """

    frame: str
    column: str | None = None
    present: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text(Words("en"))

    def text(self, words: Words) -> str:
        """What is lacking and what to do, as a part of a sentence in the reader's language."""
        table = words(f"metric_need.table_{self.frame}")
        if self.column is None:
            return words("metric_need.table", table=table, advice=words(f"metric_need.advice_{self.frame}"))
        near = nearest(self.column, self.present)
        hint = words("metric_need.nearest", near=near) if near else ""
        return words("metric_need.column", column=self.column, table=table) + hint


def lacking(needs: Mapping[str, tuple[str, ...]], inputs: MetricInputs) -> Iterator[Need]:
    """What of `needs` the inputs do not have."""
    for name, columns in needs.items():
        for frame in _frames(inputs, name):
            if frame is None:
                yield Need(name)
                continue
            present = tuple(map(str, frame.columns))
            yield from (Need(name, column, present) for column in columns if column not in frame)


def _frames(inputs: MetricInputs, name: str) -> list[pd.DataFrame | None]:
    found = getattr(inputs, name)
    if isinstance(found, Mapping):
        return list(found.values()) or [None]
    return [found]


def check_needs(needs: Mapping[str, tuple[str, ...]], inputs: MetricInputs, *, title: str) -> None:
    """Refuse what cannot be worked out.

    Raises
    ------
    TableMissingError
        If a whole frame is not there.
    ColumnMissingError
        If a column is not there; names the nearest.
    """
    missing = list(lacking(needs, inputs))
    if not missing:
        return
    text = "\n".join(dict.fromkeys(f"The metric '{title}' {need}" for need in missing))
    raise TableMissingError(text) if any(need.column is None for need in missing) else ColumnMissingError(text)
