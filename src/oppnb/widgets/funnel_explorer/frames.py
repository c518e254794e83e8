"""The frames behind the funnel, each from the function that a report calls."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from oppnb.metrics import MetricInputs, measure, missing_needs
from oppnb.review import (
    Review,
    build_funnel,
    build_funnel_by,
    build_leakage,
    count_flows,
    entered_flows,
    find_bottlenecks,
    moves_between,
    narrow_inputs,
)
from oppnb.widgets.funnel_explorer.question import Question
from oppnb.widgets.work import Watch

__all__ = ["Frames", "Kept"]

Only = tuple[str, ...] | None
Make = Callable[[], pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Frames:
    """What is known for a question, of its process alone.

    Attributes
    ----------
    funnel, whole : DataFrame
        As `Review.funnel`, with `heads` (open deals of the next stage for each one here); of the slice, and of all.
    leakage, bottlenecks : DataFrame
        As `Review.leakage` and `Review.bottlenecks`.
    rows, flows : DataFrame
        As `entered_flows` or `moves_between` by the view, and their `count_flows`.
    slices : DataFrame or None
        As `build_funnel_by`; None without an attribute.
    """

    funnel: pd.DataFrame
    whole: pd.DataFrame
    leakage: pd.DataFrame
    bottlenecks: pd.DataFrame
    rows: pd.DataFrame
    flows: pd.DataFrame
    slices: pd.DataFrame | None


@dataclass
class Kept:
    """Frames of questions that were asked; the last 24 of each kind are kept."""

    review: Review
    made: "OrderedDict[tuple[object, ...], pd.DataFrame]" = field(default_factory=OrderedDict)

    def frames(self, asked: Question, *, only: Only, watch: Watch) -> Frames:
        """The frames of a question, over all deals or only those given."""
        review = self.review
        whole = narrow_inputs(review.inputs, only=only)
        watch.done(0.2)
        part = narrow_inputs(whole, slice_of=asked.slice_of)
        key = (tuple(asked.slice_of.items()), only)
        funnel = self._once(("funnel", *key), lambda: _funnel(part, review))
        watch.done(0.5)
        of_all = self._once(("funnel", (), only), lambda: _funnel(whole, review))
        rows = self._once(("rows", asked.view, *key), lambda: self._rows(part, asked.view))
        watch.done(0.7)
        leakage = self._once(("leakage", *key), lambda: _leakage(part, review))
        found = self._once(("bottlenecks", *key), lambda: _bottlenecks(funnel, leakage, part, review))
        watch.done(0.8)
        by = asked.by
        slices = None if by is None else self._once(("by", by, only), lambda: build_funnel_by(whole, by))
        watch.done(1.0)
        process = asked.process
        mine = _of(rows, process)
        return Frames(
            funnel=_of(funnel, process),
            whole=_of(of_all, process),
            leakage=_of(leakage, process),
            bottlenecks=_of(found, process),
            rows=mine,
            flows=count_flows(mine),
            slices=None if slices is None else _of(slices, process),
        )

    def _rows(self, part: MetricInputs, view: str) -> pd.DataFrame:
        if view == "cohort":
            return entered_flows(part)
        before = self.review.previous
        return moves_between(before[before["opportunity_id"].isin(part.snapshot["opportunity_id"])], part.snapshot)

    def _once(self, key: tuple[object, ...], make: Make) -> pd.DataFrame:
        if key not in self.made:
            self.made[key] = make()
            for old in list(self.made)[:-24]:
                del self.made[old]
        return self.made[key]


def _funnel(inputs: MetricInputs, review: Review) -> pd.DataFrame:
    frame = review.funnel() if inputs is review.inputs else build_funnel(inputs, workspace=review.workspace)
    if missing_needs("stage_conversion", inputs, variant="snapshot"):
        return frame.assign(heads=float("nan"))
    keys = ["process", "stage"]
    heads = measure("stage_conversion", inputs, variant="snapshot", by=keys).rename(columns={"value": "heads"})
    return frame.merge(heads[[*keys, "heads"]], on=keys, how="left")


def _leakage(inputs: MetricInputs, review: Review) -> pd.DataFrame:
    return build_leakage(_spells(inputs, review), workspace=review.workspace, since=inputs.year_start)


def _bottlenecks(funnel: pd.DataFrame, leakage: pd.DataFrame, inputs: MetricInputs, review: Review) -> pd.DataFrame:
    if inputs is review.inputs:
        return review.bottlenecks()
    spells = _spells(inputs, review)
    return find_bottlenecks(funnel, inputs.snapshot, spells, odds=review.odds, leakage=leakage)


def _spells(inputs: MetricInputs, review: Review) -> pd.DataFrame:
    return review.spells if inputs.spells is None else inputs.spells


def _of(frame: pd.DataFrame, process: str) -> pd.DataFrame:
    return frame[frame["process"] == process].reset_index(drop=True)
