"""The state of each deal on the day of an export, as it is remembered, and what changed since the last time."""

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.coverage import STATE_COLUMNS, read_coverage
from oppnb.history.deals import exported_deals
from oppnb.history.source import open_source
from oppnb.tables import CANONICAL, Tables
from oppnb.workspace import Workspace

__all__ = [
    "FOLLOWED",
    "MEMORY_COLUMNS",
    "REMOVED",
    "ExportStates",
    "changed_states",
    "export_states",
    "last_states",
    "states_hash",
]

REMOVED = "removed"
"""What `outcome` says of a deal that was in the export before and is not in this one."""
FOLLOWED = STATE_COLUMNS
"""What may change while a deal is open: what a history tells."""
OF_DEAL = ("name", "account_id", "process", "currency", "created_at", "closed_at", "source", "product", "region")
MEMORY_COLUMNS = ("opportunity_id", "outcome", *FOLLOWED, *OF_DEAL)
_TYPES = {"moment": "datetime64[us]", "day": "datetime64[us]", "money": "float64", "number": "float64"}

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ExportStates:
    """The deals of an export as they stand on its day.

    Attributes
    ----------
    rows : DataFrame
        One row a deal, by `opportunity_id`: `MEMORY_COLUMNS`; what the export lacks is null.
    day : date
        That of the export.
    """

    rows: pd.DataFrame
    day: date


def export_states(tables: Tables, *, day: date, workspace: Workspace) -> ExportStates:
    """What an export of `day` says of each deal."""
    source = open_source(tables)
    deals = exported_deals(source, read_coverage(source, workspace))
    outcome = source.frame(deals.select("opportunity_id", "exported_outcome")).set_index("opportunity_id")
    frame = tables["opportunities"].dropna(subset=["opportunity_id"])
    frame = frame.drop_duplicates("opportunity_id", keep="last").sort_values("opportunity_id", ignore_index=True)
    frame = frame.assign(outcome=outcome["exported_outcome"].reindex(frame["opportunity_id"]).to_numpy())
    return ExportStates(typed(frame.reindex(columns=list(MEMORY_COLUMNS))), day)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the canonical types."""
    columns = CANONICAL["opportunities"].columns
    return frame.astype({name: _TYPES.get(columns[name].kind, "str") for name in MEMORY_COLUMNS})


def states_hash(states: pd.DataFrame) -> str:
    """Tells two exports of one day apart."""
    rows = pd.util.hash_pandas_object(states, index=False).to_numpy()
    return hashlib.sha256(rows.tobytes()).hexdigest()


def last_states(rows: pd.DataFrame) -> pd.DataFrame:
    """The last of the rows of each deal; rows are by day and by when they were written."""
    return rows.drop_duplicates("opportunity_id", keep="last")


def changed_states(before: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """The states that were not known before: of open deals, of closes, of deals that are gone.

    Parameters
    ----------
    before : DataFrame
        Of `last_states`: what was remembered until now.
    states : DataFrame
        The rows of `export_states`.

    Returns
    -------
    DataFrame
        `MEMORY_COLUMNS`, by `opportunity_id`. Of what changes in a closed deal, only its stage and outcome count.
    """
    keys = ["opportunity_id"]
    known = states[keys].merge(before, on=keys, how="left")
    is_new = known["outcome"].isna().to_numpy()
    is_open = (states["outcome"] == "open").to_numpy()
    moved = _differ(states, known, ("stage", "outcome"))
    others = tuple(name for name in (*FOLLOWED, *OF_DEAL) if name != "closed_at")
    wanted = is_new | moved | (is_open & _differ(states, known, others))
    gone = before[~before["opportunity_id"].isin(states["opportunity_id"]) & (before["outcome"] != REMOVED)]
    parts = [states[wanted], gone[list(MEMORY_COLUMNS)].assign(outcome=REMOVED)]
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return typed(found.sort_values("opportunity_id", ignore_index=True))


def _differ(states: pd.DataFrame, known: pd.DataFrame, columns: tuple[str, ...]) -> Mask:
    differs: Mask = np.zeros(len(states), dtype=bool)
    for name in columns:
        now, then = states[name].reset_index(drop=True), known[name]
        same = (now == then).fillna(False) | (now.isna() & then.isna())
        differs |= ~same.to_numpy(dtype=bool)
    return differs
