"""Reference pages from the code: canonical tables, workspace keys, errors and exit codes, metrics, commands."""

import inspect
from collections.abc import Callable
from pathlib import Path

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
            annotation = str(field.annotation).replace("typing.", "").replace("<class '", "").replace("'>", "")
            text += _row(
                f"`{key}`",
                f"`{annotation.replace('oppnb.workspace.models.', '')}`",
                f"`{shown}`",
                field.description or "",
            )
    return text


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
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        text += f"\n## `oppnb {name}`\n\n{inspect.cleandoc(command.help or '')}\n" + _head("argument", "meaning")
        for parameter in command.params:
            spelt = (
                ", ".join(parameter.opts) if parameter.param_type_name == "option" else (parameter.name or "").upper()
            )
            text += _row(f"`{spelt}`", getattr(parameter, "help", "") or "")
    return text


def _presets() -> str:
    from oppnb.stages import stage_presets

    text = "# Stage presets\n\nNo two sources agree on odds, so a preset is an opinion named after its origin.\n"
    for name, process in stage_presets().items():
        text += f"\n## `{name}`\n" + _head("stage", "阶段", "outcome", "odds")
        for stage in process.stages:
            odds = "" if stage.odds is None else f"{stage.odds:.0%}"
            text += _row(stage.name, stage.label.get("zh_CN", ""), stage.outcome, odds)
    return text
