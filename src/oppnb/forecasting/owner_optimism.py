"""How far what owners state is from what comes, owner by owner, held near the company's."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.points import PAST_PERIODS
from oppnb.forecasting.shrunk_ratios import shrunk_ratios
from oppnb.history.book import PipelineBook
from oppnb.periods import Period, period_of

__all__ = ["OPTIMISM_MEASURES", "optimism"]

Floats = npt.NDArray[np.float64]

OPTIMISM_MEASURES = ("closed_when_said", "commit_won", "commit_amount")
_COLUMNS = [
    *("measure", "owner_id", "n", "stated", "came", "ratio", "low", "high"),
    *("own_ratio", "company_ratio", "own_share"),
]


def optimism(book: PipelineBook, *, day: date, kind: str = "quarter") -> pd.DataFrame:
    """What each owner stated in past periods beside what came of it.

    Three measures, each over the last periods that were over by the day, a deal once a period:

    - `closed_when_said`: deals expected to close inside the period, as of its first day on which they were open; came
      are those that closed (won or lost) by its end.
    - `commit_won`: amounts of deals that stood in the category commit and were expected to close inside the period, as
      of the first such day; came are those amounts whose deals were won by its end.
    - `commit_amount`: of the same deals, those won; stated is the amount in commit, came the amount at the close.

    Parameters
    ----------
    book : PipelineBook
        Only what was known on the day is used.
    day : date
        The day of knowledge.
    kind : {'month', 'quarter', 'year'}
        Of the periods.

    Returns
    -------
    DataFrame
        By `measure` and `owner_id` (null first: the company): `n` deals, `stated`, `came` (deals, or money in the base
        currency), `ratio` (what came for each stated one, held near the company's; 1 is sober, below it optimistic),
        `low`, `high` (95 %), `own_ratio` (not held), `company_ratio`, `own_share` (how much of the ratio is the owner's
        own, 0-1). A measure of which nothing is known has no rows.

    Raises
    ------
    PeriodError
        If `kind` is none of the three.

    Examples
    --------
    >>> from oppnb.history.book import read_book, weekly_days
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": ["Won", "Demo"], "amount": [500.0, 300.0],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]), "owner_id": ["U1", "U2"],
    ...     "closed_at": pd.to_datetime(["2024-02-11", None])})
    >>> changes = pd.DataFrame({"opportunity_id": ["1", "2"], "changed_at": pd.to_datetime(["2024-01-02"] * 2),
    ...     "stage": ["Demo", "Demo"], "owner_id": ["U1", "U2"],
    ...     "expected_close_on": pd.to_datetime(["2024-02-01", "2024-03-01"])})
    >>> days = weekly_days("2024-04-07", weeks=13)
    >>> book = read_book({"opportunities": deals, "opportunity_history": changes}, days)
    >>> found = optimism(book, day=date(2024, 4, 7))
    >>> found.loc[found["owner_id"].notna(), ["owner_id", "stated", "came"]].to_numpy().tolist()
    [['U1', 1.0, 1.0], ['U2', 1.0, 0.0]]
    """
    known = book.known(day)
    rows = _stated(known, _past_periods(known, day, kind))
    commit = rows[(rows["forecast_category"] == "commit") & (rows["amount_base"] > 0)]
    commit = commit.drop_duplicates(["opportunity_id", "period"])
    said = rows.drop_duplicates(["opportunity_id", "period"])
    said = said[said["is_due"]].assign(stated=1.0, came=lambda one: one["is_closed"].astype("float64"))
    due = commit[commit["is_due"]].assign(stated=lambda one: one["amount_base"])
    won = due[due["is_won"] & (due["amount_won"] > 0)].assign(came=lambda one: one["amount_won"])
    due = due.assign(came=due["stated"].where(due["is_won"], 0.0))
    parts = [
        _of_measure(name, one, top)
        for name, one, top in zip(OPTIMISM_MEASURES, (said, due, won), (1.0, 1.0, np.inf), strict=True)
    ]
    found = pd.concat(parts, ignore_index=True)
    return found.astype({"measure": "str", "owner_id": "str", "n": "int64"})


def _past_periods(book: PipelineBook, day: date, kind: str) -> list[Period]:
    current = period_of(day, kind=kind, fiscal_year_start=book.workspace.calendar.fiscal_year_start)
    last = current if current.end <= day else current.shift(-1)
    return [last.shift(-back) for back in range(PAST_PERIODS[kind])]


def _stated(book: PipelineBook, periods: list[Period]) -> pd.DataFrame:
    """Open rows inside the periods with an owner, the earliest first, and what became of their deals in the period."""
    parts = []
    for period in periods:
        as_of = book.open_rows["as_of"]
        inside = (as_of >= pd.Timestamp(period.start)) & (as_of < pd.Timestamp(period.end))
        rows = book.open_rows[inside & book.open_rows["owner_id"].notna()]
        ends = book.closed_after(rows)
        is_closed = ends["days_to_end"] <= (pd.Timestamp(period.end) - rows["as_of"]).dt.days
        expected = rows["expected_close_on"]
        parts.append(
            rows.assign(
                period=period.name,
                is_due=(expected >= pd.Timestamp(period.start)) & (expected <= pd.Timestamp(period.end)),
                is_closed=is_closed,
                is_won=is_closed & (ends["outcome"] == "won"),
                amount_won=ends["amount_won"],
            )
        )
    return pd.concat(parts).sort_values(["as_of", "opportunity_id"], ignore_index=True)


def _of_measure(name: str, rows: pd.DataFrame, top: float) -> pd.DataFrame:
    """A row for the company and for each owner."""
    if rows.empty:
        return pd.DataFrame(columns=_COLUMNS)
    owners, groups = np.unique(rows["owner_id"].to_numpy(dtype="object").astype("str"), return_inverse=True)
    stated, came = (rows[one].to_numpy(dtype="float64") for one in ("stated", "came"))
    shrunk = shrunk_ratios(stated, came, groups, len(owners))
    alone = shrunk_ratios(stated, came, np.zeros(len(rows), dtype=np.int64), 1)
    sums = [np.bincount(groups, one, minlength=len(owners)) for one in (np.ones(len(rows)), stated, came)]
    n, sum_stated, sum_came = (np.concatenate([[one.sum()], one]) for one in sums)
    return pd.DataFrame(
        {
            "measure": name,
            "owner_id": [None, *owners],
            "n": n,
            "stated": sum_stated,
            "came": sum_came,
            "ratio": np.clip([alone.whole, *shrunk.ratio], 0.0, top),
            "low": np.clip([alone.low[0], *shrunk.low], 0.0, top),
            "high": np.clip([alone.high[0], *shrunk.high], 0.0, top),
            "own_ratio": sum_came / sum_stated,
            "company_ratio": alone.whole,
            "own_share": [1.0, *shrunk.own_share],
        }
    )
