"""The section of a review that speaks of win probabilities: which deals first, what fell, how good the model is."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.review_scores import SCORE_FIGURES, ReviewScores
from oppnb.reports.tables_html import TableLook
from oppnb.workspace import SCORE_ALERTS

__all__ = ["ScoresText", "top_deals_look"]

TOP = 10


def top_deals_look(rule_scores: Sequence[str]) -> TableLook:
    """How the deals to look at first are shown; with the points of both kinds of rules they fit a page only tightly."""
    numbers = ("amount", *rule_scores, "win_probability", "by_period_end", "change_points")
    return TableLook(cards=True, numbers=numbers, tight=len(rule_scores) > 1)


class ScoresText:
    """What the section says, as sentences and frames.

    Parameters
    ----------
    scores : ReviewScores
        With a model.
    words, formats : Words, Formats
        The reader's language.
    """

    def __init__(self, scores: ReviewScores, *, words: Words, formats: Formats) -> None:
        self.scores = scores
        self.words = words
        self.formats = formats

    def _said(self, key: str, **values: Any) -> str:
        return self.words(f"report_scores.{key}", **values)

    def verdict(self) -> str:
        """What the model was worth on past days: as its card has it."""
        from oppnb.reports.card_verdict import verdict_sentences

        between = " " if self.words.locale == "en" else ""
        return between.join(verdict_sentences(self.scores.card, words=self.words))

    def facts(self) -> list[str]:
        """Which model, trained when, to be used until when; how grades and the ranking are made."""
        from oppnb.scoring.grades import grades_note
        from oppnb.scoring.priority import priority_note

        scoring = self.scores.review.workspace.scoring
        return [
            self._trained(),
            grades_note(scoring.grades, words=self.words, formats=self.formats),
            priority_note(scoring, words=self.words, formats=self.formats),
        ]

    def _trained(self) -> str:
        card = self.scores.card
        model = self.words.get(f"scoring.model_{card['chosen']}", str(card["chosen"]))
        until, expires = card["data"]["until"], card["expires_on"]
        if until is None or expires is None:
            return self._said("model_undated", model=model)
        days = {"until": self._day(until), "expires": self._day(expires)}
        is_over = pd.Timestamp(expires) < pd.Timestamp(self.scores.review.as_of)
        return self._said("model_expired" if is_over else "model", model=model, **days)

    def _day(self, day: Any) -> str:
        return self.formats.day(pd.Timestamp(day))

    def cards(self, kpis: pd.DataFrame) -> list[dict[str, str]]:
        """The weighted amount by these probabilities beside set and observed odds; deals by grade."""
        value, n = self.scores.weighted()
        made = [self._card("by_probability", value, self._said("n_deals", n=self.formats.number(n)))]
        for variant in ("set_odds", "observed_odds"):
            rows = kpis[(kpis["metric"] == "weighted_pipeline") & (kpis["variant"] == variant)]
            if len(rows) and pd.notna(rows["value"].iloc[0]):
                made.append(self._card(variant, float(rows["value"].iloc[0]), ""))
        by_end, n_by_end = self.scores.weighted("win_probability_period_end")
        if n_by_end:
            end = self._day(self.scores.frame["period_end_on"].max())
            made.append(self._card("by_period_end", by_end, self._said("until_day", day=end)))
        return made

    def _card(self, key: str, value: float, beside: str) -> dict[str, str]:
        return {"name": self._said(f"card_{key}"), "value": self.formats.money(value, short=True), "beside": beside}

    def by_stage(self) -> pd.DataFrame:
        """Probabilities with their stages, in the order of the processes."""
        frame = self.scores.frame[["process", "stage", "win_probability"]]
        places = {
            (process.name, stage.name): place
            for process in self.scores.review.workspace.processes
            for place, stage in enumerate(process.stages)
        }
        order = [
            places.get((process, stage), 99) for process, stage in zip(frame["process"], frame["stage"], strict=True)
        ]
        ordered = frame.assign(place=order).sort_values(["process", "place", "win_probability"], ignore_index=True)
        return ordered.drop(columns="place")

    def reliability(self) -> pd.DataFrame:
        """Stated and observed on past days, from the model's card."""
        from oppnb.reports.card_tables import CardTables

        return CardTables(self.scores.card, words=self.words, formats=self.formats).reliability("reliability")

    def top(self, *, most: int = TOP) -> pd.DataFrame:
        """The deals to look at first, with everything in words; the scores of declared rules beside the learned one."""
        frame = self.scores.frame.head(most)
        changed = [self._points(value) for value in frame["change"]]
        return pd.DataFrame(
            {
                "name": frame["name"].fillna(frame["opportunity_id"]),
                "owner_id": frame["owner_id"],
                "stage": frame["stage"],
                "amount": [self.formats.money(amount, short=True) for amount in frame["amount_base"]],
                **{name: [self._rule_points(value) for value in frame[name]] for name in self.rule_scores()},
                "win_probability": [self._with_interval(row) for row in frame.to_dict("records")],
                "by_period_end": [self.formats.share(value) for value in frame["win_probability_period_end"]],
                "grade": [self._grade(grade) for grade in frame["grade"]],
                "change_points": changed,
                "text": frame["reasons"],
            }
        )

    def rule_scores(self) -> tuple[str, ...]:
        """The scores that rules are declared for: `attribute_points`, `behaviour_points`."""
        scoring = self.scores.review.workspace.scoring
        declared = {"attribute_points": scoring.attribute_rules, "behaviour_points": scoring.behaviour_rules}
        return tuple(name for name, rules in declared.items() if rules)

    def _rule_points(self, points: Any) -> str:
        return "–" if pd.isna(points) else self.formats.number(float(points))

    def _with_interval(self, row: Any) -> str:
        share = self.formats.share
        low, high = (share(row[f"win_probability_{end}_80"]) for end in ("low", "high"))
        return f"{share(row['win_probability'])} ({low} – {high})"

    def _grade(self, grade: Any) -> str:
        return self.words(f"score_grade.{grade}") if isinstance(grade, str) else "–"

    def _points(self, change: Any) -> str:
        if change is None or change != change:
            return "–"
        points = round(100 * float(change))
        return ("+" if points > 0 else "−" if points < 0 else "") + self.formats.number(abs(points))

    def fallen(self, *, most: int = TOP) -> pd.DataFrame:
        """What fell since the last review, the most money first, with the reason that moved."""
        from oppnb.scoring.change import change_texts

        found = self.scores.fallen.head(most)
        names = self.scores.frame.set_index("opportunity_id")["name"]
        told = change_texts(found, words=self.words, formats=self.formats)
        share = self.formats.share
        moved = zip(found["win_probability_before"], found["win_probability"], strict=True)
        return pd.DataFrame(
            {
                "name": found["opportunity_id"].map(names).fillna(found["opportunity_id"]),
                "stage": found["stage"],
                "amount": found["amount_base"],
                "moved": [f"{share(before)} → {share(now)}" for before, now in moved],
                "weighted_change": found["weighted_change"],
                "text": pd.Series(told, dtype="str"),
            }
        )

    def fallen_lead(self) -> str:
        """How many fell, and by how much money in all."""
        fallen, day = self.scores.fallen, self._day(self.scores.review.compare_to)
        if self.scores.changes.empty or self.scores.changes["change"].isna().all():
            return self._said("nothing_to_compare", day=day)
        if fallen.empty:
            return self._said("nothing_fell", day=day)
        amount = self.formats.money(abs(float(fallen["weighted_change"].sum())), short=True)
        return self._said("fell", n=self.formats.number(len(fallen)), day=day, amount=amount)

    def alerts(self) -> pd.DataFrame:
        """The deals that an alert of the workspace speaks of, one row a deal, by the order of the alerts."""
        from oppnb.scoring.alerts import alert_texts

        found = self.scores.alerts
        if found.empty:
            return found
        told = found.assign(text=alert_texts(found, words=self.words, formats=self.formats))
        texts = told.groupby("opportunity_id", sort=False)["text"].agg(self.words("scoring.between").join)
        deals = self.scores.frame.set_index("opportunity_id").loc[texts.index]
        ids = texts.index.to_series()
        return pd.DataFrame(
            {
                "name": deals["name"].fillna(ids),
                "owner_id": deals["owner_id"],
                "stage": deals["stage"],
                "amount": deals["amount_base"],
                "text": texts,
            }
        ).reset_index(drop=True)

    def alerts_lead(self) -> str:
        """How many deals an alert speaks of; empty where the workspace has no alerts."""
        declared = sum(alert.when in SCORE_ALERTS for alert in self.scores.review.workspace.alerts)
        if not declared:
            return ""
        found, day = self.scores.alerts, self._day(self.scores.review.compare_to)
        n_declared = self.formats.number(declared)
        if found.empty:
            return self._said("no_alert", n_alerts=n_declared, day=day)
        n = self.formats.number(found["opportunity_id"].nunique())
        return self._said("alerts_lead", n=n, n_alerts=n_declared, day=day)

    def rules(self) -> pd.DataFrame:
        """The declared rules with their lift as known on the day of the review; empty without any."""
        from oppnb.locale import LOCALES
        from oppnb.reports.rules_table import rules_table
        from oppnb.scoring.rules import rule_said

        scoring = self.scores.review.workspace.scoring
        said = [
            {locale: rule_said(rule, Words(locale)) for locale in LOCALES}
            for rule in (*scoring.attribute_rules, *scoring.behaviour_rules)
        ]
        lift = self.scores.rule_lift.to_dict("records")
        rows = [
            {**{str(name): value for name, value in row.items()}, "said": texts}
            for row, texts in zip(lift, said, strict=False)
        ]
        return rules_table(rows, words=self.words, formats=self.formats) if rows else pd.DataFrame()

    def waterfall(self) -> tuple[pd.DataFrame, float, str] | None:
        """Reasons of the first deal, the typical deal's probability, and a title; None where nothing moved."""
        from oppnb.scoring.reasons import explain_deal

        scores = self.scores
        if scores.frame.empty or scores.scorer is None or scores.rows is None:
            return None
        first = scores.frame.iloc[0]
        told = explain_deal(
            scores.scorer,
            scores.rows,
            str(first["opportunity_id"]),
            words=self.words,
            formats=self.formats,
            workspace=scores.review.workspace,
        )
        if not told.reasons:
            return None
        frame = pd.DataFrame([{"label": one.phrase, "value": one.value, "points": one.points} for one in told.reasons])
        name = first["name"] if isinstance(first["name"], str) else first["opportunity_id"]
        share = self.formats.share
        title = self._said("first_deal", name=name, share=share(told.probability), base=share(told.base))
        return frame, told.base, title

    def definitions(self) -> pd.DataFrame:
        """The figures of a scored review: `metric`, `name`, `unit`, `definition`."""
        rows: Iterable[list[str]] = (
            [name, self._said(f"name_{name}"), unit, self.words(f"figure.{name}")]
            for name, unit in SCORE_FIGURES.items()
        )
        return pd.DataFrame(rows, columns=["metric", "name", "unit", "definition"]).astype("str")
