"""A draft of stages as a change of the text of `oppnb.yaml`, comments kept."""

from collections.abc import Mapping
from typing import Any

from oppnb.errors import WorkspaceError
from oppnb.stages.draft import DraftStage, StageDraft
from oppnb.workspace import Process, Stage, Workspace, parse_workspace
from oppnb.workspace.yaml_edit import Taken, edited_yaml
from oppnb.workspace.yaml_places import YamlText

__all__ = ["draft_text"]


def draft_text(draft: StageDraft, text: str, *, name: str = "oppnb.yaml") -> str:
    r"""The text of a workspace file with the stages of a draft; whatever they do not concern stays as it was written.

    Parameters
    ----------
    draft : StageDraft
        Of the workspace that the text says, or of one with presets or proposed stages filled in.
    text : str
        YAML; may be empty.
    name : str
        For messages.

    Returns
    -------
    str
        The text itself if the draft changes nothing.

    Raises
    ------
    WorkspaceError
        If the text is no workspace, or cannot be changed without touching something else (an anchor used twice).

    Examples
    --------
    >>> before = "processes:\n  - name: p\n    stages:\n      - name: Demo # to be seen\n        odds: .5\n"
    >>> draft = StageDraft.of(parse_workspace(before)).change("Demo", odds=0.25)
    >>> print(draft_text(draft, before), end="")
    processes:
      - name: p
        stages:
          - name: Demo # to be seen
            odds: 0.25
    """
    before = parse_workspace(text, name=name)
    tree = YamlText(text).plain or {}
    told = tree.get("processes") or []
    processes = [_process(draft, process, told, before) for process in draft.base.processes]
    if not any(is_changed for _, is_changed in processes) and before.processes:
        return text
    made = edited_yaml(text, {**tree, "processes": [item for item, _ in processes]})
    after = parse_workspace(made, name=name)
    wanted = before.model_copy(update={"processes": _wanted(draft, before)})
    if after != wanted:
        raise WorkspaceError(
            f"The stages in '{name}' cannot be changed in place: something there is used twice (an anchor, '&' and "
            "'*'). Write it out, then save again."
        )
    return made


def _process(draft: StageDraft, process: Process, told: list[Any], before: Workspace) -> tuple[Taken, bool]:
    """What the text shall say of a process, and whether that is something else."""
    place = next((at for at, one in enumerate(before.processes) if one.name == process.name), None)
    stages = draft.processes[process.name]
    if place is None:
        rest = process.model_dump(mode="json", exclude_defaults=True, exclude={"stages"})
        return Taken({**rest, "stages": [_said(one.stage) for one in stages]}), True
    old = told[place]
    if [one.stage for one in stages] == process.stages and all(one.origin == at for at, one in enumerate(stages)):
        return Taken(old, place), False
    raw = old.get("stages") or []
    items = [_item(one, process.stages, raw) for one in stages]
    return Taken({**old, "stages": items}, place), True


def _item(one: DraftStage, stages: list[Stage], raw: list[Any]) -> Taken:
    if one.origin is None or one.origin >= len(raw):
        return Taken(_said(one.stage))
    said, old = dict(raw[one.origin]), stages[one.origin]
    new = _said(one.stage)
    made: dict[str, Any] = {}
    for name in Stage.model_fields:
        if getattr(old, name) == getattr(one.stage, name):
            made.update({name: said[name]} if name in said else {})
        elif name in new:
            made[name] = new[name]
    return Taken(made, one.origin, one.absorbs)


def _wanted(draft: StageDraft, before: Workspace) -> list[Process]:
    """The processes that the new text has to say: those of the draft, unlisted stages of a preset left unlisted."""
    known = {process.name: process for process in before.processes}
    made = []
    for process, base in zip(draft.workspace.processes, draft.base.processes, strict=True):
        is_unlisted = process.name in known and process == base
        made.append(known[process.name] if is_unlisted else process)
    return made


def _said(stage: Stage) -> Mapping[str, Any]:
    return stage.model_dump(mode="json", exclude_defaults=True)
