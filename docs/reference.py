"""Reference pages from the code: tables, workspace keys, audit rules, errors and exit codes, metrics, commands."""

import inspect
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

__all__ = ["write"]


def write(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    pages: dict[str, Callable[[], str]] = {
        "tables": _tables,
        "workspace": _workspace,
        "errors": _errors,
        "metrics": _metrics,
        "commands": _commands,
        "presets": _presets,
        "audit_rules": _audit_rules,
        "figures": _figures,
    }
    for name, page in pages.items():
        text = page().rstrip() + "\n"
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _head(*cells: str) -> str:
    return "\n" + _row(*cells) + _row(*["---"] * len(cells))


def _tables() -> str:
    from oppnb.tables import CANONICAL

    text = "# Canonical tables\n\nOnly `opportunities` is required. Other columns are kept under their own names.\n"
    for name, table in CANONICAL.items():
        text += f"\n## `{name}`\n\n{table.meaning}.\n" + _head("column", "kind", "required", "meaning")
        for column, described in table.columns.items():
            text += _row(f"`{column}`", described.kind, "yes" if described.required else "", described.meaning)
    return text


def _workspace() -> str:
    from oppnb import workspace

    text = "# Keys of `oppnb.yaml`\n\nAn unknown key is an error with its line and the nearest right key.\n"
    models = [getattr(workspace, name) for name in workspace.__all__]
    kinds = [model for model in models if inspect.isclass(model) and issubclass(model, BaseModel)]
    for model in sorted(kinds, key=lambda kind: (kind.__name__ != "Workspace", kind.__name__)):
        text += f"\n## {model.__name__}\n\n{inspect.getdoc(model)}\n" + _head("key", "type", "default", "meaning")
        for key, field in model.model_fields.items():
            default = "required" if field.is_required() else repr(field.get_default(call_default_factory=True))
            shown = default if len(default) < 40 else "…"
            text += _row(f"`{key}`", f"`{_type_text(field.annotation)}`", f"`{shown}`", field.description or "")
    return text


def _type_text(annotation: object) -> str:
    """A type as a reader writes it: no modules, no validators (whose text differs from build to build)."""
    text = re.sub(r"<class '([\w.]+)'>", r"\1", str(annotation))
    text = re.sub(r"Annotated\[([\w.]+), (?:Before|After)Validator\(.*?\)\]", r"\1", text)
    text = re.sub(r"\b(?:typing|datetime|oppnb\.workspace\.\w+)\.", "", text)
    return re.sub(r"Optional\[(Literal\[[^]]*\])\]", r"\1 | None", text)


def _errors() -> str:
    from oppnb import errors

    text = "# Errors and exit codes\n\nEvery message says where, how many, the first keys, and what to do next.\n"
    text += _head("exit code", "error", "when")
    classes = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    for error in sorted(classes, key=lambda kind: (kind.exit_code, kind.__name__)):
        text += _row(error.exit_code, f"`{error.__name__}`", (inspect.getdoc(error) or "").splitlines()[0])
    return text + "\nExit code 0 means done; 1 is a defect in oppnb: please report it.\n"


def _metrics() -> str:
    from oppnb.locale import Words
    from oppnb.metrics import METRICS

    english, chinese = Words("en"), Words("zh_CN")
    text = "# Metrics\n\nEach metric with its definition, as a report prints it. (各指标的中文名称与定义同列。)\n"
    for metric in METRICS.values():
        text += f"\n## `{metric.id}`\n\n**{metric.name(english)}** · {metric.name(chinese)} · unit: {metric.unit}"
        text += f" · source: {metric.source}\n\n{metric.definition(english)}\n\n{metric.definition(chinese)}\n"
        text += _head("variant", "definition", "定义")
        for variant in metric.variants:
            spelt = [metric.definition(words, variant=variant.id) for words in (english, chinese)]
            text += _row(f"`{variant.id}`", *spelt)
    return text


def _commands() -> str:
    from typer.main import get_command

    from oppnb.cli import app

    group = get_command(app)
    text = "# Commands\n"
    for name, command in _commands_in(group):
        text += f"\n## `oppnb {name}`\n\n{inspect.cleandoc(command.help or '')}\n"
        text += _head("argument", "meaning") if command.params else ""
        for parameter in command.params:
            spelt = (
                ", ".join(parameter.opts) if parameter.param_type_name == "option" else (parameter.name or "").upper()
            )
            text += _row(f"`{spelt}`", getattr(parameter, "help", "") or "")
    return text


def _commands_in(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its full name; those of a group below the group."""
    for name, command in group.commands.items():
        yield f"{before}{name}", command
        if hasattr(command, "commands"):
            yield from _commands_in(command, f"{before}{name} ")


def _presets() -> str:
    from oppnb.stages import stage_preset_details

    text = (
        "# Stage presets\n\nNo two sources agree on odds, so a preset is an opinion named after its origin. Paste the\n"
    )
    text += "lines below a table into `oppnb.yaml` and make them yours: names as your CRM spells them, your own odds.\n"
    for name, preset in stage_preset_details().items():
        text += f"\n## `{name}`\n\n{preset.origin}\n" + _head(
            "stage", "阶段", "outcome", "odds", "moves on (benchmark)"
        )
        for stage in preset.process.stages:
            shares = ["" if x is None else f"{x:.3g}" for x in (stage.odds, preset.conversion.get(stage.name))]
            text += _row(stage.name, stage.label.get("zh_CN", ""), stage.outcome, *shares)
        text += f"\n```yaml\n{_preset_yaml(preset.process)}```\n"
    return text


def _preset_yaml(process: BaseModel) -> str:
    """A process as it can stand in `oppnb.yaml`, one line a stage."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    said = process.model_dump(mode="json", exclude_defaults=True)
    stages = [CommentedMap(stage) for stage in said["stages"]]
    for stage in stages:
        stage.fa.set_flow_style()
    yaml, out = YAML(typ="rt", pure=True), io.StringIO()
    yaml.width, yaml.allow_unicode = 10_000, True
    yaml.dump({"processes": [{**said, "stages": stages}]}, out)
    return out.getvalue()


def _figures() -> str:
    from oppnb.locale import Words
    from oppnb.reports import SCORE_FIGURES
    from oppnb.review import BARS, FIGURES, figure_definition

    text = "# Figures of `figures.json`\n\nMoney has 2 digits, shares and ratios 6, days 4; counts are whole.\n"
    text += "\n## Made of a metric\n" + _head("id", "unit", "period", "slices", "metric", "definition")
    for kind in FIGURES.values():
        named = f"`{kind.metric}` `{kind.variant}`"
        period, slices = "yes" if kind.is_of_period else "", "yes" if kind.is_sliced else ""
        text += _row(f"`{kind.id}`", kind.unit, period, slices, named, figure_definition(kind.id, words=Words("en")))
    text += (
        "\n## Stages and the bridge\n\nA stage's slice is its process and stage. The bars of the bridge are signed: "
    )
    text += "the start and all changes add up to the end.\n" + _head("id", "unit", "definition")
    units = {"stage_count": "count", "stage_amount": "money", **{f"bridge_{bar}": "money" for bar in BARS}}
    for name, unit in units.items():
        text += _row(f"`{name}`", unit, figure_definition(name, start="the first day", end="the second day"))
    text += "\n## Win probability\n\nOnly where deals were scored.\n" + _head("id", "unit", "definition")
    for name, unit in SCORE_FIGURES.items():
        text += _row(f"`{name}`", unit, figure_definition(name))
    return text


def _audit_rules() -> str:
    from oppnb.locale import Words
    from oppnb.tables.audit import RULES
    from oppnb.tables.audit.rules import CASCADE_RULE, SPELLING_RULE

    english, chinese = Words("en"), Words("zh_CN")

    def said(name: str) -> tuple[str, str]:
        return english(f"rule.{name}"), chinese(f"rule.{name}")

    text = "# Rules of the data audit\n\nA rule's name is the sentence that is true of a good row.\n"
    text += "\n## Rules that can be given another action\n\n`keep` reports the row and changes nothing. "
    text += (
        "Where the default is `keep`, `audit: {default: stop}` makes it `stop` (not for rules about a whole column).\n"
    )
    text += _head("rule", "default", "possible actions", "what should hold", "应满足的规则")
    for name, rule in RULES.items():
        text += _row(f"`{name}`", f"`{rule.default}`", ", ".join(f"`{action}`" for action in rule.actions), *said(name))
    text += "\n## Rules found broken while files are read\n\nThe rows stay; a value that cannot be read counts as "
    text += "missing. Default `keep`, possible `keep` and `stop`.\n"
    text += _head("rule", "what should hold", "应满足的规则")
    for name in sorted({*english.keys("rule")} - {*RULES, SPELLING_RULE, CASCADE_RULE}):
        text += _row(f"`{name}`", *said(name))
    text += "\n## What is reported only because the workspace or another rule asked for it\n"
    text += _head("rule", "what should hold", "应满足的规则")
    for name in (SPELLING_RULE, CASCADE_RULE):
        text += _row(f"`{name}`", *said(name))
    return text
