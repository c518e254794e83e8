"""The tables of one export, together with what was said about them while they were read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from oppnb.errors import TableMissingError, nearest
from oppnb.tables.findings import Note
from oppnb.tables.schema import CANONICAL

__all__ = ["Tables"]


@dataclass(frozen=True)
class Tables(Mapping[str, pd.DataFrame]):
    """Canonical tables by name; a missing table is simply not there.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        Canonical columns have the types of `oppnb.tables.CANONICAL`; other columns are attributes, as text.
    exported_on : date, optional
        The day the export was made: from then on, what `opportunities` says is what was known.
    notes : tuple of Note
        What was assumed while reading, for the report.

    Raises
    ------
    TableMissingError
        When a table is asked for that is not there, or a name is given that is not canonical.
    """

    frames: Mapping[str, pd.DataFrame]
    exported_on: date | None = None
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        for name in self.frames:
            if name not in CANONICAL:
                near = nearest(name, CANONICAL)
                raise TableMissingError(
                    f"'{name}' is not a canonical table." + (f" Did you mean '{near}'?" if near else "")
                )

    def __getitem__(self, name: str) -> pd.DataFrame:
        try:
            return self.frames[name]
        except KeyError as error:
            if name not in CANONICAL:
                near = nearest(name, CANONICAL)
                raise TableMissingError(
                    f"'{name}' is not a canonical table." + (f" Did you mean '{near}'?" if near else "")
                ) from error
            raise TableMissingError(
                f"The data has no table '{name}' ({CANONICAL[name].meaning.lower()}).\n"
                f"Map a file to it in oppnb.yaml, or put a file named {name}.csv into the folder."
            ) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)

    def __contains__(self, name: object) -> bool:
        return name in self.frames

    def replace(self, **frames: pd.DataFrame) -> "Tables":
        """The same tables with some of them exchanged."""
        return Tables({**self.frames, **frames}, exported_on=self.exported_on, notes=self.notes)
