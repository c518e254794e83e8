"""`oppnb schema`: what an editor needs to complete and check oppnb.yaml while it is written."""

import json

import typer

__all__ = ["schema"]


def schema() -> None:
    """Print the JSON schema of oppnb.yaml for an editor."""
    from oppnb.workspace import workspace_schema

    typer.echo(json.dumps(workspace_schema(), ensure_ascii=False, indent=1))
