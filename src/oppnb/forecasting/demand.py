"""Units asked for, per product and month: won and not started, from open deals, from deals not created yet."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.chance_sums import Chances, SpanSums, fresh_of
from oppnb.forecasting.quantities import Quantities, learn_quantities, with_starts
from oppnb.forecasting.wins_by_week import ComingWins, coming_wins
from oppnb.history.book import PipelineBook
from oppnb.history.contracts import lines_known
from oppnb.history.moments import as_day
from oppnb.history.snapshots import Data, Day
from oppnb.periods import period_of
from oppnb.tables import Note

__all__ = ["DEMAND_COLUMNS", "DemandForecast", "demand_by_product", "forecast_demand"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DEMAND_COLUMNS = (
    "as_of",
    "month",
    "product",
    "expected",
    "low",
    "median",
    "high",
    "from_won",
    "from_open",
    "from_new",
    "n_deals",
)
_LEVELS: Floats = np.array([0.1, 0.5, 0.9])
_COUNTED = 0.01


@dataclass(frozen=True)
class DemandForecast:
    """Units by month and product, and what they rest on.

    Attributes
    ----------
    months : DataFrame
        See `demand_by_product`.
    notes : tuple of Note
        What was learned, assumed and left out.
    """

    months: pd.DataFrame
    notes: tuple[Note, ...]


def demand_by_product(book: PipelineBook, tables: Data, *, day: Day, months: int = 6) -> pd.DataFrame:
    """Units that will be asked for, per product and month, for supply planning.

    A line counts in the month in which it starts, or in which its deal is won if that is later. Where lines are not
    known, a deal asks for what won deals of its product did.

    Parameters
    ----------
    book : PipelineBook
        With curves of win probability; `day` is one of its days.
    tables : Tables, Source, or mapping of table name to DataFrame or path
        `line_items` is used as it was known on the day; without it a deal counts as one unit of its product.
    day : date
        The day of knowledge.
    months : int
        Calendar months, 1 to 24; the first is the rest of the month of the day after `day`.

    Returns
    -------
    DataFrame
        By `month` and `product`: `as_of`, `month` (first day), `product` (null: the deal names none), `expected` units,
        `low`, `median`, `high` (not exceeded with probability 0.1, 0.5, 0.9), `from_won` (won and not started),
        `from_open`, `from_new` (these three add up to `expected`), `n_deals` (won and open deals that ask for it in the
        month with a chance of 1 % or more).

    Raises
    ------
    ParameterError
        If the day is none of the book's, or `months` lies outside its range.

    Examples
    --------
    >>> from oppnb.history.book import read_book
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Won"], "created_at": pd.to_datetime(["2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-03-11"])})
    >>> lines = pd.DataFrame({
    ...     "opportunity_id": ["1"], "product": ["Pump"], "quantity": [3.0],
    ...     "starts_on": pd.to_datetime(["2024-05-06"])})
    >>> tables = {"opportunities": deals, "line_items": lines}
    >>> book = read_book(tables, ["2024-03-31"], known_on="2024-03-31")
    >>> found = demand_by_product(book, tables, day="2024-03-31", months=2)
    >>> found["from_won"].tolist()
    [0.0, 3.0]
    """
    return forecast_demand(book, tables, day=day, months=months).months


def forecast_demand(book: PipelineBook, tables: Data, *, day: Day, months: int = 6) -> DemandForecast:
    """As `demand_by_product`, with the notes it rests on."""
    if not 1 <= months <= 24:
        raise ParameterError(f"months is {months}; it must lie between 1 and 24.")
    until = as_day(day)
    known = book.known(until)
    lines = lines_known(tables, until, workspace=book.workspace)
    quantities = learn_quantities(lines, known.deals, until)
    first = period_of(until + timedelta(days=1), kind="month")
    spans = [first.shift(count) for count in range(months)]
    ends = np.array([0, *((one.end - until).days for one in spans)], dtype="int64")
    wins = coming_wins(book, until, np.unique(np.concatenate([ends, np.arange(0, int(ends[-1]), 7)])))
    of_won = _from_won(with_starts(lines[lines["outcome"] == "won"], known.deals), quantities, until, ends)
    of_open = _from_open(wins, lines[lines["outcome"] == "open"], quantities, ends)
    # a deal that is not created yet is on average half as old at its win as the day lies back
    new_wins = _starting(wins.new_wins[None, :], _middles(wins)[None, :] / 2, wins, quantities, ends)[0]
    frame = _told(of_won, of_open, _new_units(wins, new_wins, quantities), [one.start for one in spans], wins)
    return DemandForecast(frame, _notes(quantities, lines, wins))


@dataclass(frozen=True)
class _Asked:
    """Units that are asked for with a chance, one row a deal and product, one column a month."""

    line: npt.NDArray[np.object_]
    deal: npt.NDArray[np.object_]
    chances: Chances

    def of(self, line: object) -> "_Asked":
        at = self.line == line
        return _Asked(self.line[at], self.deal[at], Chances(self.chances.chance[at], self.chances.size[at]))


def _middles(wins: ComingWins) -> Floats:
    """The middle of each span, in days after the day."""
    found: Floats = (wins.edges[:-1] + 1 + wins.edges[1:]) / 2
    return found


def _starting(chance: Floats, age: Floats, wins: ComingWins, quantities: Quantities, ends: Ints) -> Floats:
    """Chance that lines start in each month, of wins with a chance in each span at an age; shape (n, n_months)."""
    after = (ends[None, :] - _middles(wins)[:, None]).astype("float64")
    found = np.zeros((len(chance), len(ends) - 1))
    pace = quantities.pace_of(age)
    for group in range(len(quantities.started)):
        share = np.diff(quantities.started_within(after, np.full(after.shape, group)), axis=1)
        found += np.where(pace == group, chance, 0.0) @ share
    return found


def _from_won(lines: pd.DataFrame, quantities: Quantities, day: date, ends: Ints) -> _Asked:
    """Lines of won deals that have not started: on their day, or, where it is not known, as others did."""
    now = pd.Timestamp(day)
    rows = lines[~(lines["needed_on"] <= now)].reset_index(drop=True)
    left = (rows["needed_on"] - now).dt.days.to_numpy(dtype="float64")
    since = (now - rows["closed_on"]).dt.days.to_numpy(dtype="float64")
    with np.errstate(invalid="ignore"):
        dated = (left[:, None] > ends[None, :-1]) & (left[:, None] <= ends[None, 1:])
    pace = quantities.pace_of(rows["cycle_days"].to_numpy(dtype="float64"))
    after = since[:, None] + ends[None, :]
    upto = quantities.started_within(after, np.broadcast_to(pace[:, None], after.shape))
    still = np.maximum(1.0 - upto[:, :1], 1e-9)
    guessed = np.where(upto[:, :1] < 1 - 1e-9, np.diff(upto, axis=1) / still, 0.0)
    chance = np.where(np.isnan(left)[:, None], guessed, dated.astype("float64"))
    size = np.broadcast_to(rows["quantity"].to_numpy(dtype="float64")[:, None], chance.shape)
    return _Asked(_keys(rows["line"]), _keys(rows["opportunity_id"]), Chances(chance, size))


def _from_open(wins: ComingWins, lines: pd.DataFrame, quantities: Quantities, ends: Ints) -> _Asked:
    """Lines of open deals where they are known, else what deals of the product usually ask for."""
    deals = wins.deals.assign(deal=np.arange(len(wins.deals)))
    age = deals["age_days"].to_numpy(dtype="float64")[:, None] + _middles(wins)[None, :]
    in_month = _starting(wins.chance, age, wins, quantities, ends)
    told = lines[lines["quantity"] > 0].merge(deals[["opportunity_id", "deal"]], on="opportunity_id")
    bare = deals[~deals["opportunity_id"].isin(told["opportunity_id"])].reset_index(drop=True)
    usual = quantities.usual_lines(bare["product"])
    at = bare["deal"].to_numpy(dtype="int64")[usual["deal"].to_numpy(dtype="int64")]
    first = in_month[at] * usual["first"].to_numpy(dtype="float64")[:, None]
    second = in_month[at] * usual["second"].to_numpy(dtype="float64")[:, None]
    guessed = Chances.of_moments(np.maximum(first, 0.0), np.maximum(second, 0.0))
    known = _planned(wins, told, in_month, ends)
    ids = _keys(deals["opportunity_id"])
    line = np.concatenate([_keys(told["product"].fillna("")), _keys(usual["line"])])
    return _Asked(line, ids[np.concatenate([told["deal"].to_numpy(dtype="int64"), at])], known.beside(guessed))


def _planned(wins: ComingWins, told: pd.DataFrame, in_month: Floats, ends: Ints) -> Chances:
    """Known lines: needed when the deal is won, but not before the day they are planned to start."""
    at = told["deal"].to_numpy(dtype="int64")
    upto = np.concatenate([np.zeros((len(wins.deals), 1)), np.cumsum(wins.chance, axis=1)], axis=1)
    by_end = upto[:, np.searchsorted(wins.edges, ends)][at]
    left = (told["starts_on"] - pd.Timestamp(wins.day)).dt.days.to_numpy(dtype="float64")
    with np.errstate(invalid="ignore"):
        by_end = np.where(ends[None, :] >= left[:, None], by_end, 0.0)
    chance = np.where(np.isnan(left)[:, None], in_month[at], np.diff(by_end, axis=1))
    size = np.broadcast_to(told["quantity"].to_numpy(dtype="float64")[:, None], chance.shape)
    return Chances(np.clip(chance, 0.0, 1.0), size)


def _new_units(wins: ComingWins, new_wins: Floats, quantities: Quantities) -> dict[str, tuple[Floats, Floats]]:
    """By product: expected number of new deals that ask for it, by month, and how much they ask for."""
    found: dict[str, tuple[Floats, Floats]] = {}
    for line, rows in quantities.recent.groupby("line", sort=True):
        units = rows["quantity"].to_numpy(dtype="float64")
        found[str(line)] = (new_wins * len(units) / max(quantities.n_recent, 1), units)
    return {line: (number, units) for line, (number, units) in found.items() if wins.new.expected > 0}


def _told(
    won: _Asked, opened: _Asked, fresh: dict[str, tuple[Floats, Floats]], months: list[date], wins: ComingWins
) -> pd.DataFrame:
    parts = []
    for line in sorted({*won.line, *opened.line, *fresh}):
        number, units = fresh.get(line, (np.zeros(len(months)), np.zeros(0)))
        of_won, of_open = won.of(line), opened.of(line)
        new = fresh_of(wins.new, number, amounts=units)
        certain = SpanSums(of_won.chances, (), 0.0)
        sums = certain.together(SpanSums(of_open.chances, new, wins.shock))
        levels = np.array([one.quantiles(_LEVELS) for one in sums.distributions()])
        parts.append(
            pd.DataFrame(
                {
                    "as_of": pd.Timestamp(wins.day),
                    "month": pd.Series(months, dtype="datetime64[us]"),
                    "product": pd.Series(line or None, index=range(len(months)), dtype="str"),
                    "expected": sums.expected,
                    "low": levels[:, 0],
                    "median": levels[:, 1],
                    "high": levels[:, 2],
                    "from_won": of_won.chances.expected,
                    "from_open": of_open.chances.expected,
                    "from_new": np.array([one.mean for one in new]),
                    "n_deals": _n_deals(of_won) + _n_deals(of_open),
                }
            )
        )
    if not parts:
        return _nothing()
    found = pd.concat(parts, ignore_index=True).astype({"as_of": "datetime64[us]"})
    return found.sort_values(["month", "product"], kind="stable", ignore_index=True)[list(DEMAND_COLUMNS)]


def _n_deals(asked: _Asked) -> Ints:
    counted = asked.chances.chance >= _COUNTED
    found = [len(set(asked.deal[counted[:, month]])) for month in range(counted.shape[1])]
    return np.array(found, dtype="int64")


def _nothing() -> pd.DataFrame:
    kinds = {"as_of": "datetime64[us]", "month": "datetime64[us]", "product": "str", "n_deals": "int64"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "float64")) for name in DEMAND_COLUMNS})


def _keys(values: pd.Series) -> npt.NDArray[np.object_]:
    return values.to_numpy(dtype=object)


def _notes(quantities: Quantities, lines: pd.DataFrame, wins: ComingWins) -> tuple[Note, ...]:
    if not quantities.has_lines:
        return (Note("forecast_cash_no_lines"),)
    n_told = int(wins.deals["opportunity_id"].isin(lines["opportunity_id"]).sum())
    values = {"n": n_told, "n_open": len(wins.deals)}
    return (Note("forecast_cash_lines", values), Note("forecast_cash_lines_undated"))
