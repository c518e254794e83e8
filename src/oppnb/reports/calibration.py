"""What a calibration of stages is made of: odds, segments, trends, stays and a proposal, each worked out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from oppnb.errors import PeriodError
from oppnb.forecasting import Proposals, propose_stage_odds
from oppnb.metrics import MetricInputs, measure
from oppnb.review import Review, open_review, weighted_beside
from oppnb.stages import (
    lint_frame,
    lint_stages,
    odds_by_period,
    odds_by_segment,
    odds_trends,
    standing_first,
    standing_odds,
    stays_and_limits,
)
from oppnb.stages.odds import first_entries
from oppnb.tables import Tables
from oppnb.workspace import Workspace
from oppnb.workspace.workspace_file import WorkspaceFile

__all__ = ["StageCalibration", "calibrate_stages"]

SEGMENTS = ("region", "owner_id", "source")
MIN_COMPARED = 20
"""Closed deals of a stage below which its set odds are not called off."""


@dataclass(frozen=True, eq=False)
class StageCalibration:
    """The stages of a workspace against what became of the deals.

    Attributes
    ----------
    review : Review
        Of the day of knowledge.
    workspace_text : str or None
        What the workspace file says; None where there is none, or where it speaks of more than the report may show.
    by : {'auto', 'quarter', 'year'}
        Of the trends.
    segments : tuple of str
        Columns that tell segments apart.
    """

    review: Review
    workspace_text: str | None = None
    by: Literal["auto", "quarter", "year"] = "auto"
    segments: tuple[str, ...] = SEGMENTS

    @property
    def odds(self) -> pd.DataFrame:
        """Set odds beside observed odds; see `oppnb.stages.observed_odds`."""
        return self.review.odds

    @property
    def judged(self) -> pd.DataFrame:
        """The same, with the odds of the deals that stood in a stage as the observed ones, where they are known."""
        return standing_first(self.odds)

    @cached_property
    def observed(self) -> pd.DataFrame:
        """`odds` with all that `oppnb.stages.standing_odds` tells: raw odds of those that stood there, and the bound.

        `n_process` counts the deals of the process that entered any of its open stages.
        """
        review, keys = self.review, ["process", "stage"]
        told = standing_odds(review.snapshot, review.spells, time_zone=review.workspace.calendar.time_zone)
        told = told[[*keys, *told.columns.difference([*self.odds.columns, *keys])]]
        found = self.odds.merge(told, on=keys, how="left").astype({"n_now": "float64"})
        found["n_now"] = found["n_now"].fillna(0).astype("int64")
        n = self.entered.groupby("process")["opportunity_id"].nunique()
        return found.assign(n_process=found["process"].map(n).fillna(0).astype("int64"))

    def observed_of(self, process: str, stage: str) -> Mapping[Any, Any]:
        """The row of `observed` of a stage."""
        rows = self.observed[(self.observed["process"] == process) & (self.observed["stage"] == stage)]
        found: Mapping[Any, Any] = rows.to_dict("records")[0]
        return found

    @property
    def drawn(self) -> pd.DataFrame:
        """`judged`, by which odds are weighed, less where no deal like any of today's was ever observed: the chart.

        Of such a stage but a bound is known, which is no dot.
        """
        told, judged = self.observed, self.judged
        is_bound = told["standing_odds"].notna() & told["within_odds"].isna()
        new = {name: judged[name].mask(is_bound) for name in ("observed_odds", "low", "high")}
        n = told["standing_n"].where(told["standing_odds"].notna(), told["n_entered"])
        return judged.assign(**new, n_entered=n)

    @property
    def findings(self) -> pd.DataFrame:
        """What is odd in the configuration: `process`, `rule`, `stages`, `values`, `text` in the locale.

        Whether the set odds are off is told by `compared`, not here.
        """
        review, workspace = self.review, self.review.workspace
        found = lint_stages(workspace, tables=review.tables, spells=review.spells)
        return lint_frame(found).assign(
            text=pd.Series([one.text(workspace, words=review.words) for one in found], dtype="str")
        )

    @property
    def compared(self) -> pd.DataFrame:
        """Stages with set odds and at least 20 closed deals, with `is_off`: outside the 95 % interval.

        Set odds weigh the deals that stand in a stage, so they are judged by what became of such deals; where some have
        stood longer than any closed one, the interval holds all that may become of these. `gap`: how far outside, 0-1,
        above 0 where set too high.
        """
        rows = self.judged
        rows = rows[rows["set_odds"].notna() & (rows["n"] >= MIN_COMPARED)]
        over = (rows["set_odds"] - rows["high"]).clip(lower=0.0)
        under = (rows["low"] - rows["set_odds"]).clip(lower=0.0)
        return rows.assign(gap=over - under, is_off=(over + under) > 0)

    @cached_property
    def entered(self) -> pd.DataFrame:
        """The deals behind it: one row a deal and configured open stage; see `oppnb.stages.odds.first_entries`."""
        workspace = self.review.workspace
        found = first_entries(self.review.snapshot, self.review.spells, time_zone=workspace.calendar.time_zone)
        keys = pd.MultiIndex.from_frame(self.odds[["process", "stage"]])
        is_open = pd.MultiIndex.from_frame(found[["process", "stage"]]).isin(keys)
        return found[is_open & (found["days"] >= 0)].reset_index(drop=True)

    @cached_property
    def by_segment(self) -> pd.DataFrame:
        """Odds of each segment beside all others; see `oppnb.stages.odds_by_segment`."""
        review = self.review
        return odds_by_segment(review.snapshot, review.spells, self.segments, workspace=review.workspace)

    @cached_property
    def periods(self) -> pd.DataFrame:
        """Odds by the period of entry; see `oppnb.stages.odds_by_period`."""
        return odds_by_period(self.review.snapshot, self.review.spells, workspace=self.review.workspace, kind=self.by)

    @cached_property
    def trends(self) -> pd.DataFrame:
        """Whether they rise or fall; see `oppnb.stages.odds_trends`."""
        return odds_trends(self.periods)

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Stays beside time limits; see `oppnb.stages.stays_and_limits`."""
        return stays_and_limits(self.review.snapshot, self.review.spells, workspace=self.review.workspace)

    @property
    def is_of_part(self) -> bool:
        """Of a slice that set odds do not tell apart: they hold for all, so a part of them proposes none."""
        return bool(set(self.review.only) - {"process"})

    @cached_property
    def proposals(self) -> Proposals | None:
        """New odds with their evidence; None for a part, or where no opening of a period is known."""
        if self.is_of_part:
            return None
        review = self.review
        try:
            return propose_stage_odds(review.source, self.odds, day=review.as_of, workspace=review.workspace)
        except PeriodError:
            return None

    @property
    def proposed(self) -> Workspace:
        """The workspace with what is proposed; as it is where nothing is."""
        return self.review.workspace if self.proposals is None else self.proposals.kept.after

    @cached_property
    def weighted(self) -> pd.DataFrame:
        """The open pipeline at each of the odds; see `oppnb.review.weighted_beside`."""
        return weighted_beside(self._inputs, self.proposed)

    @cached_property
    def weighted_totals(self) -> Mapping[str, float]:
        """`set`, `proposed`, `observed`: the weighted pipeline of all open deals; NaN where no odds are known."""
        return _sums(self.weighted)

    @property
    def comparable(self) -> pd.DataFrame:
        """`weighted` of the stages of which both set and observed odds are known."""
        rows = self.weighted
        return rows[rows["set_amount"].notna() & rows["observed_amount"].notna()]

    @cached_property
    def comparable_totals(self) -> Mapping[str, float]:
        """`weighted_totals` of the same deals at each of the odds: those in `comparable` stages."""
        return _sums(self.comparable)

    @property
    def _inputs(self) -> MetricInputs:
        review = self.review
        zone = review.workspace.calendar.time_zone
        return MetricInputs(
            snapshot=review.snapshot, period=review.period, as_of=review.as_of, odds=self.odds, time_zone=zone
        )

    @cached_property
    def open_amount(self) -> float:
        """Of all open deals; NaN where none has one."""
        return float(measure("open_amount", self._inputs, variant="all")["value"].iloc[0])


def _sums(rows: pd.DataFrame) -> Mapping[str, float]:
    sums = rows[["set_amount", "proposed_amount", "observed_amount"]].sum(min_count=1).round(2)
    return {str(name).removesuffix("_amount"): float(value) for name, value in sums.items()}


def calibrate_stages(
    data: str | Path | Tables,
    *,
    as_of: date | str | None = None,
    workspace: Workspace | str | Path | None = None,
    locale: str | None = None,
    currency: str | None = None,
    by: Literal["auto", "quarter", "year"] = "auto",
    segments: Sequence[str] = SEGMENTS,
    only: Mapping[str, str] | None = None,
) -> StageCalibration:
    """Hold the stages of a workspace against what became of the deals.

    Parameters
    ----------
    data, as_of, workspace, locale, currency, only
        As in `oppnb.review.open_review`.
    by : {'auto', 'quarter', 'year'}
        How finely trends are told; see `oppnb.stages.odds_by_period`.
    segments : sequence of str
        Columns that tell segments apart; those that the data lacks are left out.

    Returns
    -------
    StageCalibration

    Raises
    ------
    ParameterError, PeriodError, DataError
        As `oppnb.review.open_review`.
    """
    review = open_review(data, as_of=as_of, workspace=workspace, locale=locale, currency=currency, only=only)
    is_file = isinstance(workspace, (str, Path)) and not only  # the file also tells of what a slice leaves out
    text = WorkspaceFile.read(workspace).text if is_file and workspace is not None else None  # type: ignore[arg-type]
    return StageCalibration(review, text, by, tuple(segments))
