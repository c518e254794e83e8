"""The deals on the day they are opened: who, what, how much, and the traits that nobody sees."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.accounts import size_class
from oppnb.sources.synthetic.people import REGIONS, Sellers
from oppnb.sources.synthetic.settings import Laws, SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["Deals", "creation_weights", "open_deals"]

_MONTH_WEIGHTS = np.array([0.85, 0.7, 1.15, 1.05, 1.05, 1.05, 0.95, 0.9, 1.1, 1.0, 1.1, 1.0])


@dataclass(frozen=True)
class Deals:
    """One entry a deal, in the order of creation; positions point into accounts, sellers and settings.

    Attributes
    ----------
    created_at : array of datetime64
        UTC, to the minute.
    quote : array of float
        What the deal is worth in its own currency, roughly; line items add up to about it.
    quality, engagement : array of float
        Standard normal, never written into the tables.
    score : array of float
        Sum of the effects of `Laws`; higher is more likely to be won.
    size : array of int
        0 small, 1 middle, 2 large account.
    """

    created_week: NDArray[np.int64]
    created_at: NDArray[np.datetime64]
    process: NDArray[np.int64]
    account: NDArray[np.int64]
    owner: NDArray[np.int64]
    source: NDArray[np.int64]
    product: NDArray[np.object_]
    is_other_currency: NDArray[np.bool_]
    quote: NDArray[np.float64]
    quality: NDArray[np.float64]
    engagement: NDArray[np.float64]
    score: NDArray[np.float64]
    size: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of deals."""
        return len(self.created_week)

    def ids(self) -> NDArray[np.object_]:
        """Their keys: digits with leading zeros, so that a reader who makes numbers of them is found out."""
        width = max(5, len(str(self.n)) + 1)
        return np.array([f"{position + 1:0{width}d}" for position in range(self.n)], dtype=object)


def open_deals(settings: SyntheticSettings, weeks: Weeks, accounts: pd.DataFrame, sellers: Sellers) -> Deals:
    """Draw the deals."""
    rng = stream(settings, "deals")
    n = settings.n_opportunities
    created_week, created_at = _creation(settings, weeks, rng)
    process = rng.choice(len(settings.processes), size=n, p=[process.share for process in settings.processes])
    account = _accounts(settings, accounts, process, rng)
    team = accounts["region"].map({region: position for position, region in enumerate(REGIONS)}).to_numpy("int64")
    owner = sellers.pick(rng, team[account].astype(np.int64), created_week)
    source = rng.choice(len(settings.laws.source), size=n, p=_source_shares(len(settings.laws.source)))
    product, median = _products(settings, process, rng)
    size = size_class(accounts["employees"].to_numpy("float64"))[account]
    in_other = accounts["region"].to_numpy()[account] == "Overseas"
    ask = np.exp(rng.normal(0.35 * (size - 1), 0.55))
    quote = median * ask / np.where(in_other, settings.base_per_other, 1.0)
    quality, engagement = rng.normal(size=n), rng.normal(size=n)
    laws = settings.laws
    industry = accounts["industry"].map(dict(laws.industry)).to_numpy("float64")[account]
    score = (
        np.array(list(laws.source.values()))[source]
        + industry
        + np.array(laws.size_class)[size]
        + sellers.skill[owner]
        + laws.quality * quality
        + laws.engagement * engagement
        + _bent(laws, source, industry=accounts["industry"].to_numpy()[account], ask=ask)
    )
    return Deals(
        created_week, created_at, process, account, owner, source, product, in_other, quote, quality, engagement,
        score, size,
    )  # fmt: skip


def _bent(
    laws: Laws, source: NDArray[np.int64], *, industry: NDArray[np.object_], ask: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What no sum of single effects can say; zero in the sample."""
    place = pd.Index(list(laws.industry)).get_indexer(pd.Index(industry))
    agrees = source % 2 == place % 2
    return np.where(agrees, laws.crossed, -laws.crossed) - np.where(ask > 1.5, laws.threshold, -laws.threshold)


def creation_weights(weeks: Weeks) -> NDArray[np.float64]:
    """How many deals each week has in relation to the others: seasons, and growth by a tenth a year."""
    months = np.array([weeks.day_of(week).month for week in range(weeks.n)])
    weight = _MONTH_WEIGHTS[months - 1] * 1.1 ** (np.arange(weeks.n) / 52)
    weight[-1] *= weeks.observed_share(weeks.n - 1)
    return np.asarray(weight)


def _creation(
    settings: SyntheticSettings, weeks: Weeks, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    weight = creation_weights(weeks)
    week = rng.choice(weeks.n, size=settings.n_opportunities, p=weight / weight.sum()).astype("int64")
    moment = weeks.moments(rng, week)
    order = np.argsort(moment, kind="stable")
    return week[order], moment[order]


def _accounts(
    settings: SyntheticSettings, accounts: pd.DataFrame, process: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    customers = np.flatnonzero(accounts["customer_since"].notna())
    anyone = rng.integers(0, len(accounts), size=len(process))
    customer = customers[rng.integers(0, len(customers), size=len(process))]
    only_customers = np.array([process.for_customers_only for process in settings.processes])
    return np.where(only_customers[process], customer, anyone)


def _source_shares(n: int) -> NDArray[np.float64]:
    weight = np.array([0.15, 0.15, 0.3, 0.15, 0.25]) if n == 5 else np.ones(n)
    return np.asarray(weight / weight.sum())


def _products(
    settings: SyntheticSettings, process: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    product = np.empty(len(process), dtype=object)
    median = np.empty(len(process))
    for position, one in enumerate(settings.processes):
        rows = np.flatnonzero(process == position)
        chosen = rng.integers(0, len(one.products), size=len(rows))
        product[rows] = np.array(list(one.products), dtype=object)[chosen]
        median[rows] = np.array(list(one.products.values()))[chosen]
    return product, median
