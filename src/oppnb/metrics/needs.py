"""What a metric needs and does not have, in the reader's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb.errors import ColumnMissingError, TableMissingError, nearest
from oppnb.metrics.inputs import MetricInputs

__all__ = ["Need", "check_needs", "lacking"]

_WHERE_FROM = {
    "snapshot": ("opportunities", "Map a file to the table 'opportunities' in oppnb.yaml."),
    "opening": ("the snapshot on the day before the period", "Give it as opening=as_of(tables, the day before)."),
    "spells": ("the stays in each stage", "Give them as spells=spells(tables); they need stages with a history."),
    "stage_rows": ("the stage configuration", "Write the stages under 'processes' in oppnb.yaml."),
    "odds": ("the odds of the stages", "Write odds for the stages under 'processes' in oppnb.yaml."),
    "targets": ("targets", "Map a file to the table 'targets' in oppnb.yaml, or put targets.csv into the folder."),
    "leads": ("leads", "Map a file to the table 'leads' in oppnb.yaml, or put leads.csv into the folder."),
    "past": ("the closing snapshots of earlier periods", "Give them as past={period: as_of(tables, period.end)}."),
    "forecasts": ("forecasts", "Give one row a forecast, with forecast_amount and actual_amount."),
}


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
        table, advice = _WHERE_FROM[self.frame]
        if self.column is None:
            return f"needs {table}. {advice}"
        near = nearest(self.column, self.present)
        return f"needs the column '{self.column}' of {table}." + (f" The nearest there is '{near}'." if near else "")


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
