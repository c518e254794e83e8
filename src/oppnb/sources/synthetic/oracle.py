"""What somebody who knew the law and the state of every deal would say on a day: the best anyone could do."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.errors import ParameterError
from oppnb.sources.synthetic.lives import IS_LOST, Lives
from oppnb.sources.synthetic.pipeline import SyntheticPipeline
from oppnb.sources.synthetic.weeks import Weeks

__all__ = ["stage_at", "week_known", "win_probability"]

_FRIDAY = 4


def win_probability(made: SyntheticPipeline, *, as_of: date, by: date | None = None) -> pd.DataFrame:
    """The true probability that each deal open on a day is won.

    Where the laws have shocks (`Laws.shock_sd` above 0), the state of each deal is the true one, with the shocks it
    went through, and the future is that of a shock of zero: the probability in quarters as they usually are.

    Parameters
    ----------
    made : SyntheticPipeline
        From `make_pipeline`.
    as_of : date
        A Friday, Saturday or Sunday: the week's decisions are done.
    by : date, optional
        Last day that counts, after `as_of`; may lie beyond the data. By default the probability of winning ever.

    Returns
    -------
    DataFrame
        `opportunity_id`, `stage_position` (from 1), `is_silent` (fallen silent for good, which nobody is told) and
        `win_probability` (0-1), one row an open deal, sorted by key. A lost deal that may come back is not open.

    Raises
    ------
    ParameterError
        If `as_of` lies within a working week or outside the data, or `by` is not after it.

    Examples
    --------
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> made = make_pipeline(SyntheticSettings(n_opportunities=200, end=date(2023, 12, 31)))
    >>> soon = win_probability(made, as_of=date(2023, 9, 1), by=date(2023, 12, 31))
    >>> ever = win_probability(made, as_of=date(2023, 9, 1))
    >>> bool((soon["win_probability"] <= ever["win_probability"] + 1e-12).all())
    True
    """
    week = week_known(made, as_of)
    if by is not None and by <= as_of:
        raise ParameterError(f"by is {by}: it must lie after as_of, {as_of}.")
    stage = stage_at(made.lives, week, n=len(made.chain.n_stages))
    rows = np.flatnonzero((stage >= 0) & (stage < made.chain.n_stages))
    chances = made.chain.reach(made.chain.n_stages) if by is None else _by_day(made, week, by)
    silent_week = made.lives.silent_week[rows]
    is_silent = (silent_week >= 0) & (silent_week <= week)
    return pd.DataFrame(
        {
            "opportunity_id": made.tables["opportunities"]["opportunity_id"].iloc[rows].reset_index(drop=True),
            "stage_position": stage[rows] + 1,
            "is_silent": is_silent,
            "win_probability": np.where(is_silent, 0.0, chances[rows, stage[rows]]),
        }
    )


def week_known(made: SyntheticPipeline, as_of: date) -> int:
    """The week whose decisions are done on a day.

    Raises
    ------
    ParameterError
        If the day lies within a working week or outside the data.
    """
    weeks = Weeks.of(made.settings)
    if as_of.weekday() < _FRIDAY or not weeks.monday <= as_of <= made.settings.end:
        raise ParameterError(
            f"as_of is {as_of:%A} {as_of}: the truth is known at the end of a working week, Friday to Sunday, "
            f"from {weeks.monday} to {made.settings.end}."
        )
    return weeks.week_of(as_of)


def stage_at(lives: Lives, week: int, *, n: int) -> NDArray[np.int64]:
    """The stage of each deal at the end of a week; `IS_LOST` before its creation, as nothing is open then."""
    known = np.flatnonzero(lives.week <= week)
    stage = np.full(n, IS_LOST)
    stage[lives.deal[known]] = lives.stage[known]
    return stage


def _by_day(made: SyntheticPipeline, week: int, by: date) -> NDArray[np.float64]:
    """Win probability by a day from each stage, at the end of a week."""
    until = Weeks(Weeks.of(made.settings).monday, by)
    rush = until.rush(made.settings)
    for at, value in made.chain.reach_by_end(made.chain.n_stages, until, rush):
        if at == week:
            return value
    return np.zeros_like(made.chain.total)
