"""How long deals took, and how far they closed from when they were expected to: what proposals are learnt from."""

from datetime import timedelta

import pandas as pd

from oppnb.errors import PeriodError
from oppnb.forecasting.opening_days import opening_point
from oppnb.forecasting.points import PAST_PERIODS
from oppnb.history.book import PipelineBook
from oppnb.periods import Period
from oppnb.stages import find_process

__all__ = ["days_to_win", "slips", "stays_seen"]

_DAYS = 730


def days_to_win(book: PipelineBook) -> pd.DataFrame:
    """Deals won in the last two years: `source`, `owner_id`, `days` from creation to the win (null: not known)."""
    won = book.won_between(book.known_on - timedelta(days=_DAYS), book.known_on)
    days = (won["closed_on"] - won["created_on"]).dt.days.astype("float64")
    return won[["opportunity_id", "source", "owner_id"]].assign(days=days.where(days >= 0))


def slips(book: PipelineBook, period: Period) -> pd.DataFrame:
    """How far deals closed from the day on which they were expected to, as said at the opening of a period.

    The deals of the openings of a period and of those before it that were expected to close inside that period, each
    once, at the first such opening. Those lost by then are left out; those still open have slipped by at least as much
    as has passed, which is enough for a median.

    Returns
    -------
    DataFrame
        `opportunity_id`, `source`, `owner_id`, `expected_close_on`, `days` (above 0: later than expected), `is_open`.
    """
    parts = [_due_at_opening(book, period.shift(-back)) for back in range(PAST_PERIODS[period.kind] - 1, -1, -1)]
    due = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    due = due.drop_duplicates("opportunity_id", keep="first").reset_index(drop=True)
    ends = book.closed_after(due)
    due = due[ends["outcome"] != "lost"]
    closed = (due["as_of"] + pd.to_timedelta(ends.loc[due.index, "days_to_end"], unit="D")).rename("closed_on")
    until = closed.fillna(pd.Timestamp(book.known_on))
    found = due[["opportunity_id", "source", "owner_id", "expected_close_on"]]
    days = (until - due["expected_close_on"]).dt.days.astype("float64")
    return found.assign(days=days.where(closed.notna() | (days > 0)), is_open=closed.isna()).reset_index(drop=True)


def _due_at_opening(book: PipelineBook, period: Period) -> pd.DataFrame:
    try:
        point = opening_point(book, period)
    except PeriodError:
        return book.open_rows.iloc[:0]
    rows = book.on(point.day)
    expected = rows["expected_close_on"]
    return rows[(expected > pd.Timestamp(point.day)) & (expected <= pd.Timestamp(period.end))]


def stays_seen(book: PipelineBook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deals and the stages they were seen in on the book's days, for `oppnb.stages.observed_odds`.

    A stay that began and ended between two of the days is not seen: give `observed_odds` of the whole history where
    there is one.

    Returns
    -------
    tuple of DataFrame
        Snapshot (opportunity_id, outcome, closed_at, as_of) and spells (opportunity_id, process, stage, outcome: open,
        entered_at, left_at: null while the deal is open in it).
    """
    day = pd.Timedelta(days=1)
    snapshot = pd.DataFrame(
        {
            "opportunity_id": book.deals["opportunity_id"],
            "outcome": book.deals["outcome"],
            "closed_at": book.deals["closed_on"] + day,
            "as_of": pd.Timestamp(book.known_on),
        }
    )
    rows = book.open_rows.dropna(subset=["stage", "days_in_stage"]).sort_values(["opportunity_id", "as_of"])
    rows = rows.assign(process=_configured(book, rows["process"]))
    keys = ["opportunity_id", "process", "stage"]
    rows = rows[(rows[keys] != rows[keys].shift()).any(axis="columns")]
    entered = rows["as_of"] + day - pd.to_timedelta(rows["days_in_stage"], unit="D")
    ends = snapshot.set_index("opportunity_id")["closed_at"]
    closed = ends.reindex(rows["opportunity_id"]).set_axis(rows.index)
    left = entered.groupby(rows["opportunity_id"]).shift(-1).fillna(closed)
    spells = rows[keys].assign(outcome="open", entered_at=entered, left_at=left)
    return snapshot, spells.reset_index(drop=True)


def _configured(book: PipelineBook, process: pd.Series) -> pd.Series:
    """The names of the workspace's processes; the first where there is none."""
    names = {name: find_process(book.workspace, name) for name in process.dropna().unique()}
    default = find_process(book.workspace, None)
    told = process.map({name: name if found is None else found.name for name, found in names.items()})
    return told.fillna("" if default is None else default.name).astype("str")
