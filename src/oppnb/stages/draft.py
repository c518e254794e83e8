"""A stage configuration while it is being changed: move, rename, merge, add; what was is never lost sight of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from oppnb.errors import UsageError, nearest
from oppnb.workspace import Process, Stage, Workspace

__all__ = ["DraftStage", "StageDraft"]

_JOINED = ("entry_criteria", "exit_criteria", "key_tasks", "evidence")


@dataclass(frozen=True)
class DraftStage:
    """A stage of a draft.

    Attributes
    ----------
    key : str
        The same whatever becomes of its name and place.
    stage : Stage
        What it says now.
    origin : int or None
        Its place in the process as it was; None: it is new.
    absorbs : tuple of int
        Places of the stages that were merged into it.
    """

    key: str
    stage: Stage
    origin: int | None = None
    absorbs: tuple[int, ...] = ()


@dataclass(frozen=True)
class StageDraft:
    """The stages of each process while they are being changed; every change gives a new draft.

    Attributes
    ----------
    base : Workspace
        What it began as, presets filled in.
    processes : mapping of str to tuple of DraftStage
        By the process's name, in order.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> draft = StageDraft.of(parse_workspace("processes: [{name: p, stages: [{name: Lead}, {name: Demo}]}]"))
    >>> draft.rename("Demo", "Trial").move("Trial", 1).workspace.processes[0].stages[0].names
    ('Trial', 'Demo')
    """

    base: Workspace
    processes: Mapping[str, tuple[DraftStage, ...]] = field(default_factory=dict)
    n_made: int = 0

    @classmethod
    def of(cls, workspace: Workspace) -> "StageDraft":
        """The draft of a workspace in which nothing is changed yet."""
        made = {
            process.name: tuple(
                DraftStage(f"{place}-{at}", stage, origin=at) for at, stage in enumerate(process.stages)
            )
            for place, process in enumerate(workspace.processes)
        }
        return cls(workspace, made)

    @property
    def workspace(self) -> Workspace:
        """The workspace with the stages of the draft."""
        processes = [
            process.model_copy(update={"stages": [one.stage for one in self.processes[process.name]]})
            for process in self.base.processes
        ]
        return self.base.model_copy(update={"processes": processes})

    def find(self, stage: str, *, process: str | None = None) -> tuple[str, DraftStage]:
        """The process and the stage of that name, alias or key.

        Raises
        ------
        UsageError
            If there is none, or several processes have one and none is named.
        """
        if process is not None and process not in self.processes:
            raise UsageError(f"There is no process '{process}'.{_hint(process, list(self.processes))}")
        within = self.processes if process is None else {process: self.processes[process]}
        every = [(name, one) for name, stages in within.items() for one in stages]
        by_key = [(name, one) for name, one in every if one.key == stage]
        by_name = [(name, one) for name, one in every if one.stage.name == stage]
        folded = [(name, one) for name, one in every if stage.casefold() in _names(one.stage)]
        found = by_key or by_name or folded
        if not found:
            raise UsageError(f"There is no stage '{stage}'.{_hint(stage, [one.stage.name for _, one in every])}")
        if len(found) > 1:
            raise UsageError(f"Several processes have a stage '{stage}'; name the process: {_listed(found)}.")
        return found[0]

    # --- changes --------------------------------------------------------------------------------------------------

    def move(self, stage: str, to: int, *, process: str | None = None) -> "StageDraft":
        """Put a stage at another place, counted from 1; open stages stay before those that end a deal.

        Raises
        ------
        UsageError
            If there is no such place.
        """
        name, moved = self.find(stage, process=process)
        others = [one for one in self.processes[name] if one.key != moved.key]
        n_open = sum(one.stage.outcome == "open" for one in others)
        first, last = (1, n_open + 1) if moved.stage.outcome == "open" else (n_open + 1, len(others) + 1)
        if not first <= to <= last:
            raise UsageError(f"'{moved.stage.name}' can stand at places {first} to {last}, not at {to}.")
        return self._with(name, [*others[: to - 1], moved, *others[to - 1 :]])

    def change(self, stage: str, *, process: str | None = None, **said: Any) -> "StageDraft":
        """Change what a stage says: any field of `oppnb.workspace.Stage` but its name.

        Raises
        ------
        UsageError
            If there is no such field, or it may not say that.
        """
        name, old = self.find(stage, process=process)
        fields = [one for one in Stage.model_fields if one != "name"]
        for key in said:
            if key not in fields:
                raise UsageError(f"A stage has no '{key}'.{_hint(key, fields)}")
        return self._replaced(name, replace(old, stage=_checked(old.stage, said)))

    def rename(self, stage: str, name: str, *, process: str | None = None) -> "StageDraft":
        """Give a stage another name; the old one stays as an alias, so that data and rules that say it are still read.

        A name that was only tried, and neither saved nor read from the data, leaves nothing behind.

        Raises
        ------
        UsageError
            If the name is empty or another stage of the process has it.
        """
        of, old = self.find(stage, process=process)
        wanted = " ".join(name.split())
        if wanted == old.stage.name:
            return self
        aliases = [one for one in old.stage.aliases if one.casefold() != wanted.casefold()]
        if old.stage.name.casefold() != wanted.casefold() and self._is_saved(of, old):
            aliases.append(old.stage.name)
        return self._replaced(of, replace(old, stage=_checked(old.stage, {"name": wanted, "aliases": aliases})))

    def merge(self, stage: str, into: str, *, process: str | None = None) -> "StageDraft":
        """Make one stage of two. The second keeps its name, odds and limits, and gets the other's names as aliases.

        Criteria, key tasks and evidence of both are kept, none twice. Deals that were in the first are read as having
        been in the second, in all their history.

        Raises
        ------
        UsageError
            If they are the same, of two processes, or end a deal differently.
        """
        of, gone = self.find(stage, process=process)
        other, kept = self.find(into, process=process or of)
        if gone.key == kept.key or other != of or gone.stage.outcome != kept.stage.outcome:
            raise UsageError(
                f"'{gone.stage.name}' cannot be merged into '{kept.stage.name}': two stages of one process with the "
                "same outcome can be merged."
            )
        said: dict[str, Any] = {name: _joined(getattr(kept.stage, name), getattr(gone.stage, name)) for name in _JOINED}
        said["aliases"] = [*kept.stage.aliases, *self._spellings(of, gone, kept)]
        absorbed = (*kept.absorbs, *gone.absorbs, *(() if gone.origin is None else (gone.origin,)))
        made = replace(kept, stage=_checked(kept.stage, said), absorbs=absorbed)
        stages = [made if one.key == kept.key else one for one in self.processes[of] if one.key != gone.key]
        return self._with(of, stages)

    def add(self, name: str, *, process: str | None = None, at: int | None = None, **said: Any) -> "StageDraft":
        """A new stage at a place counted from 1; by default after the last open one.

        Raises
        ------
        UsageError
            If the name is empty or taken, a field is unknown, or there is no such place.
        """
        of = self._process(process)
        stage = _checked(Stage(name="-", outcome=said.pop("outcome", "open")), {**said, "name": " ".join(name.split())})
        made = DraftStage(f"new-{self.n_made + 1}", stage)
        stages = list(self.processes[of])
        n_open = sum(one.stage.outcome == "open" for one in stages)
        place = at or (n_open if stage.outcome == "open" else len(stages)) + 1
        grown = replace(self._with(of, [*stages, made]), n_made=self.n_made + 1)
        return grown.move(made.key, place, process=of)

    def remove(self, stage: str, *, process: str | None = None) -> "StageDraft":
        """Leave a stage out. Deals that were in it would be in no stage: merge it instead if there are any.

        Raises
        ------
        UsageError
            If it is the last one.
        """
        of, gone = self.find(stage, process=process)
        if len(self.processes[of]) == 1:
            raise UsageError(f"'{gone.stage.name}' is the only stage of the process.")
        return self._with(of, [one for one in self.processes[of] if one.key != gone.key])

    def with_stages(self, process: str, stages: Sequence[DraftStage]) -> "StageDraft":
        """These stages in a process, open ones first.

        Raises
        ------
        UsageError
            If two have the same name, or an open one comes after one that ends a deal.
        """
        is_open = [one.stage.outcome == "open" for one in stages]
        if is_open != sorted(is_open, reverse=True):
            raise UsageError(f"Process '{process}': open stages come before those that end a deal.")
        return replace(self._with(process, list(stages)), n_made=self.n_made + 1)

    def take(self, workspace: Workspace) -> "StageDraft":
        """The same stages with the settings that a workspace has under their names."""
        said = {process.name: {one.name: one for one in process.stages} for process in workspace.processes}
        made = {
            name: tuple(replace(one, stage=said[name].get(one.stage.name, one.stage)) for one in stages)
            for name, stages in self.processes.items()
        }
        return replace(self, processes=made)

    def rebased(self, saved: "StageDraft") -> "StageDraft":
        """The same stages as a draft of what was saved: so that a step before the saving can be gone back to.

        Parameters
        ----------
        saved : StageDraft
            The draft that the file now says.
        """
        places = {one.key: at for stages in saved.processes.values() for at, one in enumerate(stages)}
        made = {}
        for name, stages in self.processes.items():
            moved = {one.origin: at for at, one in enumerate(saved.processes.get(name, ())) if one.origin is not None}
            made[name] = tuple(
                replace(
                    one,
                    origin=places.get(one.key),
                    absorbs=tuple(moved[origin] for origin in one.absorbs if origin in moved),
                )
                for one in stages
            )
        return replace(self, base=saved.workspace, processes=made)

    # --- within ---------------------------------------------------------------------------------------------------

    def _process(self, process: str | None) -> str:
        if process is None and len(self.processes) == 1:
            return next(iter(self.processes))
        if process is None or process not in self.processes:
            told = "Name the process." if process is None else f"There is no process '{process}'."
            raise UsageError(f"{told}{_hint(process or '', list(self.processes))}")
        return process

    def _spellings(self, process: str, gone: DraftStage, kept: DraftStage) -> Iterator[str]:
        """How data and rules may call the stage that is no more, where no other stage is called so."""
        said = [rule.stages for rule in self.base.scoring.behaviour_rules]
        said += [alert.stages for alert in self.base.alerts]
        named = {name.casefold() for names in said for name in names}
        others = [one.stage for one in self.processes[process] if one.key != gone.key]
        taken = {name for stage in others for name in _names(stage)} | {
            label.casefold() for label in kept.stage.label.values()
        }
        own = [*([gone.stage.name] if self._is_saved(process, gone) else []), *gone.stage.aliases]
        for name in dict.fromkeys([*own, *(one for one in gone.stage.label.values() if one.casefold() in named)]):
            if name.casefold() not in taken:
                yield name

    def _is_saved(self, process: str, one: DraftStage) -> bool:
        """Whether a stage bears the name that it began with, so that data and rules may say it."""
        begun = next(base for base in self.base.processes if base.name == process).stages
        return one.origin is not None and begun[one.origin].name == one.stage.name

    def _replaced(self, process: str, made: DraftStage) -> "StageDraft":
        return self._with(process, [made if one.key == made.key else one for one in self.processes[process]])

    def _with(self, process: str, stages: list[DraftStage]) -> "StageDraft":
        try:
            Process(name=process, stages=[one.stage for one in stages])
        except ValidationError as error:
            raise UsageError(_told(error)) from error
        return replace(self, processes={**self.processes, process: tuple(stages)})


def _checked(stage: Stage, said: Mapping[str, Any]) -> Stage:
    if "name" in said and not said["name"]:
        raise UsageError("A stage needs a name.")
    try:
        return Stage.model_validate({**stage.model_dump(), **said})
    except ValidationError as error:
        raise UsageError(_told(error)) from error


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    said = str(first["msg"]).removeprefix("Value error, ")
    return f"'{place}': {said}." if place else f"{said[:1].upper()}{said[1:]}."


def _joined(kept: list[Any], other: list[Any]) -> list[Any]:
    return [*kept, *(one for one in other if one not in kept)]


def _names(stage: Stage) -> list[str]:
    return [name.casefold() for name in (stage.name, *stage.aliases)]


def _hint(word: str, choices: list[str]) -> str:
    near = nearest(word, choices) if word else None
    return f" Did you mean '{near}'?" if near else f" There are: {', '.join(choices)}."


def _listed(found: list[tuple[str, DraftStage]]) -> str:
    return ", ".join(name for name, _ in found)
