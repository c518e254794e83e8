"""The deals whose future is drawn many times at once: those that exist on a day, and those to come."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import Chain, make_chain
from oppnb.sources.synthetic.deals import Deals, creation_weights, open_deals
from oppnb.sources.synthetic.line_items import QUOTED_FROM, draw_lines
from oppnb.sources.synthetic.lives import IS_LOST
from oppnb.sources.synthetic.oracle import stage_at
from oppnb.sources.synthetic.people import hire_sellers
from oppnb.sources.synthetic.pipeline import SyntheticPipeline
from oppnb.sources.synthetic.weeks import Weeks

__all__ = ["Herd", "known_deals", "later_deals", "worth"]

_MOST_DIFFERENT = 50_000


@dataclass(frozen=True)
class Herd:
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


def known_deals(made: SyntheticPipeline, week: int, n_draws: int, rng: np.random.Generator) -> Herd:
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
    return Herd(
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


def later_deals(made: SyntheticPipeline, weeks: Weeks, week: int, n_draws: int, rng: np.random.Generator) -> Herd:
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
    return Herd(
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


def worth(herd: Herd, row: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """What each won deal is worth in its own currency: the sum of its lines, drawn where there are none yet."""
    total = herd.total[row]
    plain = np.flatnonzero(np.isnan(total))
    lines = draw_lines(rng, herd.quote[row[plain]])
    drawn = np.bincount(lines.deal, weights=lines.quantity * lines.price, minlength=len(plain))
    has_lines = herd.chain.n_stages[row[plain]] >= QUOTED_FROM
    total[plain] = np.where(has_lines, drawn, np.round(herd.quote[row[plain]], -1))
    return total
