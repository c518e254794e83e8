"""What a metric is: rows, a figure of rows, and the words it is printed with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from oppnb.locale import LOCALES, Words
from oppnb.metrics.figure import Figure
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.rows import Ask

__all__ = ["Better", "Metric", "Unit", "Variant"]

Unit = Literal["money", "share", "ratio", "days", "count", "money_per_day"]
Better = Literal["higher", "lower", "none"]


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to work out a metric.

    Attributes
    ----------
    id : str
        Unique within the metric.
    rows : callable
        From the question (inputs and slices) to the rows that count, for all slices at once.
    figure : callable
        From the rows of one slice to its figure; rows may be empty.
    needs : mapping of str to tuple of str
        Field of `MetricInputs` -> columns it must have.
    unit, better : str, optional
        Where they differ from the metric's.
    """

    id: str
    rows: Callable[[Ask], pd.DataFrame]
    figure: Callable[[pd.DataFrame, MetricInputs], Figure]
    needs: Mapping[str, tuple[str, ...]]
    unit: Unit | None = None
    better: Better | None = None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure with a name, a unit, a definition and its variants; the first variant is the default.

    Attributes
    ----------
    id : str
        `win_rate`, `coverage`, …
    unit : str
        money, share (0-1), ratio, days, count, money_per_day.
    better : str
        Whether a `higher` or a `lower` value is better, or `none`.
    variants : tuple of Variant
        At least one.
    source : str
        Where the formula comes from.
    """

    id: str
    unit: Unit
    better: Better
    variants: tuple[Variant, ...]
    source: str = field(default="Common practice")

    @property
    def names(self) -> Mapping[str, str]:
        """Name by locale."""
        return {locale: self.name(Words(locale)) for locale in LOCALES}

    @property
    def definitions(self) -> Mapping[str, str]:
        """Definition by locale."""
        return {locale: self.definition(Words(locale)) for locale in LOCALES}

    @property
    def needs(self) -> Mapping[str, tuple[str, ...]]:
        """What the default variant needs."""
        return self.variants[0].needs

    def name(self, words: Words, *, variant: str | None = None) -> str:
        """Name of the metric, or of one of its variants."""
        return words(f"metric.{self.id}" + (f".{variant}" if variant else ""))

    def definition(self, words: Words, *, variant: str | None = None) -> str:
        """Formula and rules in a sentence or two, of the metric or of one of its variants."""
        return words(f"metric_definition.{self.id}" + (f".{variant}" if variant else ""))

    def unit_of(self, variant: Variant) -> Unit:
        """Unit of a variant."""
        return variant.unit or self.unit

    def better_of(self, variant: Variant) -> Better:
        """Direction of a variant."""
        return variant.better or self.better
