"""The page of the data: what was read, what is wrong with it and what that costs, what is missing."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pandas as pd

from oppnb.reports.fault_words import areas_in_words, faults_in_words, rule_in_words, with_short_keys
from oppnb.reports.names import report_name
from oppnb.reports.quality_figures import quality_figures
from oppnb.reports.quality_lacks import figures_waiting, history_by_field, tables_missing
from oppnb.reports.quality_read import column_name, files_read, headers_unused, mapping_read, table_name, tables_read
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.tables_html import TableLook
from oppnb.review import filled_by_column, filled_by_group, grade_faults, needed_columns
from oppnb.review.audit_memory import AuditChange, audit_change, remember_audit
from oppnb.review.fault_grades import LEVELS
from oppnb.review.kpis import KPIS
from oppnb.store import open_store

__all__ = ["QualityPage"]

_CARDS = TableLook(cards=True)
_DOUBLE = "twice"
_BARS = 12
_AREAS = 3
_TABLES = 3
_OF_A_PERIOD = ("review_bridge", "review_period", "review_overdue", "history_depth", "history_memory")
_GROUPS = ("owner_id", "team", "region")
_MOST_GROUPS = 30


class QualityPage(ReviewPage):
    """A report on the data while it is being written.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    look : Inspection, optional
        From `look_at_export`: the files; None for a slice, and for tables.
    """

    look: Any

    def __init__(self, review: Any, look: Any = None) -> None:
        self.look = None if review.only else look
        super().__init__(review, title=report_name("data_quality", review.words))

    # --- what the sections are made of ----------------------------------------------------------------------------

    @cached_property
    def faults(self) -> pd.DataFrame:
        """Findings of the audit, the gravest first; see `oppnb.review.grade_faults`."""
        return grade_faults(self.review.audit)

    @cached_property
    def as_exported(self) -> pd.DataFrame:
        """The deals as they stand in the export, after the audit, with their seller's team."""
        found: pd.DataFrame = self.review.tables["opportunities"]
        owners = self.review.tables.frames.get("owners")
        if owners is None or "team" not in owners or "team" in found or "owner_id" not in found:
            return found
        teams = owners.drop_duplicates("owner_id").set_index("owner_id")["team"]
        return found.assign(team=found["owner_id"].map(teams).astype("str"))

    @cached_property
    def filled(self) -> pd.DataFrame:
        """Share filled of each column; see `oppnb.review.filled_by_column`."""
        return filled_by_column(self._with_own_names())

    def _with_own_names(self) -> pd.DataFrame:
        """The deals with the names that the export tells, without those that are put together for readers."""
        deals: pd.DataFrame = self.review.tables["opportunities"]
        told = self.review.audit.tables["opportunities"].drop_duplicates("opportunity_id").set_index("opportunity_id")
        if "name" not in told:
            return deals.drop(columns="name", errors="ignore")
        return deals.assign(name=deals["opportunity_id"].map(told["name"]))

    @cached_property
    def waiting(self) -> pd.DataFrame:
        """Figures that cannot be told, by what they wait for."""
        return figures_waiting(self.review, self.words)

    @cached_property
    def change(self) -> AuditChange | None:
        """What changed since the last audit, if the store has one."""
        store = self.review.workspace.store
        return None if store is None else audit_change(open_store(store), self.faults, day=self.review.as_of)

    @cached_property
    def complete_share(self) -> float | None:
        """Share of the open deals that fill every column asked for; null without open deals."""
        groups = filled_by_group(self.as_exported.assign(whole="whole"), "whole")
        return float(groups["complete_share"].iloc[0]) if len(groups) else None

    # --- sections -------------------------------------------------------------------------------------------------

    def opening(self) -> None:
        """Show the title, the day, and how much was read."""
        known, is_open = len(self.review.snapshot), int((self.review.snapshot["outcome"] == "open").sum())
        facts = {"as_of": self.formats.day(self.review.as_of)}
        if self.look is not None:
            facts["files"] = self.formats.number(len(self.look.files))
        facts["deals"] = self.words(
            "report.deals_known", n=self.formats.number(known), n_open=self.formats.number(is_open)
        )
        if self.formats.currency:
            facts["currency"] = self.formats.currency
        self.header({self.words(f"report.fact_{name}"): said for name, said in facts.items()})

    def summary(self) -> None:
        """Show the findings in five figures and a few sentences."""
        self.section("summary")
        self.verdict(self._verdict())
        self.cards(self._cards())
        self.points(self._said())

    def read(self) -> None:
        """Show what was read: files, tables, which header fills which column and why, and what was not used."""
        self.section("read", lead=self.words(f"quality.read_lead{'_slice' if self.review.only else ''}"))
        tables = tables_read(self.review.tables, self.review.audit.rejected, self.words)
        if self.look is not None:
            self.table("files", files_read(self.look, self.words), look=_CARDS)
        self.table("tables", tables, look=_CARDS)
        if self.review.reading is not None:
            mapping = mapping_read(self.review.reading, self.words, is_slice=bool(self.review.only))
            self.table("mapping", mapping, look=TableLook(cards=True, folded=True, limit=80))
        if self.look is not None:
            self._not_used()

    def _not_used(self) -> None:
        unused = headers_unused(self.look, self.words)
        self.subsection(self.words("quality.unused_head"))
        left = [
            self.words(f"note.sources_left_out_{one.reason}", file=one.name)
            for one in getattr(self.look, "left_out", ())
        ]
        n = self.formats.number(len(unused))
        self.points([self.words("quality.unused", n=n) if len(unused) else self.words("quality.all_used"), *left])
        if len(unused):
            self.table("unused", unused, look=TableLook(cards=True, folded=True, limit=60))

    def wrong(self) -> pd.DataFrame:
        """Show the findings, by how grave they are; gives them in words for the chart."""
        self.section("faults", lead=self.words("quality.faults_lead"))
        told = faults_in_words(self.faults, self.words, self.formats)
        self.keep("faults", told)
        touched = told[self._counts].sort_values("share", ascending=False, kind="stable")
        found: pd.DataFrame = touched.head(_BARS).reset_index(drop=True)
        return found

    @property
    def _counts(self) -> "pd.Series[bool]":
        """Findings that touch a figure and are not explained."""
        return (self.faults["areas"].map(len) > 0) & ~self.faults["is_explained"]

    def wrong_title(self) -> str:
        """The title of the chart of findings."""
        touched = self.faults[self._counts]
        if touched.empty:
            return self.words("quality.title_clean")
        top = touched.sort_values("share", ascending=False, kind="stable").iloc[0]
        return self.words(
            "quality.title_faults",
            rule=rule_in_words(top["rule"], self.words),
            share=self.share(top["share"]),
            table=table_name(top["table"], self.words),
        )

    def wrong_by_level(self) -> None:
        """Show each finding with its keys, what it touches and what to do about it."""
        told = faults_in_words(self.faults, self.words, self.formats)
        for level in LEVELS:
            rows = told[self.faults["level"] == level].drop(columns="gravity")
            if len(rows):
                n = self.formats.number(len(rows))
                self.subsection(self.words(f"quality.level_{level}", n=n))
                self._explained(self.faults[self.faults["level"] == level])
                shown = with_short_keys(rows.drop(columns=["n_checked"]))
                self.show_rows(f"faults_{level}", shown, look=TableLook(cards=True, limit=len(rows)))
        if told.empty:
            self.say(self.words("quality.title_clean"))

    def _explained(self, faults: pd.DataFrame) -> None:
        """Say which of them the data explains."""
        rules = [f"“{rule_in_words(rule, self.words)}”" for rule in faults.loc[faults["is_explained"], "rule"]]
        if rules:
            self.say(self.words("quality.explained", rules=self.words("review.comma").join(rules)))

    def doubles(self) -> None:
        """Show what stands twice in the export."""
        self.section("doubles")
        found = self.faults[self.faults["advice"] == _DOUBLE].reset_index(drop=True)
        if found.empty:
            self.say(self.words("quality.no_doubles"))
            return
        told = faults_in_words(found, self.words, self.formats)[
            ["fault", "n_rows", "touched_amount", "first_keys", "done", "advice"]
        ]
        self.table("doubles", told, shown=with_short_keys(told), look=_CARDS)

    def filled_lead(self) -> pd.DataFrame:
        """Begin the section on completeness; gives the emptiest columns of open deals for the chart."""
        asked = needed_columns(self.as_exported)
        names = self.words("review.comma").join(column_name(name, self.words) for name in asked)
        self.section("filled", lead=self.words("quality.filled_lead", columns=names or "–"))
        rows = self.filled[self.filled["column"].isin(asked) & self.filled["open_filled_share"].notna()]
        rows = rows.sort_values(["open_filled_share", "column"], kind="stable", ignore_index=True)
        return rows.assign(column=[column_name(name, self.words) for name in rows["column"]])

    def filled_title(self, rows: pd.DataFrame) -> str:
        """The title of the chart of completeness."""
        if rows.empty:
            return self.words("quality.title_filled_none")
        least = rows.iloc[0]
        if least["open_filled_share"] >= 1:
            return self.words("quality.title_filled_all")
        share = self.share(1 - least["open_filled_share"])
        return self.words("quality.title_filled", column=least["column"], share=share)

    def filled_tables(self) -> None:
        """Show completeness by column, and by seller, team and region."""
        named = self.filled.assign(column=[column_name(name, self.words) for name in self.filled["column"]])
        self.table("filled", named, look=TableLook(folded=True, limit=60))
        for by in _GROUPS:
            if by in self.as_exported and len(self.as_exported[by].dropna().drop_duplicates()) > 1:
                self._filled_by(by)

    def _filled_by(self, by: str) -> None:
        groups = filled_by_group(self.as_exported, by)
        if groups.empty:
            return
        names = self.labels.get(by, {})
        none = self.words("report.slice_none")
        said = [names.get(value, value) if isinstance(value, str) else none for value in groups["slice"]]
        emptiest = [column_name(name, self.words) if isinstance(name, str) else "–" for name in groups["emptiest"]]
        shown = groups.assign(emptiest=emptiest, slice=said).rename(columns={"slice": by})
        self.subsection(self.by_name(by))
        self.table(f"filled_{by}", shown, look=TableLook(cards=True, folded=by != "team", limit=_MOST_GROUPS))

    def lacking(self) -> None:
        """Show what the export lacks: figures that wait for it, and tables with what they would give."""
        values = {"n": self.formats.number(len(self.review.missing())), "total": self.formats.number(len(KPIS))}
        is_lacking = len(self.waiting) > 0
        lead = self.words("quality.lacking_lead" if is_lacking else "quality.lacking_none", **values)
        self.section("lacking", lead=lead)
        if is_lacking:
            self.table("waiting", self.waiting, look=_CARDS)
        tables = tables_missing(self.review, self.words)
        self.subsection(self.words("quality.tables_head"))
        if tables.empty:
            self.say(self.words("quality.tables_all"))
        else:
            self.table("tables_missing", tables, look=_CARDS)

    def history(self) -> None:
        """Show how deep the history reaches, field by field."""
        depth = [note for note in self.review.notes if note.code.startswith(("history_depth", "history_memory"))]
        self.section("depth")
        self.points(self.note_texts(depth))
        self.table("history", history_by_field(self.review, self.words), look=_CARDS)

    def trend(self) -> None:
        """Show what changed since the last audit in the store; how to get one where there is none."""
        self.section("trend")
        if self.change is None:
            self.say(self.words(f"quality.trend_{self._why_no_trend()}"))
            return
        rows = self.change.rows
        better, worse = (rows["change"] < 0).sum(), (rows["change"] > 0).sum()
        values = {"day": self.formats.day(self.change.day), "better": int(better), "worse": int(worse)}
        self.say(self.words("quality.trend", **values))
        faults = [
            self.words("quality.fault", rule=rule_in_words(row["rule"], self.words), table=self._table(row["table"]))
            for row in rows.to_dict("records")
        ]
        shown = rows.assign(fault=faults, change=[self._signed(n) for n in rows["change"]])
        self.table("trend", shown[["fault", "n_before", "n_rows", "change"]], look=TableLook(numbers=("change",)))

    def limits(self) -> None:
        """Show what was assumed while the export was read, and what it cannot say."""
        self.section("limits")
        kept = [note for note in self.review.notes if not note.code.startswith(_OF_A_PERIOD)]
        self.points(self.note_texts(kept))

    def close(self) -> None:
        """Write the files of the report, and remember the findings for the next one."""
        super().close()
        review = self.review
        if self._is_remembered:
            store = open_store(review.workspace.store)
            remember_audit(store, self.faults, day=review.as_of, data_hash=review.reading.data_hash)

    @property
    def _is_remembered(self) -> bool:
        """Whether the store takes up this audit: there is one, it is not told to forget, and files were read."""
        settled = self.review.workspace
        has_data = bool(getattr(self.review.reading, "data_hash", None))
        return settled.store is not None and settled.sources.remember and has_data

    def _why_no_trend(self) -> str:
        if self.review.only:
            return "slice"
        if self.review.workspace.store is None:
            return "none"
        return "first" if self._is_remembered else "not_kept"

    # --- words ----------------------------------------------------------------------------------------------------

    def _table(self, name: str) -> str:
        return table_name(name, self.words)

    def _signed(self, n: int) -> str:
        return "0" if n == 0 else ("+" if n > 0 else "−") + self.formats.number(abs(n))

    def _n_of(self, level: str) -> int:
        return int((self.faults["level"] == level).sum())

    def _verdict(self) -> str:
        high = self._n_of("high")
        if not high:
            return self.words("quality.verdict_good" if self._n_of("medium") == 0 else "quality.verdict_fair")
        areas = list(
            dict.fromkeys(area for row in self.faults[self.faults["level"] == "high"]["areas"] for area in row)
        )
        return self.words(
            "quality.verdict_bad", n=self.formats.number(high), areas=areas_in_words(areas[:_AREAS], self.words)
        )

    def _cards(self) -> Iterator[dict[str, str]]:
        number = self.formats.number
        yield self._rows_card()
        levels = " · ".join(f"{number(self._n_of(level))} {self.words(f'fault_level.{level}')}" for level in LEVELS)
        state = "bad" if self._n_of("high") else "good"
        yield {"name": self.words("quality.card_faults"), "value": number(len(self.faults)), "beside": levels} | {
            "state": state
        }
        yield {"name": self.words("quality.card_aside"), "value": number(len(self.review.audit.rejected))}
        if self.complete_share is not None:
            yield {"name": self.words("quality.card_complete"), "value": self.share(self.complete_share)}
        known = len(KPIS) - len(self.review.missing())
        value = self.words("quality.of", n=number(known), total=number(len(KPIS)))
        yield {"name": self.words("quality.card_figures"), "value": value}

    def _rows_card(self) -> dict[str, str]:
        """Rows of the tables, with those set aside, and the largest tables: a history is one, files are not counted."""
        counts = {name: len(frame) for name, frame in self.review.tables.frames.items()}
        largest = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_TABLES]
        number = self.formats.number
        return {
            "name": self.words("quality.card_rows"),
            "value": number(sum(counts.values()) + len(self.review.audit.rejected)),
            "beside": " · ".join(f"{self._table(name)} {number(n)}" for name, n in largest),
        }

    def _said(self) -> Iterator[str]:
        top = self.faults[self.faults["level"].isin(["high", "medium"])].head(3)
        for row in top.to_dict("records"):
            known = "" if not row["amount"] or pd.isna(row["amount"]) else self.short_money(row["amount"])
            values = {
                "rule": rule_in_words(row["rule"], self.words),
                "n": self.formats.number(row["n_rows"]),
                "total": self.formats.number(row["n_checked"]),
                "areas": areas_in_words(row["areas"], self.words),
                "advice": self.words(f"fault_advice.{row['advice']}"),
            }
            yield self.words("quality.said_fault_amount" if known else "quality.said_fault", **values, amount=known)
        rows = self.filled[self.filled["column"].isin(needed_columns(self.as_exported))].dropna(
            subset=["open_filled_share"]
        )
        if len(rows) and rows["open_filled_share"].min() < 1:
            least = rows.sort_values(["open_filled_share", "column"], kind="stable").iloc[0]
            share = self.share(1 - least["open_filled_share"])
            yield self.words("quality.title_filled", column=column_name(least["column"], self.words), share=share)
        if len(self.waiting):
            first = self.waiting.iloc[0]
            yield self.words("quality.said_waiting", n=self.formats.number(first["n_figures"]), needs=first["needs"])
        if self.change is not None:
            rows = self.change.rows
            better, worse = int((rows["change"] < 0).sum()), int((rows["change"] > 0).sum())
            day = self.formats.day(self.change.day)
            yield self.words("quality.trend", day=day, better=better, worse=worse)

    def _figures(self) -> list[dict[str, Any]]:
        """How much was read, what was found, how completely columns are filled."""
        return quality_figures(self.review, faults=self.faults, filled=self.filled, complete_share=self.complete_share)
