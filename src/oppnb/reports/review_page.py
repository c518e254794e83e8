"""The page of a pipeline review: what its cells would otherwise repeat."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from oppnb.reports.columns import ColumnKind, header, written
from oppnb.reports.page import Page
from oppnb.reports.review_tables import (
    bottlenecks_in_words,
    bridge_in_words,
    findings_in_words,
    reasons_counted,
)
from oppnb.reports.tables_html import TableLook

__all__ = ["ReviewPage"]

_UNITS: Mapping[str, ColumnKind] = {
    "money": "money",
    "money_per_day": "money",
    "share": "share",
    "ratio": "ratio",
    "days": "decimal",
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
        named = title or review.words("report.review_title")
        super().__init__(words=review.words, formats=review.formats, title=named, labels=_labels(review))

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

    def kpis(self, frame: pd.DataFrame, *, targets_only: bool = False) -> None:
        """Show key figures as cards: the value, its target, and what it was at the last review."""
        rows = frame[frame["target"].notna()] if targets_only else frame
        self.cards([self._card(row) for row in rows.to_dict("records") if pd.notna(row["value"])])

    def kpi_table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Key figures as text, each in its own unit, for a table that people read."""
        names = self._metric_names()
        columns = ("value", "target", "previous", "interval", "n")
        rows = [
            {
                "metric": names.get(row["metric"], row["metric"]),
                "value": self._value(row, "value"),
                "target": self._value(row, "target"),
                "previous": self._value(row, "previous"),
                "interval": self._interval(row),
                "n": written(row["n"], "number", self.formats),
            }
            for row in frame.to_dict("records")
        ]
        return pd.DataFrame(rows, columns=["metric", *columns])

    def bridge_lead(self) -> str:
        """From when to when the bridge leads, and for which period."""
        day = self.formats.day
        first = self.review.compare_to or self.review.period.start
        return self.words(
            "report.bridge_lead", start=day(first), end=day(self.review.as_of), period=str(self.review.period)
        )

    def bridge_table(self, bars: pd.DataFrame) -> pd.DataFrame:
        """Bars with their names."""
        return bridge_in_words(bars, self.words)

    def unfinished_month(self) -> str | None:
        """The month that is still running on the day of knowledge, as `2017-09`; None on its last day."""
        day = pd.Timestamp(self.review.as_of)
        return None if day.is_month_end else f"{day:%Y-%m}"

    def bottlenecks(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Bottlenecks with their reasons in words, most money first."""
        return bottlenecks_in_words(self.labelled(frame), self.words)

    def bottleneck_finding(self, rows: pd.DataFrame) -> str:
        """The bottleneck that holds most money, as a title."""
        if rows.empty:
            return self.words("report.bottlenecks_none")
        top = rows.iloc[0]
        amount = self.formats.money(float(top["amount"]), short=True)
        return self.words("report.bottlenecks_most", where=top["where"], amount=amount)

    def reasons(self, attention: pd.DataFrame) -> pd.DataFrame:
        """How many deals need a look for each reason."""
        return reasons_counted(attention, self.words)

    def reason_finding(self, attention: pd.DataFrame) -> str:
        """How many deals need a look, and what they are worth, as a title."""
        if attention.empty:
            return self.words("report.attention_none")
        amount = self.formats.money(float(attention["amount"].sum()), short=True)
        return self.words("report.attention_some", n=self.formats.number(len(attention)), amount=amount)

    def findings(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Findings of the audit in words."""
        return findings_in_words(frame, self.words)

    def each(self, frame: pd.DataFrame, column: str = "process") -> Iterator[pd.DataFrame]:
        """The rows of each process, labelled; with a heading each where there are several."""
        groups = list(dict.fromkeys(frame[column]))
        for group in groups:
            if len(groups) > 1:
                self.subsection(self.labels.get(column, {}).get(group, group))
            yield self.labelled(frame[frame[column] == group].reset_index(drop=True))

    def can_slice(self, by: str) -> bool:
        """Whether the data tells deals apart by this column."""
        snapshot = self.review.snapshot
        return by in snapshot and int(snapshot[by].nunique()) > 1

    def named(self, slices: pd.DataFrame, by: str) -> pd.DataFrame:
        """Slices with their names, largest first."""
        total = slices[["won_amount", "open_amount"]].fillna(0.0).sum(axis=1)
        rows = slices.assign(total=total).sort_values(["total", "slice"], ascending=[False, True], ignore_index=True)
        names = self.labels.get(by, {})
        none = self.words("report.slice_none")
        said = [none if pd.isna(value) else names.get(str(value), str(value)) for value in rows["slice"]]
        return rows.drop(columns="total").assign(slice=said)

    def by_name(self, by: str) -> str:
        """The heading of a breakdown."""
        return self.words("report.by", name=header(by, self.words))

    def deals(self, frame: pd.DataFrame, *, limit: int = 15) -> None:
        """Show deals that need a look, each with the reasons in words; the workbook has all of them."""
        kept = frame.drop(columns=[column for column in ("reasons",) if column in frame])
        shown = kept.drop(columns=[column for column in ("process",) if column in kept])
        order = ["name", *[column for column in shown.columns if column not in ("name", "opportunity_id")]]
        shown = shown.assign(name=shown["name"].fillna(shown["opportunity_id"]))[order]
        self.table("attention", kept, shown=shown, look=TableLook(cards=True, limit=limit))

    def short_money(self, value: float) -> str:
        """An amount as 1.2M or 123.5万."""
        return self.formats.money(value, short=True)

    def notes(self) -> None:
        """Show what could not be known, and what was assumed."""
        said = [self.words(f"note.{note.code}", **self._spoken(note.values)) for note in self.review.notes]
        self.points(dict.fromkeys(said))

    def close(self) -> None:
        """Write the files of the report."""
        review = self.review
        settings = json.dumps(review.workspace.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        self.finish(
            figures=review.figures(),
            rejected=review.audit.rejected,
            facts={
                "as_of": review.as_of.isoformat(),
                "period": str(review.period),
                "compare_to": None if review.compare_to is None else review.compare_to.isoformat(),
                "data_hash": getattr(review.reading, "data_hash", None),
                "workspace_hash": hashlib.sha256(settings.encode()).hexdigest(),
                "seed": getattr(review, "seed", None),
            },
        )

    def _card(self, row: Mapping[Any, Any]) -> dict[str, str]:
        said = []
        if pd.notna(row["target"]):
            said.append(self.words("report.target_is", value=self._short(row, "target")))
        if pd.notna(row["previous"]):
            said.append(self.words("report.was", value=self._short(row, "previous")))
        if not said and pd.notna(row["low"]):
            said.append(self._interval(row))
        name = self._metric_names().get(row["metric"], row["metric"])
        return {
            "name": name,
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

    def _metric_names(self) -> dict[str, str]:
        known = self.review.definitions()
        return dict(zip(known["metric"], known["name"], strict=True))

    def _spoken(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.formats.number(value) if isinstance(value, int) and not isinstance(value, bool) else value
            for name, value in values.items()
        }


def _state(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["target"]):
        return ""
    from oppnb.metrics import METRICS

    metric = METRICS.get(row["metric"])
    ahead = row["value"] >= row["target"]
    return "good" if ahead != (metric is not None and metric.better == "lower") else "bad"


def _labels(review: Any) -> dict[str, dict[str, str]]:
    """Names in the reader's language: stages and processes from the workspace, sellers from their table."""
    locale = review.words.locale
    processes = review.workspace.processes
    stages = {stage.name: stage.label.get(locale, stage.name) for process in processes for stage in process.stages}
    made = {"stage": stages, "process": {p.name: p.label.get(locale, p.name) for p in processes}}
    if "owners" in review.tables and "name" in review.tables["owners"]:
        owners = review.tables["owners"].dropna(subset=["name"])
        made["owner_id"] = dict(zip(owners["owner_id"].astype(str), owners["name"].astype(str), strict=True))
    return made
