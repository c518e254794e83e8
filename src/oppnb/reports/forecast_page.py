"""The pages of a forecast review and of a retrospective: what their cells would otherwise repeat."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from oppnb.forecasting import ForecastBacktest, tell_assumptions, tell_scenarios
from oppnb.forecasting.beyond_interval import tell_beyond_interval
from oppnb.forecasting.explored import ExploredForecast
from oppnb.forecasting.untold_nodes import tell_untold_nodes
from oppnb.reports.columns import header
from oppnb.reports.forecast_ahead import CASH_PARTS, Ahead
from oppnb.reports.forecast_figures import FORECAST_FIGURES, figure_definitions_of, forecast_figures
from oppnb.reports.forecast_memory import remember
from oppnb.reports.forecast_people import People, accuracy_in_words
from oppnb.reports.forecast_views import rolled_up
from oppnb.reports.labels import names_of
from oppnb.reports.names import report_name
from oppnb.reports.open_forecast import OpenedForecast
from oppnb.reports.page import Page
from oppnb.reports.tables_html import TableLook
from oppnb.reports.told_forecast import ToldForecast
from oppnb.tables import Note

__all__ = ["ForecastPage", "facts_of", "note_lines"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_CARDS = TableLook(cards=True)
_PARTS = ("won_amount", "from_open_deals_amount", "new_amount")
_ACCURACY = [
    *("spoken_by", "weeks_ahead", "n", "n_periods", "absolute_error", "wape", "bias"),
    *("reference_wape", "added", "verdict"),
]
_NUMBERS = (
    "n_periods",
    "wape_share",
    "bias_share",
    "crps_share",
    "held_50",
    "held_80",
    "held_95",
    "weeks_left",
    "best_baseline",
)


class ForecastPage(Page):
    """A forecast review while it is being written.

    Parameters
    ----------
    told : ToldForecast
        From `oppnb.reports.tell_forecast_of`.
    title : str, optional
        By default the catalogue's.
    """

    subject = "report_forecast"
    cards_look = _CARDS
    """How tables of few rows are shown: as cards on a phone."""

    def __init__(self, told: ToldForecast, *, title: str | None = None) -> None:
        self.told = told
        named = title or report_name("forecast_review", told.words, period=told.forecast.point.period.name)
        self._rolls: dict[str, pd.DataFrame] = {}
        super().__init__(
            words=told.words,
            formats=told.formats,
            title=named,
            labels=names_of(told.found.opened, locale=told.words.locale),
            only=told.found.opened.only,
        )

    def opening(self) -> None:
        """Show the title, the day and what the forecast was made from."""
        point, day = self.told.forecast.point, self.formats.day
        n, n_open = len(self.told.book.deals), len(self.told.forecast.parts.deals)
        facts = {
            "as_of": day(point.day),
            "period": str(point.period),
            "deals": self.words("report.deals_known", n=self.formats.number(n), n_open=self.formats.number(n_open)),
        }
        if self.formats.currency:
            facts["currency"] = self.formats.currency
        self.header({self.words(f"report.fact_{name}"): said for name, said in facts.items()})

    def headline(self) -> None:
        """Show the verdict, the cards, and which forecast is told."""
        self.section("headline")
        self.verdict(self.told.verdict())
        self.cards(self.told.cards())
        self.points([*self.told.faults[:1], *self.told.facts()])

    def deals(self, frame: pd.DataFrame, all_deals: pd.DataFrame) -> None:
        """Show the deals that decide; the workbook has all of them."""
        shown = frame.drop(columns="opportunity_id")
        self.table("deals", all_deals, shown=shown, look=_CARDS)

    def roll(self, column: str) -> pd.DataFrame:
        """The forecast by a column, labelled and kept for the workbook; empty where the data does not tell apart."""
        rows = rolled_up(self.told, column)
        deals, point = self.told.forecast.parts.deals, self.told.forecast.point
        for sentence in tell_untold_nodes(deals, [column], point=point, words=self.words, formats=self.formats):
            self.say(sentence)
        if rows.empty:
            return rows
        self._rolls[column] = rows
        names, none = self.labels.get(column, {}), self.words("report.slice_none")
        shown = rows.assign(node=[names.get(node, node) or none for node in rows["node"]])
        self.subsection(self.words("report.by", name=header(column, self.words)))
        return shown.rename(columns={"target_amount": "target"}) if "target_amount" in shown else shown

    def roll_table(self, column: str, rows: pd.DataFrame) -> None:
        """Show a roll-up as a table."""
        self.table(f"by_{column}", rows.rename(columns={"node": column}))
        expected, high = rows["expected_amount"], rows["high_amount"]
        for sentence in tell_beyond_interval(expected, high, words=self.words, formats=self.formats):
            if not self.told.forecast.is_unknown:
                self.say(sentence)

    def part_names(self) -> dict[str, str]:
        """Columns of a roll-up -> their names."""
        keys = ("won", "open", "new")
        return {column: self.told.said(f"card_{key}") for column, key in zip(_PARTS, keys, strict=True)}

    def roll_title(self, rows: pd.DataFrame) -> str:
        """The finding: who is expected to bring most."""
        top = rows.iloc[0]
        total = float(rows["expected_amount"].sum())
        share = self.formats.share(float(top["expected_amount"]) / total if total else None)
        return self.told.said(
            "title_roll", node=top["node"], amount=self.told.money(top["expected_amount"]), share=share
        )

    def categories(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Categories in words."""
        return frame.assign(category=[self.told.said(f"category_{one}") for one in frame["category"]])

    def backtest_table(self, name: str, backtest: ForecastBacktest) -> None:
        """Show the measures of every forecast."""
        measures = self.told.measures(backtest)
        if measures.empty:
            self.say(self.words("forecasting.nothing_to_judge"))
            return
        shown = self.told.measures_in_words(measures)
        self.table(name, measures, shown=shown, look=TableLook(cards=True, numbers=_NUMBERS))

    def weeks_table(self, backtest: ForecastBacktest) -> pd.DataFrame:
        """Show the error by weeks to the end; gives its rows."""
        by_weeks = self.told.by_weeks(backtest)
        shown = self.told.by_weeks_in_words(by_weeks)
        if not shown.empty:
            self.table("by_weeks", by_weeks, shown=shown, look=TableLook(cards=True, numbers=_NUMBERS))
        return by_weeks

    def scenarios(self) -> pd.DataFrame:
        """Say what the scenarios of the workspace assume and what comes of them; gives rows for the chart."""
        saved = self.told.workspace.forecast.scenarios
        if not saved:
            self.say(self.told.said("no_scenarios"))
            return pd.DataFrame()
        compared = ExploredForecast(self.told.forecast, self.told.book, by=()).compare(saved)
        said = tell_scenarios(compared, saved, words=self.words, formats=self.formats)
        self.points([*said, self.words("forecast_scenarios.how_moved")])
        rows = []
        for one in saved:
            name = one.label.get(self.words.locale, one.name)
            told = tell_assumptions(one, words=self.words, formats=self.formats)
            rows += [{"scenario": name, "assumption": text} for text in told]
        self.table("assumptions", pd.DataFrame(rows, columns=["scenario", "assumption"]), look=_CARDS)
        names = {one.name: one.label.get(self.words.locale, one.name) for one in saved}
        names["forecast"] = self.told.said("as_it_is")
        whole = compared.drop(columns="chance_of_target").rename(columns=_scenario_columns())
        return whole.assign(scenario=[names.get(str(one), str(one)) for one in whole["scenario"]])

    def people(self, people: People) -> None:
        """Show overrides of the period and who was nearer before."""
        self.points(people.lines)
        if not people.overrides.empty:
            columns = {"model": "model_amount", "adjusted": "adjusted_amount", "difference": "difference_amount"}
            shown = people.overrides.rename(columns=columns)
            zone = self.told.workspace.calendar.time_zone
            shown["said_at"] = shown["said_at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
            of = shown["opportunity_id"].where(shown["opportunity_id"].notna(), shown["node"])
            of = of.where(of != "company", self.told.said("company"))
            shown.insert(0, "spoken_of", of)
            page = shown[["spoken_of", *columns.values(), "who", "why"]]
            self.table("overrides", shown, shown=page, look=_CARDS)
        if people.accuracy_lines:
            self.subsection(self.told.said("who_was_nearer"))
            self.points(people.accuracy_lines)
        if not people.accuracy.empty:
            told = accuracy_in_words(people.accuracy, words=self.words, formats=self.formats)
            verdicts = [self.words(f"forecast_people.verdict_{one}") for one in told["verdict"]]
            self.table("accuracy", told, shown=told[_ACCURACY].assign(verdict=verdicts), look=_CARDS)
        if not people.nodes.empty:
            self._spoken_nodes(people.nodes)

    def _spoken_nodes(self, nodes: pd.DataFrame) -> None:
        """What was said of parts for periods that are over."""
        amounts = {"value": "said_amount", "actual": "actual_amount", "model": "model_amount"}
        shown = nodes.drop(columns="standing").rename(
            columns={"node": "spoken_of", "difference": "difference_amount", **amounts}
        )
        shown = shown.assign(judgement=[self.words(f"forecast_people.standing_{one}") for one in nodes["standing"]])
        page = ["spoken_of", "period", "said_amount", "actual_amount", "model_amount", "who", "judgement"]
        self.table("spoken_nodes", shown, shown=shown[page], look=_CARDS)

    def lines(self, ahead: Ahead) -> None:
        """Show what a section rests on, or why it is empty."""
        self.points(ahead.lines) if ahead else self.say(*ahead.lines)

    def cash_names(self) -> dict[str, str]:
        """Columns of the money by week -> their names."""
        return {f"{name}_amount": self.words(f"forecast_cash.kind_{name}") for name in CASH_PARTS}

    def months(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Units by product, a column a month, those asked for most first."""
        wide = frame.assign(month=frame["month"].dt.strftime("%Y-%m")).pivot_table(
            index="product", columns="month", values="expected", aggfunc="sum", sort=True
        )
        order = wide.sum(axis="columns").sort_values(ascending=False, kind="stable").index
        told = wide.loc[order].map(lambda value: self.formats.number(float(value)))
        return told.reset_index()

    def months_look(self, frame: pd.DataFrame) -> TableLook:
        """Numbers of a table of months stand to the right; on a phone, where they do not fit, a product is a card."""
        return TableLook(cards=True, numbers=tuple(sorted(frame["month"].dt.strftime("%Y-%m").unique())))

    def renewals(self, frame: pd.DataFrame) -> None:
        """Show the contracts that end first; the workbook has all of them."""
        tables = self.told.tables
        accounts = tables["accounts"] if "accounts" in tables.frames else None
        names: dict[str, str] = {}
        if accounts is not None and "name" in accounts:
            named = accounts.dropna(subset=["name"])
            names = dict(zip(named["account_id"].astype(str), named["name"].astype(str), strict=True))
        none = self.words("forecast_cash.no_open_renewal")
        shown = pd.DataFrame(
            {
                "name": [names.get(str(one), str(one)) for one in frame["account_id"]],
                "product": frame["product"],
                "ends_on": frame["ends_on"],
                "amount_base": frame["amount_base"],
                "renewal_rate": frame["renewal_rate"],
                "open_renewal": frame["open_renewal"].fillna(none),
            }
        )
        self.table("renewals", frame, shown=shown, look=TableLook(cards=True, limit=12))

    def definitions(self) -> None:
        """Show what each figure means."""
        self.section("definitions")
        frame = figure_definitions_of(FORECAST_FIGURES, self.words)
        look = TableLook(cards=True, folded=True, limit=len(frame))
        self.table("definitions", frame, shown=frame[["name", "definition"]], look=look)

    def notes(self) -> None:
        """Show what could not be known."""
        self.section("limits")
        said = note_lines(self.told.found, self.words, self.formats, also=self.told.forecast.parts.notes)
        self.points([*self.told.faults, *said])

    def close(self) -> None:
        """Remember the forecast in the store, as `oppnb forecast` does, and write the files of the report."""
        opened = self.told.found.opened
        remember(self.told.forecast, ledger=opened.ledger, only=opened.only)
        point = self.told.forecast.point
        self.finish(
            figures=forecast_figures(self.told, rolls=self._rolls),
            rejected=self.told.found.opened.audit.rejected,
            facts={**facts_of(self.told.found), "as_of": point.day.isoformat(), "period": point.period.name},
        )


def _scenario_columns() -> dict[str, str]:
    return {
        "won": "won_amount",
        "open_deals": "from_open_deals_amount",
        "new_business": "new_amount",
        "expected": "expected_amount",
        "quantile_10": "low_amount",
        "quantile_90": "high_amount",
        "quantile_50": "median_amount",
        "change": "difference_amount",
        "change_share": "difference_share",
    }


def note_lines(found: OpenedForecast, words: Any, formats: Any, *, also: Sequence[Note] = ()) -> Sequence[str]:
    """What the data do not carry and what was assumed, a sentence each."""
    notes = (*found.opened.notes, *found.notes, *also)
    said = []
    for note in notes:
        values = {name: _spoken(value, formats) for name, value in note.values.items()}
        said.append(words(f"note.{note.code}", **values))
    return list(dict.fromkeys(said))


def _spoken(value: Any, formats: Any) -> Any:
    """A count or a day as the reader writes it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.number(value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return formats.day(date.fromisoformat(value))
    return value


def facts_of(found: OpenedForecast) -> dict[str, Any]:
    """What the manifest says of the data and the workspace."""
    said = found.opened.workspace.model_dump(mode="json", exclude={"store"})  # where the store lies changes no figure
    settings = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return {
        "data_hash": getattr(found.opened.reading, "data_hash", None),
        "workspace_hash": hashlib.sha256(settings.encode()).hexdigest(),
        "seed": 0,
    }
