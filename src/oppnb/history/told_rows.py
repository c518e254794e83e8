"""The history as rows in memory, one a state of a deal, each with the day from which and until which it held."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from oppnb.history.coverage import STATE_COLUMNS, Coverage, read_coverage
from oppnb.history.deals import KNOWN_FROM, KNOWN_UNTIL, exported_deals
from oppnb.history.fence import is_there
from oppnb.history.rates import Rates, read_rates
from oppnb.history.source import Source
from oppnb.history.tally import NEVER, Days, local_day_numbers
from oppnb.workspace import Workspace

__all__ = ["Past", "read_past"]

_DEAL_COLUMNS = ("account_id", "owner_id", "process", "currency", "amount", "created_at", "closed_at")


@dataclass(frozen=True)
class Past:
    """Everything that the source tells, read once; whoever asks has to say of which day.

    Attributes
    ----------
    deals : DataFrame
        One row a deal as exported, by `opportunity_id`: what it belongs to, `exported_outcome`, `exported_stage`,
        `first_day` (number of the day from which it existed; `NEVER` where only the export knows it), `gone_day` (from
        which it no longer did; `NEVER` for the deals of the export).
    told : DataFrame
        One row a state: `opportunity_id`, `process`, `stage`, `stage_position`, `outcome`, `owner_id`, `amount`,
        `expected_close_on` (all filled forward), `changed_at`, `from_day`, `to_day`.
    """

    source: Source
    coverage: Coverage
    rates: Rates
    workspace: Workspace
    deals: pd.DataFrame
    told: pd.DataFrame

    @property
    def zone(self) -> str:
        """Where days end."""
        return self.workspace.calendar.time_zone

    def days_of(self, moments: pd.Series) -> Days:
        """Number of the day on which each moment fell."""
        return local_day_numbers(moments, self.zone)

    @property
    def export_day(self) -> int:
        """Number of the day from which the export is known."""
        return (max(self.coverage.exported_on, _EPOCH) - _EPOCH).days

    @cached_property
    def counting_day(self) -> int:
        """Number of the day from which changes are counted."""
        begins_on = self.workspace.sources.history_begins_on
        return -NEVER if begins_on is None else (begins_on - _EPOCH).days


_EPOCH = pd.Timestamp("1970-01-01").date()


def read_past(source: Source, workspace: Workspace) -> Past:
    """Read the deals and their history."""
    coverage = read_coverage(source, workspace)
    deals = _deals(source, coverage)
    told = _told(source, coverage, deals, workspace)
    first = told.groupby("opportunity_id", sort=False)["from_day"].min().reindex(deals["opportunity_id"])
    born = local_day_numbers(deals["created_at"], workspace.calendar.time_zone)
    deals["first_day"] = np.minimum(born, first.fillna(NEVER).to_numpy(dtype="int64"))
    deals, told = _only_while_there(deals, told, workspace.calendar.time_zone)
    return Past(source, coverage, read_rates(source), workspace, deals, told)


def _only_while_there(deals: pd.DataFrame, told: pd.DataFrame, time_zone: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deals that only oppnb remembers were there from their first export until the first without them."""
    if KNOWN_UNTIL not in deals:
        return deals.assign(gone_day=NEVER), told
    from_day, gone_day = (local_day_numbers(deals[name], time_zone) for name in (KNOWN_FROM, KNOWN_UNTIL))
    first_day = np.where(from_day < NEVER, np.maximum(deals["first_day"], from_day), deals["first_day"])
    deals = deals.assign(first_day=first_day, gone_day=gone_day)
    gone = deals.set_index("opportunity_id")["gone_day"].reindex(told["opportunity_id"]).to_numpy()
    return deals, told.assign(to_day=np.minimum(told["to_day"], gone))


def _deals(source: Source, coverage: Coverage) -> pd.DataFrame:
    table = exported_deals(source, coverage)
    kept = [name for name in (*_DEAL_COLUMNS, KNOWN_FROM, KNOWN_UNTIL) if name in table.columns]
    frame = source.frame(table.select("opportunity_id", "exported_stage", "exported_outcome", *kept))
    for name in _DEAL_COLUMNS:
        if name not in frame:
            kind = "datetime64[us]" if name.endswith("_at") else "float64" if name == "amount" else "str"
            frame[name] = pd.Series(None, index=frame.index, dtype=kind)
    return frame.sort_values("opportunity_id", ignore_index=True)


def _told(source: Source, coverage: Coverage, deals: pd.DataFrame, workspace: Workspace) -> pd.DataFrame:
    named = [name for name in STATE_COLUMNS if name in coverage.first_at and not name.startswith("next_step")]
    if not named:
        return _nothing_told()
    history = source["opportunity_history"]
    history = history.filter(is_there(history.opportunity_id) & is_there(history.changed_at))
    rows = source.frame(history.select("opportunity_id", "changed_at", "seq", *named))
    rows = rows[rows["opportunity_id"].isin(deals["opportunity_id"])]
    rows = rows.sort_values(["opportunity_id", "changed_at", "seq"], ignore_index=True)
    gaps = [name for name in named if name in coverage.with_gaps]
    if gaps:
        rows[gaps] = rows.groupby("opportunity_id", sort=False)[gaps].ffill()
    rows = _with_meaning(rows, source, coverage) if "stage" in named else rows
    rows = rows.reindex(columns=[*dict.fromkeys((*_nothing_told().columns, *named))])
    return _with_days(rows.astype({"amount": "float64", "owner_id": "str"}), workspace.calendar.time_zone)


def _nothing_told() -> pd.DataFrame:
    types = {
        "opportunity_id": "str",
        "changed_at": "datetime64[us]",
        "process": "str",
        "stage": "str",
        "stage_position": "float64",
        "outcome": "str",
        "owner_id": "str",
        "amount": "float64",
        "expected_close_on": "datetime64[us]",
        "from_day": "int64",
        "to_day": "int64",
    }
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def _with_meaning(rows: pd.DataFrame, source: Source, coverage: Coverage) -> pd.DataFrame:
    meant = coverage.stages[["process_text", "stage_text", "process", "known_stage", "stage_position", "stage_outcome"]]
    said = rows.rename(columns={"stage": "stage_text"})
    if coverage.by_process:
        deals = source["opportunities"]
        texts = source.frame(deals.group_by("opportunity_id").aggregate(process_text=deals.process.max()))
        said = said.merge(texts, on="opportunity_id", how="left")
        said["process_text"] = said["process_text"].fillna("")
    else:
        said["process_text"] = ""
    said["stage_text"] = said["stage_text"].astype("str")
    found = said.merge(meant, on=["process_text", "stage_text"], how="left")
    found = found.rename(columns={"known_stage": "stage", "stage_outcome": "outcome"})
    return found.drop(columns=["process_text", "stage_text"])


def _with_days(rows: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """The day at whose end a state was first the last known, and the first at whose end it no longer was."""
    from_day = local_day_numbers(rows["changed_at"], time_zone)
    deal = rows["opportunity_id"].to_numpy(dtype=object)
    is_last = np.append(deal[1:] != deal[:-1], True) if len(rows) else np.zeros(0, dtype=bool)
    to_day = np.where(is_last, NEVER, np.append(from_day[1:], NEVER)[: len(rows)])
    return rows.assign(from_day=from_day, to_day=to_day)
