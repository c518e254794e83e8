"""What was decided about proposals, kept in the store, and whether it helped in the periods since."""

import math
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.opening_days import opening_point
from oppnb.forecasting.points import Point
from oppnb.forecasting.proposals import Proposal
from oppnb.forecasting.weighted_due import Change, compare_changes
from oppnb.history.book import PipelineBook
from oppnb.periods import period_of
from oppnb.store import Store

__all__ = ["STATUSES", "decide", "decisions", "declined_before", "help_summary", "helped"]

STATUSES = ("accepted", "declined")

_COLUMNS = ["proposal_id", "kind", "process", "target", "status", "who", "why"]
_SUBJECT = ["kind", "process", "target"]
_HELPED = {
    **dict.fromkeys(["proposal_id", "kind", "process", "target", "status", "period"], "str"),
    "n": "int64",
    **dict.fromkeys(["expected_without", "expected_with", "actual", "error_without", "error_with"], "float64"),
}


def decide(
    store: Store,
    proposals: Iterable[Proposal],
    *,
    status: str,
    who: str,
    on: date,
    why: str = "",
    proposed_on: date | None = None,
) -> pd.DataFrame:
    """Keep what a person decided about some proposals; nothing is changed in `oppnb.yaml`.

    Parameters
    ----------
    store : Store
        Rows are added to its table `proposals`; of several decisions about one the last counts.
    proposals : iterable of Proposal
        Those decided upon.
    status : {'accepted', 'declined'}
        What was decided.
    who : str
        Who did.
    on : date
        The day on which it was really decided: the change is judged in periods from then on.
    why : str
        In their words.
    proposed_on : date, optional
        The day of the report that proposed: a report of that day or later knows the decision as an answer to it, also
        where it was taken after the day of that report.

    Returns
    -------
    DataFrame
        The rows written: `as_of` (the day), `proposed_on`, `proposal_id`, `kind`, `process`, `target`, `before`,
        `after`, `status`, `who`, `why`, and the evidence.

    Raises
    ------
    ParameterError
        If the status is another word, or nobody is named.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from oppnb.store import open_store
    >>> proposal = Proposal(Change("stage_odds", "new", "Demo", 0.2), 0.5, 0.2, 0.5, 0.13, 0.29, n=100)
    >>> with TemporaryDirectory() as folder:
    ...     store = open_store(folder)
    ...     rows = decide(store, [proposal], status="accepted", who="A. Lead", on=date(2024, 4, 2))
    ...     decisions(store)[["target", "before", "after", "status", "who"]].values.tolist()
    [['Demo', 0.5, 0.2, 'accepted', 'A. Lead']]
    """
    if status not in STATUSES:
        raise ParameterError(f"A proposal is {' or '.join(STATUSES)}, not '{status}'.")
    if not who.strip():
        raise ParameterError("Who decided? Give a name, so that it can be told later.")
    rows = pd.DataFrame([_row(one) for one in proposals])
    answered = pd.to_datetime(pd.Series([proposed_on] * len(rows), rows.index)).astype("datetime64[us]")
    rows = rows.assign(as_of=pd.Timestamp(on), proposed_on=answered, status=status, who=who, why=why)
    if len(rows):
        store.append("proposals", rows)
    return rows


def _row(one: Proposal) -> dict[str, object]:
    change = one.change
    return {
        "proposal_id": one.proposal_id,
        "kind": change.kind,
        "process": change.process,
        "target": change.target,
        "before": one.before,
        "after": change.value,
        "observed": one.observed,
        "low": one.low,
        "high": one.high,
        "n": float(one.n),
    }


def decisions(store: Store, *, until: date | None = None) -> pd.DataFrame:
    """The last decision about each proposal, by day: as `decide` wrote it, with `run_id` and `seen_at`.

    A report of an earlier day that is made again proposes again. What was decided about it meanwhile is no knowledge of
    the pipeline that it could not have had, but the answer to it, and is among these.

    Parameters
    ----------
    store : Store
        Its table `proposals`.
    until : date, optional
        Only what was decided by this day, and what was decided later about a proposal of this day or before.
    """
    rows = store.read("proposals")
    wanted = [*rows.columns, *(name for name in [*_COLUMNS, "before", "proposed_on"] if name not in rows)]
    rows = rows.reindex(columns=wanted).assign(proposed_on=lambda found: pd.to_datetime(found["proposed_on"]))
    if until is not None:
        day = pd.Timestamp(until)
        rows = rows[(rows["as_of"] <= day) | (rows["proposed_on"] <= day)]
    last = rows.drop_duplicates("proposal_id", keep="last")
    return last.sort_values(["as_of", "proposal_id"], kind="stable", ignore_index=True)


def declined_before(decided: pd.DataFrame, proposals: Iterable[Proposal]) -> pd.DataFrame:
    """The decisions against what is proposed again: of the same stage, source or owner, and in the same direction.

    With more data the value that is proposed is another one each time; it is the same proposal all the same.

    Parameters
    ----------
    decided : DataFrame
        Of `decisions`.
    proposals : iterable of Proposal
        What is proposed now.

    Returns
    -------
    DataFrame
        Rows of `decided`, one a proposal whose last decision was to decline it, in the order of the proposals; `now` is
        the value that is proposed this time.
    """
    last = {tuple(row[name] for name in _SUBJECT): row for row in decided.to_dict("records")}
    rows = []
    for one in proposals:
        then = last.get((one.change.kind, one.change.process, one.change.target))
        if then is None or then["status"] != "declined":
            continue
        if _is_up(then["before"], then["after"]) == _is_up(one.before, one.change.value):
            rows.append({**then, "now": one.change.value})
    return pd.DataFrame(rows, columns=[*decided.columns, "now"])


def _is_up(before: float, after: float) -> bool:
    """Whether a change raises; no odds are odds of 0."""
    return after > (0.0 if math.isnan(before) else before)


def helped(book: PipelineBook, decided: pd.DataFrame, *, kind: str = "quarter") -> pd.DataFrame:
    """Forecasts with and without each decided change, against what came, in every period opened and over since.

    The deals compared are those whose weighted figure the change moves; both figures are worked out at the period's
    opening from what was known then (of the period in which it was decided: on that day, if half of it lay ahead). A
    declined change is told too: it might have helped.

    Parameters
    ----------
    book : PipelineBook
        As known now.
    decided : DataFrame
        Of `decisions`.
    kind : {'month', 'quarter', 'year'}
        The periods.

    Returns
    -------
    DataFrame
        One row a decision and period: `proposal_id`, `kind`, `process`, `target`, `status`, `period`, `n` (deals),
        `expected_without`, `expected_with`, `actual` (won of these deals in the period), `error_without`, `error_with`
        (absolute). Without a period since, no row.
    """
    rows = [
        {**one, **_compared(book, one, point)}
        for one in decided.to_dict("records")
        for point in _points_since(book, one["as_of"].date(), kind)
    ]
    return pd.DataFrame(rows, columns=list(_HELPED)).astype(_HELPED)


def help_summary(found: pd.DataFrame) -> pd.DataFrame:
    """Over all periods of each decision, of what `helped` gave.

    Returns
    -------
    DataFrame
        `proposal_id`, `kind`, `process`, `target`, `status`, `n_periods` (in which it moved any deal), `error_without`,
        `error_with` (sums of the absolute errors), `n_better` (periods in which the error was smaller with it), `saved`
        (share of the error that the change takes away; below 0: it adds error; null where there was none).
    """
    keys = list(_HELPED)[:5]
    found = found[found["n"] > 0]
    rows = found.assign(n_better=(found["error_with"] < found["error_without"]).astype("int64"), n_periods=1)
    sums = rows.groupby(keys, sort=True)[["n_periods", "error_without", "error_with", "n_better"]].sum().reset_index()
    without = sums["error_without"].where(sums["error_without"] > 0)
    return sums.assign(saved=1 - sums["error_with"] / without)


def _points_since(book: PipelineBook, day: date, kind: str) -> list[Point]:
    """Openings since a day of the periods that are over; of its own period the day itself, if half of it lay ahead."""
    period = period_of(day, kind=kind, fiscal_year_start=book.workspace.calendar.fiscal_year_start)
    found = []
    if (period.end - day).days * 2 >= period.n_days and period.end <= book.known_on:
        found += [Point(one, period) for one in book.days if day <= one < period.end][:1]
    period = period.shift(1)
    while period.end <= book.known_on:
        if any(one <= period.end for one in book.days):
            found.append(opening_point(book, period))
        period = period.shift(1)
    return found


def _compared(book: PipelineBook, one: Mapping[Hashable, Any], point: Point) -> dict[Hashable, Any]:
    target = (str(one["kind"]), str(one["process"]), str(one["target"]))
    without = Change(*target, 0.0 if math.isnan(one["before"]) else one["before"])
    found = compare_changes(book, point, without=without, changed=Change(*target, one["after"]))
    names = ("n", "expected_without", "expected_with", "actual", "error_without", "error_with")
    return {"period": point.period.name, **{name: getattr(found, name) for name in names}}
