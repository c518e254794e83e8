"""The page of a consultant's first look at a client: the process as it is, and what to fix first."""

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pandas as pd

from oppnb.metrics import measure, missing_needs
from oppnb.reports.baseline_figures import baseline_figures
from oppnb.reports.columns import header
from oppnb.reports.fault_words import faults_in_words, rule_in_words
from oppnb.reports.fix_words import fixes_in_words
from oppnb.reports.names import report_name
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.tables_html import TableLook
from oppnb.review import (
    age_groups,
    build_kpis,
    compare_win_rates,
    count_flows,
    entered_flows,
    fix_first,
    grade_faults,
    in_period,
    last_quarter,
    stage_stays,
    twelve_months,
)
from oppnb.review.baseline import entry_flows, won_within
from oppnb.review.deal_flags import won_cycle_limit

__all__ = ["BaselinePage"]

_TEMPO = (
    ("created_count", "period"),
    ("won_count", "period"),
    ("lost_count", "period"),
    ("win_rate", "closed"),
    ("deal_size", "won_median"),
    ("cycle_length", "won_median"),
    ("open_age", "median"),
    ("over_limit", "won_three_quarters"),
    ("never_moved", "count"),
    ("overdue", "count"),
    ("push_rate", "ever"),
    ("push_rate", "three_times"),
)
_CARDS = (
    ("open_amount", "all"),
    ("won_amount", "period"),
    ("win_rate", "closed"),
    ("cycle_length", "won_median"),
    ("open_age", "median"),
)
_FIRST = 3
_LISTED = 12
_DRAWN = 8
_SLICES = 15
_BEST = 5


class BaselinePage(ReviewPage):
    """A first look at a client while it is being written.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`; what is won, lost and created is of the twelve months up to its day, slippage
        of the last quarter that is over.
    """

    def __init__(self, review: Any) -> None:
        year = in_period(review, twelve_months(review.as_of))
        super().__init__(year, title=report_name("baseline", review.words))
        first_month = review.workspace.calendar.fiscal_year_start
        self.quarter = in_period(year, last_quarter(review.as_of, fiscal_year_start=first_month))

    # --- what the sections are made of ----------------------------------------------------------------------------

    @cached_property
    def fixes(self) -> pd.DataFrame:
        """What to fix first; see `oppnb.review.fix_first`."""
        return fix_first(self.review, quarter=self.quarter)

    @cached_property
    def fixes_told(self) -> pd.DataFrame:
        """The same in words."""
        return fixes_in_words(self.fixes, self)

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Stays in each stage; see `oppnb.review.stage_stays`."""
        return stage_stays(self.review.inputs, workspace=self.review.workspace)

    @cached_property
    def rates(self) -> dict[str, pd.DataFrame]:
        """Win rates by each column that tells deals apart; see `oppnb.review.compare_win_rates`."""
        return compare_win_rates(self.review.inputs)

    @cached_property
    def kpi_rows(self) -> pd.DataFrame:
        """Key figures of the page."""
        wanted = list(dict.fromkeys([*_CARDS, *_TEMPO]))
        return build_kpis(self.review.inputs, None, words=self.words, kpis=wanted)

    # --- sections -------------------------------------------------------------------------------------------------

    def opening(self) -> None:
        """Show the title, the day, and the twelve months."""
        known, is_open = len(self.review.snapshot), int((self.review.snapshot["outcome"] == "open").sum())
        facts = {"as_of": self.formats.day(self.review.as_of), "period": str(self.review.period)}
        facts["deals"] = self.words(
            "report.deals_known", n=self.formats.number(known), n_open=self.formats.number(is_open)
        )
        if self.formats.currency:
            facts["currency"] = self.formats.currency
        self.header({self.words(f"report.fact_{name}"): said for name, said in facts.items()})

    def summary(self) -> None:
        """Show where the client stands in six figures, and the first things to fix."""
        self.section("summary")
        n = len(self.fixes)
        if n:
            top = self.fixes_told.iloc[0]
            self.verdict(self.words("baseline.verdict", what=top["what"], evidence=top["evidence"]) + self._touching())
        else:
            self.verdict(self.words("baseline.verdict_none"))
        rows = {(row["metric"], row["variant"]): row for row in self.kpi_rows.to_dict("records")}
        self.cards(self._card(rows[key]) for key in _CARDS if key in rows and pd.notna(rows[key]["value"]))
        told = self.fixes_told.iloc[1:_FIRST].to_dict("records")
        self.points(self.words("baseline.next", what=row["what"], evidence=row["evidence"]) for row in told)

    def first(self) -> pd.DataFrame:
        """Show what to fix first, with what speaks for it and what would change; gives the rows for the chart."""
        self.section("first", lead=self.words("baseline.first_lead"))
        return self.fixes_told[self.fixes_told["touched_amount"].notna()].head(_DRAWN).reset_index(drop=True)

    def first_title(self, rows: pd.DataFrame) -> str:
        """The title of the chart of what to fix."""
        if rows.empty:
            return self.words("baseline.verdict_none")
        top = rows.iloc[0]
        return self.words("baseline.title_first", what=top["what"], amount=self.short_money(top["touched_amount"]))

    def first_table(self) -> None:
        """Show the whole list."""
        told = self.fixes_told
        if told.empty:
            self.say(self.words("baseline.verdict_none"))
            return
        numbered = [
            self.words("baseline.numbered", n=place, what=what)
            for place, what in zip(told["rank"], told["what"], strict=True)
        ]
        shown = told.assign(what=numbered)[["what", "evidence", "touched_amount", "changes"]]
        self.table("first", told.drop(columns="weight"), shown=shown, look=TableLook(cards=True, limit=_LISTED))

    def flows(self) -> None:
        """Show where the deals went that entered each stage in the last 365 days."""
        counted = count_flows(entered_flows(self.review.inputs))
        flows = entry_flows(self.review.funnel(), self.review.leakage(), counted)
        if flows.empty:
            self.say(self.words("baseline.no_flows"))
            return
        self.subsection(self.words("baseline.flows_head"))
        self.say(self.words("baseline.flows_lead"))
        self.table("flows", flows, shown=self._without_only_process(flows), look=TableLook(cards=True))

    def stay_title(self, rows: pd.DataFrame) -> str:
        """The title of the chart of stays: where half of the deals stay longest."""
        known = rows[rows["median_days"].notna()]
        if known.empty:
            return self.words("chart.dwell_unknown")
        top = known.sort_values("median_days", ascending=False, kind="stable").iloc[0]
        values = {"stage": top["stage"], "days": self.formats.number(top["median_days"])}
        if len(known) == 1 or pd.isna(top["p80_days"]):
            return self.words("chart.dwell_longest" if len(known) > 1 else "chart.dwell_only", **values)
        return self.words("baseline.title_stays", **values, most=self.formats.number(top["p80_days"]))

    def in_days(self, days: float) -> str:
        """Days as a chart writes them."""
        return self.words("chart.days_short", n=self.formats.number(days))

    def wins(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Begin the section of win rates; gives each column that tells deals apart, with its rates."""
        self.section("wins", lead=self.words("baseline.wins_lead", period=self.review.period.name))
        found = False
        for by, rates in self.rates.items():
            if rates["slice"].notna().sum() > 1:
                found = True
                yield by, self._rates_named(rates, by)
        if not found:
            self.say(self.words("baseline.no_wins"))

    def wins_title(self, rates: pd.DataFrame, by: str) -> str:
        """The title of a chart of win rates: who differs most beyond chance, or that nobody does."""
        apart = rates[rates["differs"].isin(["above", "below"])]
        name = header(by, self.words)
        if apart.empty:
            return self.words("baseline.title_wins_alike", by=name)
        gap = (apart["won_beside"] - apart["others_rate"] * apart["n_beside"]).abs()
        top = apart.assign(gap=gap).sort_values("gap", ascending=False, kind="stable").iloc[0]
        return self.words(
            f"baseline.title_wins_{top['differs']}",
            what=top["slice"],
            share=self.share(top["won_beside"] / top["n_beside"]),
            others=self.share(top["others_rate"]),
        )

    def drawn(self, rates: pd.DataFrame) -> pd.DataFrame:
        """The slices that a chart shows, the highest rate first.

        All where they are few. Else those that differ, and of those with deals enough the five that win most and the
        five that win least, filled up with those that closed most deals.
        """
        enough = rates[rates["differs"] != "few"].sort_values("win_rate", ascending=False, kind="stable")
        is_apart = rates["differs"].isin(["above", "below"])
        first = [*rates.index[is_apart], *enough.index[:_BEST], *enough.index[-_BEST:], *rates.index]
        chosen = rates if len(rates) <= _SLICES else rates.loc[list(dict.fromkeys(first))[:_SLICES]]
        return chosen.sort_values(["win_rate", "n"], ascending=False, kind="stable", ignore_index=True)

    def wins_table(self, rates: pd.DataFrame, by: str) -> None:
        """Show the rates of a column, with the verdict on each, and say which of them the chart shows."""
        if len(rates) > _SLICES:
            values = {"n": self.formats.number(_SLICES), "total": self.formats.number(len(rates)), "best": _BEST}
            self.say(self.words("baseline.wins_drawn", **values))
        told = [self.words(f"baseline.differs_{key}") for key in rates["differs"]]
        whole = rates.assign(differs=told).rename(columns={"slice": by})
        shown = whole.drop(columns=["n_beside", "won_beside"])
        self.table(f"wins_by_{by}", whole, shown=shown, look=TableLook(folded=True))

    def tempo(self) -> None:
        """Show how fast it goes and how much is put off: cycle, pushes, slippage, silence, overdue."""
        self.section("tempo", lead=self.words("baseline.tempo_lead", period=self.review.period.name))
        self.points([*self._cycle(), *self._slipped(), *self._silent()])
        rows = self.kpi_rows
        chosen = rows[[key in _TEMPO for key in zip(rows["metric"], rows["variant"], strict=True)]]
        shown = self.kpi_table(chosen.reset_index(drop=True))[["metric", "value", "interval", "n"]]
        self.table("tempo", chosen.drop(columns=["target", "previous"]), shown=shown, look=TableLook(cards=True))

    def ages(self) -> pd.DataFrame:
        """Begin the section of ages; gives the groups for the chart."""
        self.section("ages")
        groups = age_groups(self.review.snapshot)
        return groups.assign(age=[self.words(f"baseline.age_{key}") for key in groups["age"]])

    def ages_title(self) -> str:
        """The title of the chart of ages: how many are older than most deals that were won."""
        limit = won_cycle_limit(self.review.snapshot, quantile=0.75)
        inputs = self.review.inputs
        if not missing_needs("over_limit", inputs, variant="won_three_quarters"):
            row = measure("over_limit", inputs, variant="won_three_quarters").iloc[0]
            if not (math.isnan(limit) or math.isnan(row["value"])):
                number = self.formats.number
                values = {"n": number(row["n"]), "days": number(round(limit))}
                return self.words("baseline.title_ages", share=self.share(row["value"]), **values)
        return self.words("baseline.title_ages_unknown")

    def data_faults(self) -> None:
        """Show the faults of the data that touch figures most; the report on the data has all of them."""
        self.section("data", lead=self.words("baseline.data_lead"))
        faults = grade_faults(self.review.audit)
        told = faults_in_words(faults, self.words, self.formats)
        grave = told[faults["level"].isin(["high", "medium"])].reset_index(drop=True)
        if grave.empty:
            self.say(self.words("baseline.data_good"))
        else:
            columns = ["fault", "gravity", "n_rows", "share", "touched_amount", "touches", "advice"]
            self.table("data", grave, shown=grave[columns], look=TableLook(cards=True))
        rules = [f"“{rule_in_words(rule, self.words)}”" for rule in faults.loc[faults["is_explained"], "rule"]]
        if rules:
            self.say(self.words("baseline.data_explained", rules=self.words("review.comma").join(rules)))

    def limits(self) -> None:
        """Show what was assumed, and what could not be known."""
        self.section("limits")
        kept = [
            note
            for note in self.review.notes
            if not note.code.startswith(("review_bridge", "review_period", "review_overdue"))
        ]
        self.points(self.note_texts(kept))

    # --- words ----------------------------------------------------------------------------------------------------

    def _touching(self) -> str:
        """The money that the first thing touches; nothing where its evidence says it, or it is not known."""
        first = self.fixes.iloc[0]
        if pd.isna(first["amount"]) or pd.notna(first["gain"]):
            return ""
        return self.words("baseline.touching", amount=self.short_money(first["amount"]))

    def _without_only_process(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.drop(columns="process") if len(frame["process"].drop_duplicates()) == 1 else frame

    def _rates_named(self, rates: pd.DataFrame, by: str) -> pd.DataFrame:
        names, none = self.labels.get(by, {}), self.words("report.slice_none")
        said = [names.get(value, value) if isinstance(value, str) else none for value in rates["slice"]]
        return rates.assign(slice=said)

    def _cycle(self) -> Iterator[str]:
        days = won_within(self.review.inputs)
        rows = self.kpi_rows[self.kpi_rows["metric"] == "cycle_length"]
        if days is not None and len(rows) and pd.notna(rows["value"].iloc[0]):
            number = self.formats.number
            median, n = number(round(rows["value"].iloc[0])), number(rows["n"].iloc[0])
            yield self.words("baseline.cycle", median=median, most=number(round(days)), n=n)

    def _slipped(self) -> Iterator[str]:
        inputs, period = self.quarter.inputs, self.quarter.period.name
        if missing_needs("slippage", inputs, variant="count"):
            yield self.words("baseline.no_slippage")
            return
        row = measure("slippage", inputs, variant="count").iloc[0]
        if pd.isna(row["value"]):
            yield self.words("baseline.no_due", period=period)
            return
        bounds = {name: self.share(row[name]) for name in ("low", "high")}
        n = self.formats.number(row["n"])
        yield self.words("baseline.slippage", period=period, n=n, share=self.share(row["value"]), **bounds)

    def _silent(self) -> Iterator[str]:
        if "activities" not in self.review.tables:
            yield self.words("baseline.no_silence")
            return
        found = self.fixes[self.fixes["code"] == "deal_stale"]
        n_open = int((self.review.snapshot["outcome"] == "open").sum())
        if found.empty:
            yield self.words("baseline.not_silent", total=self.formats.number(n_open))
            return
        row = found.iloc[0]
        n, total = self.formats.number(row["n"]), self.formats.number(n_open)
        amount = "–" if pd.isna(row["amount"]) else self.short_money(row["amount"])
        yield self.words("baseline.silent", n=n, total=total, share=self.share(row["value"]), amount=amount)

    def _figures(self) -> list[dict[str, Any]]:
        """Those of the twelve months by slice and stage, stays, ages, win rates, and what to fix."""
        return baseline_figures(self.review, stays=self.stays, rates=self.rates, fixes=self.fixes)
