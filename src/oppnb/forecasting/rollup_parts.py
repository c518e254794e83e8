"""The parts of a forecast rolled up once, to be told for as many forecasts as are made of them."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ParameterError, nearest
from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.lattice import POINTS
from oppnb.forecasting.node_curves import NodeCurves
from oppnb.forecasting.nodes_of_new import new_shares
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.rollup_cents import cents_of, in_cents
from oppnb.forecasting.rollup_tree import RollUpTree, node_path

__all__ = ["RolledParts", "Told", "ToldNodes", "scale_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
    of_columns : mapping of str to float
        How much wider or narrower than what deals alone say, level apart, the nodes of some columns are told; those of
        others as the company.
    """

    level: float
    width: float
    raw: Distribution
    of_columns: Mapping[str, float] = field(default_factory=dict)

    @property
    def of_company(self) -> float:
        """The company's width, level apart."""
        return self.width / self.level if self.level > 0 else 1.0

    def width_of(self, column: str) -> float:
        """That of the nodes of a column, level apart."""
        return self.of_columns.get(column, self.of_company)


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
    widths : array, shape (n_nodes,)
        How much wider than what deals alone say, level apart.
    """

    amounts: Floats
    quantiles: Floats
    widths: Floats

    @property
    def room(self) -> Floats:
        """What is still to come at each node."""
        return np.asarray(self.amounts[:, 3] - self.amounts[:, 0])


class RolledParts:
    """The parts by node. What takes time is done once.

    Parameters
    ----------
    parts : ForecastParts
    like : DataFrame
        What new business is spread by: `oppnb.forecasting.coming.coming`.
    by : sequence of str
        Columns of the deals, the highest first.
    kept : mapping of str to array, shape (n_wins,)
        Factors on `weight` and `money` of what new business is spread by: `oppnb.forecasting.coming.kept_of`. Nodes
        where no deals are created any more get no new business.
    points : int
        Steps of the exact distributions of few deals.
    """

    def __init__(
        self,
        parts: ForecastParts,
        like: pd.DataFrame,
        by: Sequence[str],
        *,
        kept: Mapping[str, Floats],
        points: int = POINTS,
    ) -> None:
        like = like if parts.new.mean > 0 else like.iloc[:0]
        self.tree = RollUpTree.of([parts.won, parts.deals, like], by)
        self.leaf, self._leaf_of_new = self.tree.codes(parts.deals), self.tree.codes(like)
        self._points = points
        self._kept = {name: factor[: len(like)] for name, factor in kept.items()}
        self._share_out(parts, like)

    def _share_out(self, parts: ForecastParts, like: pd.DataFrame) -> None:
        self.parts = parts
        open_amount = self._sums(self.leaf, parts.amount)
        self._number, self._money = (
            new_shares(
                like[name].to_numpy(dtype="float64") * self._kept[name],
                self._leaf_of_new,
                open_amount,
            )
            for name in ("weight", "money")
        )

    @cached_property
    def _curves(self) -> NodeCurves:
        number, money = self.tree.rolled(self._number), self.tree.rolled(self._money)
        return NodeCurves(self.parts, self.tree, self.leaf, number=number, money=money, points=self._points)

    def widths(self, scale: Told) -> Floats:
        """How much wider each node is told than what deals alone say, level apart; shape (n_nodes,)."""
        of_depth = [scale.of_company, *(scale.width_of(column) for column in self.tree.by)]
        return np.array([of_depth[len(node)] for node in self.tree.nodes])

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
        width = float(self.widths(scale)[place])
        found: Floats = amounts[0] + self._curves.of_one(place, levels, room=amounts[3] - amounts[0], width=width)
        return found

    def told(self, scale: Told, distribution: Distribution, levels: Floats) -> ToldNodes:
        """The forecast with its level and widths, at every node; that of the company is the distribution itself."""
        amounts, widths = self.amounts(scale.level, distribution.mean), self.widths(scale)
        found = ToldNodes(amounts, np.zeros((len(amounts), len(levels))), widths)
        found.quantiles[:] = amounts[:, :1] + self._curves.quantiles(levels, room=found.room, widths=widths)
        found.quantiles[0] = distribution.quantiles(levels)
        return found

    def chances(self, target: Floats, told: ToldNodes) -> Floats:
        """Of each node to reach its target; null without one; shape (n_nodes,)."""
        won = told.amounts[:, 0]
        found = self._curves.above(target - won, room=told.room, widths=told.widths)
        return np.where(target <= won, 1.0, found)

    def surprise(self, scale: Told, distribution: Distribution, came: Floats) -> tuple[Floats, Floats]:
        """How surprising what came was to what deals alone say at the told level; see `NodeCurves.surprise`."""
        amounts = self.amounts(scale.level, distribution.mean)
        return self._curves.surprise(came, room=np.asarray(amounts[:, 3] - amounts[:, 0]))

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
