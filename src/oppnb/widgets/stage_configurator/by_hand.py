"""What the hand may do with the cards: each command is a method that Python has too, with the card's key."""

from typing import TYPE_CHECKING, Any

from oppnb.widgets.commands import command
from oppnb.widgets.stage_configurator.written import read_field

if TYPE_CHECKING:
    from oppnb.widgets.stage_configurator.widget import StageConfigurator

__all__ = ["ByHand"]


class ByHand:
    """Commands of the stage configurator; `stage` is the key of a card."""

    @command
    def choose_process(self: "StageConfigurator", process: str) -> None:  # type: ignore[misc]
        """Show the stages of another process."""
        self.process = process

    @command
    def choose_stage(self: "StageConfigurator", stage: str | None) -> None:  # type: ignore[misc]
        """Open a card and choose its deals; None or the same again closes it."""
        self.chosen_stage = None if stage is None or stage == self.chosen_key else self.draft.find(stage)[1].stage.name

    @command
    def move_stage(self: "StageConfigurator", stage: str, to: int) -> None:  # type: ignore[misc]
        """Drop a card at a place, counted from 1."""
        self.move(stage, to)

    @command
    def rename_stage(self: "StageConfigurator", stage: str, name: str) -> None:  # type: ignore[misc]
        """Another name."""
        self.rename(stage, name)

    @command
    def merge_stages(self: "StageConfigurator", stage: str, into: str) -> None:  # type: ignore[misc]
        """Make one of two."""
        self.merge(stage, into)

    @command
    def add_stage(self: "StageConfigurator", name: str) -> None:  # type: ignore[misc]
        """A new open stage of the process shown, after the last open one."""
        self.add(name, process=self.process)

    @command
    def remove_stage(self: "StageConfigurator", stage: str) -> None:  # type: ignore[misc]
        """Leave out a stage in which no deal ever was."""
        self.remove(stage)

    @command
    def write_stage(self: "StageConfigurator", stage: str, field: str, text: str) -> None:  # type: ignore[misc]
        """Write into a field of a card; see `read_field`."""
        said = dict(read_field(field, text, words=self.words, locale=self.words.locale))
        if field == "label":
            old = self.draft.find(stage)[1].stage.label
            said = {"label": {key: value for key, value in {**old, **said["label"]}.items() if value}}
        self.change(stage, **said)

    @command
    def write_tasks(self: "StageConfigurator", stage: str, tasks: list) -> None:  # type: ignore[misc,type-arg]
        """The key tasks of a card: `{"name": text, "days": text}` each."""
        said = [_task(self, one) for one in tasks if isinstance(one, dict) and str(one.get("name", "")).strip()]
        self.change(stage, key_tasks=said)

    @command
    def take_observed(self: "StageConfigurator", stage: str | None) -> None:  # type: ignore[misc]
        """The observed odds of one stage, or of every stage with enough closed deals."""
        self.use_observed_odds(stage)

    @command
    def choose_odds_of(self: "StageConfigurator", odds_of: str) -> None:  # type: ignore[misc]
        """Observed odds of the deals that `entered` a stage, or of those `standing` in it."""
        self.odds_of = odds_of

    @command
    def show_all(self: "StageConfigurator") -> None:  # type: ignore[misc]
        """Forget what another widget chose."""
        self.chosen_stage = None
        self.choose_deals(None)
        self.selection_changed()


def _task(widget: "StageConfigurator", said: dict[str, Any]) -> dict[str, Any]:
    days = str(said.get("days", "")).strip()
    if days and not (days.isascii() and days.isdigit()):
        days_error(widget, days)
    return {"name": str(said["name"]).strip(), "due_days": int(days) if days else None}


def days_error(widget: "StageConfigurator", text: str) -> None:
    """Say that a text is no number of days."""
    from oppnb.errors import UsageError

    raise UsageError(widget.words("widgets_stage_configurator.not_days", text=text[:20]))
