"""The widget: its attributes, what Python may do, what it says to others."""

from pathlib import Path
from typing import Any

import pandas as pd
import traitlets

from oppnb.errors import UsageError, WorkspaceError, nearest
from oppnb.review import Review
from oppnb.stages import StageDraft, draft_text, process_label
from oppnb.tables import Tables
from oppnb.widgets.no_rows import said_of
from oppnb.widgets.stage_configurator.by_hand import ByHand
from oppnb.widgets.stage_configurator.changing import StageChanges
from oppnb.widgets.stage_configurator.opening import open_with_file
from oppnb.widgets.stage_configurator.seen import Seen, Sight
from oppnb.widgets.stage_configurator.setting import draft_with_stages, stages_of
from oppnb.widgets.stage_configurator.state import Figures, Teller, figures_of
from oppnb.widgets.stage_configurator.twin import cards_table, odds_figure, stages_table
from oppnb.widgets.steps import Steps
from oppnb.widgets.work import Watch
from oppnb.workspace import WorkspaceFile, parse_workspace

__all__ = ["StageConfigurator"]

_MANY = 20_000  # deals of which even figures alone take a while
_OPENING = ("as_of", "workspace", "currency", "locale")
_OWN = ("path", "process", "odds_of", "selection")


class StageConfigurator(ByHand, StageChanges):
    """Set the stages of each process: order, names, odds, limits, criteria, tasks; see what it does; save it.

    Nothing is written before `save()`. Every change can be undone. A stage that is renamed or merged leaves its name as
    an alias, so that data, history and rules that say it are still read.

    Parameters
    ----------
    data : Review, path or Tables
        A review that is open already, or what `open_review` takes.
    path : path, optional
        The `oppnb.yaml` to save to; by default `workspace`, if that is a path. Its stages, where it has any, are those
        that are shown. It need not be there yet.
    process : str, optional
        Whose stages are shown; by default the first.
    odds_of : {'entered', 'standing'}
        Whose observed odds are shown and taken: of the deals that entered a stage, which judge the stage, or of those
        that stand in it, which weigh a pipeline.
    selection : Selection, optional
        Shared with other widgets: an open card chooses its deals; amounts are of the deals that another chose.
    as_of, workspace, currency, locale
        As in `open_review`; only with a path or tables.

    Attributes
    ----------
    stages : dict of str to tuple of Stage
        By process, in order. May be set, for some processes or all; a stage keeps its history by its name or alias.
    process, odds_of
        May be set.
    chosen_stage : str or None
        Name of the open card; may be set.
    draft : StageDraft
        The stages with where they come from.
    diff : str
        What `save` would change in the file; empty if nothing.
    weighted : dict
        The weighted pipeline, in money: `before`, `after` and at the `observed` odds.
    findings : tuple of LintFinding
        What is odd in the draft.

    Raises
    ------
    TypeError
        An unknown keyword; names the nearest.
    OppnbError
        Whatever `open_review` raises, or a file that cannot be read.

    Examples
    --------
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> small = Tables(make_pipeline(SyntheticSettings(n_opportunities=60)).tables)
    >>> configurator = StageConfigurator(small, as_of="2024-09-30")
    >>> process = configurator.process
    >>> configurator.rename("Lead", "Enquiry", process=process)
    >>> [stage.names for stage in configurator.stages[process]][0]
    ('Enquiry', 'Lead')
    >>> configurator.undo()
    >>> configurator.stages[process][0].name
    'Lead'
    """

    front_end = "stage_configurator"

    stages = traitlets.Dict(help="Process -> its stages in order")
    chosen_stage = traitlets.Unicode(None, allow_none=True, help="Name of the open card")

    def __init__(self, data: Review | str | Path | Tables, **settings: Any) -> None:
        if isinstance(data, Review):
            self.refuse_opening(settings, _OPENING)
        self.refuse_unknown(settings, list(_OWN if isinstance(data, Review) else (*_OWN, *_OPENING)))
        opening = {name: settings[name] for name in _OPENING if name in settings}
        review, file = open_with_file(data, settings.get("path"), opening)
        super().__init__(words=review.words, formats=review.formats, selection=settings.get("selection"))
        self.error = said_of(review, review.words)
        self._chosen_key: str | None = None
        self._file = file
        self._begin(review)
        with self._settling():
            self.process = settings.get("process") or review.workspace.processes[0].name
            self.odds_of = settings.get("odds_of", "entered")
        self._show(Steps(StageDraft.of(review.workspace)), self._saved)

    def _begin(self, review: Review) -> None:
        self.review = review
        self._sight = Sight(review)
        self._saved = self._sight.seen(review.workspace, Watch())

    # --- reading --------------------------------------------------------------------------------------------------

    @property
    def chosen_key(self) -> str | None:
        """Key of the open card."""
        return self._chosen_key

    @property
    def weighted(self) -> dict[str, float]:
        """The weighted pipeline in money: `before`, `after`, `observed`; null where no odds are known."""
        told = self._told
        return {"before": told.before, "after": told.after, "observed": told.observed}

    @property
    def findings(self) -> Any:
        """What is odd in the draft, as `oppnb.stages.lint_stages` says."""
        return self._drafted.findings

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """The open deals of the open card, of those that another widget chose; empty if no card is open."""
        found, only = self._chosen(), self.followed_ids
        ids = () if found is None else self._sight.deals_in(self._drafted, *found)
        return ids if only is None else tuple(one for one in ids if one in set(only))

    def to_figure(self) -> Any:
        """Set odds beside observed odds, as in a report."""
        labels = {one.stage.name: self._label(one.stage) for one in self.draft.processes[self.process]}
        words, formats = self.words, self.formats
        return odds_figure(
            self._drafted, labels, process=self.process, odds_of=self.odds_of, words=words, formats=formats
        )

    def to_table(self) -> pd.DataFrame:
        """One row an open stage of every process.

        `oppnb.stages.observed_odds` of the draft, with `count`, `amount` and `weighted` of its open deals and
        `time_limit_days`.
        """
        return stages_table(self._drafted, self.draft, self._told.stages_after)

    def twin_title(self) -> str:
        """The finding."""
        return str(self.state["title"])

    def twin_table(self) -> pd.DataFrame:
        """The cards of the process shown, as a reader sees them."""
        return cards_table(self.state["cards"], words=self.words)

    # --- within ---------------------------------------------------------------------------------------------------

    def _go(self, steps: Steps[StageDraft]) -> None:
        if steps is self._steps:
            self.send_state("state")  # a field that was written in shows again what is set
            return
        self._note = ""
        workspace = steps.draft.workspace
        if self._sight.is_read(workspace) and len(self.review.snapshot) < _MANY:
            seen = self._sight.seen(workspace, Watch())
            self._show(steps, seen)
            return

        def made(watch: Watch) -> tuple[Seen, Figures]:
            seen = self._sight.seen(workspace, watch)
            return seen, self._figures(seen)

        self.work(made, lambda found: self._show(steps, *found))

    def _figures(self, seen: Seen) -> Figures:
        return figures_of(self._sight, self._saved, seen, only=self.followed_ids)

    def _show(self, steps: Steps[StageDraft], seen: Seen, told: Figures | None = None) -> None:
        self._steps, self._drafted = steps, seen
        self._told = self._figures(seen) if told is None else told
        keys = {one.key: one.stage.name for stages in steps.draft.processes.values() for one in stages}
        if self._chosen_key not in keys:
            self._chosen_key = None
        with self._settling():
            self.chosen_stage = keys.get(self._chosen_key or "")
            self.stages = stages_of(steps.draft)
        self._draw()
        self._say_choice()

    def _text_with(self, text: str, *, name: str, is_other: bool) -> str:  # noqa: ARG002 - a draft fits any file
        return draft_text(self.draft, text, name=name)

    def _check_other(self, file: WorkspaceFile) -> None:
        if parse_workspace(file.text, name=file.path.name).processes:
            raise WorkspaceError(self.say("has_stages", file=file.path.name))

    def _take_saved(self) -> None:
        self._saved = self._drafted
        held = self.draft
        self._show(self._steps.saved(held.rebased(held), lambda one: one.rebased(held)), self._drafted)

    def _begin_again(self) -> None:
        review, _ = open_with_file(self.review, self._known_file().path, {})
        self._begin(review)
        if self.process not in {one.name for one in review.workspace.processes}:
            with self._settling():
                self.process = review.workspace.processes[0].name
        self._show(Steps(StageDraft.of(review.workspace)), self._saved)

    def _teller(self) -> Teller:
        return Teller(self.words, self.formats, self._drafted, self._saved, self._told, self.odds_of)

    def _draw(self) -> None:
        told, draft = self._teller(), self.draft
        stages = draft.processes[self.process]
        chosen = next((one for one in stages if one.key == self._chosen_key), None)
        self.state = {
            "title": told.title(),
            "processes": [
                {"key": name, "label": process_label(draft.base, name, locale=self.words.locale)}
                for name in draft.processes
            ],
            "process": self.process,
            "odds_of": self.odds_of,
            "cards": told.cards(self.process, stages),
            "detail": None if chosen is None else told.detail(draft, self.process, chosen),
            "findings": told.of_process(self.process, stages),
            "chart": told.chart(),
            **self._edits_state(),
            "following": self._followed(),
        }

    def _chosen(self) -> tuple[str, str] | None:
        for name, stages in self.draft.processes.items():
            for one in stages:
                if one.key == self._chosen_key:
                    return name, one.stage.name
        return None

    # --- traits ---------------------------------------------------------------------------------------------------

    @traitlets.validate("stages")
    def _whole_stages(self, proposal: Any) -> Any:
        """Stages of some processes, with those of the others as they are."""
        if self._is_settling:
            return proposal.value
        return stages_of(draft_with_stages(self.draft, proposal.value))

    @traitlets.observe("stages")
    def _stages_set(self, change: Any) -> None:
        if self._is_settling:
            return
        try:
            self._go(self._steps.done(draft_with_stages(self.draft, change.new), self.say("did_set")))
        except Exception:
            self._put_back(change)
            raise

    @traitlets.validate("process")
    def _known_process(self, proposal: Any) -> Any:
        known = [process.name for process in self.review.workspace.processes]
        if proposal.value not in known:
            near = nearest(proposal.value, known)
            hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(known)}."
            raise UsageError(f"There is no process '{proposal.value}'.{hint}")
        return proposal.value

    @traitlets.observe("process", "odds_of")
    def _shown_otherwise(self, change: Any) -> None:
        if self._is_settling:
            return
        if change.name == "process":
            self.chosen_stage = None
        self._draw()

    @traitlets.validate("chosen_stage")
    def _known_stage(self, proposal: Any) -> Any:
        if proposal.value is None or self._is_settling:
            return proposal.value
        return self.draft.find(proposal.value, process=self.process)[1].stage.name

    @traitlets.observe("chosen_stage")
    def _stage_chosen(self, change: Any) -> None:
        if self._is_settling:
            return
        self._chosen_key = None if change.new is None else self.draft.find(change.new, process=self.process)[1].key
        self._draw()
        self._say_choice()

    def selection_changed(self) -> None:
        """Another widget chose deals: amounts are of those deals."""
        with self._settling():
            self.chosen_stage = None
        self._chosen_key = None
        self._told = self._figures(self._drafted)
        self._draw()

    def _say_choice(self) -> None:
        found = self._chosen()
        if found is None:
            self.tell_choice(None)
            return
        stage = self.draft.find(found[1], process=found[0])[1].stage
        self.tell_choice(self.selected_ids, label=self._label(stage))
