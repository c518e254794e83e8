"""The amount won in a period, as somebody would tell it who knew the law and the state of every deal."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.errors import ParameterError
from oppnb.periods import Period, period_of
from oppnb.sources.synthetic.herd import Herd, known_deals, later_deals, worth
from oppnb.sources.synthetic.oracle import week_known
from oppnb.sources.synthetic.pipeline import SyntheticPipeline
from oppnb.sources.synthetic.walk import Walk
from oppnb.sources.synthetic.weeks import TIME_ZONE, Weeks, next_shock

__all__ = ["revenue_oracle", "revenue_parts"]

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
        known = _won(future, known_deals(made, week, n_draws, rng), period, rng)
        later = _won(future, later_deals(made, weeks, week, n_draws, rng), period, rng)
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


def _won(future: _Future, herd: Herd, period: Period, rng: np.random.Generator) -> NDArray[np.float64]:
    """The amount won within the period in each draw."""
    made, weeks, n_draws = future.made, future.weeks, future.shock.shape[1]
    rush = weeks.rush(made.settings)
    walk = Walk(herd, made.settings.laws, rng)
    walk.begin(future.week)
    for week in range(future.week + 1, weeks.n):
        walk.step(week, rush=float(rush[week]), shock=future.shock[week - future.week - 1])
    entry = np.concatenate([entries for entries, _ in walk.won])
    week_of = np.repeat([week for _, week in walk.won], [len(entries) for entries, _ in walk.won])
    day = weeks.mondays(week_of) + rng.integers(0, _DAYS_A_WEEK, size=len(entry))
    counts = (day >= np.datetime64(period.start)) & (day <= np.datetime64(period.end))
    entry, day = entry[counts], day[counts]
    row = herd.row[entry]
    amount = worth(herd, row, rng) * _rates(made, day, herd.is_other_currency[row])
    return np.bincount(herd.draw[entry], weights=amount, minlength=n_draws).astype("float64")
