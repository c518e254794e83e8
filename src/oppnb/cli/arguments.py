"""Arguments that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from oppnb.errors import UsageError

__all__ = ["AsJson", "Data", "Only", "WorkspaceFile", "read_only"]

Data = Annotated[str, typer.Argument(help="An export: a file, an archive or a folder of files.", metavar="DATA")]
WorkspaceFile = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="oppnb.yaml; without one, everything runs on proposals and says which."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="COLUMN=VALUE",
        help="Of these rows alone, e.g. region=North; may be repeated. An empty value: deals without one.",
    ),
]


def read_only(given: Sequence[str] | None) -> dict[str, str] | None:
    """The slice that `--only` asks for; None for the whole.

    Raises
    ------
    UsageError
        If one is not COLUMN=VALUE, or a column is named twice.

    Examples
    --------
    >>> read_only(["region=North", "process=renewal"])
    {'region': 'North', 'process': 'renewal'}
    """
    found: dict[str, str] = {}
    for text in given or ():
        column, equals, value = text.partition("=")
        if not equals or not column.strip():
            raise UsageError(f"--only is '{text}': write COLUMN=VALUE, e.g. --only region=North.")
        if column.strip() in found:
            raise UsageError(f"--only names '{column.strip()}' twice: a deal has one value of it.")
        found[column.strip()] = value.strip()
    return found or None
