"""Presets: stage ladders that others published, each with where it comes from. None of them is the default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from oppnb.errors import WorkspaceError, nearest
from oppnb.workspace import Process, Workspace

__all__ = ["Preset", "stage_preset_details", "stage_presets", "with_presets"]


@dataclass(frozen=True)
class Preset:
    """A published stage ladder.

    Attributes
    ----------
    process : Process
        Its stages in order, with English and Chinese labels and the spellings under which they are met.
    origin : str
        Who published it, in one line.
    conversion : mapping of str to float
        Published share of deals that take the next step, by stage; empty where the source names none.
    """

    process: Process
    origin: str
    conversion: Mapping[str, float] = field(default_factory=dict)


@cache
def stage_preset_details() -> Mapping[str, Preset]:
    """Every preset by name, with its origin and its stage conversion benchmark.

    Examples
    --------
    >>> dict(stage_preset_details()["benchmark_60_40_30"].conversion)
    {'Validation': 0.6, 'Exchange': 0.4, 'Negotiation': 0.3}
    """
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    found: dict[str, Preset] = {}
    folder = files("oppnb.stages") / "presets"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            tree = yaml.load(entry.read_text(encoding="utf-8"))
            name = entry.name.removesuffix(".yaml")
            process = Process.model_validate({**tree["process"], "preset": name})
            found[name] = Preset(process, tree["origin"], MappingProxyType(tree.get("conversion", {})))
    return MappingProxyType(found)


def stage_presets() -> Mapping[str, Process]:
    """Every preset's process by the preset's name, in alphabetical order.

    Odds are null where the source sets none: oppnb never invents odds.

    Returns
    -------
    mapping of str to Process
        Each can stand under `processes` of `oppnb.yaml` as it is.

    Examples
    --------
    >>> [stage.odds for stage in stage_presets()["set_odds_10_30_50_80"].stages]
    [0.1, 0.3, 0.5, 0.8, 1.0, 0.0]
    """
    return MappingProxyType({name: preset.process for name, preset in stage_preset_details().items()})


def with_presets(workspace: Workspace) -> Workspace:
    """The workspace with the preset's stages in each process that names a preset and lists no stages of its own.

    Raises
    ------
    WorkspaceError
        If there is no preset of that name; names the nearest.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = with_presets(parse_workspace("processes: [{name: sales, preset: set_odds_10_30_50_80}]"))
    >>> [stage.odds for stage in workspace.processes[0].stages]
    [0.1, 0.3, 0.5, 0.8, 1.0, 0.0]
    """
    processes = [_with_preset(process) for process in workspace.processes]
    return workspace if processes == workspace.processes else workspace.model_copy(update={"processes": processes})


def _with_preset(process: Process) -> Process:
    if process.preset is None:
        return process
    presets = stage_presets()
    if process.preset not in presets:
        near = nearest(process.preset, presets)
        raise WorkspaceError(
            f"The process '{process.name}' names the preset '{process.preset}', which does not exist."
            + (f" Did you mean '{near}'?" if near else f" There are: {', '.join(presets)}.")
        )
    return process if process.stages else process.model_copy(update={"stages": presets[process.preset].stages})
