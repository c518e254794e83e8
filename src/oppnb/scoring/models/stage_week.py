"""Win rates by stage, by weeks left in the period, and by whether the deal is due in it."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.periods import period_of
from oppnb.scoring.models.cells import cell_names
from oppnb.scoring.models.contributions import logit, profiles, shares_of
from oppnb.scoring.models.seen import EndsSeen
from oppnb.scoring.models.stage_rates import PRIOR_STRENGTH, StageRates, spread
from oppnb.scoring.models.weighing import censoring_weights, deal_codes, effective_deals, followed_days, row_weights
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import GROUPS, ScoringRows

__all__ = ["StageWeekRates", "days_left"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_BETWEEN = "\x1f"


def days_left(rows: ScoringRows) -> Floats:
    """Days from the end of each row's day to the end of its quarter, at least 0; null without dates."""
    first_month = rows.calendar.fiscal_year_start
    days = pd.DatetimeIndex(rows.keys["as_of"].dropna().unique())
    ends = {day: pd.Timestamp(period_of(day.date(), fiscal_year_start=first_month).end) for day in days}
    return _days_until(rows, pd.to_datetime(rows.keys["as_of"].map(ends)))


def _days_until(rows: ScoringRows, until: pd.Series) -> Floats:
    gap = until.to_numpy(dtype="datetime64[us]") - rows.keys["as_of"].to_numpy(dtype="datetime64[us]")
    return np.asarray(gap / np.timedelta64(1, "D"), dtype="float64")


class StageWeekRates:
    """P(won by the end of the quarter) by stage, weeks left and whether it is due by then; no other knowledge.

    The table that a sales analyst keeps, and hard to beat on the total of a quarter. Each cell is drawn, as if by 15
    deals, to what the stage's curve says, which makes thin cells usable. P(won ever) is the rate by stage and whether
    the deal is due in the quarter, drawn to the stage's rate in the same way. Before the end of the quarter and after
    it the stage's curve fills in. Without dates it says what the stage rates say.

    Attributes
    ----------
    in_period_, ever_ : dict of str to tuple of float
        By cell: share won of the deals that stood there, and the number of closed deals behind it.

    Examples
    --------
    >>> StageWeekRates().name, StageWeekRates().is_baseline
    ('stage_week_rates', True)
    """

    name = "stage_week_rates"
    is_baseline = True

    def fit(self, rows: ScoringRows) -> Self:
        """Count, by stage, weeks left and due or not."""
        self.rates_ = StageRates().fit(rows)
        self.in_period_: dict[str, tuple[float, float]] = {}
        self.ever_: dict[str, tuple[float, float]] = {}
        days = followed_days(rows)
        if days is not None and len(rows):
            left = days_left(rows)
            decided = row_weights(rows) * _known_by(rows, days, left)
            self.in_period_ = _rates(_week_names(rows), rows.is_won & (days <= left), decided, rows)
            self.ever_ = _ever(rows)
        self.profiles_ = profiles(rows, self._parts(rows))
        return self

    def win_rate(self, rows: ScoringRows) -> Floats:
        """P(won ever) by stage and due or not."""
        return _drawn(self.rates_.win_rate(rows), self.ever_, _due_names(rows))

    def _parts(self, rows: ScoringRows) -> Floats:
        parts, stage = np.zeros((len(rows), len(GROUPS))), logit(self.rates_.win_rate(rows))
        parts[:, GROUPS.index("stage")] = stage
        parts[:, GROUPS.index("timing")] = logit(self.win_rate(rows)) - stage
        return parts

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`, through the table's rate at the end of the quarter; null without dates."""
        ever = self.win_rate(rows)
        plain = spread(self.rates_, rows, ever)
        left = days_left(rows)
        if not self.in_period_ or np.isnan(left).any():
            return plain
        by_end = plain.won_by(left)
        wanted = np.minimum(_drawn(by_end, self.in_period_, _week_names(rows)), ever)
        return Prediction(LEAD_DAYS, _bent(plain, by_end, wanted, left), plain.lost, ever)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """The stage's rate, and what being due in the quarter or not adds."""
        return shares_of(rows, self._parts(rows), self.profiles_)


def _known_by(rows: ScoringRows, days: Floats, left: Floats) -> Floats:
    """Weights with which the rows whose state at the end of their quarter is known stand for all of their week."""
    weight = np.zeros(len(rows))
    for horizon in np.unique(left):
        mine = left == horizon
        weight[mine] = censoring_weights(days[mine], rows.is_closed[mine], horizon=float(horizon))
    return weight


def _due_names(rows: ScoringRows) -> list[str]:
    """Stage and whether the deal is due by the end of the quarter; overdue is due."""
    due = _days_until(rows, rows.keys["expected_close_on"])
    is_due = np.where(np.isnan(due), "?", np.where(due <= days_left(rows), "due", "later"))
    return [f"{cell}{_BETWEEN}{told}" for cell, told in zip(cell_names(rows), is_due, strict=True)]


def _week_names(rows: ScoringRows) -> list[str]:
    weeks = np.nan_to_num(np.ceil(days_left(rows) / 7), nan=-1).astype("int64")
    return [f"{name}{_BETWEEN}{week}" for name, week in zip(_due_names(rows), weeks.tolist(), strict=True)]


def _rates(names: list[str], won: Bools, weight: Floats, rows: ScoringRows) -> dict[str, tuple[float, float]]:
    levels, place = np.unique(np.array(names, dtype="str"), return_inverse=True)
    deals, order = deal_codes(rows), np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=len(levels)))[:-1]
    found = {}
    for level, mine in zip(levels, np.split(order, ends), strict=True):
        total = float(weight[mine].sum())
        if total > 0:
            share = float((weight * won)[mine].sum()) / total
            found[str(level)] = (share, effective_deals(deals[mine], weight[mine]))
    return found


def _ever(rows: ScoringRows) -> dict[str, tuple[float, float]]:
    seen, names = EndsSeen.of(rows), np.array(_due_names(rows), dtype=object)
    every = seen.part(np.ones(len(rows), dtype=bool))
    parts = {str(name): seen.part(names == name, like=every) for name in sorted(set(names))}
    return {name: (part.rate, part.n) for name, part in parts.items()}


def _drawn(prior: Floats, seen: dict[str, tuple[float, float]], names: list[str]) -> Floats:
    found = np.array([seen.get(name, (0.0, 0.0)) for name in names], dtype="float64").reshape(-1, 2)
    share, n = found[:, 0], found[:, 1]
    drawn: Floats = (PRIOR_STRENGTH * prior + n * share) / (PRIOR_STRENGTH + n)
    return drawn


def _bent(plain: Prediction, by_end: Floats, wanted: Floats, left: Floats) -> Floats:
    """The curve scaled so that it goes through `wanted` at the end of the quarter, and still to its own end."""
    last = plain.won[:, -1]
    before = plain.won * np.divide(wanted, by_end, out=np.zeros_like(wanted), where=by_end > 0)[:, None]
    to_go = np.maximum(plain.won_ever - by_end, 0.0)
    pace = np.divide(plain.won_ever - wanted, to_go, out=np.zeros_like(wanted), where=to_go > 1e-12)
    after = wanted[:, None] + (plain.won - by_end[:, None]) * pace[:, None]
    bent = np.where(plain.lead_days[None, :] <= left[:, None], before, after)
    ceiling = np.maximum(last, plain.won_ever)[:, None]
    found: Floats = np.maximum.accumulate(np.clip(bent, 0.0, ceiling), axis=1)
    return found
