"""The page of a pipeline review: what its cells would otherwise repeat."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from oppnb.reports.columns import ColumnKind, header, written
from oppnb.reports.names import report_name
from oppnb.reports.page import Page
from oppnb.reports.published import Asked, show_published
from oppnb.reports.review_forecast import ReviewForecast
from oppnb.reports.review_scores import ReviewScores
from oppnb.reports.review_tables import (
    bottlenecks_in_numbers,
    bottlenecks_in_words,
    bridge_in_words,
    findings_in_words,
    reasons_counted,
)
from oppnb.reports.rules_table import RULES_LOOK
from oppnb.reports.scores_page import ScoresText, top_deals_look
from oppnb.reports.tables_html import TableLook, table_html
from oppnb.reports.told_forecast import ToldForecast
from oppnb.review.scope import is_open, is_untold_of_open
from oppnb.stages import process_names
from oppnb.tables import Note

__all__ = ["ReviewPage"]

_FOLDED_CARDS = TableLook(cards=True, folded=True)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNITS: Mapping[str, ColumnKind] = {
    "money": "money",
    "money_per_day": "money",
    "share": "share",
    "ratio": "ratio",
    "days": "days",
    "count": "number",
}


class ReviewPage(Page):
    """A pipeline review while it is being written.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    title : str, optional
        By default the catalogue's.
    """

    def __init__(self, review: Any, *, title: str | None = None) -> None:
        self.review = review
        self._scored: tuple[ReviewScores, ScoresText] | None = None
        self._forecast: ReviewForecast | None = None
        self._is_why_told = False
        named = title or report_name("pipeline_review", review.words)
        said = {"words": review.words, "formats": review.formats}
        super().__init__(**said, title=named, labels=_labels(review), only=review.only)

    def opening(self) -> None:
        """Show the title, the days and what the review was made from."""
        day = self.formats.day
        facts = {"as_of": day(self.review.as_of), "period": str(self.review.period)}
        if self.review.compare_to is not None:
            facts["compare_to"] = day(self.review.compare_to)
        known, is_open = len(self.review.snapshot), int((self.review.snapshot["outcome"] == "open").sum())
        facts["deals"] = self.words(
            "report.deals_known", n=self.formats.number(known), n_open=self.formats.number(is_open)
        )
        if self.formats.currency:
            facts["currency"] = self.formats.currency
        self.header({self.words(f"report.fact_{name}"): said for name, said in facts.items()})

    def kpis(self, frame: pd.DataFrame, headlines: Sequence[tuple[str, str]]) -> None:
        """Show these metrics and variants as cards: the value, its target, and what it was at the last review."""
        rows = {(row["metric"], row["variant"]): row for row in frame.to_dict("records")}
        known = [rows[key] for key in headlines if key in rows and pd.notna(rows[key]["value"])]
        self.cards([self._card(row) for row in known])

    def kpi_table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Key figures as text, each in its own unit, for a table that people read."""
        rows = [
            {
                "name": row["name"],
                "value": self._value(row, "value"),
                "target": self._value(row, "target"),
                "previous": self._value(row, "previous"),
                "interval": self._interval(row),
                "n": written(row["n"], "number", self.formats),
                "note": row["note"] if isinstance(row["note"], str) else "",
            }
            for row in frame.to_dict("records")
        ]
        columns = ["name", "value", "target", "previous", "interval", "n", "note"]
        return pd.DataFrame(rows, columns=columns).rename(columns={"name": "metric"})

    def bridge_lead(self) -> str:
        """From when to when the bridge leads, and for which period."""
        start, end = self.formats.day(self.review.compare_to), self.formats.day(self.review.as_of)
        bridge = self.review.bridge()
        which = "bridge_lead_whole" if bridge.period is None else "bridge_lead"
        lead = self.words(f"report.{which}", start=start, end=end, period=str(bridge.period))
        if bridge.unit == "money":
            return lead
        return self.words("metric_note.both", first=lead, second=self.words("note.review_bridge_in_deals"))

    def bridge_table(self, bars: pd.DataFrame) -> pd.DataFrame:
        """Bars with their names."""
        return bridge_in_words(bars, self.words)

    def unfinished_month(self) -> str | None:
        """The month that is still running on the day of knowledge, as `2017-09`; None on its last day."""
        day = pd.Timestamp(self.review.as_of)
        return None if day.is_month_end else f"{day:%Y-%m}"

    def target(self) -> float | None:
        """The target of the period, if the data has one."""
        rows = self.review.kpis()
        found = rows.loc[(rows["metric"] == "won_amount") & rows["target"].notna(), "target"]
        return None if found.empty else float(found.iloc[0])

    def stuck(self, frame: pd.DataFrame, *, limit: int = 6) -> None:
        """Say the bottlenecks that touch most money, a sentence each."""
        from oppnb.review.summary import bottleneck_text

        known = {"words": self.words, "formats": self.formats, "workspace": self.review.workspace}
        top = frame.sort_values("amount", ascending=False, kind="stable").head(limit)
        self.points(bottleneck_text(row, **known) for _, row in top.iterrows())

    def bottlenecks(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Bottlenecks with their reasons in words, most money first."""
        return bottlenecks_in_words(self.labelled(frame), self.words, self.formats)

    def bottlenecks_table(self, frame: pd.DataFrame) -> None:
        """Show bottlenecks with their reasons in words; the workbook has their values as numbers."""
        numbers = bottlenecks_in_numbers(self.labelled(frame), self.words)
        self.table("bottlenecks", numbers, shown=self.bottlenecks(frame).drop(columns="where"))

    def findings(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Findings of the audit in words."""
        return findings_in_words(frame, self.words)

    def reasons(self, attention: pd.DataFrame) -> pd.DataFrame:
        """How many deals need a look for each reason."""
        return reasons_counted(attention, self.words)

    def finding(self, key: str, frame: pd.DataFrame, column: str | None = None, value: str = "amount") -> str:
        """A title that says the finding: `report.title_<key>` of the row with the largest value, or of all rows.

        Parameters
        ----------
        key : str
            In the catalogue; `report.title_<key>_none` is said of a frame without rows.
        frame : DataFrame
            What the title speaks of.
        column : str, optional
            Column whose text in the top row fills `{what}`.
        value : str
            Column by which the top row is found, and whose sum or top value fills `{amount}` or `{share}`.
        """
        known = frame[frame[value].notna()]
        if known.empty:
            return self.words(f"report.title_{key}_none")
        top = known.sort_values(value, ascending=False, kind="stable").iloc[0]
        most = float(known[value].sum() if column is None else top[value])
        is_only = column is not None and len(known) == 1 and self.words.get(f"report.title_{key}_only", "")
        return self.words(
            f"report.title_{key}" + ("_only" if is_only else ""),
            what="" if column is None else top[column],
            n=self.formats.number(len(frame)),
            amount=self.formats.money(most, short=True),
            share=self.formats.share(most),
        )

    def each(self, frame: pd.DataFrame, column: str = "process") -> Iterator[pd.DataFrame]:
        """The rows of each process, labelled; with a heading each where there are several."""
        groups = list(dict.fromkeys(frame[column]))
        for group in groups:
            if len(groups) > 1:
                self.subsection(self.labels.get(column, {}).get(group, group))
            rows = self.labelled(frame[frame[column] == group].reset_index(drop=True))
            yield rows.assign(stage=rows["stage"].fillna(self.words("report.stage_unknown")))

    def can_slice(self, by: str) -> bool:
        """Whether the data tells deals apart by this column."""
        snapshot = self.review.snapshot
        return by in snapshot and int(snapshot[by].nunique()) > 1

    def named(self, slices: pd.DataFrame, by: str) -> pd.DataFrame:
        """Slices with their names, largest first; last what is not known, if that is where all open deals stand."""
        worth = slices["weighted_amount"] if slices["weighted_amount"].notna().any() else slices["open_amount"]
        total = slices["won_amount"].fillna(0.0) + worth.fillna(0.0)
        rows = slices.assign(total=total).sort_values(["total", "slice"], ascending=[False, True], ignore_index=True)
        names = self.labels.get(by, {})
        is_untold = bool(rows.loc[rows["open_count"] > 0, "slice"].isna().all()) and rows["slice"].notna().any()
        if is_untold:
            rows = rows.sort_values("slice", key=pd.Series.isna, kind="stable", ignore_index=True)
        none = self.words("report.slice_untold" if is_untold else "report.slice_none")
        said = [none if pd.isna(value) else names.get(str(value), str(value)) for value in rows["slice"]]
        return rows.drop(columns="total").assign(slice=said)

    def slices_table(self, by: str, slices: pd.DataFrame) -> None:
        """Show a breakdown from `named`; where no open deal tells its slice on the day, say why and what would help."""
        self.table(f"by_{by}", slices.rename(columns={"slice": by}))
        snapshot = self.review.snapshot
        if not is_untold_of_open(snapshot, by):
            return
        owners = [note for note in self.review.notes if note.code == "history_owners_untold"]
        values = {"by": header(by, self.words), "n": self.formats.number(int(is_open(snapshot).sum()))}
        if self._is_why_told:
            self.say(self.words("report.slice_why_as_above", **values))
            return
        self._is_why_told = bool(owners)
        days = self._spoken(owners[0].values if owners else {"day": self.review.as_of.isoformat()})
        self.say(self.words(f"report.slice_why{'_owners' if owners else ''}", **values, **days))

    def by_name(self, by: str) -> str:
        """The heading of a breakdown."""
        return self.words("report.by", name=header(by, self.words))

    def deals(self, frame: pd.DataFrame, *, limit: int = 15) -> None:
        """Show deals that need a look, each with the reasons in words; the workbook has all of them."""
        kept = frame.drop(columns="reasons")
        order = ["name", "owner_id", "stage", "amount", "expected_close_on", "text"]
        shown = kept.assign(name=kept["name"].fillna(kept["opportunity_id"]))[order]
        is_empty = [column for column in order if shown[column].isna().all()]
        self.table("attention", kept, shown=shown.drop(columns=is_empty), look=TableLook(cards=True, limit=limit))

    def show_rows(self, name: str, rows: pd.DataFrame, *, look: TableLook) -> None:
        """Show rows of a table that is kept as a whole elsewhere."""
        shown = rows.dropna(axis="columns", how="all")
        made = table_html(shown, words=self.words, formats=self.formats, look=look, caption=self._caption(name))
        self.show(made)

    def definitions(self, frame: pd.DataFrame) -> None:
        """Show what each figure means; the workbook has its id and unit too."""
        if self._scored is not None:
            frame = pd.concat([frame, self._scored[1].definitions()], ignore_index=True)
        if self._forecast is not None:
            from oppnb.reports.forecast_figures import FORECAST_FIGURES, figure_definitions_of

            frame = pd.concat([frame, figure_definitions_of(FORECAST_FIGURES, self.words)], ignore_index=True)
        look = TableLook(cards=True, folded=True, limit=len(frame))
        self.table("definitions", frame, shown=frame[["name", "definition"]], look=look)

    def scores(self, scores: ReviewScores, kpis: pd.DataFrame) -> ScoresText | None:
        """Begin the section of win probabilities: the verdict and the amounts; or one sentence why there is none."""
        if not scores.is_asked:
            return None
        self.section("scores")
        if scores.scorer is None:
            self.say(scores.note)
            return None
        said = ScoresText(scores, words=self.words, formats=self.formats)
        self.verdict(said.verdict())
        self.cards(said.cards(kpis))
        self.points(said.facts())
        self._scored = (scores, said)
        return said

    def top_deals(self, said: ScoresText) -> None:
        """Show the deals to look at first, each with its probability, interval, grade, change and reasons."""
        self.subsection(self.words("report_scores.top"))
        frame, top = said.scores.frame, said.top()
        self.table("scores", frame, shown=top, look=top_deals_look(said.rule_scores()))
        if len(frame) > len(top):
            self.say(self.words("report.more_rows", n=self.formats.number(len(frame) - len(top))))

    def fallen_deals(self, said: ScoresText) -> None:
        """Show the deals whose probability fell since the last review, and what moved."""
        self.subsection(self.words("report_scores.fallen"))
        self.say(said.fallen_lead())
        fallen = said.fallen()
        if not fallen.empty:
            self.table("fallen", said.scores.fallen, shown=fallen, look=TableLook(cards=True, numbers=("moved",)))

    def score_alerts(self, said: ScoresText) -> None:
        """Show the deals that an alert of the workspace speaks of; nothing where it declares none."""
        lead = said.alerts_lead()
        if not lead:
            return
        self.subsection(self.words("report_scores.alerts"))
        self.say(lead)
        alerts = said.alerts()
        if not alerts.empty:
            self.table("score_alerts", alerts, look=TableLook(cards=True, limit=10))

    def rules(self, said: ScoresText) -> None:
        """Show each declared rule with its measured lift; nothing where none is declared."""
        rules = said.rules()
        if not rules.empty:
            self.subsection(self.words("report_scores.rules"))
            self.say(self.words("model_card.rules_lead"))
            self.table("rules", rules, look=RULES_LOOK)

    def forecast(self, made: ReviewForecast) -> ToldForecast | None:
        """Begin the section of the forecast: the verdict, its parts and what it rests on; or why there is none."""
        if not made.is_asked:
            return None
        self.section("forecast")
        if made.told is None:
            self.say(made.note)
            show_published(self, self.review)
            return None
        self._forecast = made
        self.verdict(made.told.verdict())
        self.cards(made.told.cards())
        self.points(made.told.facts())
        return made.told

    def forecast_backtest(self, told: ToldForecast) -> None:
        """Show how every forecast did at the same point of earlier periods, and what was published before."""
        self._forecast_measures(told)
        review = self.review
        show_published(self, Asked(review.as_of, review.ledger, review.only, lambda: told.book))

    def _forecast_measures(self, told: ToldForecast) -> None:
        measures = told.measures(told.forecast.backtest)
        if measures.empty:
            self.say(self.words("forecasting.nothing_to_judge"))
            return
        self.say(self.words("report_forecast.here_lead"), self.words("report_forecast.backtest_lead"))
        shown = told.measures_in_words(measures)
        self.table(
            "forecast_measures", measures, shown=shown, look=TableLook(cards=True, numbers=tuple(map(str, shown))[1:])
        )

    def short_money(self, value: float) -> str:
        """An amount as 1.2M or 123.5万."""
        return self.formats.money(value, short=True)

    def share(self, value: float) -> str:
        """A share as percent, with one digit where it is small."""
        return written(value, "share", self.formats)

    def notes(self) -> None:
        """Show what could not be known, and what was assumed; then the figures that the data does not allow."""
        self.points(self.note_texts(self.review.notes))
        missing = self.review.missing()
        if not missing.empty:
            self.table("missing", missing, shown=missing[["name", "needs"]], look=_FOLDED_CARDS)

    def note_texts(self, notes: Iterable[Note]) -> list[str]:
        """Notes as sentences, each once."""
        return list(dict.fromkeys(self.words(f"note.{note.code}", **self._spoken(note.values)) for note in notes))

    def close(self) -> None:
        """Write the files of the report."""
        self.finish(figures=self._figures(), rejected=self.review.audit.rejected, facts=self._facts())

    def _facts(self) -> dict[str, Any]:
        """For the manifest."""
        review = self.review
        said = review.workspace.model_dump(mode="json", exclude={"store"})  # where the store lies changes no figure
        settings = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return {
            "as_of": review.as_of.isoformat(),
            "period": str(review.period),
            "compare_to": None if review.compare_to is None else review.compare_to.isoformat(),
            "data_hash": getattr(review.reading, "data_hash", None),
            "workspace_hash": hashlib.sha256(settings.encode()).hexdigest(),
            "seed": getattr(review, "seed", None),
            "model_id": None if self._scored is None else self._scored[0].model_id,
        }

    def _figures(self) -> list[dict[str, Any]]:
        """Those of the review, and those of its scores."""
        from oppnb.review.figures import sorted_figures

        found: list[dict[str, Any]] = self.review.figures()
        scores = [] if self._scored is None else self._scored[0].figures()
        forecast = [] if self._forecast is None else self._forecast.figures()
        return sorted_figures([*found, *scores, *forecast]) if scores or forecast else found

    def _card(self, row: Mapping[Any, Any]) -> dict[str, str]:
        said = []
        if pd.notna(row["target"]):
            said.append(self.words("report.target_is", value=self._short(row, "target")))
        if pd.notna(row["previous"]):
            said.append(self.words("report.was", value=self._short(row, "previous")))
        return {
            "name": row["name"],
            "value": self._short(row, "value"),
            "beside": " · ".join(said),
            "state": _state(row),
        }

    def _value(self, row: Mapping[Any, Any], column: str) -> str:
        said = written(row[column], _UNITS.get(row["unit"], "decimal"), self.formats)
        if pd.isna(row[column]) or row["unit"] not in ("days", "money_per_day"):
            return said
        return self.words("report.days", n=said) if row["unit"] == "days" else self.words("report.per_day", amount=said)

    def _short(self, row: Mapping[Any, Any], column: str) -> str:
        """Money as 1.2M, everything else in full."""
        return self.short_money(row[column]) if row["unit"] == "money" else self._value(row, column)

    def _interval(self, row: Mapping[Any, Any]) -> str:
        if pd.isna(row["low"]) or pd.isna(row["high"]):
            return "–"
        return f"{self._value(row, 'low')} – {self._value(row, 'high')}"

    def _spoken(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._spoken_value(value) for name, value in values.items()}

    def _spoken_value(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return self.formats.number(value)
        if isinstance(value, str) and _DAY.fullmatch(value):
            return self.formats.day(date.fromisoformat(value))
        return value


def _state(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["target"]) or row["better"] == "none":
        return ""
    return "good" if (row["value"] >= row["target"]) == (row["better"] == "higher") else "bad"


def _labels(review: Any) -> dict[str, dict[str, str]]:
    """Names in the reader's language: stages and processes from the workspace, sellers from their table."""
    locale = review.words.locale
    processes = review.workspace.processes
    stages = {stage.name: stage.label.get(locale, stage.name) for process in processes for stage in process.stages}
    made = {"stage": stages, "process": process_names(review.workspace, locale=locale)}
    if "owners" in review.tables and "name" in review.tables["owners"]:
        owners = review.tables["owners"].dropna(subset=["name"])
        made["owner_id"] = dict(zip(owners["owner_id"].astype(str), owners["name"].astype(str), strict=True))
    return made
