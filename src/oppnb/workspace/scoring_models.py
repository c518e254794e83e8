"""The parts of `oppnb.yaml` about scores: rules with points, grades, what may be learned from, alerts."""

from typing import Literal, Self

from pydantic import Field, model_validator

from oppnb.workspace.conditions import Where
from oppnb.workspace.model import Model, mistake_at

__all__ = ["SCORE_ALERTS", "Alert", "AttributeRule", "BehaviourRule", "Grades", "Movable", "Scoring"]


class Rule(Model):
    """What rules of both kinds have: a name, points, and a reason to show."""

    name: str = Field(min_length=1, description="Short and unique; it stands in tables and files.")
    points: float = Field(allow_inf_nan=False, description="Added where the rule applies; negative lowers the score.")
    reason: str | dict[str, str] = Field(
        "",
        description="What a reader is told, as a text or by locale ({en: …, zh_CN: …}); "
        "by default the name, in Chinese what the rule asks for.",
    )

    def said(self, locale: str) -> str:
        """The reason in the reader's language, or in another one; where none is given, the name as words."""
        name = self.name.replace("_", " ")
        if isinstance(self.reason, str):
            return self.reason or name
        return self.reason.get(locale) or self.reason.get("en") or next(iter(self.reason.values()), "") or name


class AttributeRule(Rule):
    """Points for who the customer is and what the deal is."""

    where: Where = Field(description="Columns of the deal, its account and its owner as known on the day.")


class BehaviourRule(Rule):
    """Points for what happened lately, or for silence.

    One of three kinds: `half_life_days` (each activity counts for the points, half as much after each half-life),
    `within_days` (each activity of the last days counts in full), or `silence_days` (the points once if there was no
    such activity for that long).
    """

    kinds: str | list[str] = Field(
        default_factory=list, description="Kinds of activity (call, mail, meeting, …); by default any."
    )
    direction: Literal["in", "out"] | None = Field(None, description="Only what the customer (in) or we (out) began.")
    half_life_days: float | None = Field(None, gt=0, description="Each activity counts half as much after each.")
    within_days: int | None = Field(None, ge=1, description="Each activity of these last days counts in full.")
    silence_days: float | None = Field(None, gt=0, description="No such activity for at least this long.")
    cap: float | None = Field(None, gt=0, description="The most points, up or down, that the rule gives a deal.")
    stages: list[str] = Field(
        default_factory=list, description="Only while the deal stands in one of these: a name, alias or label."
    )

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if sum(kind is not None for kind in (self.half_life_days, self.within_days, self.silence_days)) != 1:
            raise ValueError("give either 'half_life_days' or 'within_days' or 'silence_days'")
        if self.silence_days is not None and self.cap is not None:
            raise ValueError("silence gives its points once: leave 'cap' out")
        return self

    @property
    def counted_kinds(self) -> tuple[str, ...]:
        """The kinds of activity that count; none means any."""
        return (self.kinds,) if isinstance(self.kinds, str) else tuple(self.kinds)


class Grades(Model):
    """Where hot and warm begin; below is cold."""

    by: Literal["learned", "attribute", "behaviour"] = Field(
        "learned", description="The score that is graded: the win probability (0-1), or points of one kind of rule."
    )
    hot: float = Field(0.6, description="At least this is hot.")
    warm: float = Field(0.3, description="At least this is warm.")

    @model_validator(mode="after")
    def _hot_is_above_warm(self) -> Self:
        if self.hot <= self.warm:
            raise ValueError("'hot' must be above 'warm'")
        if self.by == "learned" and not 0 < self.warm < self.hot <= 1:
            raise ValueError("cuts of the win probability lie between 0 and 1, e.g. hot: 0.6, warm: 0.3")
        return self


class Movable(Model):
    """The assumption behind the movable value: what effort on a deal could change. Stated, not measured."""

    strength: float = Field(
        0.2, gt=0, le=1, description="Effort raises the win probability p by strength x p x (1 - p)."
    )


class Scoring(Model):
    """How deals are scored."""

    model: str | None = Field(
        None, description="File of a trained model (oppnb train … --model-out), as seen from this file; reports use it."
    )
    attribute_rules: list[AttributeRule] = Field(default_factory=list)
    behaviour_rules: list[BehaviourRule] = Field(default_factory=list)
    grades: Grades = Field(default_factory=Grades)
    keep_fields: dict[str, str] = Field(
        default_factory=dict, description="Field the leakage audit would leave out -> why it is kept all the same."
    )
    leave_out: list[str] = Field(default_factory=list, description="Fields nothing is learned from.")
    capacity: int | None = Field(None, ge=1, description="Deals that can be worked on at once, for the priority.")
    horizon_days: int = Field(90, ge=1, description="'Won by' in tables and measures means within these days.")
    movable: Movable = Field(default_factory=Movable)

    @model_validator(mode="after")
    def _names_and_reasons_are_there(self) -> Self:
        for kind, rules in (("attribute_rules", self.attribute_rules), ("behaviour_rules", self.behaviour_rules)):
            names = [rule.name for rule in rules]
            for position, name in enumerate(names):
                if name in names[:position]:
                    raise mistake_at((kind, position, "name"), f"two rules have the name '{name}'", value=name)
        for field, reason in self.keep_fields.items():
            if not reason.strip():
                raise mistake_at(("keep_fields", field), f"'keep_fields' needs a reason for '{field}'", value=reason)
        return self


SCORE_ALERTS = (
    "probability_fell_by",
    "probability_rose_by",
    "probability_fell_below",
    "behaviour_fell_by",
    "grade_fell",
)
"""Alerts that compare a score with the last one; the others need no score."""


class Alert(Model):
    """When a deal, or the whole, calls for a look."""

    when: Literal[
        "probability_fell_by",
        "probability_rose_by",
        "probability_fell_below",
        "behaviour_fell_by",
        "grade_fell",
        "forecast_under_target",
        "silence",
        "time_limit_passed",
        "promise_due",
        "task_overdue",
        "competitor_appeared",
        "backlog_over",
    ] = Field(description="The first five compare with the last score in the store.")
    points: float | None = Field(
        None, gt=0, description="Percentage points of probability, or points of the rules; not for grade_fell."
    )
    share: float | None = Field(
        None, gt=0, description="forecast_under_target: told below this share of the target; by default 1."
    )
    days: float | None = Field(None, gt=0, description="silence: longer than this; by default the stage's own limit.")
    hours: int | None = Field(None, gt=0, description="promise_due: the next step is due within these; by default 48.")
    limit: int | None = Field(None, ge=0, description="backlog_over: more open deals than this.")
    by: Literal["owner_id", "stage", "team", "region", "process"] | None = Field(
        None, description="backlog_over: counted for each of these; by default owner_id."
    )
    stages: list[str] = Field(default_factory=list, description="Only deals in one of these stages; by default any.")
    at_least_amount: float | None = Field(None, description="Only deals worth at least this, in the base currency.")

    @model_validator(mode="after")
    def _has_a_threshold(self) -> Self:
        needs_points = self.when in SCORE_ALERTS and self.when != "grade_fell"
        if (self.points is None) == needs_points:
            raise ValueError("give 'points'" if needs_points else f"leave 'points' out: there are none for {self.when}")
        if (self.limit is None) == (self.when == "backlog_over"):
            raise ValueError("give 'limit' for backlog_over, and for no other")
        for name, kind in _ONLY_OF.items():
            if getattr(self, name) is not None and self.when != kind:
                raise ValueError(f"'{name}' means something for {kind} only")
        if self.when == "forecast_under_target" and (self.stages or self.at_least_amount is not None):
            raise ValueError("forecast_under_target is of the whole: leave 'stages' and 'at_least_amount' out")
        return self


_ONLY_OF = {"share": "forecast_under_target", "days": "silence", "hours": "promise_due", "by": "backlog_over"}
