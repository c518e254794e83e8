"""The tables under audit with what several rules need to know about them, worked out once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.tables.audit.breaches import BoolArray
from oppnb.tables.audit.money import base_amounts, base_currency, sum_amounts
from oppnb.tables.audit.stage_facts import stage_facts
from oppnb.tables.bundle import Tables
from oppnb.workspace import Workspace

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """Typed tables, the workspace, and lists of allowed values by `table.column`."""

    tables: Tables
    workspace: Workspace
    allowed: Mapping[str, Iterable[str]] = field(default_factory=dict)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is there, with rows and all these columns."""
        return table in self.tables and len(self.tables[table]) > 0 and set(columns) <= set(self.tables[table].columns)

    @cached_property
    def exported_on(self) -> pd.Timestamp | None:
        """The day of the export, at midnight; None if it is not known."""
        day = self.workspace.sources.exported_on or self.tables.exported_on
        return None if day is None else pd.Timestamp(day)

    @property
    def after_export(self) -> pd.Timestamp:
        """Midnight after the day of the export; the end of time if that day is not known."""
        return pd.Timestamp.max if self.exported_on is None else self.exported_on + pd.Timedelta(days=1)

    def local(self, moments: pd.Series) -> pd.Series:
        """Moments by the clock of the workspace's time zone."""
        zone = self.workspace.calendar.time_zone
        if zone == "UTC":
            return moments
        local: pd.Series = moments.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        return local

    @cached_property
    def stages(self) -> pd.DataFrame:
        """What `stage_facts` says about `opportunities`."""
        return stage_facts(self.tables["opportunities"], self.workspace)

    @cached_property
    def outcomes(self) -> pd.Series:
        """open, won or lost for each opportunity: as exported where it says so, else by its stage."""
        frame = self.tables["opportunities"]
        if "outcome" not in frame.columns:
            return self.stages["outcome"]
        return frame["outcome"].where(frame["outcome"].isin(["open", "won", "lost"]), self.stages["outcome"])

    @cached_property
    def is_open(self) -> BoolArray:
        """Which opportunities are open."""
        return (self.outcomes == "open").to_numpy(dtype=bool)

    @cached_property
    def history_links(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], int]:
        """A number per deal: of each history row, of each opportunity (-1: no history), and how many there are."""
        in_history, deals = pd.factorize(self.tables["opportunity_history"]["opportunity_id"])
        ids = self.tables["opportunities"]["opportunity_id"]
        places = deals.get_indexer(pd.Index(ids)).astype(np.intp)
        return in_history, np.where(ids.isna().to_numpy(), -1, places), len(deals)

    @cached_property
    def base(self) -> str | None:
        """The currency money is added up in."""
        return base_currency(self.tables, stated=self.workspace.currency)

    def money(self, table: str, rows: BoolArray) -> float | None:
        """Sum of the amounts of some rows in the base currency; None if they carry none or it cannot be said."""
        if table not in self._amounts:
            self._amounts[table] = base_amounts(self.tables, table, base=self.base)
        amounts = self._amounts[table]
        return sum_amounts(None if amounts is None else amounts[rows])

    @cached_property
    def _amounts(self) -> dict[str, npt.NDArray[np.float64] | None]:
        return {}
