"""Parts of a client's `oppnb.yaml` that are written from presets: stages, and a mapping to start from."""

from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from oppnb.projects.answers import OTHER
from oppnb.workspace import Stage

__all__ = ["mapping_example", "processes_block"]


def processes_block(processes: Mapping[str, str], *, locale: str) -> str:
    """The section `processes`, one line a stage; empty text where no process was named.

    Parameters
    ----------
    processes : mapping of str to str
        Process -> preset.
    locale : str
        Labels of stages are kept in this language.

    Examples
    --------
    >>> print(processes_block({"sales": "benchmark_60_40_30"}, locale="en").splitlines()[3])
          - {name: Validation, odds: 0.072, aliases: [验证, 商机验证, 需求验证], forecast_category: pipeline}
    """
    from oppnb.stages import stage_presets

    made = []
    for name, preset in processes.items():
        stages = CommentedSeq(_stage(stage, locale) for stage in stage_presets()[preset].stages)
        made.append(CommentedMap({"name": name, "stages": stages}))
    return _as_yaml({"processes": made}) if made else ""


def mapping_example(source: str) -> str:
    """A mapping for a CRM's own headers, as a section of YAML; empty text where its headers are not known."""
    from oppnb.sources.proposals_presets import PresetColumn, presets

    found = next((preset for preset in presets() if preset.name == source), None)
    table = next((one for one in found.tables if one.table == "opportunities"), None) if found else None
    if source == OTHER or table is None:
        return ""
    # A rule with conditions or recoding would mislead as a plain line; `oppnb inspect` writes it for the data at hand.
    columns = {
        name: rule.headers[0] for name, rule in table.columns.items() if rule == PresetColumn(headers=rule.headers)
    }
    return _as_yaml({"mapping": [{"table": "opportunities", "file": "*.csv", "columns": columns}]})


def _stage(stage: Stage, locale: str) -> CommentedMap:
    said = CommentedMap(stage.model_dump(exclude_defaults=True))
    label = said.pop("label", {})
    if locale in label and label[locale] != stage.name:
        said["label"] = _flow(CommentedMap({locale: label[locale]}))
    if stage.aliases:
        said["aliases"] = _flow(CommentedSeq(stage.aliases))
    said.fa.set_flow_style()
    return said


def _flow(node: Any) -> Any:
    node.fa.set_flow_style()
    return node


def _as_yaml(tree: Mapping[str, Any]) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.width, yaml.allow_unicode = 1_000_000, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(CommentedMap(tree), stream)
    return stream.getvalue().rstrip("\n")
