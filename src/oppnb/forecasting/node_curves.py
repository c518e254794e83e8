"""What deals alone say at each node of a roll-up, wider or narrower without losing what is certain."""

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.lattice import is_lumpy, on_lattice
from oppnb.forecasting.mixture import SHOCKS, mixed_quantiles, shares_above, shock_shares
from oppnb.forecasting.nodes_of_new import new_cumulants
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.rollup_tree import RollUpTree
from oppnb.forecasting.sums import PowerSums, cumulants_at

__all__ = ["NodeCurves", "stretched"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MOST_FINE = 60
_MOST_EXACT = 600
_COARSE = 1_024
_FEW = 100
_FURTHEST = 3.0
_A_CENT = 0.01


def stretched(raw: Distribution, *, room: float, width: float) -> Distribution:
    """A distribution of amounts still to come with another mean and width; nothing stays nothing.

    Amounts are raised to the power `width` and multiplied so that their mean is `room`. Near the mean that is a factor
    on the distances from it. But a node with few deals often wins none of them: distances multiplied would turn that
    into an amount, and leave what happens most often outside of every interval.

    Parameters
    ----------
    raw : Distribution
        At least 0.
    room : float
        The mean wanted, at least 0.
    width : float
        Above 1: wider.

    Examples
    --------
    >>> coin = Distribution.of([0.0, 100.0, 300.0], np.array([0.5, 0.4, 0.1]))
    >>> stretched(coin, room=70.0, width=2.0).values.round(1).tolist()
    [0.0, 53.8, 484.6]
    """
    values = np.maximum(raw.values, 0.0)
    top = float(values[-1])
    if top <= 0:
        return Distribution.of([room])
    powers = np.where(values > 0, (values / top) ** width, 0.0)
    return Distribution(room / float(powers @ raw.shares) * powers, raw.shares)


class NodeCurves:
    """By cumulants all at once; those of few deals on a lattice.

    Parameters
    ----------
    parts : ForecastParts
    tree : RollUpTree
    leaf : array of int, shape (n_deals,)
        Of each open deal.
    number, money : array, shape (n_nodes,)
        Shares in the number and the money of new business.
    points : int
        Steps of the finest lattices.
    """

    def __init__(
        self, parts: ForecastParts, tree: RollUpTree, leaf: Ints, *, number: Floats, money: Floats, points: int
    ) -> None:
        shock = parts.level.shock
        sums = PowerSums(tree.rolled(PowerSums.of(parts.amount, parts.chance, leaf, len(tree.leaves)).sums))
        factor = np.exp(shock * SHOCKS - shock**2 / 2)
        self._cumulants = cumulants_at(sums, parts.growth.moments, shock * SHOCKS)
        self._cumulants += new_cumulants(parts.new, number, money, factor)
        self._exact = _exact_nodes(parts, tree, leaf, number, money, points)
        self._mean = self._cumulants[:, :, 0] @ shock_shares()
        self._kept: tuple[Floats, Floats] | None = None

    def quantiles(self, levels: Floats, *, room: Floats, widths: Floats) -> Floats:
        """Of what is still to come, shape (n_nodes, n_levels); that of the company (the first) is left at 0."""
        smooth = self._smooth()
        found = np.zeros((len(self._cumulants), len(levels)))
        found[smooth] = self._scaled(smooth, self._raw(levels)[smooth], room[smooth], widths[smooth])
        for place, one in self._exact.items():
            found[place] = _of(one, room[place], widths[place]).quantiles(levels)
        return found

    def of_one(self, place: int, levels: Floats, *, room: float, width: float) -> Floats:
        """As `quantiles`, of one node; shape (n_levels,)."""
        if place in self._exact:
            return np.asarray(_of(self._exact[place], room, width).quantiles(levels))
        raw = mixed_quantiles(self._cumulants[place : place + 1], levels)
        return np.asarray(self._scaled(np.array([place]), raw, np.array([room]), np.array([width]))[0])

    def above(self, amounts: Floats, *, room: Floats, widths: Floats) -> Floats:
        """Probability that at least so much is still to come at each node; null without an amount."""
        with np.errstate(divide="ignore", invalid="ignore"):
            place = self._mean * (1 + np.where(room > 0, amounts / room - 1, np.inf) / np.maximum(widths, 1e-9))
        found = np.where(np.isnan(amounts), np.nan, 0.0)
        told = np.isfinite(place)
        found[told] = shares_above(self._cumulants[told], place[told])
        for node, one in self._exact.items():
            if np.isfinite(amounts[node]):
                found[node] = _of(one, room[node], widths[node]).chance_of(float(amounts[node]))
        return found

    def surprise(self, came: Floats, *, room: Floats) -> tuple[Floats, Floats]:
        """Square of where what came lies on the normal scale, and what that square is on the average.

        What comes with a probability of its own, such as nothing, lies in the middle of it [1]_; further out than three
        counts as three, and where nothing was said and nothing came both are 0.

        Parameters
        ----------
        came : array, shape (n_nodes,)
            After what had been won already.
        room : array, shape (n_nodes,)
            The mean that was told.

        References
        ----------
        .. [1] C. Czado, T. Gneiting, L. Held, "Predictive Model Assessment for Count Data", Biometrics 65, 2009,
           pp. 1254-1261.
        """
        from scipy.special import ndtr, ndtri

        # a cent of rounding must not carry what came across a value that has a probability of its own
        less = 1.0 - self.above(np.maximum(came - _A_CENT, 0.0), room=room, widths=np.ones(len(room)))
        upto, nothing = less.copy(), np.zeros(len(room))
        for node, one in self._exact.items():
            told = _of(one, room[node], 1.0)
            near = came[node] + max(_A_CENT, float(np.diff(told.values).min(initial=0.0)) / 2)
            upto[node] = float(told.shares[told.values <= near].sum())
            nothing[node] = float(told.shares[told.values <= _A_CENT].sum())
        z = np.clip(ndtri(np.clip((less + upto) / 2, 0.0, 1.0)), -_FURTHEST, _FURTHEST)
        edge = np.clip(ndtri(np.clip(nothing, 0.0, 1.0)), -_FURTHEST, _FURTHEST)
        inside = np.clip(ndtri(np.clip(nothing / 2, 0.0, 1.0)), -_FURTHEST, _FURTHEST)
        usual = nothing * inside**2 + 1 - ndtr(edge) + edge * np.exp(-(edge**2) / 2) / np.sqrt(2 * np.pi)
        told_nothing = room <= _A_CENT
        surprised = came > _A_CENT
        usual = np.where(told_nothing, surprised, np.maximum(usual, 0.0))
        square = np.where(told_nothing, np.where(surprised, _FURTHEST**2, 0.0), z**2)
        return np.asarray(square, dtype="float64"), np.asarray(usual, dtype="float64")

    def _smooth(self) -> Ints:
        return np.setdiff1d(np.arange(1, len(self._cumulants)), list(self._exact))

    def _raw(self, levels: Floats) -> Floats:
        """Shape (n_nodes, n_levels); the last ones asked for are kept, for as many forecasts as are told of them."""
        if self._kept is None or not np.array_equal(self._kept[0], levels):
            found = np.zeros((len(self._cumulants), len(levels)))
            smooth = self._smooth()
            found[smooth] = mixed_quantiles(self._cumulants[smooth], levels)
            self._kept = levels, found
        return self._kept[1]

    def _scaled(self, places: Ints, raw: Floats, room: Floats, widths: Floats) -> Floats:
        """Distances from the mean times the width, held at nothing: of many deals nothing is far away."""
        mean = self._mean[places][:, None]
        share = np.divide(raw, mean, out=np.ones_like(raw), where=mean > 0)
        return np.asarray(room[:, None] * np.maximum(1 + widths[:, None] * (share - 1), 0.0))


def _of(raw: Distribution, room: float, width: float) -> Distribution:
    return stretched(raw, room=max(float(room), 0.0), width=float(width))


def _exact_nodes(
    parts: ForecastParts, tree: RollUpTree, leaf: Ints, number: Floats, money: Floats, points: int
) -> dict[int, Distribution]:
    """Nodes below the company whose deals are few or unlike, those with most money first, by position.

    A smooth curve would not know that a node may win nothing; so beyond the first sixty they are still exact, in larger
    steps.
    """
    amount, chance = parts.amount, parts.chance
    expected, counts = (
        tree.rolled(np.bincount(leaf, weights=one, minlength=len(tree.leaves)).astype("float64"))
        for one in (parts.expected_of_deals, np.ones(len(leaf)))
    )
    found: dict[int, Distribution] = {}
    for place in np.argsort(-(expected + parts.new.mean * money), kind="stable"):
        if len(found) >= _MOST_EXACT:
            break
        depth = len(tree.nodes[place])
        if depth == 0 or counts[place] > _FEW:
            continue
        rows = (tree.places[:, depth] == place)[leaf]
        only_new = not rows.any() and parts.new.expected * number[place] <= _FEW
        if only_new or is_lumpy(amount[rows], chance[rows]):
            size = money[place] / number[place] if number[place] > 0 else 0.0
            one = on_lattice(
                amount[rows],
                chance[rows],
                growth=parts.growth,
                new=parts.new.scaled(number=float(number[place]), amount=float(size)),
                shock=parts.level.shock,
                points=points if len(found) < _MOST_FINE else min(points, _COARSE),
            )
            if one is not None:
                found[int(place)] = one
    return found
