"""One deal as known on a day: what happened when, who the customer's people are, what has been confirmed."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from oppnb.history.changes import changes
from oppnb.history.contact_facts import DECIDES
from oppnb.history.coverage import read_coverage
from oppnb.history.evidence_facts import CONFIRMED, CONFIRMED_ZH
from oppnb.history.landmarks import last_day
from oppnb.history.moments import counting_from, cutoff
from oppnb.history.source import DEAL, open_source
from oppnb.history.spells import spells
from oppnb.tables import Tables, fold
from oppnb.workspace import Workspace

__all__ = ["TIMELINE_COLUMNS", "deal_contacts", "deal_evidence", "deal_timelines"]

TIMELINE_COLUMNS = ("opportunity_id", "kind", "at", "until", "what", "days", "direction")
_KINDS = {
    "opportunity_id": "str",
    "kind": "str",
    "at": "datetime64[us]",
    "until": "datetime64[us]",
    "what": "str",
    "days": "float64",
    "direction": "str",
}
_CONTACTS = ("contact_id", "role", "influence", "stance", "decides")
_EVIDENCE = ("element", "state", "recorded_at", "is_confirmed", "is_asked")


def deal_timelines(
    tables: Tables, opportunity_ids: Sequence[str], *, known_on: date, workspace: Workspace | None = None
) -> pd.DataFrame:
    """What is on record of deals up to the end of a day, in order.

    Parameters
    ----------
    tables : Tables
        The export.
    opportunity_ids : sequence of str
        The deals.
    known_on : date
        Nothing later is looked at.
    workspace : Workspace, optional
        With its stages, its time zone, and the day on which the history begins.

    Returns
    -------
    DataFrame
        `TIMELINE_COLUMNS`, deal by deal: `kind` is created, stage (a stay, as in `oppnb.history.spells`), push or pull
        (the expected close moved to a later or an earlier day, as snapshots count them) or activity; `at` and `until`
        are moments in UTC (`until` of a stay that has ended; null for the rest); `what` the stage or the kind of
        activity, null for others; `days` by which the close moved, above 0, or the length of a stay (null where not
        known); `direction` of
        an activity.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    >>> history = pd.DataFrame({
    ...     "opportunity_id": ["1", "1"], "stage": ["Lead", "Demo"],
    ...     "changed_at": pd.to_datetime(["2024-01-01", "2024-01-11"]),
    ...     "expected_close_on": pd.to_datetime(["2024-03-01", "2024-03-31"])})
    >>> both = Tables({"opportunities": deals, "opportunity_history": history})
    >>> deal_timelines(both, ["1"], known_on=date(2024, 1, 12))[["kind", "what", "days"]].values.tolist()
    [['stage', 'Lead', 10.0], ['stage', 'Demo', 2.0], ['push', nan, 30.0]]
    """
    settled = workspace or Workspace()
    exported_on = tables.exported_on or last_day(tables, workspace=settled)
    names = ("opportunities", "opportunity_history", "activities")
    own = {name: _of(tables[name], opportunity_ids) for name in names if name in tables}
    # amounts are of no interest here, and rates of exchange need not be known
    bare = {name: frame.drop(columns=["amount", "currency"], errors="ignore") for name, frame in own.items()}
    one = Tables(bare, exported_on=exported_on)
    if one["opportunities"].empty:
        return _timeline([])
    end = cutoff(known_on, settled.calendar.time_zone)
    parts = [
        _created(one["opportunities"], end),
        _stays(one, known_on, settled),
        *([_moves(one, end, settled)] if len(own.get("opportunity_history", ())) else []),
        *([_activities(one["activities"], end)] if "activities" in one else []),
    ]
    return _timeline([part for part in parts if len(part)])


def _of(frame: pd.DataFrame, opportunity_ids: Sequence[str]) -> pd.DataFrame:
    if "opportunity_id" not in frame:
        return frame.iloc[:0]
    return frame[frame["opportunity_id"].isin(list(opportunity_ids))].reset_index(drop=True)


def _timeline(parts: list[pd.DataFrame]) -> pd.DataFrame:
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    frame = frame.reindex(columns=list(TIMELINE_COLUMNS)).astype(_KINDS)
    order = frame["kind"].map({"created": 0, "stage": 1}).fillna(2)
    by = ["opportunity_id", "at", "order"]
    ordered = frame.assign(order=order).sort_values(by, kind="stable", na_position="first", ignore_index=True)
    return ordered[list(TIMELINE_COLUMNS)]


def _created(deals: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    if "created_at" not in deals:
        return pd.DataFrame()
    known = deals[deals["created_at"] < end].drop_duplicates("opportunity_id")
    return known[["opportunity_id"]].assign(at=known["created_at"], kind="created")


def _stays(one: Tables, known_on: date, workspace: Workspace) -> pd.DataFrame:
    found = spells(one, known_on=known_on, workspace=workspace)
    return found.rename(columns={"entered_at": "at", "left_at": "until", "stage": "what"}).assign(kind="stage")[
        ["opportunity_id", "kind", "at", "until", "what", "days"]
    ]


def _moves(one: Tables, end: pd.Timestamp, workspace: Workspace) -> pd.DataFrame:
    source = open_source(one)
    coverage = read_coverage(source, workspace)
    if "expected_close_on" not in coverage.first_at:
        return pd.DataFrame()
    rows = source.frame(changes(source, coverage, before=end, begins_at=counting_from(workspace)))
    moved = rows[(rows["n_pushes"] > 0) | (rows["n_pulls"] > 0)]
    by = (moved["expected_close_on"] - moved["close_before"]).dt.days.abs()
    kind = pd.Series(np.where(moved["n_pushes"] > 0, "push", "pull"), index=moved.index)
    return pd.DataFrame(
        {"opportunity_id": moved[DEAL], "kind": kind, "at": moved["changed_at"], "days": by.astype("float64")}
    )


def _activities(rows: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    known = rows[rows["occurred_at"] < end]
    named = known.rename(columns={"occurred_at": "at", "kind": "what"}).assign(kind="activity")
    return named.reindex(columns=["opportunity_id", "kind", "at", "what", "direction"])


def deal_contacts(tables: Tables, opportunity_id: str) -> pd.DataFrame | None:
    """The customer's people in a deal, as exported; None without a table of contacts.

    Returns
    -------
    DataFrame or None
        `contact_id`, `role`, `influence` (0 none to 1 decides), `stance` (-1 against to 1 for us), `decides` (the role
        is one that decides or pays, as the feature `has_decision_maker` reads it); the most influential first. They
        carry no date, so they are the same on every day.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    >>> people = pd.DataFrame({"opportunity_id": ["1"], "contact_id": ["a"], "role": ["Economic buyer"]})
    >>> deal_contacts(Tables({"opportunities": deals, "contacts": people}), "1")[["contact_id", "decides"]].values
    array([['a', True]], dtype=object)
    """
    if "contacts" not in tables:
        return None
    people = _of(tables["contacts"], [opportunity_id]).reindex(columns=list(_CONTACTS[:4]))
    decides = [any(word in fold(str(role)) for word in DECIDES) and not pd.isna(role) for role in people["role"]]
    people = people.assign(decides=pd.Series(decides, index=people.index, dtype="bool"))
    order = ["influence", "contact_id"]
    return people.sort_values(order, ascending=[False, True], na_position="last", ignore_index=True)


def deal_evidence(
    tables: Tables, opportunity_id: str, *, known_on: date, workspace: Workspace, process: str | None, stage: str | None
) -> pd.DataFrame | None:
    """What has been recorded of a deal's qualification up to the end of a day; None without a table of evidence.

    Parameters
    ----------
    tables, opportunity_id, known_on
        As in `deal_timelines`.
    workspace : Workspace
        Says which elements the stages ask for.
    process, stage : str or None
        Where the deal stands: elements of this stage and those before it are asked for.

    Returns
    -------
    DataFrame or None
        One row an element: `element`, `state` as last recorded (null: not recorded), `recorded_at` (UTC),
        `is_confirmed` (as the features read the state), `is_asked`; those asked for first, in the stages' order.
    """
    if "evidence" not in tables:
        return None
    end = cutoff(known_on, workspace.calendar.time_zone)
    rows = _of(tables["evidence"], [opportunity_id]).dropna(subset=["element", "recorded_at"])
    rows = rows[rows["recorded_at"] < end]
    rows = rows.assign(
        key=rows["element"].map(_folded),
        is_confirmed=[not pd.isna(state) and fold(str(state)) in CONFIRMED | CONFIRMED_ZH for state in rows["state"]],
    )
    last = rows.sort_values(["recorded_at", "is_confirmed"], kind="stable").drop_duplicates("key", keep="last")
    asked = _asked(workspace, process, stage)
    missing = pd.DataFrame({"element": [text for key, text in asked.items() if key not in set(last["key"])]})
    found = pd.concat([last, missing.assign(key=missing["element"].map(_folded))], ignore_index=True)
    place = {key: number for number, key in enumerate(asked)}
    found = found.assign(
        is_asked=found["key"].isin(asked),
        is_confirmed=found["is_confirmed"].astype("boolean").fillna(value=False).astype("bool"),
        place=found["key"].map(place).fillna(len(place)),
    )
    return found.sort_values(["place", "key"], ignore_index=True)[list(_EVIDENCE)]


def _folded(text: str) -> str:
    return fold(str(text)).replace(" ", "_")


def _asked(workspace: Workspace, process: str | None, stage: str | None) -> dict[str, str]:
    """Elements that a stage and those before it ask for: as they are compared, and as the workspace writes them."""
    for one in workspace.processes:
        if one.name != process:
            continue
        so_far: dict[str, str] = {}
        for step in one.stages:
            so_far |= {_folded(name): name for name in step.evidence}
            if step.name == stage:
                return so_far
    return {}
