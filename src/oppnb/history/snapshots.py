"""The pipeline as it stood: `as_of` for one day, `snapshots` for many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from oppnb.history.activity_windows import ACTIVITY_COLUMNS, with_activities
from oppnb.history.contact_counts import with_contacts
from oppnb.history.coverage import Coverage, read_coverage
from oppnb.history.day_rows import day_rows
from oppnb.history.deals import attribute_columns, exported_deals
from oppnb.history.known import AT_THE_CLOSE, known_columns
from oppnb.history.moments import as_day, as_days
from oppnb.history.rates import Rates, read_rates, with_base_amounts
from oppnb.history.source import DEAL, Keep, Source, as_it_is, open_source
from oppnb.history.states import known_states
from oppnb.history.told import told_on_days
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["SNAPSHOT_COLUMNS", "as_of", "snapshot_expression", "snapshots"]

Day = date | datetime | str | pd.Timestamp
Data = Tables | Source | Mapping[str, "pd.DataFrame | str | Path"]

SNAPSHOT_COLUMNS = (
    "opportunity_id",
    "as_of",
    "name",
    "account_id",
    "owner_id",
    "process",
    "stage",
    "stage_position",
    "outcome",
    "amount",
    "currency",
    "rate_to_base",
    "amount_base",
    "expected_close_on",
    "forecast_category",
    "next_step",
    "next_step_due_on",
    "source",
    "product",
    "region",
    "competitor",
    "created_at",
    "closed_at",
    "entered_stage_at",
    "days_in_stage",
    "age_days",
    "n_pushes",
    "days_pushed",
    "n_pulls",
    "n_stage_changes",
    "has_moved",
    "n_stage_regressions",
    *ACTIVITY_COLUMNS,
    "n_contacts",
    *AT_THE_CLOSE,
)
TEXT = (
    "name",
    "account_id",
    "owner_id",
    "forecast_category",
    "next_step",
    "source",
    "product",
    "region",
    "competitor",
    "lost_reason",
    "crm_score_kind",
)
# what a snapshot takes from the export as it is, whatever the day: it joins when all else is done
CARRIED = ("name", "process", "currency", "source", "product", "region")
DAYS_AT_ONCE = 16
ROUNDED = ("days_in_stage", "age_days", "days_since_last_activity")


def as_of(tables: Data, day: Day, *, workspace: Workspace | None = None) -> pd.DataFrame:
    """The pipeline as it stood at the end of `day`; nothing later is looked at.

    Parameters
    ----------
    tables : Tables, Source, or mapping of table name to DataFrame or path
        See `open_source`; opening once is quicker when many days are asked for one by one.
    day : date, or anything that names a day
        The day of knowledge; it ends at midnight in `workspace.calendar.time_zone`.
    workspace : Workspace, optional
        Stages, currency, calendar; by default an empty one.

    Returns
    -------
    DataFrame
        One row an opportunity created on or before the day, open and closed alike, by `opportunity_id`. Columns:
        `SNAPSHOT_COLUMNS`, then every other column of `opportunities` under its own name. Null means not known (on that
        day); counts are float64 for that reason. `outcome` is open, won or lost as known on the day; `closed_at` is
        null while open; `n_pushes` counts moves of the expected close to a later day while open and `days_pushed` adds
        them up; `days_since_last_activity` is null where there never was one.

    Raises
    ------
    TableMissingError, ColumnMissingError
        If there are no opportunities, or a required column is missing.
    CurrencyError
        If amounts are in several currencies without exchange rates.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Won"], "created_at": pd.to_datetime(["2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-03-01"]), "amount": [500.0]})
    >>> as_of({"opportunities": deals}, "2024-02-29")[["opportunity_id", "outcome", "age_days"]].values.tolist()
    [['1', 'open', 59.0]]
    >>> as_of({"opportunities": deals}, "2024-03-01")["outcome"].tolist()
    ['won']
    """
    return snapshots(tables, [as_day(day)], workspace=workspace)


def snapshots(
    tables: Data, days: Iterable[Day], *, workspace: Workspace | None = None, only_open: bool = False
) -> pd.DataFrame:
    """The pipeline as it stood on several days, one under the other.

    Parameters
    ----------
    tables, workspace
        As in `as_of`.
    days : iterable of days
        In any order; each is taken once.
    only_open : bool
        Leave out deals that were closed on the day: what a model is trained on, and much less work.

    Returns
    -------
    DataFrame
        As `as_of`, by `as_of` and `opportunity_id`.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Demo"], "created_at": pd.to_datetime(["2024-01-02"])})
    >>> snapshots({"opportunities": deals}, ["2024-01-31", "2024-01-01"])["as_of"].astype(str).tolist()
    ['2024-01-31']
    """
    parts = list(snapshot_parts(open_source(tables), as_days(days), workspace or Workspace(), only_open=only_open))
    if not parts:
        return as_of(tables, date(1970, 1, 1), workspace=workspace).iloc[:0]
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def snapshot_parts(
    source: Source, days: Sequence[date], workspace: Workspace, *, only_open: bool
) -> Iterator[pd.DataFrame]:
    """Snapshots of a few days at a time, so that many days need no more memory than a few."""
    coverage = read_coverage(source, workspace)
    rates = read_rates(source)
    for part in day_groups(days, only_open=only_open):
        with source.keeping() as keep:
            expression = snapshot_expression(source, coverage, part, workspace, only_open=only_open, keep=keep)
            frame = source.frame(expression)
        yield finish(frame, source, rates, workspace)


def day_groups(days: Sequence[date], *, only_open: bool) -> list[Sequence[date]]:
    """Days that are worked out together: many if only open deals are wanted, else one by one."""
    step = DAYS_AT_ONCE if only_open else 1
    return [days[start : start + step] for start in range(0, len(days), step)]


def snapshot_expression(
    source: Source,
    coverage: Coverage,
    days: Sequence[date],
    workspace: Workspace,
    *,
    only_open: bool = False,
    keep: Keep = as_it_is,
) -> Any:
    """The snapshot as one Ibis expression, before amounts are turned into the base currency.

    What several parts of it need goes through `keep`, of `Source.keeping`.
    """
    calendar = day_rows(days, coverage=coverage, workspace=workspace)
    deals = exported_deals(source, coverage)
    states = known_states(source, coverage, deals, calendar, workspace, only_open=only_open, keep=keep)
    carried = [name for name in (*CARRIED, *attribute_columns(source)) if name in deals.columns and len(days) > 1]
    told = told_on_days(deals.drop(*carried), states, calendar, only_open=only_open)
    known = known_columns(source, told)
    known = keep(known) if len(days) > 1 else known
    known = with_contacts(source, with_activities(source, coverage, known, calendar), calendar)
    known = _with_carried(known, deals.select(*carried, carried_id=DEAL)) if carried else known
    known = known.select(*[name for name in (*SNAPSHOT_COLUMNS, *attribute_columns(source)) if name in known.columns])
    return known.order_by("as_of", "opportunity_id") if source.orders_by_bytes else known


def _with_carried(rows: Any, carried: Any) -> Any:
    return rows.join(carried, rows[DEAL] == carried.carried_id)


def finish(frame: pd.DataFrame, source: Source, rates: Rates, workspace: Workspace) -> pd.DataFrame:
    """Amounts in the base currency, days to six digits, rows in order."""
    if not source.orders_by_bytes:
        frame = frame.sort_values(["as_of", "opportunity_id"], ignore_index=True)
    for column in SNAPSHOT_COLUMNS:
        if column not in frame.columns:
            frame[column] = pd.Series(None, index=frame.index, dtype=_dtype(column))
    frame = with_base_amounts(frame, rates, workspace)
    for column in ROUNDED:
        frame[column] = frame[column].round(6)
    frame["has_moved"] = frame["has_moved"].astype("boolean")
    own = {source.header("opportunities", name): frame[name] for name in attribute_columns(source)}
    return pd.DataFrame({**{name: frame[name] for name in SNAPSHOT_COLUMNS}, **own}, copy=False)


def _dtype(column: str) -> str:
    if column in TEXT:
        return "str"
    return "datetime64[us]" if column.endswith(("_at", "_on")) else "float64"
