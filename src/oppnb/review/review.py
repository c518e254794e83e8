"""A review of a pipeline on a day of knowledge: one object that tables, charts and figures are taken from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.history import (
    Source,
    limits,
    open_source,
    with_attributes,
)
from oppnb.history.on_day import pipeline_on, stays_on
from oppnb.locale import Formats, Words
from oppnb.metrics import MetricInputs, pacing_curve
from oppnb.periods import Period
from oppnb.review.attention import attention_list, reason_text
from oppnb.review.bottlenecks import build_leakage, find_bottlenecks
from oppnb.review.breakdown import build_breakdown
from oppnb.review.bridge import Bridge, build_bridge
from oppnb.review.deal_flags import flag_deals
from oppnb.review.definitions import figure_definitions
from oppnb.review.figures import FigureMaker, sorted_figures
from oppnb.review.funnel import build_funnel
from oppnb.review.kpis import build_kpis, missing_metrics
from oppnb.review.months import first_close, is_known_throughout, months_of, won_by_month
from oppnb.review.notes import review_notes
from oppnb.review.quotas import targets_in_base
from oppnb.review.scope import has_expected_close, is_open
from oppnb.review.since import changes_since
from oppnb.review.summary import Summary, summary_sentences
from oppnb.review.unplaced import find_unplaced, tell_unplaced
from oppnb.stages import ProposedOdds, lint_frame, lint_stages, observed_odds, propose_odds
from oppnb.tables import AuditResult, Note, Tables, stage_rows
from oppnb.workspace import Workspace

if TYPE_CHECKING:
    from oppnb.sources import Reading

__all__ = ["Review"]

SLICES = ("region", "owner_id", "product", "team", "process")
PAST_PERIODS = 4


@dataclass(frozen=True, eq=False)
class Review:
    """A pipeline on a day, against the last review and against the target; make one with `open_review`.

    Every table is worked out when it is first asked for, and kept. Frames hold names as the CRM wrote them, untrusted:
    whoever prints them escapes them.

    Attributes
    ----------
    workspace : Workspace
        With processes: those of the file, or those proposed from what was known on the day.
    tables : Tables
        As the audit left them.
    audit : AuditResult
        What is wrong with the data and what was done about it.
    reading : Reading or None
        How the export was read; None if tables were given.
    as_of, compare_to : date
        The day of knowledge and that of the last review.
    period : Period
        What figures of flow (won, lost, created, slipped) are of, from its first day to `as_of` or its end; `open`
        is always as of the day.
    only : mapping of str to str
        The slice that it is of, e.g. `{"region": "North"}`; empty for the whole.
    store_of_whole : str or None
        Of a slice: where the store of the whole lies.
    """

    workspace: Workspace
    tables: Tables
    audit: AuditResult
    reading: "Reading | None"
    as_of: date
    period: Period
    compare_to: date
    words: Words
    formats: Formats
    opening_notes: tuple[Note, ...] = ()
    only: Mapping[str, str] = field(default_factory=dict)
    store_of_whole: str | None = None

    @property
    def ledger(self) -> str | None:
        """Where the store lies that keeps what is told of these deals; see `oppnb.stages.OpenedData`."""
        return self.workspace.store or self.store_of_whole

    # --- frames that everything else is made of -------------------------------------------------------------------

    @cached_property
    def source(self) -> Source:
        """The tables, opened once for all questions of history."""
        return open_source(self.tables)

    def snapshot_on(self, day: date) -> pd.DataFrame:
        """The pipeline as known on a day, with the attributes of accounts and owners; open deals aged in whole days."""
        return with_attributes(pipeline_on(self.source, day, workspace=self.workspace), self.source)

    @property
    def _zone(self) -> str:
        return self.workspace.calendar.time_zone

    @cached_property
    def snapshot(self) -> pd.DataFrame:
        """The pipeline as known on `as_of`."""
        return self.snapshot_on(self.as_of)

    @cached_property
    def previous(self) -> pd.DataFrame:
        """The pipeline as known on `compare_to`."""
        return self.snapshot_on(self.compare_to)

    @cached_property
    def opening(self) -> pd.DataFrame | None:
        """The pipeline as known on the day before the period; None if that day lies after `as_of`."""
        day = self.period.start - timedelta(days=1)
        if day > self.as_of:
            return None
        return (
            self.snapshot if day == self.as_of else self.previous if day == self.compare_to else self.snapshot_on(day)
        )

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Stays in stages as known on `as_of`; those that last are counted in whole days, as open deals are."""
        return stays_on(self.source, self.as_of, workspace=self.workspace)

    @cached_property
    def odds(self) -> pd.DataFrame:
        """Set odds beside observed odds, by stage."""
        return observed_odds(self.snapshot, self.spells, workspace=self.workspace)

    @cached_property
    def inputs(self) -> MetricInputs:
        """What metrics are worked out from, on `as_of`."""
        return MetricInputs(
            snapshot=self._for_metrics(self.snapshot),
            period=self.period,
            as_of=self.as_of,
            opening=None if self.opening is None else self._for_metrics(self.opening),
            spells=self.spells,
            stage_rows=stage_rows(self.workspace) if self.workspace.processes else None,
            odds=self.odds,
            targets=self._targets(self.as_of),
            leads=self.tables.frames.get("leads"),
            past=self._past,
            time_zone=self.workspace.calendar.time_zone,
        )

    @cached_property
    def previous_inputs(self) -> MetricInputs:
        """The same on `compare_to`; odds and earlier periods as known on `as_of`, so that only the deals differ."""
        is_before = self.period.start - timedelta(days=1) > self.compare_to
        return MetricInputs(
            snapshot=self._for_metrics(self.previous),
            period=self.period,
            as_of=self.compare_to,
            opening=None if is_before else self.inputs.opening,
            spells=self.spells,  # for the amount at creation only, which was known by then
            stage_rows=self.inputs.stage_rows,
            odds=self.odds,
            targets=self._targets(self.compare_to),
            leads=self.inputs.leads,
            past=self._past,
            time_zone=self.workspace.calendar.time_zone,
        )

    def _for_metrics(self, snapshot: pd.DataFrame) -> pd.DataFrame:
        """Without the expected close where no deal says one: what is due is then not known, rather than nothing."""
        says_nothing = bool(is_open(snapshot).any()) and not has_expected_close(snapshot)
        return snapshot.drop(columns="expected_close_on") if says_nothing else snapshot

    def _targets(self, day: date) -> pd.DataFrame | None:
        return targets_in_base(self.tables, workspace=self.workspace, as_of=day, period=self.period)

    @cached_property
    def _past(self) -> Mapping[Period, pd.DataFrame] | None:
        """The periods before this one whose closed deals are known throughout, each with what is known on `as_of`."""
        first = first_close(self.snapshot, time_zone=self._zone)
        earlier = [self.period.shift(-step) for step in range(1, PAST_PERIODS + 1)]
        known = [one for one in earlier if is_known_throughout(one, first) and one.end <= self.as_of]
        return dict.fromkeys(known, self.snapshot) or None

    # --- tables of the review -------------------------------------------------------------------------------------

    def kpis(self) -> pd.DataFrame:
        """Headline metrics against target and against the last review; see `build_kpis` for the columns."""
        return self._kpis

    @cached_property
    def _kpis(self) -> pd.DataFrame:
        return build_kpis(self.inputs, self.previous_inputs, words=self.words)

    def missing(self) -> pd.DataFrame:
        """Headline metrics that the data does not allow, with what they need."""
        return missing_metrics(self.inputs, words=self.words)

    def bridge(
        self, start: date | None = None, end: date | None = None, *, slice_of: Mapping[str, str] | None = None
    ) -> Bridge:
        """The bridge of the open pipeline due in the period between two days; by default since the last review."""
        if start is None and end is None and slice_of is None:
            return self._bridge
        before = self.previous if start is None or start == self.compare_to else self.snapshot_on(start)
        after = self.snapshot if end is None or end == self.as_of else self.snapshot_on(end)
        return self._bridge_of(before, after, slice_of)

    @cached_property
    def _bridge(self) -> Bridge:
        return self._bridge_of(self.previous, self.snapshot, None)

    def _bridge_of(self, before: pd.DataFrame, after: pd.DataFrame, slice_of: Mapping[str, str] | None) -> Bridge:
        return build_bridge(before, after, period=self.period, slice_of=slice_of, time_zone=self._zone)

    def since(self) -> pd.DataFrame:
        """What happened since the last review: `change` (won, lost, created, pushed), `n`, `amount`."""
        return self._since

    @cached_property
    def _since(self) -> pd.DataFrame:
        return changes_since(self.previous, self.snapshot)

    def funnel(self) -> pd.DataFrame:
        """Open deals by stage with conversion and dwell; see `build_funnel` for the columns."""
        return self._funnel

    @cached_property
    def _funnel(self) -> pd.DataFrame:
        return build_funnel(self.inputs, workspace=self.workspace)

    def stage_odds(self) -> pd.DataFrame:
        """Set odds beside observed odds; see `oppnb.stages.observed_odds` for the columns."""
        return self.odds

    def proposed_odds(self) -> ProposedOdds:
        """A new configuration where what happened says that the set odds are off; `.diff()` shows it."""
        return propose_odds(self.workspace, self.odds)

    def stage_lint(self) -> pd.DataFrame:
        """What is odd in the stage configuration: `process`, `rule`, `stages`, `values`, `text` in the locale."""
        found = lint_stages(self.workspace, tables=self.tables, odds=self.odds, spells=self.spells)
        text = [one.text(self.workspace, words=self.words) for one in found]
        return lint_frame(found).assign(text=pd.Series(text, dtype="str"))

    def breakdown(self, by: str) -> pd.DataFrame:
        """The pipeline by an attribute; see `build_breakdown` for the columns."""
        has_set_odds = bool(self.odds["set_odds"].notna().any())
        return build_breakdown(self.inputs, by, odds="set_odds" if has_set_odds else "observed_odds")

    def won_by_month(self) -> pd.DataFrame:
        """`month`, `won_count`, `won_amount` of the months of the period and the twelve up to it.

        Months before the first close that is known are left out, if any close is known at all.
        """
        first, months = first_close(self.snapshot, time_zone=self._zone), months_of(self.period, as_of=self.as_of)
        known = tuple(month for month in months if first is not None and month.end >= first)
        return won_by_month(self.snapshot, known or months, time_zone=self._zone)

    def pacing(self) -> pd.DataFrame:
        """Won so far by day of the period, beside earlier periods: `period`, `day`, `amount`."""
        return pacing_curve(self.inputs).rename(columns={"won_amount": "amount"})

    def bottlenecks(self) -> pd.DataFrame:
        """Stages that are out of line; see `find_bottlenecks` for the reasons and columns."""
        return self._bottlenecks

    @cached_property
    def _bottlenecks(self) -> pd.DataFrame:
        return find_bottlenecks(self._funnel, self.snapshot, self.spells, odds=self.odds, leakage=self.leakage())

    def leakage(self) -> pd.DataFrame:
        """From which stages deals were lost in the last 365 days; see `build_leakage` for the columns."""
        return build_leakage(self.spells, workspace=self.workspace, since=self.inputs.year_start)

    def attention(self) -> pd.DataFrame:
        """Open deals that need a look, ranked by amount times severity, with `reasons` (codes) and `text`."""
        return self._attention

    @cached_property
    def _attention(self) -> pd.DataFrame:
        flags = flag_deals(self.snapshot, workspace=self.workspace, tables=self.tables, as_of=self.as_of)
        ranked = attention_list(flags)
        text = [
            reason_text(row, words=self.words, formats=self.formats, workspace=self.workspace)
            for row in _records(ranked)
        ]
        facts = [name for name in ranked.columns if name.startswith("fact_")]
        return ranked.drop(columns=facts).assign(text=pd.Series(text, dtype="str"))

    def audit_frame(self) -> pd.DataFrame:
        """Findings of the data audit, one row each."""
        return self.audit.to_frame()

    def definitions(self) -> pd.DataFrame:
        """`metric` (id of the figure), `name`, `unit`, `definition`, in the locale."""
        return figure_definitions(self.words)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What the reader has to know: how it was read, what history cannot tell, what the days mean."""
        found = (
            *self.tables.notes,
            *self.opening_notes,
            *limits(self.source, workspace=self.workspace, day=self.as_of),
            *review_notes(self.snapshot, period=self.period, as_of=self.as_of, time_zone=self._zone),
            *self._bridge.notes,
        )
        return tuple(note for place, note in enumerate(found) if note not in found[:place])

    def summary(self) -> list[str]:
        """Five to eight sentences in the locale: what changed, against target, what slipped, what to do next."""
        parts = Summary(
            as_of=self.as_of,
            compare_to=self.compare_to,
            period=self.period,
            kpis=self._kpis,
            since=self._since,
            bridge=self._bridge,
            attention=self._attention,
            bottlenecks=self._bottlenecks,
            workspace=self.workspace,
        )
        is_old = [note for note in self.notes if note.code == "history_export_is_older"]
        warned = [self.words(f"note.{note.code}", **note.values) for note in is_old]
        unplaced = find_unplaced(self.snapshot, self.workspace)
        warned += tell_unplaced(unplaced, words=self.words, formats=self.formats)
        return [*warned, *summary_sentences(parts, words=self.words, formats=self.formats)]

    def figures(self) -> list[dict[str, Any]]:
        """Every figure as data, sorted; only what was known on `as_of`, the same whatever the locale."""
        maker = FigureMaker(self.inputs, self.as_of)
        present = [name for name in SLICES if name in self.snapshot and self.snapshot[name].notna().any()]
        return sorted_figures(
            [
                *maker.headline(),
                *maker.slices(present),
                *maker.stages(self._funnel),
                *maker.months(self.won_by_month(), leave_out=self.period.name),
                *maker.bridge(self._bridge, start=self.compare_to),
            ]
        )


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
