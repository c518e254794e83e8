"""What to set otherwise after a period: odds of stages, cycles of sources, expected closes of owners."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from oppnb.forecasting.opening_days import opening_point
from oppnb.forecasting.points import Point
from oppnb.forecasting.proposals import KINDS, Proposal, Proposals
from oppnb.forecasting.shrunk_medians import shrunk_medians
from oppnb.forecasting.timing_seen import days_to_win, slips, stays_seen
from oppnb.forecasting.weighted_due import Change, compare_changes, weighted_due
from oppnb.history.book import PipelineBook, read_book
from oppnb.history.snapshots import Data
from oppnb.periods import Period, period_of
from oppnb.stages import ProposedOdds, observed_odds, propose_odds, standing_first
from oppnb.workspace import Workspace

__all__ = ["propose_changes", "propose_stage_odds"]

_LEAST_DAYS = 3.0
_TRIED = 4


def propose_changes(book: PipelineBook, period: Period, *, odds: pd.DataFrame | None = None) -> Proposals:
    """Propose what to set otherwise, from all that is known at a period's end.

    They are about what people set: the odds of stages, and when deals are expected to close. So what they do is told of
    the weighted pipeline of the coming period; the model's own forecast learns from the past without being told.

    - `stage_odds`: see `oppnb.stages.propose_odds`: at least 30 closed deals, set odds outside the interval. Observed
      are the odds of deals that stand in the stage (`oppnb.stages.standing_odds`), as those are what is weighed.
    - `source_cycle`: deals of a source take longer, or less long, from creation to the win than those of all (medians
      of the last two years, shrunk): expected closes are moved by the difference.
    - `owner_slip`: an owner's deals close later than expected at the openings of the last periods, and more so than
      those of all: expected closes are moved by what all slip and the owner's difference, shrunk.

    The latter two are proposed where the 95 % interval of the difference leaves out 0 and it is 3 days or more.

    Parameters
    ----------
    book : PipelineBook
        Only what was known at the period's end is used.
    period : Period
        The period looked back at; the one after it is that whose figures would change.
    odds : DataFrame, optional
        Of `oppnb.stages.observed_odds` on the period's last day; by default worked out from the book's weekly days,
        between which short stays are not seen.

    Returns
    -------
    Proposals

    Raises
    ------
    PeriodError
        If the book has no day by the period's end.

    Examples
    --------
    >>> from oppnb.history.book import read_book, weekly_days
    >>> from oppnb.periods import parse_period
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    >>> ids, day = [f"{i:02d}" for i in range(50)], pd.Timestamp("2024-01-02")
    >>> told = pd.DataFrame({"opportunity_id": ids, "changed_at": day, "stage": "Demo", "amount": 100.0,
    ...     "expected_close_on": pd.Timestamp("2024-05-31")})
    >>> deals = pd.DataFrame({"opportunity_id": ids, "created_at": day,
    ...     "stage": ["Won"] * 4 + ["Lost"] * 36 + ["Demo"] * 10,
    ...     "closed_at": [pd.Timestamp("2024-03-01")] * 40 + [pd.NaT] * 10})
    >>> days = weekly_days("2024-03-31", weeks=12)
    >>> tables = {"opportunities": deals, "opportunity_history": told}
    >>> book = read_book(tables, days, known_on="2024-03-31", workspace=workspace)
    >>> found = propose_changes(book, parse_period("2024Q1"))
    >>> found.frame()[["kind", "target", "before", "after", "n", "expected_before", "expected_after"]].values.tolist()
    [['stage_odds', 'Demo', 0.5, 0.22, 40, 500.0, 220.0]]
    """
    book = book.known(period.end)
    coming = period.shift(1)
    point = Point(opening_point(book, coming).day, coming)
    known = observed_odds(*stays_seen(book), workspace=book.workspace) if odds is None else odds
    proposed = propose_odds(book.workspace, standing_first(known))
    found = [*_of_odds(proposed), *_of_cycles(book), *_of_slips(book, period)]
    past = _openings(book, period)
    told = [_with_record(book, past, _with_effect(book, point, one)) for one in found]
    order = sorted(told, key=lambda one: (KINDS.index(one.change.kind), -_moves(one), one.change.target))
    return Proposals(point, tuple(order), proposed)


def propose_stage_odds(
    tables: Data,
    odds: pd.DataFrame,
    *,
    day: date,
    workspace: Workspace,
) -> Proposals:
    """Propose new odds of stages on any day: those of `propose_changes`, without cycles and slips.

    Only the openings of the last four periods are read for the record, so this is quick.

    Parameters
    ----------
    tables : Tables, Source, or mapping of table name to DataFrame or path
        As in `oppnb.history.as_of`.
    odds : DataFrame
        Of `oppnb.stages.observed_odds` on the day.
    day : date
        Of knowledge. The figures that would change are those of the period (`forecast: period:`) that holds the next
        day.
    workspace : Workspace
        Whose odds they are.

    Returns
    -------
    Proposals

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    >>> ids, begun = [f"{i:02d}" for i in range(50)], pd.Timestamp("2024-01-02")
    >>> told = pd.DataFrame({"opportunity_id": ids, "changed_at": begun, "stage": "Demo", "amount": 100.0,
    ...     "expected_close_on": pd.Timestamp("2024-05-31")})
    >>> deals = pd.DataFrame({"opportunity_id": ids, "created_at": begun,
    ...     "stage": ["Won"] * 4 + ["Lost"] * 36 + ["Demo"] * 10,
    ...     "closed_at": [pd.Timestamp("2024-03-01")] * 40 + [pd.NaT] * 10})
    >>> tables = {"opportunities": deals, "opportunity_history": told}
    >>> from oppnb.history import as_of, spells
    >>> known = (one(tables, **{key: "2024-04-20"}, workspace=workspace) for one, key in ((as_of, "day"),
    ...     (spells, "known_on")))
    >>> odds = observed_odds(*known, workspace=workspace)
    >>> found = propose_stage_odds(tables, odds, day=date(2024, 4, 20), workspace=workspace)
    >>> found.frame()[["target", "before", "after", "n", "n_concerned"]].values.tolist()
    [['Demo', 0.5, 0.22, 40, 10]]
    """
    calendar, kind = workspace.calendar, workspace.forecast.period
    here = period_of(day + timedelta(days=1), kind=kind, fiscal_year_start=calendar.fiscal_year_start)
    past = [here.shift(-back) for back in range(1, _TRIED + 1)]
    days = sorted({day, *(one.start - timedelta(days=1) for one in past)})
    book = read_book(tables, days, known_on=day, workspace=workspace)
    proposed = propose_odds(workspace, standing_first(odds))
    tried = [opening_point(book, one) for one in past if one.end <= day]
    point = Point(day, here)
    told = [_with_record(book, tried, _with_effect(book, point, one)) for one in _of_odds(proposed)]
    order = sorted(told, key=lambda one: (-_moves(one), one.change.process, one.change.target))
    return Proposals(point, tuple(order), proposed)


def _of_odds(proposed: ProposedOdds) -> list[Proposal]:
    return [
        Proposal(
            Change("stage_odds", row["process"], row["stage"], row["proposed_odds"]),
            before=row["set_odds"],
            observed=row["observed_odds"],
            reference=row["set_odds"],
            low=row["low"],
            high=row["high"],
            n=int(row["n"]),
        )
        for row in proposed.changes.to_dict("records")
    ]


def _of_cycles(book: PipelineBook) -> list[Proposal]:
    rows = days_to_win(book)
    found = shrunk_medians(rows["days"], rows["source"])
    found = found[(found["low"] > 0) | (found["high"] < 0)]
    return _timing("source_cycle", found.assign(days=found["difference"].round()))


def _of_slips(book: PipelineBook, period: Period) -> list[Proposal]:
    rows = slips(book, period)
    found = shrunk_medians(rows["days"], rows["owner_id"])
    days = (found["median_of_all"] + found["difference"]).round()
    return _timing("owner_slip", found.assign(days=days)[(found["low"] > 0) & (days > 0)])


def _timing(kind: str, found: pd.DataFrame) -> list[Proposal]:
    found = found[(found["difference"].abs() >= _LEAST_DAYS) & (found["days"] != 0)]
    return [
        Proposal(
            Change(kind, "", row["group"], row["days"]),
            before=0.0,
            observed=row["median"],
            reference=row["median_of_all"],
            low=row["low"],
            high=row["high"],
            n=int(row["n"]),
        )
        for row in found.to_dict("records")
    ]


def _with_effect(book: PipelineBook, point: Point, one: Proposal) -> Proposal:
    if not bool(book.on(point.day)["expected_close_on"].notna().any()):
        return one
    before, after = weighted_due(book, point), weighted_due(book, point, [one.change])
    return replace(
        one,
        n_concerned=int((before != after).sum()),
        expected_before=math.fsum(before),
        expected_after=math.fsum(after),
    )


def _openings(book: PipelineBook, period: Period) -> list[Point]:
    """The openings of the period and of those before it, from the book's first day on."""
    periods = [period.shift(-back) for back in range(_TRIED)]
    return [opening_point(book, one) for one in periods if book.days and book.days[0] <= one.end]


def _with_record(book: PipelineBook, past: list[Point], one: Proposal) -> Proposal:
    found = [compare_changes(book, point, without=one.without, changed=one.change) for point in past]
    found = [each for each in found if each.n]
    if not found:
        return one
    return replace(
        one,
        n_periods=len(found),
        past_error_before=math.fsum(each.error_without for each in found),
        past_error_after=math.fsum(each.error_with for each in found),
    )


def _moves(one: Proposal) -> float:
    return 0.0 if math.isnan(one.expected_after) else abs(one.expected_after - one.expected_before)
