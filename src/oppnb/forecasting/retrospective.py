"""A period looked back at: what was expected at its opening, what came, and why they differ."""

import math
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from oppnb.errors import ParameterError, PeriodError
from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.gap_causes import CAUSES, NODE_COLUMNS, gap_rows, won_of_open
from oppnb.forecasting.models import MODEL
from oppnb.forecasting.opening_days import opening_point
from oppnb.forecasting.parts import ForecastParts, forecast_parts
from oppnb.forecasting.points import Point, past_points
from oppnb.forecasting.stage_shift import StageShift, learn_stage_shift
from oppnb.forecasting.surprise import Surprise, how_surprising
from oppnb.history.book import PipelineBook
from oppnb.periods import Period
from oppnb.workspace import Workspace

__all__ = ["Retrospective", "retrospective"]


@dataclass(frozen=True)
class Retrospective:
    """What was expected of a period at its opening, what came, and why they differ.

    Attributes
    ----------
    period : Period
        The period.
    opening : ForecastParts
        What our own forecast of the opening was made of; `opening.point.day` is its day.
    actual : float
        Amount won in the period, as known at its end, base currency.
    rows : DataFrame
        Contributions to the gap, deal by deal: see `oppnb.forecasting.gap_causes.gap_rows`. They add up to `gap`.
    stages : DataFrame
        By `process` and `stage`: `n` deals open at the opening, `expected_won`, `sd` (of that number by chance),
        `won`, `shift` (log odds by which the stage's chances were off, beyond luck and beyond what all deals shared),
        `amount` (its part of the gap).
    surprise : Surprise
        Where the result lay in the forecast, and how much of the gap is usual by chance.
    new_before : DataFrame
        Deals of earlier periods by which expected new business is spread over nodes.
    workspace : Workspace
        Names of stages and processes.
    told : Forecast or None
        The forecast as it was told at the opening, which is the one explained; None: win curves alone are.
    """

    period: Period
    opening: ForecastParts
    actual: float
    rows: pd.DataFrame
    stages: pd.DataFrame
    surprise: Surprise
    new_before: pd.DataFrame
    workspace: Workspace
    told: Forecast | None = None

    @property
    def told_model(self) -> str:
        """Name of the forecast that is explained."""
        return MODEL if self.told is None else self.told.told_model

    @property
    def expected(self) -> float:
        """Expected amount at the opening, of the forecast that is explained."""
        return self.opening.expected if self.told is None else self.told.distribution.mean

    @property
    def distribution(self) -> Distribution:
        """The forecast that is explained."""
        return self.opening.distribution().told() if self.told is None else self.told.distribution

    @property
    def beside(self) -> dict[str, float]:
        """What each forecast expected at the opening, by model: the one explained and those told beside it."""
        if self.told is None:
            return {MODEL: self.expected}
        return {model: one.mean for model, one in self.told.said.forecasts.items()}

    @property
    def gap(self) -> float:
        """Result less expectation: above 0 when more came than was expected."""
        return self.actual - self.expected

    def causes(self) -> pd.DataFrame:
        """The gap by cause: `cause` (all of `CAUSES`, in order), `amount`, `n` (deals); the amounts add up to `gap`."""
        groups = dict(list(self.rows.groupby("cause", sort=True)))
        none = self.rows.iloc[:0]
        parts = [groups.get(cause, none) for cause in CAUSES]
        return pd.DataFrame(
            {
                "cause": pd.Series(CAUSES, dtype="str"),
                "amount": [math.fsum(part["amount"]) for part in parts],
                "n": [int(part["opportunity_id"].nunique()) for part in parts],
            }
        )

    def bars(self) -> pd.DataFrame:
        """The way from expectation to result, for `oppnb.charts.bridge`: `bar`, `amount`, `n`.

        `start` is the expectation and `end` the result; what was won by the opening counts as a deal of both.
        """
        moves = self.causes().rename(columns={"cause": "bar"})
        n_won = len(self.opening.won)
        n_end = n_won + self.rows.loc[self.rows["cause"].isin(["won", "pulled_in"]), "opportunity_id"].nunique()
        n_end += int((self.rows["cause"].eq("new_business") & self.rows["opportunity_id"].notna()).sum())
        ends = pd.DataFrame(
            {
                "bar": ["start", "end"],
                "amount": [self.expected, self.actual],
                "n": [n_won + len(self.opening.deals), n_end],
            }
        )
        return pd.concat([ends.iloc[:1], moves, ends.iloc[1:]], ignore_index=True)

    def by(self, column: str) -> pd.DataFrame:
        """The same by owner, team, region or another of `NODE_COLUMNS`.

        A deal that was open at the opening belongs to whoever had it then: it was their forecast. Where no
        history says who that was, of any deal, it is with whom the export names. Expected new business
        is spread as deals not yet created at the same point of earlier periods were won.

        Parameters
        ----------
        column : str
            One of `NODE_COLUMNS`.

        Returns
        -------
        DataFrame
            One row a node, sorted, deals without one last under null: `node`, `expected`, `actual`, `gap`, and one
            column a cause. Columns add up to the company's figures, causes of a row to its gap.
        """
        if column not in NODE_COLUMNS:
            raise KeyError(f"A gap is not taken apart by '{column}', but by {', '.join(NODE_COLUMNS)}.")
        rows = pd.concat([self.rows[self.rows["opportunity_id"].notna()], self._new_by(column)], ignore_index=True)
        of_cause = pd.DataFrame(
            {cause: _sums(part, column, part["amount"]) for cause, part in rows.groupby("cause", sort=True)}
        ).reindex(columns=list(CAUSES))
        won = _sums(self.opening.won, column, self.opening.won["amount_base"].fillna(0.0))
        to_come = pd.Series(self.opening.expected_of_deals, index=self.opening.deals.index)
        new = -rows["amount"].where(rows["opportunity_id"].isna() & rows["cause"].eq("new_business"), 0.0)
        open_and_new = _sums(self.opening.deals, column, to_come).add(_sums(rows, column, new), fill_value=0.0)
        mixed = self._combination_by(open_and_new)
        of_cause = of_cause.reindex(of_cause.index.union(mixed.index))
        of_cause["combination"] = mixed
        expected = won.add(open_and_new, fill_value=0.0).sub(mixed, fill_value=0.0)
        nodes = expected.index.union(of_cause.index)
        nodes = nodes[nodes != ""].sort_values().append(nodes[nodes == ""])
        of_cause, expected = of_cause.reindex(nodes).fillna(0.0), expected.reindex(nodes).fillna(0.0)
        gap = of_cause.sum(axis="columns")
        head = pd.DataFrame({"expected": expected, "actual": expected + gap, "gap": gap})
        found = pd.concat([head, of_cause], axis="columns").rename_axis("node").reset_index()
        return found.assign(node=found["node"].replace("", None).astype("str"))

    def _combination_by(self, open_and_new: pd.Series) -> pd.Series:
        """What win curves alone expected beyond what was told: nodes have it in proportion to what was to come."""
        amount, whole = self.opening.expected - self.expected, float(open_and_new.sum())
        if whole > 0:
            return open_and_new * (amount / whole)
        return pd.Series([amount], index=[""]) if amount else open_and_new * 0.0

    def _new_by(self, column: str) -> pd.DataFrame:
        """What was expected of new business, by node."""
        if not self.opening.new.mean:
            return self.rows.iloc[:0]
        share = _sums(self.new_before, column, self.new_before["amount_base"].fillna(0.0))
        share = share / share.sum() if share.sum() > 0 else pd.Series([1.0], index=[""])
        spread = pd.DataFrame({column: share.index, "amount": -self.opening.new.mean * share.to_numpy()})
        return spread.assign(cause="new_business", opportunity_id=None).reindex(columns=self.rows.columns)


def retrospective(
    book: PipelineBook,
    period: Period,
    *,
    opening_day: date | None = None,
    exchange_rates: pd.DataFrame | None = None,
    told: Forecast | None = None,
) -> Retrospective:
    """Look back at a period: the forecast of its opening against the result, and the gap taken apart.

    Only what was known at the period's end is used: a deal that slipped is one that was open then, whatever came of it
    later.

    Parameters
    ----------
    book : PipelineBook
        With curves, see `oppnb.forecasting.curves`. A deal without a curve has an expectation of 0.
    period : Period
        Over by the book's day of knowledge.
    opening_day : date, optional
        By default the last of the book's days before the period, see `opening_point`.
    exchange_rates : DataFrame, optional
        The table `exchange_rates`, to tell apart what moved because of rates.
    told : Forecast, optional
        Of the opening day, by `forecast_period`: the forecast that was told then is explained, such as the mean of win
        curves with a baseline; causes start from win curves and end, under `combination`, with the difference. Without
        it win curves alone are explained.

    Returns
    -------
    Retrospective
        `.causes()`, `.by("owner_id")`, `.bars()` for the chart, `.surprise`.

    Raises
    ------
    PeriodError
        If the period is not over, or of no day at its opening the open deals are known.
    ParameterError
        If `told` is of another day or period.

    Examples
    --------
    >>> from oppnb.history.book import read_book
    >>> from oppnb.periods import parse_period
    >>> day = pd.Timestamp("2024-02-02")
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": ["Won", "Lost"], "amount": [400.0, 300.0],
    ...     "created_at": day, "closed_at": pd.to_datetime(["2024-05-10", "2024-06-01"])})
    >>> told = pd.DataFrame({"opportunity_id": ["1", "2"], "changed_at": day, "stage": "Demo", "amount": [400.0, 300.0],
    ...     "expected_close_on": pd.to_datetime(["2024-07-31", "2024-05-31"])})
    >>> tables = {"opportunities": deals, "opportunity_history": told}
    >>> book = read_book(tables, ["2024-03-31"], known_on="2024-06-30")
    >>> book = book.with_columns(book.open_rows[["opportunity_id", "as_of"]].assign(won_by_91=0.5))
    >>> found = retrospective(book, parse_period("2024Q2"))
    >>> found.expected, found.actual, found.gap
    (350.0, 400.0, 50.0)
    >>> causes = found.causes()
    >>> causes[causes["amount"] != 0].values.tolist()
    [['pulled_in', 200.0, 1], ['lost', -150.0, 1]]
    """
    if period.end > book.known_on:
        raise PeriodError(
            f"{period.name} ends on {period.end} and the book is known until {book.known_on}: it is not over.\n"
            f"Look back at {period.shift(-1).name}, or read a later export."
        )
    book = book.known(period.end)
    point = opening_point(book, period, opening_day=opening_day)
    if told is not None and told.point != point:
        was = f"{told.point.period.name} on {told.point.day}"
        raise ParameterError(f"The forecast told is of {was}; of {period.name} the opening is {point.day}.")
    parts = _held(forecast_parts(book, point) if told is None else told.parts, book)
    shift = _shift(book, parts)
    rows = gap_rows(book, parts, shift, exchange_rates=exchange_rates)
    actual = float(book.won_between(period.start, period.end)["amount_base"].sum())
    return Retrospective(
        period=period,
        opening=parts,
        actual=actual,
        rows=rows if told is None else pd.concat([rows, _mixed(rows, parts, told)], ignore_index=True),
        stages=_stages(shift, rows),
        surprise=how_surprising(parts, actual, said=None if told is None else told.distribution),
        new_before=_new_before(book, point),
        workspace=book.workspace,
        told=told,
    )


def _held(parts: ForecastParts, book: PipelineBook) -> ForecastParts:
    """The open deals with whoever had them at the opening; where no past day tells, with whom the export names."""
    untold = [name for name in NODE_COLUMNS if name in parts.deals and book.open_rows[name].isna().all()]
    now = book.deals.set_index("opportunity_id")[untold].reindex(parts.deals["opportunity_id"])
    return replace(parts, deals=parts.deals.assign(**{name: now[name].to_numpy() for name in untold}))


def _mixed(rows: pd.DataFrame, parts: ForecastParts, told: Forecast) -> pd.DataFrame:
    """The row of what win curves alone expected beyond what was told."""
    amount = parts.expected - told.distribution.mean
    return pd.DataFrame({"cause": ["combination"], "amount": [amount]}).reindex(columns=rows.columns)


def _shift(book: PipelineBook, parts: ForecastParts) -> StageShift:
    won = np.asarray(won_of_open(book, parts)["ending"] == "won").astype("float64")
    return learn_stage_shift(parts.deals, parts.chance, won, shock=parts.level.shock)


def _stages(shift: StageShift, rows: pd.DataFrame) -> pd.DataFrame:
    of_odds = rows[rows["cause"] == "odds"]
    keys = [of_odds[name].fillna("").astype("str") for name in ("process", "stage")]
    amount = of_odds["amount"].groupby(keys, sort=True).sum().rename("amount")
    found = shift.stages.merge(amount, left_on=["process", "stage"], right_index=True, how="left")
    return found.assign(amount=found["amount"].fillna(0.0).astype("float64"))


def _new_before(book: PipelineBook, point: Point) -> pd.DataFrame:
    """Deals that were won in earlier periods without having been created at the same point of them."""
    found = []
    known = book.known(point.day)
    for past in past_points(point, [day for day in known.days if day < point.day]):
        won = known.won_between(past.period.start, past.period.end)
        found.append(won[won["created_on"] > pd.Timestamp(past.day)])
    filled = [part for part in found if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else known.deals.iloc[:0]


def _sums(frame: pd.DataFrame, column: str, amount: pd.Series) -> pd.Series:
    """Sums by node, null as an empty name."""
    found: pd.Series = amount.astype("float64").groupby(_node(frame, column), sort=True).sum()
    return found


def _node(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame[column].astype("object").where(frame[column].notna(), "").rename("node")
