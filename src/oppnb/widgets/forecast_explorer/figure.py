"""The figure and its words, small and typed: what crosses to the browser each time a slider moves."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from oppnb.charts import distribution_bars
from oppnb.forecasting.distribution import LEVELS, Distribution
from oppnb.forecasting.explored import ToldPart
from oppnb.locale import Formats, Words
from oppnb.widgets.axes import axis

__all__ = ["Look", "chance_text", "finding", "frame_of"]

_CURVE = (np.arange(101) / 100).clip(0.0025, 0.9975)
_SURE, _HARDLY = 0.995, 0.005
_LEAST_ROOM = 1.0
_ROOM = 0.04


@dataclass(frozen=True)
class Look:
    """What is looked at.

    Attributes
    ----------
    told : ToldPart
        Under the scenario.
    base : ToldPart
        The forecast as it is; the same object as `told` where nothing changes.
    target : float or None
    period, node : str
        As shown; the node is empty for the company.
    """

    told: ToldPart
    base: ToldPart
    target: float | None
    period: str
    node: str

    @property
    def is_as_is(self) -> bool:
        """Whether the scenario changes nothing."""
        return self.told is self.base


def frame_of(look: Look, *, words: Words, formats: Formats, seq: int) -> dict[str, Any]:
    """Bars, curve of chances, target and facts; about a hundred points each."""
    own, base = look.told.distribution, look.base.distribution
    bars = distribution_bars(
        own.quantiles(LEVELS), target=look.target, beside=None if look.is_as_is else base.quantiles(LEVELS)
    )
    curve, beside = _curve(own), None if look.is_as_is else _curve(base)
    told = [at for at, _ in [*curve, *(beside or [])]]
    ends = [float(bars["low"].min()), float(bars["high"].max()), *told, *base.quantiles(LEVELS)[[0, -1]].tolist()]
    ends += [] if look.target is None else [look.target]
    room = max(_ROOM * (max(ends) - min(ends)), _LEAST_ROOM)
    high = float(bars[["share", "share_beside"]].max().max())
    first, last = max(min(ends) - room, 0.0), max(ends) + room
    return {
        "seq": seq,
        "title": finding(look, words=words, formats=formats),
        "x": axis(first, last, write=lambda one: formats.money(one, short=True)),
        "y": axis(0.0, 1.0, write=formats.share, title=_said(words, "axis_chance"), count=3),
        "most": high or 1.0,
        "bars": [
            [low, upto, share, None if look.is_as_is else before, bool(reaches)]
            for low, upto, share, before, reaches in bars.itertuples(index=False, name=None)
        ],
        "curve": _whole(curve, own, first, last),
        "beside": None if beside is None else _whole(beside, base, first, last),
        "target": _target(look, words, formats),
        "facts": _facts(look, words, formats),
    }


def _curve(one: Distribution) -> list[list[float]]:
    """Amounts with the chance of reaching them."""
    return [[float(f"{amount:.8g}"), round(float(1 - level), 4)] for amount, level in zip(
        one.quantiles(_CURVE), _CURVE, strict=True
    )]  # fmt: skip


def _whole(curve: list[list[float]], one: Distribution, first: float, last: float) -> list[list[float]]:
    """The curve from end to end of the axis: what is nearly sure, and what hardly comes, is drawn too."""
    ends = [[at, round(float(one.chance_of(at)), 4)] for at in (first, last)]
    inner = [point for point in curve if first < point[0] < last]
    return [ends[0], *inner, ends[1]]


def _target(look: Look, words: Words, formats: Formats) -> dict[str, Any] | None:
    if look.target is None:
        return None
    chance = look.told.distribution.chance_of(look.target)
    said = {"target": formats.money(look.target, short=True), "chance": chance_text(chance, words, formats)}
    return {"at": look.target, "chance": chance, "text": _said(words, "target_mark", **said)}


def _facts(look: Look, words: Words, formats: Formats) -> list[dict[str, str]]:
    def money(value: float) -> str:
        return formats.money(value, short=True)

    def interval(part: ToldPart) -> str:
        return " – ".join(money(end) for end in part.distribution.interval(0.8))

    def chance(part: ToldPart) -> str:
        return chance_text(part.distribution.chance_of(look.target or 0.0), words, formats)

    told, base = look.told, look.base
    rows = [("expected", money(told.expected), money(base.expected)), ("interval_80", interval(told), interval(base))]
    if look.target is not None:
        rows.insert(0, ("chance_of_target", chance(told), chance(base)))
    rows += [
        ("won_already", money(told.won), money(base.won)),
        ("from_open_deals", money(told.open_deals), money(base.open_deals)),
        ("from_new_business", money(told.new_business), money(base.new_business)),
    ]
    return [
        {
            "key": key,
            "label": words(f"forecasting.{key}"),
            "value": value,
            "beside": "" if look.is_as_is or value == before else _said(words, "was", value=before),
        }
        for key, value, before in rows
    ]


def finding(look: Look, *, words: Words, formats: Formats) -> str:
    """The forecast, or what the scenario makes of it, in one sentence."""
    low, high = look.told.distribution.interval(0.8)
    known = {
        "of": _said(words, "of_node", period=look.period, node=look.node) if look.node else look.period,
        "expected": formats.money(look.told.expected, short=True),
        "low": formats.money(low, short=True),
        "high": formats.money(high, short=True),
    }
    key = "finding" if look.is_as_is else "finding_scenario"
    if look.target is None:
        return _said(words, key, **known)
    chance = chance_text(look.told.distribution.chance_of(look.target), words, formats)
    return _said(words, f"{key}_target", **known, chance=chance, target=formats.money(look.target, short=True))


def chance_text(value: float, words: Words, formats: Formats) -> str:
    """A chance; what is nearly sure is not called sure."""
    if value > _SURE:
        return _said(words, "nearly_sure", share=formats.share(_SURE, digits=1))
    if value < _HARDLY:
        return _said(words, "hardly", share=formats.share(_HARDLY, digits=1))
    return formats.share(value)


def _said(words: Words, key: str, **values: str) -> str:
    return words(f"widgets_forecast_explorer.{key}", **values)
