"""The widget: its attributes, what Python may do, what it says to others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import traitlets

from oppnb import charts
from oppnb.errors import UsageError, WorkspaceError, nearest
from oppnb.review import Review
from oppnb.stages import StageDraft, draft_text, odds_to_take, process_label, take_observed_odds
from oppnb.tables import Tables
from oppnb.widgets.base import OppnbWidget
from oppnb.widgets.commands import command
from oppnb.widgets.stage_configurator.by_hand import ByHand
from oppnb.widgets.stage_configurator.opening import open_with_file
from oppnb.widgets.stage_configurator.seen import Seen, Sight, was_ever_in
from oppnb.widgets.stage_configurator.setting import draft_with_stages, stages_of
from oppnb.widgets.stage_configurator.state import Figures, Teller, diff_lines, figures_of
from oppnb.widgets.stage_configurator.steps import Steps
from oppnb.widgets.work import Watch
from oppnb.workspace import Stage, Workspace, WorkspaceFile, parse_workspace

__all__ = ["StageConfigurator"]

_OPENING = ("as_of", "workspace", "currency", "locale")
_OWN = ("path", "process", "odds_of", "selection")
_ODDS_OF = ("entered", "standing")


class StageConfigurator(ByHand, OppnbWidget):
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
    process = traitlets.Unicode(help="Whose stages are shown")
    odds_of = traitlets.Enum(_ODDS_OF, "entered", help="Whose observed odds")
    chosen_stage = traitlets.Unicode(None, allow_none=True, help="Name of the open card")

    def __init__(self, data: Review | str | Path | Tables, **settings: Any) -> None:
        self.refuse_unknown(settings, list(_OWN if isinstance(data, Review) else (*_OWN, *_OPENING)))
        opening = {name: settings[name] for name in _OPENING if name in settings}
        review, file = open_with_file(data, settings.get("path"), opening)
        super().__init__(words=review.words, formats=review.formats, selection=settings.get("selection"))
        self._is_settling = False
        self._chosen_key: str | None = None
        self._file, self._note, self._is_stale = file, "", False
        self._begin(review)
        with self._settling():
            self.process = settings.get("process") or review.workspace.processes[0].name
            self.odds_of = settings.get("odds_of", "entered")
        self._show(Steps(StageDraft.of(review.workspace)), self._saved, self._figures(self._saved))

    def _begin(self, review: Review) -> None:
        self.review = review
        self._sight = Sight(review)
        self._saved = self._sight.seen(review.workspace, Watch())

    # --- reading --------------------------------------------------------------------------------------------------

    @property
    def draft(self) -> StageDraft:
        """The stages with where they come from."""
        return self._steps.draft

    @property
    def workspace(self) -> Workspace:
        """The workspace with the drafted stages, as a review takes it."""
        return self.draft.workspace

    @property
    def chosen_key(self) -> str | None:
        """Key of the open card."""
        return self._chosen_key

    @property
    def diff(self) -> str:
        """What saving would change, as a unified diff of the file; empty if nothing.

        Raises
        ------
        WorkspaceError
            If the file's text cannot be changed in place.
        """
        return "\n".join(self._diff())

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
        """The open deals of the open card; empty if no card is open."""
        found = self._chosen()
        return () if found is None else self._sight.deals_in(self._drafted, *found)

    def to_figure(self) -> Any:
        """Set odds beside observed odds, as in a report."""
        odds, taken = self._drafted.odds, odds_to_take(self._drafted.odds, of=self.odds_of)
        frame = odds.assign(observed_odds=taken["observed"], low=taken["low"], high=taken["high"], n=taken["n"])
        shown = frame[frame["process"] == self.process]
        labels = {one.stage.name: self._label(one.stage) for one in self.draft.processes[self.process]}
        named = shown.assign(stage=shown["stage"].map(labels))
        return charts.stage_odds(named, words=self.words, formats=self.formats)

    def to_table(self) -> pd.DataFrame:
        """One row an open stage of every process.

        `oppnb.stages.observed_odds` of the draft, with `count`, `amount` and `weighted` of its open deals and
        `time_limit_days`.
        """
        limits = {
            (name, one.stage.name): one.stage.time_limit_days
            for name, stages in self.draft.processes.items()
            for one in stages
        }
        odds = self._drafted.odds
        days = [limits[key] for key in zip(odds["process"], odds["stage"], strict=True)]
        keyed = odds.assign(time_limit_days=pd.Series(days, dtype="float64", index=odds.index))
        return keyed.join(self._told.stages_after, on=["process", "stage"])

    def twin_title(self) -> str:
        """The finding."""
        return str(self.state["title"])

    def twin_table(self) -> pd.DataFrame:
        """The cards of the process shown, as a reader sees them."""
        columns = ("stage", "odds", "observed", "interval", "n", "deals", "weighted")
        say = self._teller().say
        rows = [
            [
                card["label"],
                f"{card['odds']}%" if card["odds"] else "–",
                *((card["observed"] or {}).get(name, "") for name in ("text", "interval", "n")),
                card["deals"],
                card["weighted"],
            ]
            for card in self.state["cards"]
            if card["outcome"] == "open"
        ]
        return pd.DataFrame(rows, columns=[say(f"column_{name}") for name in columns], dtype="str")

    # --- changing -------------------------------------------------------------------------------------------------

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
            raise UsageError(self._say("has_deals", stage=self._label(found.stage)))
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
        if whose not in _ODDS_OF:
            raise UsageError(f"'of' can be {' or '.join(_ODDS_OF)}, not '{whose}'.")
        if stage is not None:
            name, found = self.draft.find(stage, process=process)
            named = [(name, found.stage.name)]
            seen = odds_to_take(self._drafted.odds, of=whose).set_index(["process", "stage"])["observed"]
            if pd.isna(seen.get(named[0], float("nan"))):
                raise UsageError(self._say("nothing_observed", stage=self._label(found.stage)))
        taken = take_observed_odds(self.workspace, self._drafted.odds, stages=named, of=whose)
        self._change(lambda draft: draft.take(taken), "did_take" if stage else "did_take_all", stage, process)

    @command
    def undo(self) -> None:
        """Take the last change back; nothing happens if there is none."""
        self._go(self._steps.undone())

    @command
    def redo(self) -> None:
        """Do again what was undone."""
        self._go(self._steps.redone())

    @command
    def save(self, path: str | None = None) -> None:
        """Write the stages into the file: comments and all else stay, beside it first, then renamed.

        Parameters
        ----------
        path : str, optional
            Another file, which is changed or made; by default the one that was opened.

        Raises
        ------
        UsageError
            If no file is known.
        WorkspaceError
            If the file was changed since it was read, or cannot be changed in place. It is then as it was.
        """
        file = self._file if path is None else WorkspaceFile.read(path)
        if file is None:
            raise UsageError(self._say("no_file"))
        if path is not None and self._file is not None and file.path == self._file.path:
            file = self._file
        try:
            saved = file.write(self._new_text(file))
        except WorkspaceError:
            self._is_stale = not file.is_as_read
            self._draw()
            raise
        self._take_saved(saved)

    @command
    def reload(self) -> None:
        """Read the file again, as somebody else left it; what was changed here and not saved is dropped.

        Raises
        ------
        UsageError
            If no file is known.
        WorkspaceError
            If it cannot be used.
        """
        if self._file is None:
            raise UsageError(self._say("no_file"))
        review, file = open_with_file(self.review, self._file.path, {})
        self._note = self._say("was_read", file=self._file.path.name)
        self._file, self._is_stale = file, False
        self._begin(review)
        if self.process not in {one.name for one in review.workspace.processes}:
            with self._settling():
                self.process = review.workspace.processes[0].name
        self._show(Steps(StageDraft.of(review.workspace)), self._saved, self._figures(self._saved))

    # --- within ---------------------------------------------------------------------------------------------------

    def _change(
        self, make: Callable[[StageDraft], StageDraft], label: str, which: str | None, of: str | None, **more: Any
    ) -> None:
        named = {} if which is None else {"stage": self._label(self.draft.find(which, process=of)[1].stage)}
        self._go(self._steps.done(make(self.draft), self._say(label, **{**named, **more})))

    def _go(self, steps: Steps) -> None:
        if steps is self._steps:
            self.send_state("state")  # a field that was written in shows again what is set
            return
        self._note = ""
        workspace = steps.draft.workspace
        if self._sight.is_read(workspace):
            seen = self._sight.seen(workspace, Watch())
            self._show(steps, seen, self._figures(seen))
            return

        def made(watch: Watch) -> tuple[Seen, Figures]:
            seen = self._sight.seen(workspace, watch)
            return seen, self._figures(seen)

        self.work(made, lambda found: self._show(steps, *found))

    def _figures(self, seen: Seen) -> Figures:
        only = self.selection.opportunity_ids if self.follows_selection else None
        return figures_of(self._sight, self._saved, seen, only=only)

    def _show(self, steps: Steps, seen: Seen, told: Figures) -> None:
        self._steps, self._drafted, self._told = steps, seen, told
        keys = {one.key: one.stage.name for stages in steps.draft.processes.values() for one in stages}
        if self._chosen_key not in keys:
            self._chosen_key = None
        with self._settling():
            self.chosen_stage = keys.get(self._chosen_key or "")
            self.stages = stages_of(steps.draft)
        self._draw()
        self._say_choice()

    def _take_saved(self, file: WorkspaceFile) -> None:
        self._file, self._is_stale = file, False
        self._note = self._say("was_saved", file=file.path.name)
        self._saved = self._drafted
        self._show(self._steps.saved(), self._drafted, self._figures(self._drafted))

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
            "undo": self._steps.undo_label,
            "redo": self._steps.redo_label,
            "file": "" if self._file is None else self._file.path.name,
            **self._review_of_changes(),
            "note": self._note,
            "is_stale": self._is_stale,
            "following": self._followed(),
        }

    def _review_of_changes(self) -> dict[str, Any]:
        try:
            return {"diff": self._diff(), "diff_fault": ""}
        except WorkspaceError as error:
            return {"diff": [], "diff_fault": str(error)}

    def _diff(self) -> list[str]:
        text = "" if self._file is None else self._file.text
        name = "oppnb.yaml" if self._file is None else self._file.path.name
        return diff_lines(text, draft_text(self.draft, text, name=name), name=name)

    def _new_text(self, file: WorkspaceFile) -> str:
        if file is self._file:
            return draft_text(self.draft, file.text, name=file.path.name)
        told = parse_workspace(file.text, name=file.path.name)
        if told.processes:
            raise WorkspaceError(self._say("has_stages", file=file.path.name))
        return draft_text(self.draft, file.text, name=file.path.name)

    def _followed(self) -> dict[str, Any] | None:
        if not self.follows_selection:
            return None
        n = self.formats.number(len(self.selection.opportunity_ids or ()))
        return {"n": n, "label": self.selection.label}

    def _chosen(self) -> tuple[str, str] | None:
        for name, stages in self.draft.processes.items():
            for one in stages:
                if one.key == self._chosen_key:
                    return name, one.stage.name
        return None

    def _label(self, stage: Stage) -> str:
        return stage.label.get(self.words.locale, stage.name)

    def _say(self, key: str, **values: Any) -> str:
        return self.words(f"widgets_stage_configurator.{key}", **values)

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
            self._go(self._steps.done(draft_with_stages(self.draft, change.new), self._say("did_set")))
        except Exception:
            with self._settling():
                self.stages = change.old
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
        if self.follows_selection:
            return
        found = self._chosen()
        if found is None:
            if self.selection.opportunity_ids is not None:
                self.choose_deals(None)
            return
        self.choose_deals(self.selected_ids, label=found[1])

    @contextmanager
    def _settling(self) -> Iterator[None]:
        self._is_settling, before = True, self._is_settling
        try:
            yield
        finally:
            self._is_settling = before
