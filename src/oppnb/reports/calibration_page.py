"""The page of a stage calibration: set odds and limits against what became of the deals, and what to set otherwise."""

import html
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from oppnb.charts import Estimate
from oppnb.history import limits
from oppnb.reports.calibration import StageCalibration
from oppnb.reports.calibration_figures import calibration_definitions, calibration_figures
from oppnb.reports.calibration_told import CalibrationTold
from oppnb.reports.columns import header
from oppnb.reports.names import report_name
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.tables_html import TableLook
from oppnb.stages import stage_label

__all__ = ["CalibrationPage"]

_CARDS = TableLook(cards=True)
_LINES = 12


class CalibrationPage(ReviewPage):
    """A stage calibration while it is being written.

    Parameters
    ----------
    found : StageCalibration
        From `oppnb.reports.calibrate_stages`.
    """

    subject = "stage_calibration"

    def __init__(self, found: StageCalibration) -> None:
        self.found = found
        super().__init__(found.review, title=report_name("stage_calibration", found.review.words))
        self.told = CalibrationTold(found, self.labels)

    def said(self, key: str, **values: object) -> str:
        """A text of the catalogue's `stage_calibration`."""
        return self.words(f"stage_calibration.{key}", **values)

    def opening(self) -> None:
        """Show the title, the days and which deals it was made from."""
        entered, day = self.found.entered, self.formats.day
        first = None if entered.empty else entered["entered_at"].min().date()
        is_closed = entered["end"] > 0
        n = entered.loc[is_closed, "opportunity_id"].nunique()
        n_won = entered.loc[entered["end"] == 1, "opportunity_id"].nunique()
        n_open = entered.loc[~is_closed, "opportunity_id"].nunique()
        number = self.formats.number
        facts = {
            self.words("report.fact_as_of"): day(self.review.as_of),
            self.said("fact_days"): self.said("days", first=day(first), last=day(self.review.as_of)),
            self.words("report.fact_deals"): self.said(
                "deals", n=number(n), n_won=number(n_won), n_open=number(n_open)
            ),
        }
        if self.formats.currency:
            facts[self.words("report.fact_currency")] = self.formats.currency
        self.header(facts)

    def summary(self) -> None:
        """Show the verdict, the cards and what was found, a sentence each."""
        self.section("summary")
        self.verdict(self.told.verdict())
        self.cards(self.told.cards())
        self.points(self.told.points())

    def odds(self) -> Iterator[pd.DataFrame]:
        """The odds of each process, for the chart; a sentence where nothing is known. Keeps the table."""
        self.section("odds", lead=self.said("odds_lead"))
        if not (self.found.odds["n"] > 0).any():
            self.say(self.said("no_stays"))
            return iter(())
        self.points(self.told.nothing_observed())
        drawn = self.found.drawn
        seen = drawn.loc[drawn["observed_odds"].notna(), "process"]
        return self.each(drawn[drawn["process"].isin(seen)])

    def odds_title(self, rows: pd.DataFrame) -> str:
        """The finding of a chart of `odds`."""
        return self.told.odds_title(rows)

    def odds_table(self) -> None:
        """Show set, observed and standing odds with n and interval."""
        shown = self.told.odds_table()
        if not shown.empty:
            numbers = (
                "set_text",
                "standing_text",
                "within_text",
                "beyond_text",
                "entered_text",
                "n_closed_of",
            )
            kept = self.found.observed.drop(columns="n_process")
            self.table("odds", kept, shown=shown, look=TableLook(cards=True, numbers=numbers))

    def segments(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Say what stands out by each column; gives title and rows of a chart where something does."""
        rows = self.found.by_segment
        self.section("segments", lead=self.said("segments_lead"))
        if rows["p_value"].notna().sum() == 0:
            self.say(self.said("segments_none"))
            return
        for column in dict.fromkeys(rows["column"]):
            here = rows[rows["column"] == column].reset_index(drop=True)
            self.subsection(self.by_name(column))
            self.points(self.told.segments(here))
            if here["stands_out"].any():
                yield self.told.segment_chart(here)
        kept = rows.rename(columns={"difference": "win_rate_difference"})
        self.table("segments", self.labelled_segments(kept), shown=self.told.segment_table(rows))

    def labelled_segments(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the names of segments beside their keys and columns in words."""
        names = [self.told.segment(row) for row in rows.to_dict("records")]
        return rows.assign(name=names, column=[header(one, self.words) for one in rows["column"]])

    def segment_estimate(self) -> Estimate:
        """What the chart of segments draws."""
        return self.told.segment_estimate()

    def weighted(self) -> pd.DataFrame:
        """Say what the pipeline weighs; gives the bars from set to observed odds, empty where nothing is comparable."""
        self.section("weighted", lead=self.said("weighted_lead"))
        self.points(self.told.weighted())
        rows = self.found.weighted
        if rows[["set_amount", "observed_amount"]].notna().any(axis=None):
            shown = rows.drop(columns="proposed_amount") if self.found.proposals is None else rows
            self.table("weighted", rows, shown=self.told.named(shown), look=_CARDS)
        return self.told.weighted_bars()

    def weighted_title(self) -> str:
        """The finding of the chart of the weighted pipeline."""
        return self.told.weighted_title()

    def trends(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Say which odds rise or fall; gives title and rows of a chart for each process."""
        self.section("trend", lead=self.said("trend_lead"))
        periods = self.found.periods
        if periods.empty:
            self.say(self.said("no_stays"))
            return
        self.points(self.told.trends())
        for process in dict.fromkeys(periods["process"]):
            rows = periods[periods["process"] == process].sort_values(["starts_on", "position"], kind="stable")
            last = list(dict.fromkeys(rows["period"]))[-_LINES:]
            rows = rows[rows["period"].isin(last)].reset_index(drop=True)
            yield self.told.trend_title(process), self.told.named(rows)
        kept = periods.drop(columns="error")
        self.table("odds_by_period", kept, shown=self.told.period_table())
        self.keep("odds_trends", self.found.trends.rename(columns={"change_per_year": "difference_share"}))

    def trend_estimate(self) -> Estimate:
        """What the chart of trends draws."""
        return Estimate("observed_odds", "low", "high", name=self.words("chart.observed_odds"), n="n")

    def stays(self) -> Iterator[pd.DataFrame]:
        """Say which limits say something; gives the rows of each process for the chart."""
        rows = self.found.stays
        self.section("stays", lead=self.said("stays_lead"))
        if not (rows["n"] > 0).any():
            self.say(self.said("no_stays"))
            return iter(())
        self.points(self.told.stays())
        look = TableLook(
            cards=True, numbers=("limit_text", "median_text", "over_text", "n_over_now", "all_text", "late_text")
        )
        self.table("stays", rows, shown=self.told.stays_table(), look=look)
        return self.each(rows.rename(columns={"n": "n_entered"}))

    def proposal(self) -> None:
        """Show what is proposed, with its evidence, and the diff of `oppnb.yaml`."""
        self.section("proposal", lead=self.said("proposal_lead"))
        proposals = self.found.proposals
        if proposals is None:
            self.say(self.said("proposal_of_part" if self.found.is_of_part else "proposal_without_opening"))
            return
        self.points(self.told.proposals(proposals))
        if proposals.items:
            self.labels = {**self.labels, "target": self.labels.get("stage", {})}
            self.keep("proposals", proposals.frame())
            self.say(self.words("report_forecast.decide_how"))
        out = proposals.left_out
        if out:
            names = [self._stage(one.change.process, one.change.target) for one in out]
            stages = self.words("scoring.between").join(names)
            self.say(self.words("report_forecast.diff_left_out", n=self.formats.number(len(out)), stages=stages))
        diff = proposals.diff(self.found.workspace_text)
        if diff:
            self.subsection(self.words("report_forecast.diff"))
            key = "diff_lead" if " (proposed)" not in diff else "diff_lead_anew"
            self.say(self.words(f"report_forecast.{key}"))
            self.show(f'<pre class="code">{html.escape(diff)}</pre>')

    def _stage(self, process: str, stage: str) -> str:
        return stage_label(self.review.workspace, process, stage, locale=self.words.locale)

    def lint(self) -> None:
        """Show what is odd in the configuration."""
        findings = self.found.findings
        self.section("lint")
        self.points(findings["text"])
        if len(findings):
            self.keep("lint", findings)

    def definitions(self, frame: pd.DataFrame | None = None) -> None:
        """Show what each figure means."""
        self.section("definitions")
        told = calibration_definitions(self.words) if frame is None else frame
        look = TableLook(cards=True, folded=True, limit=len(told))
        self.table("definitions", told, shown=told[["name", "definition"]], look=look)

    def notes(self) -> None:
        """Show what could not be known, and what was assumed."""
        review = self.review
        self.section("limits")
        known = limits(review.source, workspace=review.workspace, day=review.as_of)
        self.points(self.note_texts([*review.tables.notes, *review.opening_notes, *known]))

    def _figures(self) -> list[dict[str, Any]]:
        return calibration_figures(self.found)

    def _facts(self) -> Mapping[str, Any]:  # type: ignore[override]
        """Of no period: it looks at all that is known."""
        facts = super()._facts()
        return {name: value for name, value in facts.items() if name not in ("period", "compare_to", "model_id")}
