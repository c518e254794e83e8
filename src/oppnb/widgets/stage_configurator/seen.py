"""What the deals say of a stage configuration: worked out by the rooms that reports ask, anew only where it must be."""

import math
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from oppnb.history import as_of, spells
from oppnb.metrics import MetricInputs, measure
from oppnb.review import Review
from oppnb.stages import LintFinding, lint_stages, observed_odds, open_stages, with_set_odds
from oppnb.widgets.work import Watch
from oppnb.workspace import Process, Workspace

__all__ = ["Seen", "Sight"]

_Reading = tuple[tuple[str, frozenset[tuple[str, frozenset[str], str]]], ...]


@dataclass(frozen=True)
class Seen:
    """A configuration with what the deals say of it.

    Attributes
    ----------
    workspace : Workspace
        The configuration.
    snapshot, spells, odds : DataFrame
        As in a review of that workspace.
    findings : tuple of LintFinding
        What is odd in it.
    """

    workspace: Workspace
    snapshot: pd.DataFrame
    spells: pd.DataFrame
    odds: pd.DataFrame
    findings: tuple[LintFinding, ...]


class Sight:
    """Looks at a review's deals through other configurations.

    Odds, limits and order change nothing in how deals are read: only names, aliases and outcomes do. What was read for
    a set of those is kept, so that undoing is quick too.
    """

    def __init__(self, review: Review) -> None:
        self.review = review
        key = _reading(review.workspace)
        self._read: dict[_Reading, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]] = {
            key: (review.snapshot, review.spells, review.odds)
        }

    def is_read(self, workspace: Workspace) -> bool:
        """Whether the deals were read with such names already."""
        return _reading(workspace) in self._read

    def seen(self, workspace: Workspace, watch: Watch) -> Seen:
        """What the deals say of a configuration; checks now and then whether it was cancelled."""
        key = _reading(workspace)
        if key not in self._read:
            self._read[key] = self._frames(workspace, watch)
            while len(self._read) > 8:
                self._read.pop(next(iter(self._read)))
        snapshot, stays, odds = self._read[key]
        odds = with_set_odds(odds, workspace)
        watch.done(0.8)
        found = lint_stages(workspace, tables=self.review.tables, odds=odds, spells=stays)
        return Seen(workspace, snapshot, stays, odds, found)

    def _frames(self, workspace: Workspace, watch: Watch) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        review = self.review
        watch.done(0.05)
        stays = spells(review.source, known_on=review.as_of, workspace=workspace)
        watch.done(0.4)
        snapshot = as_of(review.source, review.as_of, workspace=workspace)
        watch.done(0.6)
        return snapshot, stays, observed_odds(snapshot, stays, workspace=workspace)

    def weighted(self, seen: Seen, variant: str, *, only: Collection[str] | None = None) -> float:
        """The weighted pipeline, in money; null if no odds are known. `variant` as in `oppnb.metrics`."""
        return float(measure("weighted_pipeline", self._inputs(seen, only), variant=variant)["value"].iloc[0])

    def by_stage(self, seen: Seen, *, only: Collection[str] | None = None) -> pd.DataFrame:
        """Open deals by process and stage: `count`, `amount`, `weighted` (at the set odds)."""
        inputs, by = self._inputs(seen, only), ["process", "stage"]
        parts = {"count": "open_count", "amount": "open_amount", "weighted": "weighted_pipeline"}
        frames = [measure(metric, inputs, by=by).set_index(by)["value"].rename(name) for name, metric in parts.items()]
        return pd.concat(frames, axis="columns")

    def deals_in(self, seen: Seen, process: str, stage: str) -> tuple[str, ...]:
        """The open deals that stand in a stage."""
        rows = seen.snapshot[["opportunity_id", "process", "stage", "outcome"]]
        first = seen.workspace.processes[0].name
        known = {one.name for one in seen.workspace.processes}
        of = rows["process"].where(rows["process"].isin(known), first)
        found = rows[(of == process) & (rows["stage"] == stage) & (rows["outcome"] == "open")]
        return tuple(sorted(found["opportunity_id"].astype(str)))

    def _inputs(self, seen: Seen, only: Collection[str] | None) -> MetricInputs:
        rows = seen.snapshot if only is None else seen.snapshot[seen.snapshot["opportunity_id"].isin(list(only))]
        return MetricInputs(
            snapshot=rows,
            period=self.review.period,
            as_of=self.review.as_of,
            odds=seen.odds,
            time_zone=seen.workspace.calendar.time_zone,
        )


def was_ever_in(seen: Seen, process: str, stage: str) -> bool:
    """Whether any deal is known to have been in a stage."""
    stays, rows = seen.spells, seen.snapshot
    in_stays = ((stays["process"] == process) & (stays["stage"] == stage)).any()
    return bool(in_stays or ((rows["process"] == process) & (rows["stage"] == stage)).any())


def is_known(value: float) -> bool:
    """Whether a figure could be worked out."""
    return not math.isnan(value)


def _reading(workspace: Workspace) -> _Reading:
    return tuple((process.name, frozenset(_spellings(process))) for process in workspace.processes)


def _spellings(process: Process) -> list[tuple[str, frozenset[str], str]]:
    is_open = {stage.name for _, stage in open_stages(process)}
    return [
        (stage.name, frozenset(stage.aliases), "open" if stage.name in is_open else stage.outcome)
        for stage in process.stages
    ]
