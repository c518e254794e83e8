"""The forecast rolled up: of every node what is won, what is open, what is to come, how sure, and its target."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.coming import coming
from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.forecast import TOLD_LEVELS, Forecast
from oppnb.forecasting.lattice import is_lumpy, on_lattice
from oppnb.forecasting.mixture import SHOCKS, mixed_quantiles, shares_above, shock_shares
from oppnb.forecasting.nodes_of_new import new_cumulants, new_shares
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.rollup_cents import cents_of, in_cents
from oppnb.forecasting.rollup_targets import targets_of_nodes
from oppnb.forecasting.rollup_tree import RollUpTree, columns_of
from oppnb.forecasting.sums import PowerSums, cumulants_at
from oppnb.history.book import PipelineBook

__all__ = ["Told", "hierarchy_of", "roll_up", "told_scale"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PARTS = ("won_already", "from_open_deals", "from_new_business", "expected")
_MOST_EXACT = 60
_FEW = 100


@dataclass(frozen=True)
class Told:
    """From what deals alone say to the forecast that is told.

    Attributes
    ----------
    level : float
        Factor on what is not won yet, open deals and new business alike.
    width : float
        Factor on distances from the mean.
    raw : Distribution
        What deals alone say.
    """

    level: float
    width: float
    raw: Distribution


def told_scale(forecast: Forecast) -> Told:
    """How the told forecast differs from that of the deals: combined with a baseline, widened by its record."""
    parts, told = forecast.parts, forecast.distribution
    raw = parts.distribution()
    rest = parts.expected - parts.won_already
    room = max(told.mean - parts.won_already, 0.0)
    return Told(room / rest if rest > 0 else 1.0, told.sd / raw.sd if raw.sd > 0 else 1.0, raw)


def hierarchy_of(parts: ForecastParts, book: PipelineBook, by: Sequence[str] | None) -> tuple[str, ...]:
    """The columns asked for; by default those of the workspace's hierarchy of which deals have any value."""
    if by is not None:
        return columns_of(parts, [by] if isinstance(by, str) else by)
    return tuple(
        name
        for name in book.workspace.forecast.hierarchy
        if any(name in frame and frame[name].notna().any() for frame in (parts.deals, parts.won))
        and name in parts.deals
        and name in parts.won
    )


def roll_up(
    forecast: Forecast,
    book: PipelineBook,
    *,
    by: Sequence[str] | None = None,
    targets: pd.DataFrame | None = None,
    levels: Sequence[float] = TOLD_LEVELS,
) -> pd.DataFrame:
    """The forecast of every node of a hierarchy; money adds up to the cent at every level.

    What is won stands as it is. The told forecast may be another than that of the deals alone (a mean with a baseline,
    an interval widened by its record): what open deals and new business bring is multiplied by one factor, so that the
    nodes add up to what is told, and every node's distances from its mean by the factor between the two standard
    deviations. New business goes to nodes as past wins did, held near the amount open there. Each amount is in whole
    cents: those of the lowest nodes by largest remainder, all others are their sums.

    Quantiles of nodes do not add up: not all of them have a bad quarter at once. Those of at most 60 nodes with fewer
    than a hundred deals, or one large one, are exact; the others are by cumulants.

    Parameters
    ----------
    forecast : Forecast
        Of `oppnb.forecasting.forecast_period`.
    book : PipelineBook
        That it was made from.
    by : sequence of str, optional
        Columns of the deals, the highest first; by default the workspace's (`forecast: hierarchy:`), less those of
        which no deal has a value.
    targets : DataFrame, optional
        The table `targets`, with `amount_base` or in the base currency.
    levels : sequence of float
        Of the quantiles.

    Returns
    -------
    DataFrame
        `as_of`, `period`, `node` (`company`, then `East`, `East / North`, …; `not known` where a deal has no value),
        `level` (`company` or the column), `parent` (null for the company), `quantity` (`won_already`,
        `from_open_deals`, `from_new_business`, `expected`, `quantile_0.025` …, and where there is a quota `target`,
        `chance_of_target`), `value` (money in the base currency, or a probability). Each node stands above those
        below it.

    Raises
    ------
    ColumnMissingError
        If deals have no such column, with the nearest.
    ParameterError
        If a column stands twice.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.forecasting import forecast_period
    >>> from oppnb.history.book import read_book
    >>> from oppnb.periods import parse_period
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "amount": [300.0, 100.0], "stage": ["Demo", "Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-03"]), "region": ["East", "West"]})
    >>> book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    >>> curve = book.open_rows[["opportunity_id", "as_of"]].assign(won_by_31=0.5)
    >>> book = book.with_columns(curve)
    >>> nodes = roll_up(forecast_period(book, parse_period("2024Q1")), book, by=["region"])
    >>> nodes[nodes["quantity"] == "expected"].set_index("node")["value"].to_dict()
    {'company': 200.0, 'East': 150.0, 'West': 50.0}
    """
    parts = forecast.parts
    like = coming(book, forecast.point)
    like = like if parts.new.mean > 0 else like.iloc[:0]
    tree = RollUpTree.of([parts.won, parts.deals, like], hierarchy_of(parts, book, by))
    scale = told_scale(forecast)
    leaf = tree.codes(parts.deals)
    open_amount = _sums(leaf, parts.amount, tree)
    at = tree.codes(like)
    number, money = (new_shares(like[name].to_numpy(dtype="float64"), at, open_amount) for name in ("weight", "money"))
    cents = _cents(forecast, tree, leaf, money, scale)
    nodes = _Nodes(parts, tree, leaf, tree.rolled(number), tree.rolled(money), scale.width)
    columns = dict(zip(PARTS, (cents / 100).T, strict=True))
    quantiles = nodes.quantiles(columns["expected"], columns["won_already"], np.asarray(levels, dtype="float64"))
    quantiles[0] = [forecast.distribution.quantile(level) for level in levels]
    columns |= {f"quantile_{level:g}": quantiles[:, place] for place, level in enumerate(levels)}
    goal = targets_of_nodes(targets, forecast.point.period, tree, [parts.deals, parts.won])
    goal[0] = np.nan if forecast.target is None else forecast.target
    chance = nodes.chances(goal, columns["expected"], columns["won_already"])
    chance[0] = np.nan if forecast.chance_of_target is None else forecast.chance_of_target
    return _long(forecast, tree, columns | {"target": goal, "chance_of_target": chance})


def _cents(forecast: Forecast, tree: RollUpTree, leaf: Ints, money: Floats, scale: Told) -> Ints:
    """Won, open, new and expected of every node in cents, shape (n_nodes, 4)."""
    parts = forecast.parts
    won = _sums(tree.codes(parts.won), parts.won["amount_base"].fillna(0.0).to_numpy(dtype="float64"), tree)
    deals = scale.level * _sums(leaf, parts.expected_of_deals, tree)
    expected = max(forecast.distribution.mean, parts.won_already)
    fresh = money * max(expected - parts.won_already - float(deals.sum()), 0.0)
    certain, stated = cents_of(parts.won_already), cents_of(float(deals.sum()))
    to_come = cents_of(expected) - certain - stated
    if not fresh.any():  # a cent of rounding is no new business
        stated, to_come = stated + to_come, 0
    leaves = [in_cents(one, total) for one, total in ((won, certain), (deals, stated), (fresh, to_come))]
    found = tree.rolled(np.stack(leaves, axis=1))
    return np.concatenate([found, found.sum(axis=1, keepdims=True)], axis=1)


def _sums(leaf: Ints, values: Floats, tree: RollUpTree) -> Floats:
    """Of each leaf."""
    return np.asarray(np.bincount(leaf, weights=values, minlength=len(tree.leaves)), dtype="float64")


class _Nodes:
    """Distributions of the nodes: by cumulants all at once, those of few deals on a lattice."""

    def __init__(
        self, parts: ForecastParts, tree: RollUpTree, leaf: Ints, number: Floats, money: Floats, width: float
    ) -> None:
        shock = parts.level.shock
        sums = PowerSums(tree.rolled(PowerSums.of(parts.amount, parts.chance, leaf, len(tree.leaves)).sums))
        factor = np.exp(shock * SHOCKS - shock**2 / 2)
        self._cumulants = cumulants_at(sums, parts.growth.moments, shock * SHOCKS)
        self._cumulants += new_cumulants(parts.new, number, money, factor)
        self._mean = self._cumulants[:, :, 0] @ shock_shares()
        self._width = width
        self._exact = _exact_nodes(parts, tree, leaf, number, money)

    def quantiles(self, expected: Floats, won: Floats, levels: Floats) -> Floats:
        """Shape (n_nodes, n_levels)."""
        raw, mean = mixed_quantiles(self._cumulants, levels), self._mean.copy()
        for place, one in self._exact.items():
            raw[place], mean[place] = one.quantiles(levels), one.mean
        return np.maximum(expected[:, None] + self._width * (raw - mean[:, None]), won[:, None])

    def chances(self, target: Floats, expected: Floats, won: Floats) -> Floats:
        """Of reaching the targets; null without one; shape (n_nodes,)."""
        width = max(self._width, 1e-9)
        mean = self._mean.copy()
        for place, one in self._exact.items():
            mean[place] = one.mean
        needed = mean + (target - expected) / width
        found = shares_above(self._cumulants, needed)
        for place, one in self._exact.items():
            found[place] = one.chance_of(float(needed[place])) if np.isfinite(target[place]) else np.nan
        return np.where(target <= won, 1.0, found)


def _exact_nodes(
    parts: ForecastParts, tree: RollUpTree, leaf: Ints, number: Floats, money: Floats
) -> dict[int, Distribution]:
    """Nodes below the company whose deals are few or unlike, those with most money first, by position."""
    amount, chance = parts.amount, parts.chance
    expected = tree.rolled(_sums(leaf, parts.expected_of_deals, tree))
    counts = tree.rolled(_sums(leaf, np.ones(len(leaf)), tree))
    found: dict[int, Distribution] = {}
    for place in np.argsort(-expected, kind="stable"):
        if len(found) >= _MOST_EXACT:
            break
        depth = len(tree.nodes[place])
        if depth == 0 or not 0 < counts[place] <= _FEW:
            continue
        rows = (tree.places[:, depth] == place)[leaf]
        if is_lumpy(amount[rows], chance[rows]):
            size = money[place] / number[place] if number[place] > 0 else 0.0
            new = parts.new.scaled(number=float(number[place]), amount=float(size))
            one = on_lattice(amount[rows], chance[rows], growth=parts.growth, new=new, shock=parts.level.shock)
            if one is not None:
                found[int(place)] = one
    return found


def _long(forecast: Forecast, tree: RollUpTree, columns: dict[str, Floats]) -> pd.DataFrame:
    names = list(columns)
    frame = tree.frame()
    found = frame.loc[frame.index.repeat(len(names))].reset_index(drop=True)
    found["quantity"] = pd.Series(names * len(frame), dtype="str")
    found["value"] = np.stack([columns[name] for name in names], axis=1).ravel()
    found.insert(0, "as_of", pd.Timestamp(forecast.point.day))
    found.insert(1, "period", forecast.point.period.name)
    return found[found["value"].notna()].reset_index(drop=True)
