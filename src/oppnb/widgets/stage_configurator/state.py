"""What the front end draws: the cards, the figures before and after, the diff."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.stages import DraftStage, LintFinding, StageDraft, odds_to_take, process_label
from oppnb.widgets.axes import axis
from oppnb.widgets.stage_configurator.seen import Seen, Sight, is_known, was_ever_in

__all__ = ["Figures", "Teller", "figures_of"]

_Rows = Mapping[tuple[str, str], Mapping[Any, Any]]


@dataclass(frozen=True)
class Figures:
    """The weighted pipeline of the saved and the drafted configuration, and the open deals by stage of each.

    Attributes
    ----------
    before, after, observed : float
        Money: at the saved odds, at the drafted ones, at the observed ones; null where no odds are known.
    stages_before, stages_after : DataFrame
        By process and stage: `count`, `amount`, `weighted`.
    """

    before: float
    after: float
    observed: float
    stages_before: pd.DataFrame
    stages_after: pd.DataFrame

    @cached_property
    def rows_before(self) -> _Rows:
        """`stages_before` by process and stage."""
        return _by_stage(self.stages_before)

    @cached_property
    def rows_after(self) -> _Rows:
        """`stages_after` by process and stage."""
        return _by_stage(self.stages_after)


def figures_of(sight: Sight, saved: Seen, drafted: Seen, *, only: Collection[str] | None) -> Figures:
    """The figures of two configurations of the same deals."""
    return Figures(
        sight.weighted(saved, "set_odds", only=only),
        sight.weighted(drafted, "set_odds", only=only),
        sight.weighted(drafted, "observed_odds", only=only),
        sight.by_stage(saved, only=only),
        sight.by_stage(drafted, only=only),
    )


@dataclass(frozen=True)
class Teller:
    """Writes what is known of a draft in the reader's language."""

    words: Words
    formats: Formats
    drafted: Seen
    saved: Seen
    figures: Figures
    odds_of: str

    def say(self, key: str, **values: Any) -> str:
        """A text of this widget."""
        return self.words(f"widgets_stage_configurator.{key}", **values)

    @property
    def has_odds(self) -> bool:
        """Whether any open stage of the draft has set odds."""
        every = (stage for process in self.drafted.workspace.processes for stage in process.stages)
        return any(stage.odds is not None for stage in every if stage.outcome == "open")

    def title(self) -> str:
        """The finding: what the changes do to the weighted pipeline."""
        before, after = (self._money(value) for value in (self.figures.before, self.figures.after))
        if not is_known(self.figures.after) or not self.has_odds:
            return self.say("title_without_odds")
        if not is_known(self.figures.before):
            return self.say("title_first", after=after)
        if self.figures.before == self.figures.after or before == after:
            return self.say("title_same", value=after)
        return self.say("title_changed", before=before, after=after)

    def chart(self) -> dict[str, Any]:
        """Three bars: saved, drafted, at the observed odds."""
        shown = (("before", self.figures.before, "pale"), ("after", self.figures.after, "total"))
        rows = [*shown, ("observed", self.figures.observed, "neutral")]
        high = max([value for _, value, _ in rows if is_known(value)], default=0.0)
        bars = [
            {
                "key": key,
                "label": self.say(f"weighted_{key}"),
                "from": 0.0,
                "to": value if is_known(value) else 0.0,
                "kind": kind,
                "text": self._money(value),
                "note": "",
            }
            for key, value, kind in rows
        ]
        return {"bars": bars, "axis": axis(0.0, high or 1.0, write=self._money, count=5), "chosen": None}

    def cards(self, process: str, stages: Sequence[DraftStage]) -> list[dict[str, Any]]:
        """One card a stage of a process."""
        taken = _by_stage(odds_to_take(self.drafted.odds, of=self.odds_of).set_index(["process", "stage"]))
        n_open = sum(one.stage.outcome == "open" for one in stages)
        ends = (n_open, len(stages))
        return [self._card(process, one, place, ends, taken) for place, one in enumerate(stages, start=1)]

    def _card(self, process: str, one: DraftStage, place: int, ends: tuple[int, int], taken: _Rows) -> dict[str, Any]:
        n_open, n_all = ends
        stage, key = one.stage, (process, one.stage.name)
        row = taken.get(key)
        is_open = stage.outcome == "open"
        label = stage.label.get(self.words.locale, "")
        return {
            "key": one.key,
            "place": place,
            "first": 1 if is_open else n_open + 1,
            "last": n_open if is_open else n_all,
            "name": stage.name,
            "label": label or stage.name,
            "outcome": stage.outcome,
            "outcome_text": "" if is_open else self.say(f"outcome_{stage.outcome}"),
            "odds": "" if stage.odds is None else _percent_text(stage.odds),
            "at": stage.odds,
            "observed": None if row is None or not is_open else self._observed(row, stage.odds),
            "deals": self._deals(key) if is_open else "",
            "weighted": self._weighted(process, one) if is_open else "",
            "limits": self._limits(stage.time_limit_days),
            "findings": [self._finding(found) for found in self._about(process, stage.name)],
            "is_changed": self._is_changed(process, one),
            "can_go": not was_ever_in(self.drafted, process, stage.name),
        }

    def _observed(self, row: Mapping[str, Any], odds: float | None) -> dict[str, Any] | None:
        if pd.isna(row["observed"]):
            none = self.say("no_closed")
            return {"text": "–", "interval": "", "n": none, "note": none, "at": None, "low": None, "high": None}
        low, high, at = float(row["low"]), float(row["high"]), float(row["observed"])
        share = self.formats.share
        interval = self.say("interval", low=share(low), high=share(high))
        n = self.say("n_closed", n=self.formats.number(float(row["n"])))
        return {
            "text": share(at),
            "interval": interval,
            "n": n,
            "note": self.say("comma").join([interval, n]),
            "at": at,
            "low": low,
            "high": high,
            "is_off": odds is not None and not low <= odds <= high,
            "take": "" if odds == row["rounded"] else share(float(row["rounded"])),
            "words": self.say("odds_words", set=share(odds), observed=share(at), low=share(low), high=share(high)),
        }

    def _deals(self, key: tuple[str, str]) -> str:
        row = self.figures.rows_after.get(key)
        n = 0 if row is None else int(row["count"])
        if row is None or n == 0:
            return self.say("deals_none")
        return self.say(
            "deals_one" if n == 1 else "deals", n=self.formats.number(n), amount=self._money(float(row["amount"]))
        )

    def _weighted(self, process: str, one: DraftStage) -> str:
        after = _value(self.figures.rows_after, (process, one.stage.name))
        names = {} if one.origin is None else self._saved_names(process)
        before = _value(self.figures.rows_before, (process, names.get(one.origin, "")))
        if not is_known(after):
            return ""
        if self._money(before) == self._money(after) or not is_known(before):
            return self.say("weighted_now", value=self._money(after))
        return self.say("weighted_change", before=self._money(before), after=self._money(after))

    def _saved_names(self, process: str) -> dict[int | None, str]:
        found = next((one for one in self.saved.workspace.processes if one.name == process), None)
        return {} if found is None else {at: stage.name for at, stage in enumerate(found.stages)}

    def _is_changed(self, process: str, one: DraftStage) -> bool:
        found = next((was for was in self.saved.workspace.processes if was.name == process), None)
        if found is None or one.origin is None or one.origin >= len(found.stages):
            return True
        return found.stages[one.origin] != one.stage

    def _limits(self, days: float | None) -> str:
        return (
            "" if days is None else self.say("limit", days=self.formats.number(days, digits=0 if days % 1 == 0 else 1))
        )

    def _about(self, process: str, stage: str) -> list[LintFinding]:
        return [found for found in self.drafted.findings if found.process == process and stage in found.stages]

    def of_process(self, process: str, stages: Sequence[DraftStage]) -> list[str]:
        """Findings about a process that belong to none of its stages."""
        known = {one.stage.name for one in stages}
        found = [one for one in self.drafted.findings if one.process == process and not known & set(one.stages)]
        return [self._finding(one) for one in found]

    def _finding(self, found: LintFinding) -> str:
        """The sentence of the report, without the process: the card stands under it."""
        told = found.text(self.drafted.workspace, words=self.words)
        label = process_label(self.drafted.workspace, found.process, locale=self.words.locale)
        for opening in (f"Process {label}: ", f"Process {label}, ", f"流程 {label}：", f"流程 {label}，"):
            if told.startswith(opening):
                rest = told.removeprefix(opening)
                return rest[:1].upper() + rest[1:]
        return told

    def detail(self, draft: StageDraft, process: str, one: DraftStage) -> dict[str, Any]:
        """All that a stage says, as fields to write in."""
        stage = one.stage
        others = [other for other in draft.processes[process] if other.key != one.key]
        return {
            "key": one.key,
            "name": stage.name,
            "label": stage.label.get(self.words.locale, ""),
            "with_label": self.words.locale != "en" or "en" in stage.label,
            "time_limit_days": _days_text(stage.time_limit_days),
            "silence_limit_days": _days_text(stage.silence_limit_days),
            **{name: "\n".join(getattr(stage, name)) for name in ("entry_criteria", "exit_criteria", "evidence")},
            "aliases": "\n".join(stage.aliases),
            "key_tasks": [
                {"name": task.name, "days": "" if task.due_days is None else str(task.due_days)}
                for task in stage.key_tasks
            ],
            "into": [
                {"key": other.key, "label": other.stage.label.get(self.words.locale, other.stage.name)}
                for other in others
                if other.stage.outcome == stage.outcome
            ],
        }

    def _money(self, value: float) -> str:
        return self.formats.money(value, short=True)


def _by_stage(frame: pd.DataFrame) -> _Rows:
    rows = frame.to_dict("records")
    return {(str(process), str(stage)): dict(row) for (process, stage), row in zip(frame.index, rows, strict=True)}


def _value(rows: _Rows, key: tuple[str, str]) -> float:
    return float(rows[key]["weighted"]) if key in rows else math.nan


def _percent_text(odds: float) -> str:
    return f"{odds * 100:.4f}".rstrip("0").rstrip(".")


def _days_text(days: float | None) -> str:
    return "" if days is None else f"{days:g}"
