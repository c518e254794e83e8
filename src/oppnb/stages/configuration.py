"""Questions about the stage configuration that a report asks: labels, limits, which stages are open."""

from collections.abc import Iterator

from oppnb.locale import Words
from oppnb.tables.stage_rows import DEFAULT_PROCESS
from oppnb.workspace import Process, Stage, Workspace

__all__ = [
    "find_process",
    "find_stage",
    "open_stages",
    "process_label",
    "process_names",
    "silence_limit",
    "stage_label",
]

SILENCE_LIMIT_DAYS = 14.0


def find_process(workspace: Workspace, process: str | None) -> Process | None:
    """The process of that name; the first one where the name is missing or unknown; None if there are none."""
    for candidate in workspace.processes:
        if candidate.name == process:
            return candidate
    return workspace.processes[0] if workspace.processes else None


def find_stage(workspace: Workspace, process: str | None, stage: str | None) -> Stage | None:
    """The configured stage of that name, or None if the configuration does not know it."""
    found = find_process(workspace, process)
    if found is None or stage is None:
        return None
    return next((candidate for candidate in found.stages if candidate.name == stage), None)


def open_stages(process: Process) -> Iterator[tuple[int, Stage]]:
    """Position (1, 2, … over all stages of the process) and stage, for the open stages."""
    return ((position, stage) for position, stage in enumerate(process.stages, start=1) if stage.outcome == "open")


def stage_label(workspace: Workspace, process: str | None, stage: str, *, locale: str) -> str:
    """What a reader sees for a stage: its label in the locale, else its name.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: new, stages: [{name: Demo, label: {zh_CN: 演示}}]}]")
    >>> stage_label(workspace, "new", "Demo", locale="zh_CN"), stage_label(workspace, "new", "Demo", locale="en")
    ('演示', 'Demo')
    """
    found = find_stage(workspace, process, stage)
    return stage if found is None else found.label.get(locale, stage)


def process_label(workspace: Workspace, process: str, *, locale: str) -> str:
    """What a reader sees for a process: its label in the locale, else its name.

    The one process of data that names none has a name of our own, which is told in words. That its stages look like a
    preset's does not make the preset's name its own.

    Examples
    --------
    >>> process_label(Workspace(), "default", locale="en"), process_label(Workspace(), "new", locale="en")
    ('only process', 'new')
    """
    for candidate in workspace.processes:
        is_ours = candidate.name == DEFAULT_PROCESS and candidate.is_proposed
        if candidate.name == process and locale in candidate.label and not is_ours:
            return candidate.label[locale]
    return Words(locale)("process.default") if process == DEFAULT_PROCESS else process


def process_names(workspace: Workspace, *, locale: str) -> dict[str, str]:
    """What a reader sees for each process of the workspace, by its name; a name without a label is told as words."""
    told = {one.name: process_label(workspace, one.name, locale=locale) for one in workspace.processes}
    return {name: said.replace("_", " ") if said == name else said for name, said in told.items()}


def silence_limit(stage: Stage | None) -> float:
    """Days without an activity after which a deal in the stage is stale; 14 where the configuration is silent."""
    limit = None if stage is None else stage.silence_limit_days
    return SILENCE_LIMIT_DAYS if limit is None else limit
