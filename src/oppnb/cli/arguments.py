"""Arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Data", "WorkspaceFile"]

Data = Annotated[str, typer.Argument(help="An export: a file, an archive or a folder of files.", metavar="DATA")]
WorkspaceFile = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="oppnb.yaml; without one, everything runs on proposals and says which."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
