"""The figures of a review as data: what machines and tests read."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from oppnb.metrics import MetricInputs, measure, missing_needs
from oppnb.review.bridge import Bridge
from oppnb.review.definitions import FIGURES, FigureKind, figure_definition
from oppnb.review.scope import is_untold_of_open

__all__ = ["FigureMaker", "sorted_figures"]

Row = dict[str, Any]
_DIGITS = {"money": 2, "money_per_day": 2, "share": 6, "ratio": 6, "days": 4}


@dataclass(frozen=True)
class FigureMaker:
    """Makes figures of one day of knowledge.

    Definitions are English whatever the reader's language, so that the file does not depend on it.
    """

    inputs: MetricInputs
    as_of: date

    def headline(self) -> Iterator[Row]:
        """Every figure of the registry that the data allows, for the whole."""
        for kind in FIGURES.values():
            if self._can(kind):
                row = measure(kind.metric, self.inputs, variant=kind.variant).iloc[0]
                yield self._of_metric(kind, row, None)
            else:
                yield self.make(kind.id, None, unit=kind.unit, n=0, period=self._period(kind), piece=None)

    def slices(self, columns: Iterable[str]) -> Iterator[Row]:
        """The figures that are told for each value of an attribute as well."""
        for by in columns:
            is_untold = is_untold_of_open(self.inputs.snapshot, by)
            for kind in FIGURES.values():
                if kind.is_sliced and self._can(kind):
                    for _, row in measure(kind.metric, self.inputs, variant=kind.variant, by=by).iterrows():
                        label = None if pd.isna(row[by]) else str(row[by])
                        found = self._of_metric(kind, row, {by: label})
                        is_unknown = is_untold and label is not None and not kind.is_of_period
                        yield {**found, "value": None, "n": 0} if is_unknown else found

    def stages(self, funnel: pd.DataFrame) -> Iterator[Row]:
        """How many open deals stand in each stage, and their amount."""
        for row in funnel.to_dict("records"):
            piece = {name: row[name] if isinstance(row[name], str) else None for name in ("process", "stage")}
            yield self.make("stage_count", row["count"], unit="count", n=row["count"], piece=piece)
            yield self.make("stage_amount", row["amount"], unit="money", n=row["count"], piece=piece)

    def months(self, months: pd.DataFrame, *, leave_out: str) -> Iterator[Row]:
        """Won in each month; a month that is the review's own period is told already."""
        for row in months.to_dict("records"):
            if row["month"] != leave_out:
                n = row["won_count"]
                yield self.make("won_count", n, unit="count", n=n, period=row["month"])
                yield self.make("won_amount", row["won_amount"], unit="money", n=n, period=row["month"])

    def bridge(self, bridge: Bridge, *, start: date) -> Iterator[Row]:
        """The bars of the bridge, signed: start and all changes add up to the end."""
        period = bridge.period.name if bridge.period else None
        for row in bridge.bars.to_dict("records"):
            name = f"bridge_{row['bar']}"
            told = figure_definition(name, start=start.isoformat(), end=self.as_of.isoformat())
            made = self.make(name, row["amount"], unit="money", n=row["n"], period=period)
            yield {**made, "definition": told}

    def make(
        self,
        name: str,
        value: float | None,
        *,
        unit: str,
        n: int,
        period: str | None = None,
        piece: Mapping[str, str | None] | None = None,
    ) -> Row:
        """One figure, rounded by its unit; what is not known is null, never NaN."""
        return {
            "id": name,
            "value": rounded(value, unit),
            "unit": unit,
            "n": int(n),
            "as_of": self.as_of.isoformat(),
            "period": period,
            "slice": None if piece is None else dict(piece),
            "definition": figure_definition(name),
        }

    def _of_metric(self, kind: FigureKind, row: pd.Series, piece: Mapping[str, str | None] | None) -> Row:
        return self.make(kind.id, row["value"], unit=row["unit"], n=row["n"], period=self._period(kind), piece=piece)

    def _period(self, kind: FigureKind) -> str | None:
        return self.inputs.period.name if kind.is_of_period else None

    def _can(self, kind: FigureKind) -> bool:
        return not missing_needs(kind.metric, self.inputs, variant=kind.variant)


def rounded(value: object, unit: str) -> int | float | None:
    """A value as it stands in the file: money with 2 digits, shares with 6, days with 4, counts whole.

    Examples
    --------
    >>> rounded(2 / 3, "share"), rounded(5.0, "count"), rounded(float("nan"), "money")
    (0.666667, 5, None)
    """
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    number = float(value)  # type: ignore[arg-type]
    if math.isinf(number):
        return None
    if unit == "count":
        return round(number)
    return round(number, _DIGITS[unit]) + 0.0  # no minus zero


def sorted_figures(figures: Iterable[Row]) -> list[Row]:
    """Figures by id, period and slice; each stands once."""
    return sorted(figures, key=lambda row: (row["id"], row["period"] or "", _slice_key(row["slice"])))


def _slice_key(piece: Mapping[str, str | None] | None) -> str:
    return "" if piece is None else json.dumps(piece, ensure_ascii=False, sort_keys=True)
