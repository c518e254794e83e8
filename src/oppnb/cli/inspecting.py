"""`oppnb inspect`: what is in an export, a mapping to start from, and how deep its history reaches."""

import json
from typing import TYPE_CHECKING, Any

import typer

from oppnb.cli.arguments import AsJson, Data, Locale, WorkspaceFile

if TYPE_CHECKING:
    from oppnb.locale import Words
    from oppnb.sources import Inspection
    from oppnb.workspace import Workspace

__all__ = ["inspect"]


def inspect(data: Data, workspace: WorkspaceFile = None, locale: Locale = None, as_json: AsJson = False) -> None:
    """Print what an export holds, and a proposed mapping as YAML with the reason for each line.

    The description goes to standard error and the YAML to standard output: `oppnb inspect DATA > oppnb.yaml`.
    """
    from oppnb.locale import Words
    from oppnb.sources import inspect_path
    from oppnb.stages import with_presets
    from oppnb.workspace import read_workspace

    settled = None if workspace is None else with_presets(read_workspace(workspace))
    found = inspect_path(data, workspace=settled)
    depth = _depth(found, settled)
    if as_json:
        typer.echo(json.dumps({**found.to_dict(), "history": depth}, ensure_ascii=False, indent=1))
        return
    code, values = str(depth["depth"]), {name: value for name, value in depth.items() if name != "depth"}
    words = Words(locale or ("en" if settled is None else settled.locale))
    typer.echo(found.describe(words.locale), err=True)
    typer.echo("\n" + words(f"inspect.history_{code}", **values), err=True)
    typer.echo(found.to_yaml(words.locale, tell=lambda reason: _told(reason, words)))


def _told(reason: str, words: "Words") -> str:
    """A reason is written in English, part by part; a part that the catalogue does not know stays as it is."""
    from oppnb.widgets.said_again import said_again

    between = words("widgets_mapping_editor.between")
    return between.join(said_again(part, "mapping_reason", words) or part for part in reason.split("; "))


def _depth(found: "Inspection", workspace: "Workspace | None") -> dict[str, Any]:
    """How deep the history reaches: a table of the export, the store's memory, or none."""
    from oppnb.history import remembered_days
    from oppnb.store import open_store

    rules = [one.rule for one in found.proposals if one.rule.table == "opportunity_history"]
    columns = sorted({name for rule in rules for name in rule.columns} - {"opportunity_id", "changed_at"})
    if columns:
        return {"depth": "table", "columns": ", ".join(columns)}
    if workspace is None or workspace.store is None or not workspace.sources.remember:
        return {"depth": "none"}
    days = remembered_days(open_store(workspace.store))
    if not days:
        return {"depth": "begins"}
    return {"depth": "memory", "n": len(days), "first": days[0].isoformat(), "last": days[-1].isoformat()}
