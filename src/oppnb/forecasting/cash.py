"""Money that will come in, by week: instalments agreed, deals open now, deals not created yet."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.cash_notes import cash_notes
from oppnb.forecasting.cash_parts import CashBasis, coming_instalments, from_new, from_open_deals, unscheduled
from oppnb.forecasting.chance_sums import Chances, SpanSums
from oppnb.forecasting.payment_lag import PaymentLag, learn_payment_lag
from oppnb.forecasting.payment_record import payment_shock
from oppnb.forecasting.payment_terms import PaymentTerms, learn_payment_terms, stated_terms
from oppnb.forecasting.wins_by_week import coming_wins, next_weeks
from oppnb.history.book import PipelineBook
from oppnb.history.moments import as_day
from oppnb.history.payments import payments_known
from oppnb.history.snapshots import Data, Day
from oppnb.history.source import open_source
from oppnb.tables import Note

__all__ = ["CASH_KINDS", "CashForecast", "cash_by_week", "forecast_cash"]

CASH_KINDS = ("due", "late", "from_open_deals", "from_new", "all")
_COLUMNS = ["as_of", "week_start", "kind", "expected", "low", "high"]


@dataclass(frozen=True)
class CashForecast:
    """Money by week, and what it rests on.

    Attributes
    ----------
    weeks : DataFrame
        See `cash_by_week`.
    lag : PaymentLag or None
        None without a table of payments: money is taken to come on the day it is due.
    terms : PaymentTerms
        When the parts of a won amount fall due.
    notes : tuple of Note
        What was learned, assumed and left out.
    """

    weeks: pd.DataFrame
    lag: PaymentLag | None
    terms: PaymentTerms
    notes: tuple[Note, ...]


def cash_by_week(
    book: PipelineBook,
    tables: Data,
    *,
    day: Day,
    weeks: int = 26,
    terms_days: float = 30.0,
    delay_days: int = 0,
    coverage: float = 0.8,
) -> pd.DataFrame:
    """Money expected to come in, week by week.

    Parameters
    ----------
    book : PipelineBook
        With curves of win probability; `day` is one of its days.
    tables : Tables, Source, or mapping of table name to DataFrame or path
        `payments` is used as it was known on the day.
    day : date
        The day of knowledge.
    weeks : int
        How many, 1 to 104.
    terms_days : float
        Days from the close to the due day, where the data does not tell: it has no payments, or too few.
    delay_days : int
        What if every payment from now on came so many days later, >= 0.
    coverage : float
        Of `low` to `high`, inside (0, 1).

    Returns
    -------
    DataFrame
        By `week_start` and kind: `as_of`, `week_start` (the first week begins the day after `day`), `kind`, `expected`,
        `low`, `high` (base currency). Kinds: `due` (of deals won, due after the day), `late` (due by the day and
        unpaid), `from_open_deals`, `from_new` (deals not created yet), `all`; the expected amounts of the others add up
        to those of `all`, quantiles do not.

    Raises
    ------
    ParameterError
        If the day is none of the book's, or a number lies outside its range.

    Examples
    --------
    >>> from oppnb.history.book import read_book
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"], "amount": [500.0, 300.0],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-03-11", None])})
    >>> tables = {"opportunities": deals}
    >>> book = read_book(tables, ["2024-03-31"], known_on="2024-03-31")
    >>> book = book.with_columns(book.open_rows[["opportunity_id", "as_of"]].assign(won_by_28=0.5))
    >>> found = cash_by_week(book, tables, day="2024-03-31", weeks=13)
    >>> due = found[(found["kind"] == "due") & (found["expected"] > 0)]
    >>> due[["week_start", "expected"]].astype(str).values.tolist()
    [['2024-04-08', '500.0']]
    """
    return forecast_cash(
        book, tables, day=day, weeks=weeks, terms_days=terms_days, delay_days=delay_days, coverage=coverage
    ).weeks


def forecast_cash(
    book: PipelineBook,
    tables: Data,
    *,
    day: Day,
    weeks: int = 26,
    terms_days: float = 30.0,
    delay_days: int = 0,
    coverage: float = 0.8,
) -> CashForecast:
    """As `cash_by_week`, with the lag, the terms and the notes it rests on."""
    _check(weeks, terms_days, delay_days, coverage)
    until, source = as_day(day), open_source(tables)
    known = book.known(until)
    payments = payments_known(source, until, workspace=book.workspace)
    won = known.deals[known.deals["outcome"] == "won"]
    lag, terms = _learned(payments, won, until, terms_days)
    wins = coming_wins(book, until, next_weeks(weeks))
    basis = CashBasis(until, wins.edges, lag, terms, delay_days)
    shock = 0.0 if lag is None else payment_shock(payments, lag, until)
    agreed = _agreed(payments, won, basis, shock)
    from_deals = SpanSums(from_open_deals(wins, basis), (), wins.shock)
    fresh = SpanSums(Chances(np.zeros((0, weeks)), np.zeros((0, weeks))), from_new(wins, basis), wins.shock)
    sums = {**agreed, "from_open_deals": from_deals, "from_new": fresh}
    ahead = SpanSums(from_deals.chances, fresh.new, wins.shock)
    sums["all"] = agreed["due"].together(agreed["late"]).together(ahead)
    notes = cash_notes(lag, terms, n_unknown=int((~wins.is_known).sum()), n_open=len(wins.deals), delay_days=delay_days)
    return CashForecast(_told(sums, until, coverage), lag, terms, notes)


def _check(weeks: int, terms_days: float, delay_days: int, coverage: float) -> None:
    if not 1 <= weeks <= 104:
        raise ParameterError(f"weeks is {weeks}; it must lie between 1 and 104.")
    if not 0 <= terms_days <= 730 or delay_days < 0:
        raise ParameterError(
            f"terms_days is {terms_days} and delay_days {delay_days}; neither is negative, terms at most 730."
        )
    if not 0 < coverage < 1:
        raise ParameterError(f"coverage is {coverage}; it must lie between 0 and 1, both excluded.")


def _learned(
    payments: pd.DataFrame, won: pd.DataFrame, day: date, terms_days: float
) -> tuple[PaymentLag | None, PaymentTerms]:
    if payments.empty:
        return None, stated_terms(terms_days)
    return learn_payment_lag(payments, day), learn_payment_terms(payments, won, terms_days=terms_days)


def _agreed(payments: pd.DataFrame, won: pd.DataFrame, basis: CashBasis, shock: float) -> dict[str, SpanSums]:
    """Instalments due later and late ones; won deals without any are due as the terms say."""
    unpaid = payments[payments["paid_on"].isna()]
    # an instalment without a due day falls due as the terms say on average
    usual = unpaid["closed_on"] + pd.Timedelta(days=round(basis.terms.mean_days))
    unpaid = unpaid.assign(due_on=unpaid["due_on"].fillna(usual))
    is_late = unpaid["due_on"] <= pd.Timestamp(basis.day)
    bare = won[~won["opportunity_id"].isin(payments["opportunity_id"])]
    due = coming_instalments(unpaid[~is_late], basis).beside(unscheduled(bare, basis))
    late = coming_instalments(unpaid[is_late], basis)
    return {"due": SpanSums(due, (), shock), "late": SpanSums(late, (), shock)}


def _told(sums: dict[str, SpanSums], day: date, coverage: float) -> pd.DataFrame:
    parts = []
    for kind in CASH_KINDS:
        told = sums[kind].distributions()
        limits: npt.NDArray[np.float64] = np.array([one.interval(coverage) for one in told])
        starts = [day + timedelta(days=1 + 7 * week) for week in range(len(told))]
        parts.append(
            pd.DataFrame(
                {
                    "as_of": pd.Timestamp(day),
                    "week_start": pd.Series(starts, dtype="datetime64[us]"),
                    "kind": pd.Series(kind, index=range(len(told)), dtype="str"),
                    "expected": sums[kind].expected,
                    "low": limits[:, 0],
                    "high": limits[:, 1],
                }
            )
        )
    found = pd.concat(parts, ignore_index=True).astype({"as_of": "datetime64[us]"})
    return found.sort_values("week_start", kind="stable", ignore_index=True)[_COLUMNS]
