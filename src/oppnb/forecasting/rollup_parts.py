"""The parts of a forecast rolled up once, to be told for as many forecasts as are made of them."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ParameterError, nearest
from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.lattice import POINTS, is_lumpy, on_lattice
from oppnb.forecasting.mixture import SHOCKS, mixed_quantiles, shares_above, shock_shares
from oppnb.forecasting.nodes_of_new import new_cumulants, new_shares
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.rollup_cents import cents_of, in_cents
from oppnb.forecasting.rollup_tree import RollUpTree, node_path
from oppnb.forecasting.sums import PowerSums, cumulants_at

__all__ = ["RolledParts", "Told", "ToldNodes", "scale_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

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


def scale_of(parts: ForecastParts, told: Distribution, *, raw: Distribution | None = None) -> Told:
    """How a told forecast differs from that of the deals, which is worked out where it is not given."""
    raw = parts.distribution() if raw is None else raw
    rest = parts.expected - parts.won_already
    room = max(told.mean - parts.won_already, 0.0)
    return Told(room / rest if rest > 0 else 1.0, told.sd / raw.sd if raw.sd > 0 else 1.0, raw)


@dataclass(frozen=True)
class ToldNodes:
    """One forecast at every node of a tree.

    Attributes
    ----------
    amounts : array, shape (n_nodes, 4)
        Won already, from open deals, from new business, expected; each adds up to the cent.
    quantiles : array, shape (n_nodes, n_levels)
    width : float
        The factor on distances from the mean.
    """

    amounts: Floats
    quantiles: Floats
    width: float


class RolledParts:
    """The parts by node. What takes time is done once.

    Parameters
    ----------
    parts : ForecastParts
    like : DataFrame
        What new business is spread by: `oppnb.forecasting.coming.coming`.
    by : sequence of str
        Columns of the deals, the highest first.
    points : int
        Steps of the exact distributions of few deals.
    """

    def __init__(self, parts: ForecastParts, like: pd.DataFrame, by: Sequence[str], *, points: int = POINTS) -> None:
        like = like if parts.new.mean > 0 else like.iloc[:0]
        self.tree = RollUpTree.of([parts.won, parts.deals, like], by)
        self.leaf, self._leaf_of_new = self.tree.codes(parts.deals), self.tree.codes(like)
        self._points = points
        self._share_out(parts, like)

    def _share_out(self, parts: ForecastParts, like: pd.DataFrame) -> None:
        self.parts = parts
        open_amount = self._sums(self.leaf, parts.amount)
        self._number, self._money = (
            new_shares(like[name].to_numpy(dtype="float64"), self._leaf_of_new, open_amount)
            for name in ("weight", "money")
        )

    @cached_property
    def _curves(self) -> "_Curves":
        number, money = self.tree.rolled(self._number), self.tree.rolled(self._money)
        return _Curves(self.parts, self.tree, self.leaf, number, money, self._points)

    def under(self, parts: ForecastParts, like: pd.DataFrame) -> Self:
        """The same deals and past wins with other chances, amounts and weights, such as those of a scenario."""
        found = copy(self)
        found.__dict__.pop("_curves", None)
        found._share_out(parts, like.iloc[: len(self._leaf_of_new)])
        return found

    def place(self, node: str) -> int:
        """Position of a node by its name (`company`, `East / North`).

        Raises
        ------
        ParameterError
            If there is none, with the nearest.
        """
        names = [node_path(one) for one in self.tree.nodes]
        if node not in names:
            near = nearest(node, names)
            raise ParameterError(f"The roll-up has no node '{node}'." + (f" Did you mean '{near}'?" if near else ""))
        return names.index(node)

    def part(self, place: int) -> ForecastParts:
        """The parts of one node: its deals, and its share of new business."""
        leaves = np.flatnonzero(self.tree.places[:, len(self.tree.nodes[place])] == place)
        number, money = float(self._number[leaves].sum()), float(self._money[leaves].sum())
        new = self.parts.new.scaled(number=number, amount=money / number if number > 0 else 0.0)
        won = np.isin(self._leaf_of_won, leaves)
        deals = self.parts.deals[np.isin(self.leaf, leaves)]
        return replace(self.parts, won=self.parts.won[won], deals=deals, new=new)

    @cached_property
    def _leaf_of_won(self) -> Ints:
        return self.tree.codes(self.parts.won)

    def _sums(self, leaf: Ints, values: Floats) -> Floats:
        return np.asarray(np.bincount(leaf, weights=values, minlength=len(self.tree.leaves)), dtype="float64")

    def amounts(self, level: float, expected: float) -> Floats:
        """Won already, from open deals, from new business, expected, of each node; shape (n_nodes, 4), to the cent."""
        return self._cents(level, expected) / 100

    def spread(self, scale: Told, distribution: Distribution, place: int, levels: Floats) -> Floats:
        """Quantiles of one node as `told` has them; shape (n_levels,)."""
        if place == 0:
            return distribution.quantiles(levels)
        amounts = self.amounts(scale.level, distribution.mean)[place]
        raw, mean = self._curves.of_one(place, levels)
        return np.asarray(np.maximum(amounts[3] + scale.width * (raw - mean), amounts[0]))

    def told(self, scale: Told, distribution: Distribution, levels: Floats) -> ToldNodes:
        """The forecast with its level and width, at every node; that of the company is the distribution itself."""
        amounts = self.amounts(scale.level, distribution.mean)
        raw, mean = self._curves.quantiles(levels)
        quantiles = np.maximum(amounts[:, 3:] + scale.width * (raw - mean[:, None]), amounts[:, :1])
        quantiles[0] = distribution.quantiles(levels)
        return ToldNodes(amounts, quantiles, scale.width)

    def chances(self, target: Floats, told: ToldNodes) -> Floats:
        """Of each node to reach its target; null without one; shape (n_nodes,)."""
        expected, won = told.amounts[:, 3], told.amounts[:, 0]
        found = self._curves.above(self._curves.mean + (target - expected) / max(told.width, 1e-9))
        return np.where(target <= won, 1.0, found)

    def _cents(self, level: float, told: float) -> Ints:
        """Won, open, new and expected of every node in cents, shape (n_nodes, 4)."""
        parts, tree = self.parts, self.tree
        won = self._sums(self._leaf_of_won, parts.won["amount_base"].fillna(0.0).to_numpy(dtype="float64"))
        deals = level * self._sums(self.leaf, parts.expected_of_deals)
        expected = max(told, parts.won_already)
        fresh = self._money * max(expected - parts.won_already - float(deals.sum()), 0.0)
        certain, stated = cents_of(parts.won_already), cents_of(float(deals.sum()))
        to_come = cents_of(expected) - certain - stated
        if not fresh.any():  # a cent of rounding is no new business
            stated, to_come = stated + to_come, 0
        leaves = [in_cents(one, total) for one, total in ((won, certain), (deals, stated), (fresh, to_come))]
        found = tree.rolled(np.stack(leaves, axis=1))
        return np.concatenate([found, found.sum(axis=1, keepdims=True)], axis=1)


class _Curves:
    """What deals alone say at each node: by cumulants all at once, those of few deals on a lattice."""

    def __init__(
        self, parts: ForecastParts, tree: RollUpTree, leaf: Ints, number: Floats, money: Floats, points: int
    ) -> None:
        shock = parts.level.shock
        sums = PowerSums(tree.rolled(PowerSums.of(parts.amount, parts.chance, leaf, len(tree.leaves)).sums))
        factor = np.exp(shock * SHOCKS - shock**2 / 2)
        self._cumulants = cumulants_at(sums, parts.growth.moments, shock * SHOCKS)
        self._cumulants += new_cumulants(parts.new, number, money, factor)
        self._exact = _exact_nodes(parts, tree, leaf, number, money, points)
        self.mean = self._cumulants[:, :, 0] @ shock_shares()
        for place, one in self._exact.items():
            self.mean[place] = one.mean
        self._kept: tuple[Floats, Floats] | None = None

    def quantiles(self, levels: Floats) -> tuple[Floats, Floats]:
        """Shape (n_nodes, n_levels), and the means; the last ones asked for are kept."""
        if self._kept is None or not np.array_equal(self._kept[0], levels):
            found = np.zeros((len(self._cumulants), len(levels)))
            smooth = np.setdiff1d(np.arange(1, len(found)), list(self._exact))
            found[smooth] = mixed_quantiles(self._cumulants[smooth], levels)
            for place, one in self._exact.items():
                found[place] = one.quantiles(levels)
            self._kept = levels, found
        return self._kept[1], self.mean

    def of_one(self, place: int, levels: Floats) -> tuple[Floats, float]:
        """Quantiles of one node, shape (n_levels,), and its mean."""
        if place in self._exact:
            return self._exact[place].quantiles(levels), float(self.mean[place])
        return mixed_quantiles(self._cumulants[place : place + 1], levels)[0], float(self.mean[place])

    def above(self, amounts: Floats) -> Floats:
        """Probability of reaching an amount at each node; null without one."""
        found = shares_above(self._cumulants, amounts)
        for place, one in self._exact.items():
            found[place] = one.chance_of(float(amounts[place])) if np.isfinite(amounts[place]) else np.nan
        return found


def _exact_nodes(
    parts: ForecastParts, tree: RollUpTree, leaf: Ints, number: Floats, money: Floats, points: int
) -> dict[int, Distribution]:
    """Nodes below the company whose deals are few or unlike, those with most money first, by position."""
    amount, chance = parts.amount, parts.chance
    expected, counts = (
        tree.rolled(np.bincount(leaf, weights=one, minlength=len(tree.leaves)).astype("float64"))
        for one in (parts.expected_of_deals, np.ones(len(leaf)))
    )
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
            one = on_lattice(
                amount[rows], chance[rows], growth=parts.growth, new=new, shock=parts.level.shock, points=points
            )
            if one is not None:
                found[int(place)] = one
    return found
