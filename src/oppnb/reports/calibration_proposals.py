"""Proposed odds in words: what they rest on, what they do to the pipeline, and where they would misweigh new deals."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from oppnb.forecasting import Proposal, Proposals, tell_record
from oppnb.reports.calibration import StageCalibration
from oppnb.reports.calibration_observed import ObservedTold, is_known

__all__ = ["ProposalsTold"]

Row = Mapping[Any, Any]


class ProposalsTold:
    """Sentences on proposed odds.

    Parameters
    ----------
    found : StageCalibration
        What they are of.
    seen : ObservedTold
        Writes what was observed.
    place : callable
        The name of a stage, of a row with `process` and `stage`.
    """

    def __init__(self, found: StageCalibration, seen: ObservedTold, place: Callable[[Row], str]) -> None:
        self.found, self.seen, self.place = found, seen, place
        self.said, self.formats = seen.said, seen.formats

    def texts(self, proposals: Proposals) -> list[str]:
        """One text a proposal: what, what was observed, a warning, what it does, and how it would have done before."""
        told = [self._text(one, proposals) for one in proposals.items]
        return told or [self.seen.words("forecast_retrospective.nothing_proposed")]

    def warnings(self, changes: pd.DataFrame) -> list[str]:
        """The warnings alone, of changed odds."""
        told = [self._warning(row, float(row["proposed_odds"])) for row in changes.to_dict("records")]
        return [one for one in told if one]

    def _text(self, one: Proposal, proposals: Proposals) -> str:
        row = self._row({"process": one.change.process, "stage": one.change.target})
        head = self.said(
            "propose_set" if is_known(one.before) else "propose_unset",
            stage=self.place(row),
            before=self.seen.share(one.before),
            after=self.seen.share(one.change.value),
        )
        parts = [
            head,
            self.seen.seen(row),
            self._counted(row),
            self._warning(row, one.change.value),
            self._effect(one, proposals, row),
            tell_record(one, words=self.seen.words, formats=self.formats),
        ]
        return ("" if self.seen.words.locale == "zh_CN" else " ").join(part for part in parts if part)

    def _row(self, place: Row) -> Row:
        return self.found.observed_of(place["process"], place["stage"])

    def _counted(self, row: Row) -> str:
        """How deals of which nothing was observed count in the proposal."""
        if not is_known(row["standing_odds"]) or not row["standing_n_beyond"]:
            return ""
        return self.said(
            "proposal_counts",
            all=self.seen.ranged(row, "standing"),
            at_most=self.seen.share(row["at_most_odds"]),
            n_beyond=self.formats.number(row["standing_n_beyond"]),
        )

    def _warning(self, place: Row, proposed: float) -> str:
        return self.seen.warning(self._row(place), stage=self.place(place), proposed=proposed)

    def _effect(self, one: Proposal, proposals: Proposals, row: Row) -> str:
        """What all open deals of the stage weigh before and after, and what of that falls into the period."""
        rows = self.found.weighted
        here = rows[(rows["process"] == row["process"]) & (rows["stage"] == row["stage"])]
        amount = float(here["open_amount"].sum())
        values = {
            "before": self._money(amount * one.before if is_known(one.before) else 0.0),
            "after": self._money(amount * one.change.value),
            "period": proposals.point.period.name,
            "due_before": self._money(one.expected_before),
            "due_after": self._money(one.expected_after),
            "n": self.formats.number(one.n_concerned),
        }
        key = "effect_due" if one.n_concerned else "effect_none_due" if self._has_days() else "effect_undated"
        return self.said("effect_open", **values) + self.said("between_effects") + self.said(key, **values)

    def _has_days(self) -> bool:
        deals = self.found.review.snapshot
        told = deals.get("expected_close_on")
        return told is not None and bool(told[deals["outcome"] == "open"].notna().any())

    def _money(self, value: float) -> str:
        return self.formats.money(value, short=True)
