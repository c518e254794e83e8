"""The distribution of a forecast with all its roll-ups against a simulation, and a backtest of a year of Mondays.

    python benchmarks/forecast.py                    # 100k open deals against 10,000 draws
    python benchmarks/forecast.py --backtest 10k     # 52 Mondays of a synthetic pipeline, from its tables

The deals are made here from a seed: 500 owners in 50 teams in 5 regions, 20 products, amounts log-normal. Both arms
give seven quantiles of the company and of every owner, team, region and product, with the same shock common to all
deals. The company's quantiles are held against a characteristic function turned back on 41 values of the shock, which
shares nothing with either arm. Not a timed test: it fails only if an error is above 0.001 standard deviations.
"""

import argparse
import time
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.mixture import SHOCKS, mixed_quantiles
from oppnb.forecasting.sums import PowerSums, cumulants_at

Floats = npt.NDArray[np.float64]

N_OWNERS, N_TEAMS, N_REGIONS, N_PRODUCTS = 500, 50, 5, 20
LEVELS = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
DRAWS, AT_ONCE = 10_000, 50
GOAL_ERROR = 0.001


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", default="100k", help="open deals")
    parser.add_argument("--shocks", default="0,0.1,0.2", help="standard deviations of the common shock, in log odds")
    parser.add_argument("--backtest", help="opportunities of the pipeline that is backtested, instead")
    given = parser.parse_args()
    if given.backtest:
        return backtest(number(given.backtest))
    return distributions(number(given.deals), [float(one) for one in given.shocks.split(",")])


def number(text: str) -> int:
    """1k is a thousand."""
    return int(text.replace("k", "000"))


def distributions(n_deals: int, shocks: list[float]) -> int:
    """Both arms at every shock, and how far each is off."""
    deals = Deals.of(n_deals)
    mixed_quantiles(deals.cumulants(0.1), LEVELS)  # libraries are loaded before anything is timed
    print(f"{n_deals} open deals, {deals.n_nodes} nodes, {len(LEVELS)} quantiles each, {DRAWS} draws")
    print(f"{'shock':>6}{'ours CPU s':>12}{'draws CPU s':>13}{'ratio':>8}{'ours off by':>13}{'draws off by':>14}  (sd)")
    worst = 0.0
    for shock in shocks:
        own_seconds, own = timed(lambda shock=shock: mixed_quantiles(deals.cumulants(shock), LEVELS), times=5)
        draw_seconds, drawn = timed(lambda shock=shock: deals.simulated(shock))
        truth, sd = reference(deals, shock)
        own_error, draw_error = (float(np.abs(one[0] - truth).max() / sd) for one in (own, drawn))
        ratio = draw_seconds / own_seconds
        print(f"{shock:>6}{own_seconds:>12.4f}{draw_seconds:>13.2f}{ratio:>8.0f}{own_error:>13.6f}{draw_error:>14.4f}")
        worst = max(worst, own_error)
    return 0 if worst < GOAL_ERROR else 1


def timed(work, *, times: int = 1):
    """The least CPU seconds of several runs, and the result."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        found = work()
        seconds.append(time.process_time() - start)
    return min(seconds), found


class Deals:
    """Open deals in the order of owner and product, so that sums of both arms run along the rows."""

    def __init__(self, amount: Floats, chance: Floats, owner: npt.NDArray[np.int64], product: npt.NDArray[np.int64]):
        order = np.lexsort((product, owner))
        self.amount, self.chance = amount[order], chance[order]
        self.cell = (owner * N_PRODUCTS + product)[order]
        self.n_nodes = 1 + N_REGIONS + N_TEAMS + N_OWNERS + N_PRODUCTS

    @classmethod
    def of(cls, n_deals: int) -> "Deals":
        """Made from a seed."""
        rng = np.random.default_rng(20)
        amount = np.round(np.exp(rng.normal(9.0, 1.0, n_deals)), 2)
        owner, product = rng.integers(0, N_OWNERS, n_deals), rng.integers(0, N_PRODUCTS, n_deals)
        return cls(amount, rng.beta(1.2, 3.0, n_deals), owner, product)

    def cumulants(self, shock: float) -> Floats:
        """Of every node at `SHOCKS`: deals are looked at once, the rest are sums of sums."""
        cells = PowerSums.of(self.amount, self.chance, self.cell, N_OWNERS * N_PRODUCTS).sums
        return cumulants_at(PowerSums(rolled(cells)), np.ones(4), shock * SHOCKS)

    def simulated(self, shock: float) -> Floats:
        """Quantiles of every node from draws, in single precision, as many at once as fit the cache best."""
        rng = np.random.default_rng(1)
        starts = np.searchsorted(self.cell, np.arange(N_OWNERS * N_PRODUCTS))
        empty = np.bincount(self.cell, minlength=N_OWNERS * N_PRODUCTS) == 0
        starts = np.minimum(starts, len(self.cell) - 1)
        odds, amount = (self.chance / (1 - self.chance)).astype("float32"), self.amount.astype("float32")
        found = np.empty((self.n_nodes, DRAWS), dtype="float32")
        drawn = np.empty((AT_ONCE, len(odds)), dtype="float32")
        moved, paid = np.empty_like(drawn), np.empty_like(drawn)
        for first in range(0, DRAWS, AT_ONCE):
            rng.random(dtype="float32", out=drawn)
            if shock:
                np.multiply(odds, np.exp(shock * rng.standard_normal((AT_ONCE, 1))).astype("float32"), out=moved)
                np.divide(moved, moved + np.float32(1), out=moved)
            elif first == 0:
                moved[:] = odds / (odds + np.float32(1))
            np.multiply(np.less(drawn, moved), amount, out=paid)
            cells = np.add.reduceat(paid, starts, axis=1)
            cells[:, empty] = 0
            found[:, first : first + AT_ONCE] = rolled(cells.T)
        return np.quantile(found, LEVELS, axis=1).T


def rolled(cells: npt.NDArray) -> npt.NDArray:
    """Sums of every node from those of owner and product: company, regions, teams, owners, products."""
    grid = cells.reshape(N_OWNERS, N_PRODUCTS, *cells.shape[1:])
    owners, products = grid.sum(axis=1), grid.sum(axis=0)
    teams = owners.reshape(N_TEAMS, -1, *owners.shape[1:]).sum(axis=1)
    regions = teams.reshape(N_REGIONS, -1, *teams.shape[1:]).sum(axis=1)
    return np.concatenate([regions.sum(axis=0)[None], regions, teams, owners, products])


def reference(deals: Deals, shock: float) -> tuple[Floats, float]:
    """The company's quantiles from its characteristic function (Gil-Pelaez), and its standard deviation."""
    values, shares = (np.linspace(-6, 6, 49), None) if shock else (np.zeros(1), np.ones(1))
    shares = np.exp(-(values**2) / 2) / np.exp(-(values**2) / 2).sum() if shares is None else shares
    odds = np.log(deals.chance / (1 - deals.chance))
    moved = [1 / (1 + np.exp(-(odds + shock * value))) for value in values]
    means = np.array([one @ deals.amount for one in moved])
    variances = np.array([(one * (1 - one)) @ deals.amount**2 for one in moved])
    mean = float(shares @ means)
    sd = float(np.sqrt(shares @ (variances + (means - mean) ** 2)))
    step = 2 * np.pi / 24
    frequency = step * (np.arange(28 if shock else 36) + 0.5)
    turned = np.zeros(len(frequency), dtype="complex128")
    for place, one in enumerate(frequency / sd):
        turn = np.exp(1j * one * deals.amount) - 1
        for share, chance in zip(shares, moved, strict=True):
            turned[place] += share * np.exp(np.log1p(chance * turn).sum() - 1j * one * mean)
    z = np.linspace(-5.0, 5.0, 20_001)
    wave = np.exp(-1j * np.outer(frequency, z)) * turned[:, None]
    below = 0.5 - (wave.imag / frequency[:, None]).sum(axis=0) * step / np.pi
    return mean + sd * np.interp(LEVELS, below, z), sd


def backtest(n_opportunities: int) -> int:
    """52 Mondays, from tables to measures: history, models that learn out of time, every baseline, every forecast."""
    from oppnb.forecasting import backtest_forecasts, measure_forecasts, points_of
    from oppnb.history import open_source
    from oppnb.history.book import read_book, weekly_days
    from oppnb.scoring.win_curves import win_curves
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.workspace_file import workspace_yaml
    from oppnb.workspace import parse_workspace

    last = date(2025, 3, 31)
    made = make_pipeline(SyntheticSettings(seed=20, n_opportunities=n_opportunities, start=date(2020, 1, 1), end=last))
    source, workspace = open_source(made.tables), parse_workspace(workspace_yaml(made.settings))
    days = weekly_days(date(2025, 3, 30), weeks=208)
    print(f"{n_opportunities} opportunities; the last 52 of {len(days)} weeks")
    spent = {}
    wall, cpu = time.perf_counter(), time.process_time()

    def told(name: str) -> None:
        nonlocal wall, cpu
        spent[name] = (time.perf_counter() - wall, time.process_time() - cpu)
        print(f"{name:<34}{spent[name][0]:>9.1f} s wall{spent[name][1]:>9.1f} s CPU", flush=True)
        wall, cpu = time.perf_counter(), time.process_time()

    book = read_book(source, days, known_on=last, workspace=workspace)
    told("deals and snapshots of all weeks")
    curves = win_curves(source, days, workspace=workspace)
    told("win curves, out of time")
    book = book.with_columns(curves)
    first = days[-1] - timedelta(weeks=51)
    found = backtest_forecasts(book, points_of(book, first=first - timedelta(weeks=104)), report_from=first)
    told("forecasts and baselines")
    both = [sum(part) for part in zip(*spent.values(), strict=True)]
    print(f"{'together':<34}{both[0]:>9.1f} s wall{both[1]:>9.1f} s CPU")
    print(f"{found.frame['as_of'].nunique()} Mondays")
    print(measure_forecasts(found.frame)[["model", "n", "wape", "bias", "crps", "coverage_80"]].to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
