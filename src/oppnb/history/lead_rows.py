"""Leads as they stood on days: what was known of each, and which had become opportunities by then."""

from collections.abc import Iterable

import pandas as pd

from oppnb.history.snapshots import Day, snapshots
from oppnb.tables import CANONICAL, Tables
from oppnb.workspace import Workspace
from oppnb.workspace.models import Process, Stage

__all__ = ["LEAD_PROCESS", "as_deals", "lead_snapshots"]

LEAD_PROCESS = "lead"
_OPEN, _CONVERTED = "waiting", "converted"
_SAME = ("name", "account_id", "owner_id", "source", "product", "region")
_PREFIX = "lead."
_SEEN = ("as_of", "lead_id", "created_at", "age_days", "is_converted", "converted_at", "source")


def lead_snapshots(tables: Tables, days: Iterable[Day], *, workspace: Workspace | None = None) -> pd.DataFrame:
    """What was known of each lead at the end of each day; nothing later is looked at.

    A lead is there from `created_at` on. It is converted on a day if `converted_at` lies before the end of it; a
    conversion that has no date is known on the day of the export only. Which opportunity it became is not told: that
    there is one says that it was converted.

    Parameters
    ----------
    tables : Tables
        With `leads`; activities that name a lead (a column `lead_id`) count for it.
    days : iterable of date
        Days of knowledge.
    workspace : Workspace, optional
        Its calendar says when days end.

    Returns
    -------
    DataFrame
        By `as_of` and `lead_id`: `created_at`, `age_days` (to the conversion, or to the end of the day),
        `is_converted`, `converted_at` (null unless known), `source`; `n_activities_last_7_days`, …,
        `days_since_last_activity` (null without activities that name leads); then every other column of `leads`, as
        exported.

    Raises
    ------
    TableMissingError
        If there are no leads.

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["1", "2"], "created_at": pd.to_datetime(["2024-01-02", "2024-01-05"]),
    ...     "converted_at": pd.to_datetime(["2024-01-09", None])})
    >>> seen = lead_snapshots(Tables({"leads": leads}), ["2024-01-03", "2024-01-31"])
    >>> seen[["lead_id", "is_converted"]].values.tolist()
    [['1', False], ['1', True], ['2', False]]
    """
    deals, settled = as_deals(tables, workspace=workspace)
    found = snapshots(deals, list(days), workspace=settled)
    found = found.rename(columns={"opportunity_id": "lead_id", "closed_at": "converted_at"})
    found["is_converted"] = found["outcome"] == "won"
    activity = [name for name in found.columns if "activit" in name]
    own = [str(name) for name in tables["leads"].columns if name not in CANONICAL["leads"].columns]
    others = {_apart(name): name for name in own if _apart(name) in found.columns}
    kept = found[[name for name in _SEEN if name in found.columns] + activity].join(
        found[list(others)].rename(columns=others)
    )
    return kept.sort_values(["as_of", "lead_id"], ignore_index=True)


def as_deals(tables: Tables, *, workspace: Workspace | None = None) -> tuple[Tables, Workspace]:
    """The leads in the place of opportunities, so that whatever is known of deals on days can be asked of leads.

    Parameters
    ----------
    tables : Tables
        With `leads`.
    workspace : Workspace, optional
        Calendar, scoring, currency are kept.

    Returns
    -------
    tuple of Tables and Workspace
        `opportunities` (one a lead, under its own key: won once it is converted, open before), the activities that name
        leads, accounts and owners; and a workspace with one process, `lead`.
    """
    leads = tables["leads"]
    leads = leads.dropna(subset=["lead_id"]).drop_duplicates("lead_id", keep="last")
    none = pd.Series(None, index=leads.index, dtype="str")
    at = leads["converted_at"] if "converted_at" in leads else pd.Series(pd.NaT, index=leads.index)
    is_converted = at.notna() | leads.get("opportunity_id", none).notna()
    deals = leads.drop(columns=["converted_at", "opportunity_id"], errors="ignore").rename(
        columns={"lead_id": "opportunity_id"}
    )
    deals = deals.rename(columns={name: _apart(str(name)) for name in deals.columns}).assign(
        stage=is_converted.map({True: _CONVERTED, False: _OPEN}).astype("str"),
        outcome=is_converted.map({True: "won", False: "open"}).astype("str"),
        process=LEAD_PROCESS,
        closed_at=at.astype("datetime64[us]"),
    )
    frames = {"opportunities": deals.reset_index(drop=True)}
    activities = _of_leads(tables)
    if activities is not None:
        frames["activities"] = activities
    frames |= {name: tables[name] for name in ("accounts", "owners") if name in tables}
    stages = [Stage(name=_OPEN), Stage(name=_CONVERTED, outcome="won")]
    settled = (workspace or Workspace()).model_copy(update={"processes": [Process(name=LEAD_PROCESS, stages=stages)]})
    return Tables(frames, exported_on=tables.exported_on), settled


def _apart(name: str) -> str:
    """A column of leads that means something else where it is one of opportunities (a stage, an amount as text)."""
    is_meant = name in {*_SAME, "opportunity_id", "created_at"} or name not in CANONICAL["opportunities"].columns
    return name if is_meant else f"{_PREFIX}{name}"


def _of_leads(tables: Tables) -> pd.DataFrame | None:
    """Activities that name a lead; none where the table cannot name any, which is not the same as no activity."""
    if "activities" not in tables or "lead_id" not in tables["activities"].columns:
        return None
    found = tables["activities"].dropna(subset=["lead_id"])
    found = found.drop(columns=["opportunity_id", "account_id"], errors="ignore")
    return found.rename(columns={"lead_id": "opportunity_id"}).reset_index(drop=True)
