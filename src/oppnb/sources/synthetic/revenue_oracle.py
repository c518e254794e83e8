"""The amount won in a period, as somebody would tell it who knew the law and the state of every deal."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.errors import ParameterError
from oppnb.periods import Period, period_of
from oppnb.sources.synthetic.chain import LOST, SILENT, STEP, Chain, make_chain
from oppnb.sources.synthetic.deals import Deals, creation_weights, open_deals
from oppnb.sources.synthetic.line_items import QUOTED_FROM, draw_lines
from oppnb.sources.synthetic.lives import IS_LOST
from oppnb.sources.synthetic.oracle import stage_at, week_known
from oppnb.sources.synthetic.people import hire_sellers
from oppnb.sources.synthetic.pipeline import SyntheticPipeline
from oppnb.sources.synthetic.weeks import TIME_ZONE, Weeks, next_shock

__all__ = ["revenue_oracle", "revenue_parts"]

_MOST_DIFFERENT = 50_000
_DAYS_A_WEEK = 5


def revenue_oracle(
    made: SyntheticPipeline, *, as_of: date, period: Period, n_draws: int = 1_000, seed: int = 0
) -> NDArray[np.float64]:
    """Draw the amount won in a period: the best forecast anyone could make on a day.

    Parameters
    ----------
    made : SyntheticPipeline
        From `make_pipeline`.
    as_of : date
        A Friday, Saturday or Sunday: the week's decisions are done.
    period : Period
        May have begun before `as_of`, or begin after it.
    n_draws : int
        At least 1.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    array of float, shape (n_draws,)
        Base currency. What was won by `as_of` and, drawn, what is won from the deals that exist then and from those not
        created yet.

    Raises
    ------
    ParameterError
        If `as_of` lies within a working week or outside the data, or `n_draws` is below 1.

    Notes
    -----
    Known are the law, each deal's stage and score, whether it has fallen silent, what it will be worth, and the rates
    of exchange. Drawn are moves, deals to come (as many a week as the settings let expect), and the shocks of the
    quarter that holds `as_of` and of later ones, from the value of the last finished quarter; what the weeks of the
    running quarter give away of its shock is not used.

    Examples
    --------
    >>> from oppnb.periods import parse_period
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> made = make_pipeline(SyntheticSettings(n_opportunities=200, end=date(2023, 12, 31)))
    >>> draws = revenue_oracle(made, as_of=date(2023, 8, 4), period=parse_period("2023Q3"), n_draws=50)
    >>> draws.shape, bool((draws >= 0).all())
    ((50,), True)
    """
    parts = revenue_parts(made, as_of=as_of, period=period, n_draws=n_draws, seed=seed)
    return parts.sum(axis=1).to_numpy("float64")


def revenue_parts(
    made: SyntheticPipeline, *, as_of: date, period: Period, n_draws: int = 1_000, seed: int = 0
) -> pd.DataFrame:
    """Draw the amount won in a period, in its parts; parameters and errors as in `revenue_oracle`.

    Returns
    -------
    DataFrame
        One row a draw, base currency: `already_won` (by `as_of`; the same in every row), `from_known_deals` (open then,
        or lost and coming back), `from_later_deals` (created after `as_of`).

    Examples
    --------
    >>> from oppnb.periods import parse_period
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> made = make_pipeline(SyntheticSettings(n_opportunities=200, end=date(2023, 12, 31)))
    >>> parts = revenue_parts(made, as_of=date(2023, 9, 29), period=parse_period("2023Q3"), n_draws=10)
    >>> float(parts["from_later_deals"].max())
    0.0
    """
    if n_draws < 1:
        raise ParameterError(f"n_draws is {n_draws}; at least 1 is needed.")
    week = week_known(made, as_of)
    rng = np.random.default_rng([made.settings.seed, seed, as_of.toordinal(), period.end.toordinal(), n_draws])
    weeks = Weeks(Weeks.of(made.settings).monday, max(as_of, period.end))
    known = np.zeros(n_draws)
    later = np.zeros(n_draws)
    if weeks.n - 1 > week:
        future = _Future(made, weeks, week, shock=_shocks(made, weeks, as_of=as_of, week=week, n=n_draws, rng=rng))
        known = _won(future, _known_deals(made, week, n_draws, rng), period, rng)
        later = _won(future, _later_deals(made, weeks, week, n_draws, rng), period, rng)
    return pd.DataFrame(
        {"already_won": _already_won(made, as_of, period), "from_known_deals": known, "from_later_deals": later},
        index=pd.RangeIndex(n_draws),
    )


@dataclass(frozen=True)
class _Future:
    """The weeks after `week`; `shock` has a row for each of them and a column for each draw."""

    made: SyntheticPipeline
    weeks: Weeks
    week: int
    shock: NDArray[np.float64]


@dataclass(frozen=True)
class _Herd:
    """Deals in draws: one entry a deal and draw, sorted by `begins`; `row` points into the chain and the worth.

    Attributes
    ----------
    begins : array of int
        Week in which the deal is active for the first time, in decisions from the week after.
    is_returning : array of bool
        Lost, and coming back to its stage some day.
    total : array of float, shape (n_rows,)
        What a won deal is worth in its own currency; null: not quoted yet.
    """

    chain: Chain
    quote: NDArray[np.float64]
    total: NDArray[np.float64]
    is_other_currency: NDArray[np.bool_]
    draw: NDArray[np.int64]
    row: NDArray[np.int64]
    stage: NDArray[np.int64]
    begins: NDArray[np.int64]
    is_returning: NDArray[np.bool_]


def _already_won(made: SyntheticPipeline, as_of: date, period: Period) -> float:
    deals = made.tables["opportunities"]
    day = deals["closed_at"].dt.tz_localize("UTC").dt.tz_convert(TIME_ZONE).dt.tz_localize(None).dt.normalize()
    last = pd.Timestamp(min(as_of, period.end))
    won = ((deals["outcome"] == "won") & (day >= pd.Timestamp(period.start)) & (day <= last)).to_numpy()
    is_other = (deals["currency"] == made.settings.other_currency).to_numpy()[won]
    rate = _rates(made, day.to_numpy()[won].astype("datetime64[D]"), is_other)
    return float((deals["amount"].to_numpy("float64")[won] * rate).sum())


def _rates(made: SyntheticPipeline, day: NDArray[np.datetime64], is_other: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The rate of each deal on a day, from the table; after its last day the last rate holds."""
    rates = made.tables["exchange_rates"]
    place = np.searchsorted(rates["on"].to_numpy().astype("datetime64[D]"), day, side="right") - 1
    return np.where(is_other, rates["rate_to_base"].to_numpy("float64")[np.maximum(place, 0)], 1.0)


def _shocks(
    made: SyntheticPipeline, weeks: Weeks, *, as_of: date, week: int, n: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Shocks of the weeks after `week`, shape (n_weeks, n): an AR(1) that starts from the last finished quarter."""
    laws, quarter = made.settings.laws, period_of(as_of)
    past = [at for at in range(week + 1) if weeks.quarter_of(at) == quarter.shift(-1)]
    rows = []
    if past:
        start = np.full(n, Weeks.of(made.settings).shock(made.settings)[past[-1]])
        value = next_shock(laws, start, rng.normal(0, laws.shock_sd, size=n))
    else:
        value = rng.normal(0, laws.shock_sd, size=n)
    for at in range(week + 1, weeks.n):
        while quarter != weeks.quarter_of(at):
            quarter = quarter.shift(1)
            value = next_shock(laws, value, rng.normal(0, laws.shock_sd, size=n))
        rows.append(value)
    return np.array(rows)


def _known_deals(made: SyntheticPipeline, week: int, n_draws: int, rng: np.random.Generator) -> _Herd:
    """Deals open at the end of a week and not silent, in every draw; lost ones in the draws in which they come back."""
    n = len(made.chain.n_stages)
    stage, silent_week = stage_at(made.lives, week, n=n), made.lives.silent_week
    is_open = (stage >= 0) & (stage < made.chain.n_stages) & ~((silent_week >= 0) & (silent_week <= week))
    rows = np.flatnonzero(is_open)
    lost, lost_from, chance = _may_come_back(made, week)
    draw, which = np.nonzero(rng.random((n_draws, len(lost))) < chance)
    lines = made.tables["line_items"]
    deals = made.tables["opportunities"]
    total = (lines["quantity"] * lines["unit_price"]).groupby(lines["opportunity_id"]).sum()
    entries = len(rows) * n_draws
    return _Herd(
        chain=made.chain,
        quote=made.truth.deals["quote"].to_numpy("float64"),
        total=total.reindex(pd.Index(deals["opportunity_id"])).to_numpy("float64"),
        is_other_currency=(deals["currency"] == made.settings.other_currency).to_numpy(),
        draw=np.concatenate([np.repeat(np.arange(n_draws), len(rows)), draw]),
        row=np.concatenate([np.tile(rows, n_draws), lost[which]]),
        stage=np.concatenate([np.tile(stage[rows], n_draws), lost_from[which]]),
        begins=np.full(entries + len(draw), week),
        is_returning=np.arange(entries + len(draw)) >= entries,
    )


def _may_come_back(
    made: SyntheticPipeline, week: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Lost deals, the stage they were lost from, and the probability that they come back although they have not yet."""
    lives, laws = made.lives, made.settings.laws
    seen = np.flatnonzero(lives.week <= week)
    last = seen[np.append(lives.deal[seen][1:] != lives.deal[seen][:-1], True)]
    silent = lives.silent_week[lives.deal[last]]
    last = last[(lives.stage[last] == IS_LOST) & ~((silent >= 0) & (silent <= week))]
    pending = laws.reopen_share * (1 - laws.return_weekly) ** (week - lives.week[last])
    return lives.deal[last], lives.stage[last - 1], pending / (1 - laws.reopen_share + pending)


def _later_deals(made: SyntheticPipeline, weeks: Weeks, week: int, n_draws: int, rng: np.random.Generator) -> _Herd:
    """Deals not created yet: their number a draw is Poisson, their traits are drawn as `make_pipeline` draws them."""
    settings = made.settings
    whole = Weeks.of(settings)
    coming = Weeks(weeks.day_of(week + 1), weeks.day_of(weeks.n) - timedelta(days=1))
    share = creation_weights(Weeks(weeks.monday, coming.end))[week + 1 :].sum() / creation_weights(whole).sum()
    count = rng.poisson(settings.n_opportunities * share, size=n_draws)
    n = int(count.sum())
    pool = _pool(made, coming, week + 1, n=min(n, _MOST_DIFFERENT), rng=rng)
    row = np.arange(n) if n <= pool.n else rng.integers(0, pool.n, size=n)
    begins = pool.created_week[row] + week + 1
    order = np.argsort(begins, kind="stable")
    row = row[order]
    return _Herd(
        chain=make_chain(settings, pool),
        quote=pool.quote,
        total=np.full(pool.n, np.nan),
        is_other_currency=pool.is_other_currency,
        draw=np.repeat(np.arange(n_draws), count)[order],
        row=row,
        stage=np.zeros(n, dtype="int64"),
        begins=begins[order],
        is_returning=np.zeros(n, dtype=bool),
    )


def _pool(made: SyntheticPipeline, coming: Weeks, first: int, *, n: int, rng: np.random.Generator) -> Deals:
    """Draw `n` deals (at least 50) of the coming weeks; their weeks count from `first`."""
    sellers = hire_sellers(made.settings, Weeks.of(made.settings))
    sellers = replace(sellers, joins=sellers.joins - first, leaves=sellers.leaves - first)
    other = replace(made.settings, seed=int(rng.integers(2**62)), n_opportunities=max(n, 50))
    return open_deals(other, coming, made.tables["accounts"], sellers)


class _Walk:
    """All deals of all draws while the weeks go by, as in `lives`, but for many draws at once."""

    def __init__(self, herd: _Herd, laws_of: SyntheticPipeline, rng: np.random.Generator) -> None:
        self.herd, self.laws, self.rng = herd, laws_of.settings.laws, rng
        intensities = herd.chain.intensities
        self.up = intensities[:, :, :2].sum(axis=2)
        self.level = intensities[:, :, 2]
        self.down = intensities[:, :, 3:].sum(axis=2)
        self.stage = herd.stage.copy()
        self.active = np.zeros(0, dtype="int64")
        self.returning = np.flatnonzero(herd.is_returning)
        self.coming = np.flatnonzero(~herd.is_returning)
        self.won: list[tuple[NDArray[np.int64], int]] = []

    def begin(self, week: int) -> None:
        """Deals that begin in a week or before become active."""
        n = int(np.searchsorted(self.herd.begins[self.coming], week, side="right"))
        self.active = np.concatenate([self.active, self.coming[:n]])
        self.coming = self.coming[n:]

    def step(self, week: int, *, rush: float, shock: NDArray[np.float64]) -> None:
        """One week: moves of the active, then those who come back, then those who begin."""
        back = self.rng.random(len(self.returning)) < self.laws.return_weekly
        comes_back, self.returning = self.returning[back], self.returning[~back]
        self._move(week, rush, np.exp(shock / 2))
        self.active = np.concatenate([self.active, comes_back])
        self.begin(week)

    def _move(self, week: int, rush: float, lift: NDArray[np.float64]) -> None:
        """A deal leaves its state when an exponential time falls below its intensity."""
        row, stage, draw = self.herd.row[self.active], self.stage[self.active], self.herd.draw[self.active]
        up, down = self.up[row, stage] * lift[draw], self.down[row, stage] / lift[draw]
        rate = (up + self.level[row, stage] + down) * np.where(self.herd.chain.is_rushed[row, stage], rush, 1.0)
        leaves = self.rng.standard_exponential(len(rate)) < rate
        gone, staying = self.active[leaves], self.active[~leaves]
        cause = self._cause(gone, lift)
        lost = gone[cause == LOST]
        comes_back = self.rng.random(len(lost)) < self.laws.reopen_share
        self.returning = np.concatenate([self.returning, lost[comes_back]])
        moved = gone[cause < LOST]
        self.stage[moved] += STEP[cause[cause < LOST]]
        is_won = self.stage[moved] >= self.herd.chain.n_stages[self.herd.row[moved]]
        self.won.append((moved[is_won], week))
        self.active = np.concatenate([staying, moved[~is_won]])

    def _cause(self, gone: NDArray[np.int64], lift: NDArray[np.float64]) -> NDArray[np.int64]:
        raised = lift[self.herd.draw[gone]]
        effect = np.stack([raised, raised, np.ones(len(gone)), 1 / raised, 1 / raised], axis=1)
        edges = np.cumsum(self.herd.chain.intensities[self.herd.row[gone], self.stage[gone]] * effect, axis=1)
        chosen = (self.rng.random(len(gone)) * edges[:, -1])[:, None] >= edges
        return np.asarray(chosen.sum(axis=1).clip(max=SILENT))


def _won(future: _Future, herd: _Herd, period: Period, rng: np.random.Generator) -> NDArray[np.float64]:
    """The amount won within the period in each draw."""
    made, weeks, n_draws = future.made, future.weeks, future.shock.shape[1]
    rush = weeks.rush(made.settings)
    walk = _Walk(herd, made, rng)
    walk.begin(future.week)
    for week in range(future.week + 1, weeks.n):
        walk.step(week, rush=float(rush[week]), shock=future.shock[week - future.week - 1])
    entry = np.concatenate([entries for entries, _ in walk.won])
    week_of = np.repeat([week for _, week in walk.won], [len(entries) for entries, _ in walk.won])
    day = weeks.mondays(week_of) + rng.integers(0, _DAYS_A_WEEK, size=len(entry))
    counts = (day >= np.datetime64(period.start)) & (day <= np.datetime64(period.end))
    entry, day = entry[counts], day[counts]
    row = herd.row[entry]
    amount = _worth(herd, row, rng) * _rates(made, day, herd.is_other_currency[row])
    return np.bincount(herd.draw[entry], weights=amount, minlength=n_draws).astype("float64")


def _worth(herd: _Herd, row: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """What each won deal is worth in its own currency: the sum of its lines, drawn where there are none yet."""
    total = herd.total[row]
    plain = np.flatnonzero(np.isnan(total))
    lines = draw_lines(rng, herd.quote[row[plain]])
    drawn = np.bincount(lines.deal, weights=lines.quantity * lines.price, minlength=len(plain))
    has_lines = herd.chain.n_stages[row[plain]] >= QUOTED_FROM
    total[plain] = np.where(has_lines, drawn, np.round(herd.quote[row[plain]], -1))
    return total
