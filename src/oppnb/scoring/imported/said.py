"""Where an imported score stands, and what it was when."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ColumnMissingError, nearest
from oppnb.history.last_told import history_values, last_told
from oppnb.scoring.imported.scale import score_numbers
from oppnb.scoring.rows import ScoringRows
from oppnb.stages import NO_DAY, OpenedData
from oppnb.store import open_store
from oppnb.tables import CANONICAL
from oppnb.workspace import Workspace

__all__ = ["SaidScore", "said_score"]

Floats = npt.NDArray[np.float64]

FRESH_DAYS = 28.0
"""A score in the store counts for so many days: deals are looked at every fourth week."""
_STORED = ("snapshots", "scores")


@dataclass(frozen=True)
class SaidScore:
    """A score as the export has it, and as a history or the store tells it by day."""

    column: str
    exported: pd.Series
    dated: pd.DataFrame | None
    origin: str
    kinds: pd.Series | None

    @property
    def all_values(self) -> Floats:
        """Every value once a deal, or once a time it was said."""
        values = self.exported if self.dated is None else self.dated["value"]
        return values.to_numpy(dtype="float64")

    def on(self, rows: ScoringRows, workspace: Workspace) -> tuple[str, Floats]:
        """When it was known, and the score of each row."""
        if self.dated is None or not rows.is_dated:
            return "as_exported", self.as_exported(rows)
        fresh = FRESH_DAYS if self.origin == "store" else None
        found = last_told(self.dated, rows.keys, within_days=fresh, workspace=workspace)
        return self.origin, found.to_numpy(dtype="float64")

    def as_exported(self, rows: ScoringRows) -> Floats:
        """The score of each row's deal as the export has it."""
        found = rows.keys["opportunity_id"].map(self.exported)
        return np.asarray(found.to_numpy(dtype="float64", na_value=np.nan))


def said_score(opened: OpenedData, column: str) -> SaidScore:
    """Find a score: in the history by moment, else in the store by day, and in the export.

    Raises
    ------
    ColumnMissingError
        If nobody has it; names the nearest.
    DataError
        If it holds no numbers.
    """
    deals = opened.tables["opportunities"].drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    history, stored = history_values(opened.tables, column), _stored(opened, column)
    origin, dated = ("history", history) if history is not None else ("store", stored)
    if column not in deals.columns and dated is None:
        raise _missing(column, deals, opened)
    exported = deals[column] if column in deals.columns else pd.Series(np.nan, index=deals.index)
    kinds = deals.get("crm_score_kind") if column == "crm_score" else None
    if dated is not None:
        dated = dated.assign(value=score_numbers(dated["value"], column=column)).dropna(subset=["value"])
    return SaidScore(column, score_numbers(exported, column=column), dated, origin, kinds)


def _stored(opened: OpenedData, column: str) -> pd.DataFrame | None:
    """What the store remembers of it by day, up to the day of knowledge: exports seen before, and scores published."""
    if opened.workspace.store is None:
        return None
    store = open_store(opened.workspace.store)
    for table in _STORED:
        rows = store.read(table, as_of_until=None if opened.as_of == NO_DAY else opened.as_of)
        if column in rows.columns and rows[column].notna().any():
            found: pd.DataFrame = rows[["opportunity_id", "as_of", column]].rename(columns={column: "value"}).dropna()
            return found.reset_index(drop=True)
    return None


def _missing(column: str, deals: pd.DataFrame, opened: OpenedData) -> ColumnMissingError:
    known = [name for name in deals.columns if name not in CANONICAL["opportunities"].columns or "score" in name]
    near = nearest(column, [str(name) for name in known])
    where = "'opportunities', nor its history" + (", nor the store" if opened.workspace.store is not None else "")
    hint = f" Did you mean '{near}'?" if near else ""
    return ColumnMissingError(
        f"There is no score '{column}' to judge: neither {where} has such a column.{hint}\n"
        "The CRM's own score is crm_score once it is mapped (oppnb inspect shows the mapping)."
    )
