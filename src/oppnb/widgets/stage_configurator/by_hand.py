"""What the hand may do with the cards: each command is a method that Python has too, with the card's key."""

from typing import Any

from oppnb.sources.outcomes import outcome_word
from oppnb.widgets.commands import command
from oppnb.widgets.stage_configurator.written import read_field, read_tasks

__all__ = ["ByHand"]


class ByHand:
    """Commands of the stage configurator, which it is mixed into; `stage` is the key of a card."""

    @command
    def choose_process(self: Any, process: str) -> None:
        """Show the stages of another process."""
        self.process = process

    @command
    def choose_stage(self: Any, stage: str | None) -> None:
        """Open a card and choose its deals; None or the same again closes it."""
        self.chosen_stage = None if stage is None or stage == self.chosen_key else self.draft.find(stage)[1].stage.name

    @command
    def move_stage(self: Any, stage: str, to: int) -> None:
        """Drop a card at a place, counted from 1."""
        self.move(stage, to)

    @command
    def rename_stage(self: Any, stage: str, name: str) -> None:
        """Another name."""
        self.rename(stage, name)

    @command
    def merge_stages(self: Any, stage: str, into: str) -> None:
        """Make one of two."""
        self.merge(stage, into)

    @command
    def add_stage(self: Any, name: str, outcome: str | None = None) -> None:
        """A new stage of the process shown: open, or won or lost, which end deals.

        Where nobody says which, a stage that is called won or lost ends deals so, and any other is open.
        """
        self.add(name, process=self.process, outcome=outcome or outcome_word(name) or "open")

    @command
    def read_outcome(self: Any, name: str) -> dict[str, str]:
        """How a stage of that name ends deals, if nobody says otherwise."""
        return {"outcome": outcome_word(name) or "open"}

    @command
    def remove_stage(self: Any, stage: str) -> None:
        """Leave out a stage in which no deal ever was."""
        self.remove(stage)

    @command
    def write_stage(self: Any, stage: str, field: str, text: str) -> None:
        """Write into a field of a card; see `read_field`."""
        said = dict(read_field(field, text, words=self.words, locale=self.words.locale))
        if field == "label":
            old = self.draft.find(stage)[1].stage.label
            said = {"label": {key: value for key, value in {**old, **said["label"]}.items() if value}}
        self.change(stage, **said)

    @command
    def write_tasks(self: Any, stage: str, tasks: list[dict[str, Any]]) -> None:
        """The key tasks of a card: `{"name": text, "days": text}` each."""
        self.change(stage, key_tasks=read_tasks(tasks, words=self.words))

    @command
    def take_observed(self: Any, stage: str | None) -> None:
        """The observed odds of one stage, or of every stage with enough closed deals."""
        self.use_observed_odds(stage)

    @command
    def choose_odds_of(self: Any, odds_of: str) -> None:
        """Observed odds of the deals that `entered` a stage, or of those `standing` in it."""
        self.odds_of = odds_of

    @command
    def show_all(self: Any) -> None:
        """Forget what another widget chose."""
        self.chosen_stage = None
        self.choose_deals(None)
        self.selection_changed()
