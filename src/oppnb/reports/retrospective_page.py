"""The page of a retrospective: opening forecast against result, causes, proposals, and what came of the last ones."""

import html
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from oppnb.errors import OppnbError
from oppnb.forecasting import (
    Proposals,
    decisions,
    declined_before,
    help_summary,
    helped,
    tell_decided,
    tell_declined,
    tell_help,
    tell_proposals,
    tell_retrospective,
    waterfall,
)
from oppnb.forecasting.gap_causes import CAUSES
from oppnb.forecasting.proposals import Proposal
from oppnb.reports.calibration_observed import ObservedTold
from oppnb.reports.columns import header
from oppnb.reports.forecast_figures import RETROSPECTIVE_FIGURES, figure_definitions_of, retrospective_figures
from oppnb.reports.forecast_opening import LookedBack
from oppnb.reports.forecast_page import facts_of, note_lines
from oppnb.reports.handover import input_path, run_folder
from oppnb.reports.labels import names_of
from oppnb.reports.names import report_name
from oppnb.reports.page import Page
from oppnb.reports.retrospective_json import retrospective_json, write_retrospective_json
from oppnb.reports.slices import slice_in_words
from oppnb.reports.tables_html import TableLook
from oppnb.stages import stage_label
from oppnb.store import open_store

__all__ = ["RetrospectivePage"]

_CARDS = TableLook(cards=True)
_CAUSES_TOLD = 3
_OF_FORECAST = "combination"


class RetrospectivePage(Page):
    """A retrospective while it is being written.

    Parameters
    ----------
    back : LookedBack
        From `oppnb.reports.look_back`.
    title : str, optional
        By default the catalogue's.
    """

    subject = "report_forecast"

    def __init__(self, back: LookedBack, *, title: str | None = None) -> None:
        self.back = back
        named = title or report_name("retrospective", back.words, period=back.result.period.name)
        labels = names_of(back.found.opened, locale=back.words.locale)
        only = back.found.opened.only
        super().__init__(words=back.words, formats=back.formats, title=named, labels=labels, only=only)

    def said(self, key: str, **values: object) -> str:
        """A text of the catalogue's `report_forecast`."""
        return self.words(f"report_forecast.{key}", **values)

    def opening(self) -> None:
        """Show the title, the period and the day of the opening."""
        result, day = self.back.result, self.formats.day
        facts = {
            self.words("report.fact_period"): str(result.period),
            self.said("fact_opening"): day(result.opening.point.day),
            self.said("fact_until"): day(result.period.end),
            self.words("report.fact_deals"): self.formats.number(len(self.back.found.book.deals)),
        }
        if self.formats.currency:
            facts[self.words("report.fact_currency")] = self.formats.currency
        self.header(facts)

    def headline(self) -> None:
        """Show the verdict, the cards, and the sentences on surprise and causes."""
        self.section("result")
        said = tell_retrospective(self.back.result, words=self.words, formats=self.formats)
        self.verdict(said[0])
        self.cards(self._cards())
        self.points(said[1:])

    def _cards(self) -> list[dict[str, str]]:
        result, surprise = self.back.result, self.back.result.surprise
        span = " – ".join(self.formats.money(end, short=True) for end in (surprise.low, surprise.high))
        sign = "+" if result.gap > 0 else "−" if result.gap < 0 else ""
        rows = [
            ("expected_then", self.formats.money(result.expected, short=True), self.said("in_80", span=span)),
            ("came", self.formats.money(result.actual, short=True), ""),
            ("gap", sign + self.formats.money(abs(result.gap), short=True), ""),
            ("percentile", self.formats.share(surprise.percentile), self.said("percentile_means")),
        ]
        return [{"name": self.said(f"card_{key}"), "value": value, "beside": more} for key, value, more in rows]

    def result_title(self) -> str:
        """The finding of the opening's distribution."""
        key = "inside" if self.back.result.surprise.is_inside else "outside"
        return self.said(f"title_result_{key}")

    def waterfall(self) -> pd.DataFrame:
        """Bars of the gap with their names."""
        return waterfall(self.back.result, self.words)

    def waterfall_title(self) -> str:
        """The finding: which bar moved the result most its way.

        How the opening forecast was put together is no cause of what came: where it weighs most, the largest cause is
        named after it.
        """
        result = self.back.result
        amounts = result.causes().set_index("cause")["amount"]
        if round(result.gap, 2) == 0:
            return self.said("title_no_gap")
        way = 1.0 if result.gap > 0 else -1.0
        its_way = (way * amounts)[way * amounts > 0].sort_values(ascending=False, kind="stable")
        top = [(self._bar(name), self.signed(float(amounts[name]))) for name in its_way.index[:2]]
        if its_way.index[0] == _OF_FORECAST and len(top) > 1:
            (_, method), (cause, amount) = top
            return self.said("title_causes_beside", method=method, cause=cause, amount=amount)
        return self.said("title_causes", cause=top[0][0], amount=top[0][1])

    def _bar(self, cause: str) -> str:
        return self.words(f"forecast_retrospective.bar_{cause}")

    def causes_table(self, bars: pd.DataFrame) -> None:
        """Show what each bar is and means."""
        shown = bars[(bars["amount"] != 0) | bars["bar"].isin(["start", "end"])]
        told = shown[["label", "amount", "n", "meaning"]].rename(columns={"n": "n_deals"})
        self.table("causes", bars, shown=told, look=TableLook(cards=True, folded=True))

    def nodes_lead(self) -> str:
        """What the differences by a column add up to: those of the company, or of the slice."""
        only = self.back.found.opened.only
        if not only:
            return self.said("nodes_lead")
        return self.said("nodes_lead_of_part", slice=slice_in_words(only, words=self.words, labels=self.labels))

    def node(self, column: str) -> pd.DataFrame:
        """The gap by a column, largest first: labelled, kept for the workbook; empty where all is one."""
        rows = self.back.result.by(column)
        if rows["node"].nunique() < 2:
            return pd.DataFrame()
        amounts = {name: f"{name}_amount" for name in ("expected", "actual", "gap", *CAUSES)}
        rows = rows.rename(columns=amounts)
        names, none = self.labels.get(column, {}), self.words("report.slice_none")
        rows = rows.assign(node=[none if pd.isna(one) else names.get(str(one), str(one)) for one in rows["node"]])
        order = rows["gap_amount"].abs().sort_values(ascending=False, kind="stable").index
        self.subsection(self.words("report.by", name=header(column, self.words)))
        return rows.loc[order].reset_index(drop=True)

    def node_table(self, column: str, rows: pd.DataFrame) -> None:
        """Show the gap of each node with its largest causes."""
        shown = rows[["node", "expected_amount", "actual_amount", "gap_amount"]]
        shown = shown.assign(text=[self._largest(row) for _, row in rows.iterrows()]).rename(columns={"node": column})
        self.table(
            f"by_{column}", rows.rename(columns={"node": column}), shown=shown, look=TableLook(cards=True, limit=12)
        )

    def _largest(self, row: pd.Series) -> str:
        amounts = pd.Series({cause: float(row[f"{cause}_amount"]) for cause in CAUSES if cause != _OF_FORECAST})
        top = amounts[amounts.abs() > 0].abs().sort_values(ascending=False, kind="stable").index[:_CAUSES_TOLD]
        said = [
            f"{self._bar(cause)} "
            f"{'+' if amounts[cause] > 0 else '−'}{self.formats.money(abs(amounts[cause]), short=True)}"
            for cause in top
        ]
        return self.words("scoring.between").join(said)

    def node_title(self, rows: pd.DataFrame) -> str:
        """The finding: who was furthest off."""
        top = rows.iloc[0]
        key = "above" if top["gap_amount"] > 0 else "below"
        amount = self.formats.money(abs(float(top["gap_amount"])), short=True)
        return self.said(f"title_node_{key}", node=top["node"], amount=amount)

    def signed(self, value: float) -> str:
        """An amount with its sign."""
        sign = "+" if value > 0 else "−" if value < 0 else ""
        return sign + self.formats.money(abs(value), short=True)

    def deals(self) -> pd.DataFrame:
        """Single deals with the largest part of the gap, with the cause in words."""
        rows = self.back.result.rows
        of_deals = rows[rows["opportunity_id"].notna()]
        sums = of_deals.groupby(["opportunity_id", "cause"], sort=True)["amount"].sum().reset_index()
        owners = of_deals.drop_duplicates("opportunity_id").set_index("opportunity_id")["owner_id"]
        names = self.back.found.opened.tables["opportunities"]
        named = names.set_index("opportunity_id")["name"] if "name" in names else pd.Series(dtype="str")
        told = sums["opportunity_id"].map(named) if len(named) else pd.Series(None, index=sums.index, dtype="object")
        sums = sums.assign(
            name=told.fillna(sums["opportunity_id"]),
            owner_id=sums["opportunity_id"].map(owners),
            cause=[self._bar(cause) for cause in sums["cause"]],
            size=sums["amount"].abs(),
        )
        ordered = sums.sort_values(["size", "opportunity_id"], ascending=[False, True], ignore_index=True)
        return ordered[["opportunity_id", "name", "owner_id", "cause", "amount"]]

    def proposals(self) -> None:
        """Show what is proposed, with its evidence, whether it was declined before, and the diff of `oppnb.yaml`.

        Odds hold for all deals, so a part of them proposes no change of odds: that is said instead.
        """
        proposals = self._proposed()
        if self.back.found.opened.only:
            self.say(self.words("stage_calibration.proposal_of_part"))
            if not proposals.items:
                return
        told = tell_proposals(proposals, words=self.words, formats=self.formats)
        warned = [self._warning(one) for one in proposals.items]
        self.points([*told, *self._declined(proposals), *dict.fromkeys(one for one in warned if one)])
        if proposals.items:
            self.keep("proposals", proposals.frame())
            self.say(self.said("decide_how"))
        diff, out = proposals.diff(self.back.workspace_text), proposals.left_out
        if diff or out:
            self.subsection(self.said("diff"))
        if out:
            self.say(self.said("diff_left_out", n=self.formats.number(len(out)), stages=self._stages(out)))
        if diff:
            self.say(self.said("diff_lead" if " (proposed)" not in diff else "diff_lead_anew"))
            self.show(f'<pre class="code">{html.escape(diff)}</pre>')

    def _proposed(self) -> Proposals:
        """All proposals; those of odds hold for all deals, so a slice has none of them."""
        proposals = self.back.proposals
        if not self.back.found.opened.only:
            return proposals
        items = tuple(one for one in proposals.items if one.change.kind != "stage_odds")
        return replace(proposals, items=items, odds=proposals.odds.only(set()))

    def _declined(self, proposals: Proposals) -> list[str]:
        """A sentence a proposal that was declined before: when, by whom and why."""
        decided, _ = self._decided()
        if decided is None:
            return []
        rows = declined_before(decided, proposals.items)
        settled = self.back.found.opened.workspace
        return tell_declined(rows, settled, words=self.words, formats=self.formats)

    def _decided(self, until: date | None = None) -> tuple[pd.DataFrame | None, str]:
        """What the store remembers of decisions; or None, and a sentence on why it does not."""
        found = self.back.found
        if found.opened.only:
            return None, self.words("note.slice_without_store")
        place = found.opened.workspace.store
        if place is None:
            return None, self.said("no_store_decisions")
        try:
            store = open_store(place if "${" in place else str(input_path(place)))
            return decisions(store, until=until), ""
        except OppnbError as error:
            return None, self.said("store_not_read", why=" ".join(str(error).split()))

    def _warning(self, one: Proposal) -> str:
        """That proposed odds would value new deals far too low, as a stage calibration warns; empty where not."""
        odds, change = self.back.odds, one.change
        if odds is None or change.kind != "stage_odds":
            return ""
        row = odds[(odds["process"] == change.process) & (odds["stage"] == change.target)].to_dict("records")[0]
        stage = self._stages([one])
        return ObservedTold(self.words, self.formats).warning(row, stage=stage, proposed=change.value)

    def _stages(self, proposals: Sequence[Proposal]) -> str:
        settled, locale = self.back.found.opened.workspace, self.words.locale
        names = [stage_label(settled, one.change.process, one.change.target, locale=locale) for one in proposals]
        return self.words("scoring.between").join(names)

    def accepted(self) -> None:
        """Show what was decided before and whether it helped; a sentence where no store remembers it."""
        found = self.back.found
        decided, why_not = self._decided(until=self.back.result.period.end)
        if decided is None:
            self.say(why_not)
            return
        since = helped(found.book, decided, kind=self.back.result.period.kind)
        summary = help_summary(since)
        told: dict[str, Any] = {"words": self.words, "formats": self.formats}
        self.points(
            [
                *tell_decided(decided, found.opened.workspace, **told),
                *tell_help(summary, found.opened.workspace, **told),
            ]
        )
        if len(since):
            self.keep("helped", since)

    def definitions(self) -> None:
        """Show what each figure means."""
        self.section("definitions")
        frame = figure_definitions_of(RETROSPECTIVE_FIGURES, self.words)
        look = TableLook(cards=True, folded=True, limit=len(frame))
        self.table("definitions", frame, shown=frame[["name", "definition"]], look=look)

    def notes(self) -> None:
        """Show what could not be known."""
        self.section("limits")
        self.points(note_lines(self.back.found, self.words, self.formats))

    def close(self) -> None:
        """Write the files of the report."""
        result, folder = self.back.result, run_folder()
        if folder is not None:
            only = dict(self.back.found.opened.only or {})
            figures = retrospective_json(result, self._proposed(), currency=self.formats.currency, only=only)
            write_retrospective_json(figures, folder)
        told: dict[str, Any] = {"as_of": result.period.end.isoformat(), "period": result.period.name}
        self.finish(
            figures=retrospective_figures(result),
            rejected=self.back.found.opened.audit.rejected,
            facts={**facts_of(self.back.found), **told},
        )
