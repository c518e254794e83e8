"""`oppnb inspect`: what is in an export, and a mapping to start from."""

import json

import typer

from oppnb.cli.arguments import AsJson, Data, WorkspaceFile

__all__ = ["inspect"]


def inspect(data: Data, workspace: WorkspaceFile = None, as_json: AsJson = False) -> None:
    """Print what an export holds, and a proposed mapping as YAML with the reason for each line.

    The description goes to standard error and the YAML to standard output: `oppnb inspect DATA > oppnb.yaml`.
    """
    from oppnb.sources import inspect_path
    from oppnb.stages import with_presets
    from oppnb.workspace import read_workspace

    found = inspect_path(data, workspace=None if workspace is None else with_presets(read_workspace(workspace)))
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
        return
    typer.echo(found.describe(), err=True)
    typer.echo(found.to_yaml())
