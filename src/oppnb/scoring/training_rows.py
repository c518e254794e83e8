"""From tables to rows of deals on days: with ends to learn from, or without to score."""

from dataclasses import replace

import pandas as pd

from oppnb.history import Source, as_of, open_source, snapshots, spells, with_attributes
from oppnb.history.account_columns import account_columns
from oppnb.history.facts import with_facts
from oppnb.history.landmarks import has_dates, landmarks, last_day
from oppnb.history.snapshots import Data, Day
from oppnb.scoring.features import Known, column_features, feature_values
from oppnb.scoring.rows import KEYS, ScoringRows
from oppnb.stages import propose_from_stays
from oppnb.tables import CANONICAL
from oppnb.workspace import Workspace

__all__ = ["scoring_rows", "training_rows"]

OF_THE_OUTCOME = ("stage", "stage_position", "forecast_category", "expected_close_on", "competitor", "closed_at")


def training_rows(
    tables: Data,
    *,
    until: Day | None = None,
    workspace: Workspace | None = None,
    weeks: int = 104,
    every_weeks: int = 4,
) -> ScoringRows:
    """Open deals as they stood on weekly days up to `until`, with how they ended as known on `until`.

    Each deal is looked at every fourth week; one that was quicker has one row all the same (see
    `oppnb.history.landmarks`). A deal has as many rows as it has months: let deals count the same (weights of 1 / rows
    of the deal), or, where rows are to count the same, multiply by `ends["weight"]`.

    An export without any date has one row a closed deal, as exported, with no `as_of` and no `days_to_end`.

    Parameters
    ----------
    tables : Tables, Source, or mapping of table name to DataFrame or path
        As in `oppnb.history.as_of`.
    until : date, optional
        The day of knowledge: nothing later is looked at; by default the day of the export.
    workspace : Workspace, optional
        Stages, calendar, currency. Without processes, they are proposed from what was known on `until`.
    weeks, every_weeks : int
        How far back, and how often each deal is looked at.

    Returns
    -------
    ScoringRows
        By `as_of` and `opportunity_id`; `ends` has `end`, `days_to_end` and `weight`.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-02-11", None])})
    >>> rows = training_rows({"opportunities": deals}, until="2024-03-31")
    >>> rows.ends["end"].value_counts().to_dict()
    {'open': 3, 'won': 1}
    """
    source, workspace = open_source(tables), workspace or Workspace()
    day = last_day(source, workspace=workspace) if until is None else until
    settled = _with_processes(workspace, source, day)
    if not has_dates(source):
        return _undated(tables, source, day, settled, are_closed=True)
    found = landmarks(source, until=day, weeks=weeks, every_weeks=every_weeks, workspace=settled)
    ends = found.ends[["end", "days_to_end", "weight"]]
    return _rows(found.rows, tables, source, settled, ends=ends)


def scoring_rows(tables: Data, day: Day | None = None, *, workspace: Workspace | None = None) -> ScoringRows:
    """The deals that were open at the end of a day, with the features of `training_rows`.

    Parameters
    ----------
    tables, workspace
        As in `training_rows`.
    day : date, optional
        The day of knowledge; by default the day of the export.

    Returns
    -------
    ScoringRows
        By `opportunity_id`, without ends. Of an export without any date, the deals that are open in it.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-02-11", None])})
    >>> scoring_rows({"opportunities": deals}, "2024-03-31").keys["opportunity_id"].tolist()
    ['2']
    """
    source, workspace = open_source(tables), workspace or Workspace()
    day = last_day(source, workspace=workspace) if day is None else day
    settled = _with_processes(workspace, source, day)
    if not has_dates(source):
        return _undated(tables, source, day, settled, are_closed=False)
    rows = snapshots(source, [day], workspace=settled, only_open=True).reset_index(drop=True)
    return _rows(rows, tables, source, settled, ends=None)


def _with_processes(workspace: Workspace, source: Source, day: Day) -> Workspace:
    if workspace.processes:
        return workspace
    stays = spells(source, known_on=day, workspace=workspace)
    outcomes = dict(stays[["stage", "outcome"]].dropna().itertuples(index=False, name=None))
    stays = stays[["opportunity_id", "process", "stage", "entered_at"]]
    return workspace.model_copy(update={"processes": list(propose_from_stays(stays, outcomes))})


def _rows(
    rows: pd.DataFrame, tables: Data, source: Source, workspace: Workspace, *, ends: pd.DataFrame | None
) -> ScoringRows:
    rows = with_facts(with_attributes(rows, source), tables, workspace=workspace)
    known = Known(rows, workspace)
    values, features = feature_values(known)
    columns = [source.header("opportunities", name) for name in _other_columns(source)]
    others, more = column_features(rows, columns, taken=values.columns, prefix="opportunities")
    taken = [*values.columns, *others.columns]
    accounts = account_columns(rows["account_id"], source).assign(as_of=rows["as_of"])
    of_account, of_accounts = column_features(accounts, None, taken=taken, prefix="accounts")
    values = pd.concat([values, others, of_account], axis="columns")
    return ScoringRows(_keys(known), values, (*features, *more, *of_accounts), ends, workspace.calendar)


def _other_columns(source: Source) -> list[str]:
    columns = [column for column in source["opportunities"].columns if source.has("opportunities", column)]
    return [column for column in columns if column not in CANONICAL["opportunities"].columns]


def _keys(known: Known) -> pd.DataFrame:
    guessed = [process.name for process in known.workspace.processes if process.is_proposed]
    rows = known.rows.assign(set_odds=known.by_stage("odds"), odds_are_guessed=known.rows["process"].isin(guessed))
    return pd.DataFrame({name: rows[name] for name in KEYS})


def _undated(tables: Data, source: Source, day: Day, workspace: Workspace, *, are_closed: bool) -> ScoringRows:
    """Deals as the export has them; of a closed one the stage is the outcome, so it is not told."""
    rows = as_of(source, day, workspace=workspace)
    rows = rows[(rows["outcome"] != "open") == are_closed].reset_index(drop=True)
    ends = pd.DataFrame({"end": rows["outcome"], "days_to_end": float("nan"), "weight": 1.0}) if are_closed else None
    hidden = ["as_of", *(OF_THE_OUTCOME if are_closed else ())]
    rows = rows.assign(**{name: pd.Series(None, index=rows.index, dtype=rows[name].dtype) for name in hidden})
    found = _rows(rows, tables, source, workspace, ends=ends)
    features = tuple(replace(feature, is_dated=False) for feature in found.features)
    return replace(found, features=features)
