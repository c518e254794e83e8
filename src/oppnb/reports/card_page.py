"""The sections of a model card, and the card as a page of its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from oppnb import charts
from oppnb.locale import Formats, Words
from oppnb.reports.card_judged import CardJudged
from oppnb.reports.card_tables import MEASURES, CardTables
from oppnb.reports.card_verdict import card_sentences
from oppnb.reports.card_wins import LEAST_CLOSED, CardWins
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.page import Page
from oppnb.reports.rules_table import RULES_LOOK, rules_table
from oppnb.reports.tables_html import TableLook

__all__ = ["CardPage", "CardSections"]

_FIRST_TENTHS = 3
_OUT = ("out", "identifier", "left_out")
_OPEN = TableLook(numbers=(*MEASURES, "in_use_against"), wraps=True)
_STEPS = TableLook(folded=True, numbers=("difference",))
_CARDS = TableLook(cards=True)


class CardSections(Page):
    """A model card while it is being written, section by section.

    Parameters
    ----------
    card : mapping
        Of `oppnb.scoring.model_card`, or read from its JSON.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the model's name.
    labels : mapping of str to mapping, optional
        Names beside those that the card holds of processes and stages.
    only : mapping of str to str, optional
        The slice that the report is of.
    """

    subject = "model_card"

    def __init__(
        self,
        card: Mapping[str, Any],
        *,
        words: Words,
        formats: Formats,
        title: str | None = None,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        only: Mapping[str, str] | None = None,
    ) -> None:
        self.card = card
        self.tables = CardTables(card, words=words, formats=formats)
        self.is_of_leads = card.get("subject") == "lead"
        kind = "leads_title" if self.is_of_leads else "title_of"
        named = title or words(f"model_card.{kind}", model=self.tables.title(card["chosen"]))
        own = self.tables.labels()
        merged = {**(labels or {}), **{name: {**(labels or {}).get(name, {}), **own[name]} for name in own}}
        super().__init__(words=words, formats=formats, title=named, labels=merged, only=only)

    def _said(self, key: str, **values: Any) -> str:
        return self.words(self.tables.key(key), **values)

    def _day(self, text: str | None) -> str:
        return self.formats.day(None if text is None else date.fromisoformat(text))

    def opening(self) -> None:
        """Show the title, and which model it is."""
        card, data = self.card, self.card["data"]
        facts = {
            "model": self.tables.title(card["chosen"]),
            "until": self._day(data["until"]),
            "expires_on": self._day(card["expires_on"]),
            "deals": self.formats.number(data["n_won"] + data["n_lost"]),
            "model_id": str(card["model_id"]),
        }
        self.header({self._said(f"fact_{name}"): text for name, text in facts.items()})

    def summary(self) -> None:
        """Show whether it ranks deals and beats the base rate, what chose it, and until when to use it."""
        card, data = self.card, self.card["data"]
        self.section("summary")
        sentences, judged = self._sentences(), CardJudged(self.card, self.tables, words=self.words)
        verdict = "" if self.is_of_leads else judged.verdict()
        self.verdict(verdict or sentences[-1])
        expires = self._said("expires", until=self._day(data["until"]), expires=self._day(card["expires_on"]))
        young = [self.words(self.tables.key("young", subject="scoring_choice"))] if card["is_young"] else []
        first = sentences[:-1] if self.is_of_leads else sentences[:1]
        chosen_by = [judged.gain() or sentences[-1]] if verdict else []
        untested = (card.get("stages_untested") or {}).get(self.words.locale)
        told = [*chosen_by, *first, *young, *([untested] if untested else [])]
        self.points([*told, expires if data["until"] else self._said("undated")])
        self._headlines()

    def _sentences(self) -> list[str]:
        """Why this model; of leads as they were told when it was trained."""
        if not self.is_of_leads:
            return card_sentences(self.card, words=self.words)
        told: list[str] = list(self.card["sentences"][self.words.locale])
        return [self._said("leads_note", days=self.formats.number(self.card["within_days"])), *told]

    def _chosen(self) -> Mapping[str, Any] | None:
        rows = [row for row in self.card["evaluation"] if row["model"] == self.card["chosen"]]
        return rows[0] if rows and rows[0].get("log_loss") is not None else None

    def _headlines(self) -> None:
        row = self._chosen()
        if row is None:
            return
        number, data = self.tables.number, self.card["data"]
        baselines = [one["log_loss"] for one in self.card["evaluation"] if one["is_baseline"] and one["log_loss"]]
        best = self._said("beside_baseline", value=number(min(baselines))) if baselines else ""
        told = {
            "auc": (number(row["auc"]), self._interval(row, "auc", "beside_interval")),
            "log_loss": (number(row["log_loss"]), best),
            "brier_skill": (number(row["brier_skill"]), self._said("beside_base_rate")),
            "slope": (
                number(row["calibration_slope"], digits=2),
                self._interval(row, "calibration_slope", "beside_ideal"),
            ),
            "deals": (
                number(row["n_deals"], digits=0),
                self._said(
                    "beside_won_lost", n_won=number(data["n_won"], digits=0), n_lost=number(data["n_lost"], digits=0)
                ),
            ),
        }
        self.cards(
            {"name": self._said(f"card_{key}"), "value": value, "beside": beside}
            for key, (value, beside) in told.items()
            if key != "deals"
        )

    def _interval(self, row: Mapping[str, Any], name: str, key: str) -> str:
        low, high = (self.tables.number(row.get(f"{name}_{end}"), digits=2) for end in ("low", "high"))
        return self._said(key, low=low, high=high)

    def purpose(self) -> None:
        """Say what the model is for, and what not."""
        self.section("purpose")
        for head in ("for", "not_for"):
            self.subsection(self._said(f"head_{head}"))
            keys = [key for key in self.words.keys("model_card") if key.startswith(f"{head}_")]
            self.points(self._said(key) for key in keys)

    def data(self) -> None:
        """Say what it learnt from, and on which days it was judged."""
        self.section("data")
        data, number = self.card["data"], self.formats.number
        counts = {name: number(data[name]) for name in ("n_rows", "n_deals", "n_won", "n_lost")}
        if data["until"]:
            days = {"first": self._day(data["first_day"]), "until": self._day(data["until"])}
            self.say(self._said("data_window", **counts, **days))
        else:
            counts.pop("n_rows")
            self.say(self._said("data_undated", **counts), self._said("undated"))
        self.say(self._said("as_of_rule" if data["until"] else "as_of_rule_undated"))
        if not data["n_judged"]:
            self.say(self._said("not_judged"))
        elif data["origins"]:
            days_said = self.words("model_card.separator").join(self._day(day) for day in data["origins"] if day)
            judged = {"n_judged": number(data["n_judged"]), "n_open": number(data["n_judged_open"])}
            self.say(self._said("judged_on", **judged, days=days_said))

    def models(self) -> None:
        """Show every model with its measures, baselines among them, and every comparison."""
        lead = "models_lead" if self.card["data"]["until"] else "models_lead_undated"
        self.section("models", lead=self._said(lead))
        chosen = self.tables.title(self.card["chosen"])
        self.figure(charts.evaluation(self.tables.losses(), chosen=chosen, words=self.words, formats=self.formats))
        best = CardJudged(self.card, self.tables, words=self.words).best_row()
        note = self._said("against_note_young" if self.card["is_young"] else "against_note")
        missing = self.words("model_card.separator").join(self.tables.not_compared())
        dash = [self._said("against_dash", models=missing)] if missing else []
        self.say(*([best] if best else []), note, *dash)
        self.table("models", self.tables.models_beside(), shown=self.tables.models_in_short(), look=_OPEN)
        steps = self.tables.steps()
        if not steps.empty:
            self.table("steps", steps, look=_STEPS)

    def calibration(self) -> None:
        """Show what was stated beside what happened."""
        self.section("calibration", lead=self._said("calibration_lead"))
        found = self.tables.reliability("reliability")
        if found.empty:
            self.say(self._said("not_judged"))
            return
        self.figure(charts.reliability(found, words=self.words, formats=self.formats))
        self.points(self._calibration_sentences())
        self._groups("reliability", found)
        self._groups("reliability_90_days", self.tables.reliability("reliability_90_days"))

    def _groups(self, name: str, found: pd.DataFrame) -> None:
        if not found.empty:
            self.table(name, found.rename(columns={"observed": "observed_share"}), look=TableLook(folded=True))

    def _calibration_sentences(self) -> list[str]:
        row, number, said = self._chosen(), self.tables.number, []
        if row is not None:
            for key, name, value in (
                ("slope", "calibration_slope", "slope"),
                ("intercept", "calibration_intercept", "value"),
            ):
                ends = {end: number(row.get(f"{name}_{end}"), digits=2) for end in ("low", "high")}
                said.append(self._said(key, **{value: number(row[name], digits=2)}, **ends))
            points = {key: number(100 * row[key], digits=1) for key in ("ece",) if row.get(key) is not None}
            chance = row.get("ece_by_chance")
            if points and chance is not None:
                said.append(self._said("ece", **points, by_chance=number(100 * chance, digits=1)))
        found = self.card["calibration"]
        if found is None:
            return [*said, self._said("no_map")]
        told = {name.removeprefix("slope_"): number(value, digits=2) for name, value in found.items()}
        return [*said, self._said("map_on_top", **told)]

    def lift(self) -> None:
        """Show whether the order helps, and how many of the best that one has time for are won."""
        lift = self.tables.lift()
        if lift.empty:
            return
        self.section("lift", lead=self._said("lift_lead"))
        told = CardWins(self.card, words=self.words, formats=self.formats).at_capacity()
        if (lift["n_deals"] < LEAST_CLOSED).any():
            self.say(self._said("lift_few", n=self.formats.number(LEAST_CLOSED)), *([told] if told else []))
            return
        best = lift[lift["decile"] <= _FIRST_TENTHS]
        shares = {"share": float(best["share_of_wins"].max()), "chance": len(best) / len(lift)}
        title = self._said("lift_title", **{name: self.formats.share(value) for name, value in shares.items()})
        self.figure(charts.lift(lift, words=self.words, formats=self.formats, title=title))
        if told:
            self.say(told)
        shown = lift.rename(columns={"observed": "observed_share"}).drop(columns=["lift_low", "lift_high"])
        shown["lift"] = [self.tables.number(value, digits=2) for value in lift["lift"]]
        shown["share_of_wins"] = [self.formats.share(value) for value in lift["share_of_wins"]]
        self.table("lift", shown, look=TableLook(folded=True, numbers=("lift", "share_of_wins")))

    def slices(self) -> None:
        """Show the measures by process and stage."""
        self.section("slices", lead=self._said("slices_lead"))
        for by in ("process", "stage"):
            found = self.tables.slices(by)
            if not found.empty:
                self.table(f"by_{by}", found, look=_OPEN)

    def leakage(self) -> None:
        """Show which fields are out, and why."""
        self.section("leakage", lead=self._said("leakage_lead"))
        out = self.tables.fields("leakage", _OUT)
        if out.empty:
            self.say(self._said("no_leakage"))
        else:
            self.table("leakage", out, look=_CARDS)
        for name, part, verdicts, lead in (
            ("kept_by_hand", "leakage", ("kept_by_hand",), "kept_by_hand_lead"),
            ("final_states", "final_states", ("kept",), "final_lead"),
        ):
            found = self.tables.fields(part, verdicts)
            if not found.empty:
                self.say(self._said(lead))
                self.table(name, found.drop(columns="verdict"), look=_CARDS)

    def features(self) -> None:
        """Show the fields in use."""
        features = self.tables.features()
        n = len(self.card["features"])
        lead = self._said("features_lead", n=self.formats.number(n), n_groups=self.formats.number(len(features)))
        self.section("features", lead=lead)
        self.table("features", features, look=_CARDS)

    def drivers(self) -> None:
        """What moves the probability, win rates by value, combinations; all short, the rest folded."""
        wins = CardWins(self.card, words=self.words, formats=self.formats)
        self.section("drivers", lead=self._said("drivers_lead"))
        drivers = self.tables.drivers()
        if drivers.empty:
            self.say(self._said("no_drivers"))
        else:
            first = drivers.iloc[0]
            points = self.formats.number(float(first["strength"]), digits=1)
            title = self._said("drivers_title", feature=first["feature"], points=points)
            write = _one_digit(self.formats)
            self.figure(charts.bars(drivers, label="feature", value="strength", title=title, write=write))
        effects = wins.effects()
        if not effects.empty:
            self.table("effects", effects, look=TableLook(folded=True, numbers=("effect_points",)))
        self._rates(wins)

    def _rates(self, wins: CardWins) -> None:
        rates = wins.field_rates()
        if not rates.empty:
            self.subsection(self._said("rates_head"))
            self.points(wins.rate_sentences())
            self.table("field_rates", rates, look=TableLook(folded=True, limit=60, numbers=("won_rate",)))
        told = wins.combination_sentences()
        if told:
            self.subsection(self._said("combinations_head"))
            self.say(told[0])
        if told[1:]:
            self.points(told[1:])

    def rules(self) -> None:
        """Each declared rule with its measured lift; nothing where none is declared."""
        if self.card.get("rules"):
            self.section("rules", lead=self._said("rules_lead"))
            rules = rules_table(self.card["rules"], words=self.words, formats=self.formats)
            self.table("rules", rules, look=RULES_LOOK)

    def drift(self) -> None:
        """Say whether it still fitted when it was trained."""
        drift = self.card["drift"]
        if drift is None:
            self.section("drift")
            self.say(self._said("drift_none"))
            return
        shock = self.formats.share(float(drift["shock"]))
        self.section("drift", lead=self._said("drift_lead", shock=shock))
        self.say(self.words(f"scoring_drift.{drift['state']}"))
        self.table("drift", self.tables.drift(), look=TableLook())

    def intervals(self) -> None:
        """Say what the intervals mean."""
        self.section("intervals")
        doubt, number = self.card["doubt"], self.formats.number
        excess = number(float(doubt["excess"]), digits=2)
        share = self.formats.share(float(doubt["data_share"]))
        third = self._said("interval_3", excess=excess, n_groups=number(doubt["n_groups"]), share=share)
        self.points([self._said("interval_1"), self._said("interval_2"), third])

    def about(self) -> None:
        """Name versions."""
        self.section("about")
        versions = ", ".join(f"{name} {version}" for name, version in sorted(self.card["versions"].items()))
        data_hash = str(self.card["data"].get("data_hash") or "–")[:16]
        said = {"versions": versions, "model_id": self.card["model_id"], "data_hash": data_hash}
        self.say(self._said("about_versions", **said))


class CardPage(CollectedPage, CardSections):
    """A model card as a page of its own."""

    def write(self) -> None:
        """Write every section."""
        for part in (
            self.opening,
            self.summary,
            self.purpose,
            self.data,
            self.models,
            self.calibration,
            self.lift,
            self.slices,
            self.leakage,
            self.features,
            self.drivers,
            self.rules,
            self.drift,
            self.intervals,
            self.about,
        ):
            part()


def _one_digit(formats: Formats) -> Any:
    return lambda value: formats.number(value, digits=1)
