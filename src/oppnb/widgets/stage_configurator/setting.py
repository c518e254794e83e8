"""Stages set as a whole from Python: which of them are which of those that were there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from oppnb.errors import UsageError
from oppnb.stages import DraftStage, StageDraft
from oppnb.workspace import Stage

__all__ = ["draft_with_stages", "stages_of"]


def draft_with_stages(draft: StageDraft, asked: Mapping[str, Sequence[Stage]]) -> StageDraft:
    """The draft with these stages of these processes; others stay.

    A stage is one that was there if it has its name, or its name as an alias.

    Raises
    ------
    UsageError
        If a process is not known, something is no stage, or two stages have one name.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> draft = StageDraft.of(parse_workspace("processes: [{name: p, stages: [{name: Demo}, {name: Won}]}]"))
    >>> made = draft_with_stages(draft, {"p": [Stage(name="Trial", aliases=["Demo"])]})
    >>> [(one.stage.name, one.origin) for one in made.processes["p"]]
    [('Trial', 0)]
    """
    for process, stages in asked.items():
        if process not in draft.processes:
            raise UsageError(f"There is no process '{process}'. There are: {', '.join(draft.processes)}.")
        if not stages or not all(isinstance(one, Stage) for one in stages):
            raise UsageError(f"The stages of '{process}' must be a list of oppnb.workspace.Stage, at least one.")
        draft = draft.with_stages(process, _found(draft.processes[process], stages, n_made=draft.n_made))
    return draft


def stages_of(draft: StageDraft) -> dict[str, tuple[Stage, ...]]:
    """The stages of each process of a draft, in order."""
    return {name: tuple(one.stage for one in stages) for name, stages in draft.processes.items()}


def _found(known: Sequence[DraftStage], stages: Sequence[Stage], *, n_made: int) -> list[DraftStage]:
    free = {one.stage.name: one for one in known}
    taken: list[DraftStage | None] = [free.pop(stage.name, None) for stage in stages]
    made = []
    for number, (stage, same) in enumerate(zip(stages, taken, strict=True), start=1):
        earlier = same or next((free.pop(alias) for alias in stage.aliases if alias in free), None)
        made.append(DraftStage(f"set-{n_made}-{number}", stage) if earlier is None else replace(earlier, stage=stage))
    return made
