"""Sums of many amounts that come or do not come, span by span: exact on a lattice for few, by cumulants for many."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.mixture import SHOCKS, spread_out
from oppnb.forecasting.new_business import NewBusiness
from oppnb.forecasting.sums import PowerSums, cumulants_at

__all__ = ["Chances", "SpanSums", "fresh_of"]

Floats = npt.NDArray[np.float64]

_FEW = 150
_LARGE_SHARE = 0.2
_MOST = 2_000
_POINTS = 1_024
_LATTICE_SHOCKS: Floats = np.linspace(-3.0, 3.0, 7)
_LATTICE_SHARES: Floats = np.exp(-(_LATTICE_SHOCKS**2) / 2) / np.exp(-(_LATTICE_SHOCKS**2) / 2).sum()
_ONE: Floats = np.ones(4)
_LEAST = 1e-9


@dataclass(frozen=True)
class Chances:
    """Amounts that come with a probability, one column a span.

    Attributes
    ----------
    chance, size : array, shape (n, n_spans)
        Probability in [0, 1], and what comes then.
    """

    chance: Floats
    size: Floats

    @classmethod
    def of_moments(cls, first: Floats, second: Floats) -> "Chances":
        """Those with given mean and mean square: chance first² / second, size second / first."""
        there = first > 0
        size = np.divide(second, first, out=np.zeros_like(first), where=there)
        chance = np.divide(first, size, out=np.zeros_like(first), where=there & (size > 0))
        return cls(np.clip(chance, 0.0, 1.0), size)

    @property
    def expected(self) -> Floats:
        """Expected sum of each span."""
        found: Floats = (self.chance * self.size).sum(axis=0)
        return found

    def beside(self, other: "Chances") -> "Chances":
        """The rows of both."""
        return Chances(np.concatenate([self.chance, other.chance]), np.concatenate([self.size, other.size]))


@dataclass(frozen=True)
class SpanSums:
    """What comes in each span: single chances, new business, and what they share.

    Attributes
    ----------
    chances : Chances
    new : tuple of NewBusiness
        One a span; empty: none.
    shock : float
        Standard deviation in log odds of what all share.
    """

    chances: Chances
    new: tuple[NewBusiness, ...]
    shock: float

    @property
    def expected(self) -> Floats:
        """Expected sum of each span."""
        fresh = np.array([one.mean for one in self.new]) if self.new else 0.0
        found: Floats = self.chances.expected + fresh
        return found

    def together(self, other: "SpanSums") -> "SpanSums":
        """Both, with the shock that moves their sum as far as their own shocks do, independently of each other."""
        moves = np.array([one._room() * one.shock for one in (self, other)])
        room = self._room() + other._room()
        shock = float(np.sqrt((moves**2).sum()) / room) if room > 0 else max(self.shock, other.shock)
        return SpanSums(self.chances.beside(other.chances), self.new or other.new, shock)

    def _room(self) -> float:
        """How far the sum of all spans goes with a shock of one."""
        held = self.chances.chance * (1 - self.chances.chance) * self.chances.size
        return float(held.sum()) + sum(one.mean for one in self.new)

    def distributions(self) -> list[Distribution]:
        """The distribution of each span."""
        n_spans = self.chances.chance.shape[1]
        fresh = self.new or (NewBusiness(0.0, 0.0, np.zeros(0), 0),) * n_spans
        smooth = self._cumulants()
        factor = np.exp(self.shock * SHOCKS - self.shock**2 / 2)
        found = []
        for span in range(n_spans):
            chance, size = self.chances.chance[:, span], self.chances.size[:, span]
            certain = chance >= 1 - _LEAST
            kept = (chance > _LEAST) & (size != 0) & ~certain
            if _is_lumpy(chance[kept], size[kept], fresh[span]):
                few = _on_lattice(chance[kept], size[kept], fresh[span], self.shock)
                found.append(few.shifted(float(size[certain].sum())))
            else:
                found.append(spread_out(smooth[span] + fresh[span].cumulants(factor)))
        return found

    def _cumulants(self) -> Floats:
        chance, size = self.chances.chance, self.chances.size
        n_spans = chance.shape[1]
        spans = [PowerSums.of(size[:, span], chance[:, span]) for span in range(n_spans)]
        # each span keeps what it expects: its shocks are centred by its own chances
        moves = [self.shock * SHOCKS - self.shock**2 / 2 * sums.bend for sums in spans]
        found = [cumulants_at(sums, _ONE, move) for sums, move in zip(spans, moves, strict=True)]
        return np.concatenate(found) if found else np.zeros((0, len(SHOCKS), len(_ONE)))


def fresh_of(new: NewBusiness, wins: Floats, *, amounts: Floats) -> tuple[NewBusiness, ...]:
    """New business of each span: so many wins that bring one of the amounts."""
    return tuple(replace(new, expected=float(one), amounts=amounts) for one in wins)


def _is_lumpy(chance: Floats, size: Floats, new: NewBusiness) -> bool:
    variance = size**2 * chance * (1 - chance)
    counted = float(chance.sum()) + new.expected
    if len(chance) > _MOST or bool((size < 0).any()) or bool((new.amounts < 0).any()):
        return False  # the grid begins at zero
    return counted < _FEW or (len(chance) > 0 and float(variance.max()) > _LARGE_SHARE * float(variance.sum()))


def _on_lattice(chance: Floats, size: Floats, new: NewBusiness, shock: float) -> Distribution:
    """By characteristic functions; sizes between two points of the lattice are split, so that means stay exact."""
    top = _top(chance, size, new, shock)
    if top <= 0:
        return Distribution.of([0.0])
    # splitting may carry each size up by a step: room for that, or the end would come round to the start
    step = top / (_POINTS - 1 - min(len(size), _POINTS // 4))
    turns = _turns(size / step)
    fresh = _mean_turn(new.amounts / step) - 1 if new.expected > 0 else None
    odds = np.log(np.maximum(chance, 1e-12) / np.maximum(1 - chance, 1e-12))
    centre = shock**2 / 2 * PowerSums.of(size, chance).bend
    total = np.zeros(_POINTS // 2 + 1, dtype="complex128")
    for value, share in zip(_LATTICE_SHOCKS * shock, _LATTICE_SHARES, strict=True):
        moved = 1 / (1 + np.exp(-(odds + value - centre))) if shock else chance
        one = np.prod(1 + moved[:, None] * (turns - 1), axis=0)
        if fresh is not None:
            expected = new.expected * np.exp(value - shock**2 / 2)
            if new.spread > 1e-6:
                one = one * np.exp(-np.log1p(-expected * new.spread * fresh) / new.spread)
            else:
                one = one * np.exp(expected * fresh)
        total += share * one
    shares = np.clip(np.fft.irfft(np.conj(total), n=_POINTS), 0.0, None)
    kept = shares > _LEAST
    return Distribution.of(np.asarray(np.arange(_POINTS)[kept] * step, dtype="float64"), shares[kept])


def _turns(places: Floats) -> npt.NDArray[np.complex128]:
    """Characteristic function of each place at the lattice's frequencies; shape (n, 513)."""
    roots = np.exp(2j * np.pi * np.arange(_POINTS) / _POINTS)
    below = np.floor(places)
    part = (places - below)[:, None]
    frequency = np.arange(_POINTS // 2 + 1)
    turn = roots[(below.astype(np.int64)[:, None] * frequency) % _POINTS]
    found: npt.NDArray[np.complex128] = turn * (1 - part + part * roots[frequency])
    return found


def _mean_turn(places: Floats) -> npt.NDArray[np.complex128]:
    """Mean characteristic function of many places."""
    below = np.floor(places)
    part = places - below
    at = below.astype(np.int64)
    shares = np.bincount(at, weights=1 - part, minlength=_POINTS)
    shares = shares[:_POINTS] + np.bincount(at + 1, weights=part, minlength=_POINTS)[:_POINTS]
    found: npt.NDArray[np.complex128] = np.conj(np.fft.rfft(shares / len(places)))
    return found


def _top(chance: Floats, size: Floats, new: NewBusiness, shock: float) -> float:
    """An amount that is hardly ever exceeded; never more than all of it."""
    fresh = new.cumulants(np.ones(1))[0] if new.expected > 0 else np.zeros(4)
    mean = float((chance * size).sum()) + float(fresh[0])
    room = float((chance * (1 - chance) * size).sum()) + float(fresh[0])
    variance = float((size**2 * chance * (1 - chance)).sum()) + float(fresh[1]) + (shock * room) ** 2
    largest = max(float(size.max(initial=0.0)), float(new.amounts.max(initial=0.0)) if new.expected > 0 else 0.0)
    reach = mean + 8 * np.sqrt(variance) + 2 * largest
    return float(min(reach, size.sum())) if new.expected <= 0 else float(reach)
