"""What Python may do with the stages; each change is a step that can be undone."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import traitlets

from oppnb.errors import UsageError
from oppnb.stages import StageDraft, odds_to_take, take_observed_odds
from oppnb.widgets.edits_file import EditsFile
from oppnb.widgets.stage_configurator.seen import Seen, was_ever_in
from oppnb.workspace import Stage, Workspace

__all__ = ["ODDS_OF", "StageChanges"]

ODDS_OF = ("entered", "standing")


class StageChanges(EditsFile[StageDraft]):
    """The changes of a `StageConfigurator`; a stage is named by its name, or by the key of its card."""

    process = traitlets.Unicode(help="Whose stages are shown")
    odds_of = traitlets.Enum(ODDS_OF, "entered", help="Whose observed odds")

    _drafted: Seen

    @property
    def draft(self) -> StageDraft:
        """The stages with where they come from."""
        return self._draft

    @property
    def workspace(self) -> Workspace:
        """The workspace with the drafted stages, as a review takes it."""
        return self.draft.workspace

    def move(self, stage: str, to: int, *, process: str | None = None) -> None:
        """Put a stage at another place, counted from 1; see `StageDraft.move`."""
        self._change(lambda draft: draft.move(stage, to, process=process), "did_move", stage, process)

    def rename(self, stage: str, name: str, *, process: str | None = None) -> None:
        """Give a stage another name; the old one stays as an alias."""
        self._change(
            lambda draft: draft.rename(stage, name, process=process), "did_rename", stage, process, name=name.strip()
        )

    def merge(self, stage: str, into: str, *, process: str | None = None) -> None:
        """Make one stage of two: the second stays and gets the first's names as aliases; see `StageDraft.merge`."""
        of, _ = self.draft.find(stage, process=process)
        kept = self.draft.find(into, process=process or of)[1].stage
        self._change(
            lambda draft: draft.merge(stage, into, process=process),
            "did_merge",
            stage,
            process,
            into=self._label(kept),
        )

    def add(self, name: str, *, process: str | None = None, at: int | None = None, **said: Any) -> None:
        """A new stage, by default after the last open one; `said` as in `change`."""
        of = process or (self.process if len(self.draft.processes) > 1 else None)
        self._change(lambda draft: draft.add(name, process=of, at=at, **said), "did_add", None, of, stage=name.strip())

    def remove(self, stage: str, *, process: str | None = None) -> None:
        """Leave a stage out.

        Raises
        ------
        UsageError
            If a deal was ever in it: merge it into another then.
        """
        of, found = self.draft.find(stage, process=process)
        if was_ever_in(self._drafted, of, found.stage.name):
            raise UsageError(self.say("has_deals", stage=self._label(found.stage)))
        self._change(lambda draft: draft.remove(stage, process=process), "did_remove", stage, process)

    def set_odds(self, stage: str, odds: float | None, *, process: str | None = None) -> None:
        """Set the odds of a stage, 0-1; None: not set."""
        self.change(stage, process=process, odds=odds)

    def change(self, stage: str, *, process: str | None = None, **said: Any) -> None:
        """Change what a stage says: any field of `oppnb.workspace.Stage` but its name."""
        self._change(lambda draft: draft.change(stage, process=process, **said), "did_change", stage, process)

    def use_observed_odds(self, stage: str | None = None, *, process: str | None = None, of: str | None = None) -> None:
        """Take the observed odds, rounded to a whole percent, of one stage or of all with at least 30 closed deals.

        Parameters
        ----------
        stage, process : str, optional
            Which; by default every open stage of every process.
        of : {'entered', 'standing'}, optional
            By default `odds_of`.

        Raises
        ------
        UsageError
            If nothing was observed of the stage.
        """
        whose, named = of or self.odds_of, None
        if whose not in ODDS_OF:
            raise UsageError(f"'of' can be {' or '.join(ODDS_OF)}, not '{whose}'.")
        if stage is not None:
            name, found = self.draft.find(stage, process=process)
            named = [(name, found.stage.name)]
            seen = odds_to_take(self._drafted.odds, of=whose).set_index(["process", "stage"])["observed"]
            if pd.isna(seen.get(named[0], float("nan"))):
                raise UsageError(self.say("nothing_observed", stage=self._label(found.stage)))
        taken = take_observed_odds(self.workspace, self._drafted.odds, stages=named, of=whose)
        self._change(lambda draft: draft.take(taken), "did_take" if stage else "did_take_all", stage, process)

    def _change(
        self, make: Callable[[StageDraft], StageDraft], label: str, which: str | None, of: str | None, **more: Any
    ) -> None:
        named = {} if which is None else {"stage": self._label(self.draft.find(which, process=of)[1].stage)}
        self._go(self._steps.done(make(self.draft), self.say(label, **{**named, **more})))

    def _label(self, stage: Stage) -> str:
        return stage.label.get(self.words.locale, stage.name)
