"""What a forecast is made of: every deal with its end, and the open deals of many weeks, cut to any day."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pandas as pd

from oppnb.history.attributes import with_attributes
from oppnb.history.landmarks import last_day
from oppnb.history.moments import as_day, as_days, local_day
from oppnb.history.snapshots import Data, Day, as_of, snapshots
from oppnb.history.source import Source, open_source
from oppnb.history.tenures import TENURE_COLUMNS, as_held, read_tenures
from oppnb.workspace import Workspace

__all__ = ["BOOK_ROW_COLUMNS", "PipelineBook", "read_book", "weekly_days"]

_OF_DEAL = ("owner_id", "account_id", "process", "product", "region", "source", "team", "manager_id", "currency")
BOOK_ROW_COLUMNS = (
    "opportunity_id",
    "as_of",
    "stage",
    "stage_position",
    "amount_base",
    "expected_close_on",
    "forecast_category",
    *_OF_DEAL,
    "days_in_stage",
    "age_days",
    "n_pushes",
)


@dataclass(frozen=True)
class PipelineBook:
    """The pipeline as a forecast looks at it, and nothing that became known after `known_on`.

    Attributes
    ----------
    known_on : date
        The day of knowledge.
    deals : DataFrame
        One row a deal, by `opportunity_id`: `created_on` (null: not known), `closed_on` (null while open), `outcome`
        (open, won, lost), `amount_base` (of a won deal what it was won for, base currency; null while open), and
        `owner_id`, `account_id`, `process`, `product`, `region`, `source`, `team`, `manager_id`, `currency`.
    open_rows : DataFrame
        The deals open on weekly days, by `as_of` and `opportunity_id`: `BOOK_ROW_COLUMNS`, and whatever columns were
        added, such as the curves of win probability.
    days : tuple of date
        The weekly days of `open_rows`, the earliest first; on some of them no deal may have been open.
    workspace : Workspace
        Stages, calendar, currency.
    tenures : DataFrame
        Who had the deals that changed hands, and from which day on: `opportunity_id`, `from_on`, `owner_id`, `team`,
        `manager_id`, `region`.
    """

    known_on: date
    deals: pd.DataFrame
    open_rows: pd.DataFrame
    days: tuple[date, ...]
    workspace: Workspace
    tenures: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TENURE_COLUMNS)))

    def known(self, day: Day) -> "PipelineBook":
        """The book as it was at the end of an earlier day: later deals are not there, later closes are open.

        Each deal has the owner, and the team, manager and region that follow from the owner, of that day. Where the
        history had not named an owner by then, what the export says is taken. A loss that was taken back later is told
        as it ended, and amounts as they stood at the close.
        """
        until = as_day(day)
        if until >= self.known_on:
            return self
        moment = pd.Timestamp(until)
        created, closed = self.deals["created_on"], self.deals["closed_on"]
        deals = self.deals[~(created > moment) & ~(created.isna() & (closed > moment))]
        is_later = deals["closed_on"] > moment
        deals = deals.assign(
            outcome=deals["outcome"].where(~is_later, "open").astype("str"),
            closed_on=deals["closed_on"].where(~is_later),
            amount_base=deals["amount_base"].where(~is_later),
        ).reset_index(drop=True)
        deals = as_held(deals, self.tenures, moment)
        rows = self.open_rows[self.open_rows["as_of"] <= moment].reset_index(drop=True)
        tenures = self.tenures[self.tenures["from_on"] <= moment] if len(self.tenures) else self.tenures
        days = tuple(one for one in self.days if one <= until)
        return PipelineBook(until, deals, rows, days, self.workspace, tenures)

    def on(self, day: Day) -> pd.DataFrame:
        """The deals open at the end of one of `days`."""
        rows = self.open_rows
        return rows[rows["as_of"] == pd.Timestamp(as_day(day))].reset_index(drop=True)

    def closed_after(self, rows: pd.DataFrame) -> pd.DataFrame:
        """How the deals of some rows ended, as known: `outcome`, `days_to_end` (null while open), `amount_won`.

        Days are whole ones, from `as_of`; `amount_won` is 0 for a deal that was lost and null while open.
        """
        found = self.deals.set_index("opportunity_id")[["outcome", "closed_on", "amount_base"]]
        found = found.reindex(rows["opportunity_id"]).set_axis(rows.index)
        days = (found["closed_on"] - rows["as_of"]).dt.days.astype("float64")
        won = found["amount_base"].where(found["outcome"] == "won", 0.0).where(found["outcome"] != "open")
        return pd.DataFrame(
            {"outcome": found["outcome"].fillna("open"), "days_to_end": days, "amount_won": won}, index=rows.index
        )

    def born_between(self, after: Day, until: Day) -> pd.DataFrame:
        """Deals created after the end of one day and up to the end of another."""
        created = self.deals["created_on"]
        chosen = (created > pd.Timestamp(as_day(after))) & (created <= pd.Timestamp(as_day(until)))
        return self.deals[chosen].reset_index(drop=True)

    def won_between(self, first: Day, last: Day) -> pd.DataFrame:
        """Deals won from one day to another, both inclusive."""
        closed = self.deals["closed_on"]
        chosen = (closed >= pd.Timestamp(as_day(first))) & (closed <= pd.Timestamp(as_day(last)))
        return self.deals[chosen & (self.deals["outcome"] == "won")].reset_index(drop=True)

    def with_columns(self, columns: pd.DataFrame) -> "PipelineBook":
        """With more columns of the open rows, found by `opportunity_id` and `as_of`; null where there are none."""
        keys = ["opportunity_id", "as_of"]
        kept = self.open_rows.drop(columns=[name for name in columns if name not in keys], errors="ignore")
        return replace(self, open_rows=kept.merge(columns, on=keys, how="left", validate="one_to_one"))


def read_book(
    tables: Data, days: Sequence[Day], *, known_on: Day | None = None, workspace: Workspace | None = None
) -> PipelineBook:
    """Every deal with its end, and the deals open on some days.

    Parameters
    ----------
    tables : Tables, Source, or mapping of table name to DataFrame or path
        As in `as_of`.
    days : sequence of days
        Those of the open rows; see `weekly_days`.
    known_on : date, optional
        The day of knowledge; by default the day of the export.
    workspace : Workspace, optional
        Stages, calendar, currency.

    Returns
    -------
    PipelineBook

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"], "amount": [500.0, 300.0],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-02-11", None])})
    >>> book = read_book({"opportunities": deals}, ["2024-01-31", "2024-02-29"], known_on="2024-03-31")
    >>> book.on("2024-01-31")["opportunity_id"].tolist(), book.known("2024-01-31").deals["outcome"].tolist()
    (['1', '2'], ['open', 'open'])
    """
    source, workspace = open_source(tables), workspace or Workspace()
    until = last_day(source, workspace=workspace) if known_on is None else as_day(known_on)
    wanted = tuple(day for day in as_days(days) if day <= until)
    rows = snapshots(source, wanted, workspace=workspace, only_open=True)
    rows = with_attributes(rows, source)[list(BOOK_ROW_COLUMNS)].reset_index(drop=True)
    told = as_of(source, until, workspace=workspace)
    tenures = read_tenures(source, told, until, workspace.calendar.time_zone)
    return PipelineBook(until, _deals(source, told, workspace), rows, wanted, workspace, tenures)


def _deals(source: Source, told: pd.DataFrame, workspace: Workspace) -> pd.DataFrame:
    zone = workspace.calendar.time_zone
    frame = with_attributes(told, source)
    is_won = frame["outcome"] == "won"
    found = pd.DataFrame(
        {
            "opportunity_id": frame["opportunity_id"],
            "created_on": local_day(frame["created_at"].astype("datetime64[us]"), zone),
            "closed_on": local_day(frame["closed_at"].astype("datetime64[us]"), zone),
            "outcome": frame["outcome"].astype("str"),
            "amount_base": frame["amount_base"].where(is_won),
        }
    )
    for name in _OF_DEAL:
        found[name] = frame[name]
    return found


def weekly_days(last: Day, *, weeks: int) -> list[date]:
    """A day and the same day of so many weeks before it, the earliest first.

    Examples
    --------
    >>> weekly_days("2024-01-15", weeks=2)
    [datetime.date(2024, 1, 1), datetime.date(2024, 1, 8), datetime.date(2024, 1, 15)]
    """
    end = as_day(last)
    return [end - timedelta(weeks=back) for back in range(weeks, -1, -1)]
