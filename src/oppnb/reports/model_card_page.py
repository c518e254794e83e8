"""The page of a model card as a report: what the card holds, and whether the model was right lately."""

import hashlib
import json
from typing import Any

from oppnb import charts
from oppnb.reports.card_page import CardSections
from oppnb.reports.labels import names_of
from oppnb.reports.lately_told import LatelyTold
from oppnb.reports.model_card import ModelFound
from oppnb.reports.model_card_figures import MODEL_FIGURES, model_definitions, model_figures
from oppnb.reports.names import report_name
from oppnb.reports.tables_html import TableLook

__all__ = ["ModelCardPage"]

_OF_WHOLE = ("data", "models", "calibration", "lift", "slices", "leakage", "drivers", "rules", "drift", "intervals")
"""Sections with figures of all deals: a report of a slice has none of them."""
_NUMBERS = TableLook(numbers=("auc", "log_loss", "calibration_slope", "calibration_intercept", "in_use_against"))
_FOLDED = TableLook(folded=True, numbers=_NUMBERS.numbers)


class ModelCardPage(CardSections):
    """A model card while it is being written.

    Parameters
    ----------
    found : ModelFound
        From `oppnb.reports.find_model`.
    """

    def __init__(self, found: ModelFound) -> None:
        self.found = found
        super().__init__(
            found.card,
            words=found.words,
            formats=found.formats,
            title=report_name("model_card", found.words),
            labels=names_of(found.opened, locale=found.words.locale),
            only=found.opened.only,
        )
        self.lately_told = (
            None
            if found.lately is None
            else LatelyTold(found.lately, self.tables, words=self.words, formats=self.formats)
        )

    def tells(self, section: str) -> bool:
        """Whether the report tells a section: none without a model, and of a slice none that is of all deals."""
        if self.found.scorer is None:
            return False
        return not (self.found.is_of_whole and section in _OF_WHOLE)

    def opening(self) -> None:
        """Show the title, and which model it is."""
        if self.found.scorer is None:
            day = self.found.day
            self.header({self.words("report.fact_as_of"): "–" if day is None else self.formats.day(day)})
        elif self.found.is_of_whole:
            card = self.card
            facts = {"model": self.tables.title(card["chosen"]), "until": self._day(card["data"]["until"])}
            facts |= {"expires_on": self._day(card["expires_on"]), "model_id": str(card["model_id"])}
            self.header({self._said(f"fact_{name}"): text for name, text in facts.items()})
        else:
            super().opening()

    def summary(self) -> None:
        """Show the verdict; where there is no model, how to get one; of a slice, what it is judged on."""
        if self.found.scorer is None:
            self.section("summary")
            self.verdict(self._said("no_model"))
            self.points(self._said(f"no_model_{step}") for step in (1, 2, 3))
        elif self.found.is_of_whole:
            self.section("summary")
            self.verdict(self._said("of_whole"))
            until, expires = self._day(self.card["data"]["until"]), self._day(self.card["expires_on"])
            if self.card["data"]["until"]:
                self.points([self._said("expires", until=until, expires=expires)])
        else:
            super().summary()
        self._warn_of_age()

    def _warn_of_age(self) -> None:
        """Say that the model is older than its time."""
        expires, day = self.card.get("expires_on"), self.found.day
        if expires is not None and day is not None and day.isoformat() > expires:
            self.say(self._said("is_old", expires=self._day(expires), day=self.formats.day(day)))

    def lately(self) -> None:
        """Show whether the model was right on deals that were open after its training."""
        self.section("lately", lead=self._said("lately_lead"))
        told = self.lately_told
        if told is None:
            self.say(self._why_not_lately())
            return
        if not told.lately.is_enough:
            self.say(self._said("lately_too_few", n=self.formats.number(told.lately.n_deals)))
            return
        self.verdict(told.verdict())
        self.points(told.points())
        found = told.lately.reliability()
        self.figure(charts.reliability(found, words=self.words, formats=self.formats))
        self.say(self._said("lately_table_note"))
        self.table("lately", told.models(), look=_NUMBERS)
        for column in told.columns():
            frame = told.by(column)
            if not frame.empty:
                self.table(f"lately_by_{column}", frame, look=_FOLDED)

    def _why_not_lately(self) -> str:
        until, day = self.found.until, self.found.day
        if self.is_of_leads:
            return self._said("lately_leads")
        if until is None or day is None:
            return self._said("lately_undated")
        days = {"until": self.formats.day(until), "as_of": self.formats.day(day)}
        return self._said("lately_nothing_after" if day <= until else "lately_nothing", **days)

    def purpose(self) -> None:
        """Say what the model is for, what not, and how to use it."""
        super().purpose()
        self.subsection(self._said("head_use"))
        self.points(self._said(f"use_{step}") for step in (1, 2, 3))

    def definitions(self) -> None:
        """Show what each figure means."""
        self.section("definitions")
        frame = model_definitions(self.words)
        look = TableLook(cards=True, folded=True, limit=len(MODEL_FIGURES))
        self.table("definitions", frame, shown=frame[["name", "definition"]], look=look)

    def close(self) -> None:
        """Write the files of the report."""
        opened = self.found.opened
        said = opened.workspace.model_dump(mode="json", exclude={"store"})  # where the store lies changes no figure
        settings = json.dumps(said, sort_keys=True, ensure_ascii=False)
        facts: dict[str, Any] = {
            "data_hash": getattr(opened.reading, "data_hash", None),
            "workspace_hash": hashlib.sha256(settings.encode()).hexdigest(),
            "seed": 0,
            "model_id": self.card.get("model_id"),
        }
        if self.found.day is not None:
            facts["as_of"] = self.found.day.isoformat()
        self.finish(figures=model_figures(self.found), rejected=opened.audit.rejected, facts=facts)
