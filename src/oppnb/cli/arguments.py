"""Arguments that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oppnb.errors import UsageError

if TYPE_CHECKING:
    from oppnb.workspace import Workspace

__all__ = ["AsJson", "Data", "Locale", "Only", "WorkspaceFile", "read_only", "reader_settings"]

Data = Annotated[str, typer.Argument(help="An export: a file, an archive or a folder of files.", metavar="DATA")]
WorkspaceFile = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="oppnb.yaml; without one, everything runs on proposals and says which."),
]
Locale = Annotated[str | None, typer.Option(help="en or zh_CN; by default the workspace's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="COLUMN=VALUE",
        help="Of these rows alone, e.g. region=North; may be repeated. An empty value: deals without one.",
    ),
]


def reader_settings(*files: Path | None) -> "Workspace":
    """The first workspace that is there and can be read, for its language and currency; else one without settings.

    A command that only shows what is there must not stop at a mistake in `oppnb.yaml`: it speaks English then.

    Examples
    --------
    >>> reader_settings(None, Path("not/there.yaml")).locale
    'en'
    """
    from oppnb.errors import OppnbError
    from oppnb.workspace import Workspace, read_workspace

    file = next((one for one in files if one is not None and one.is_file()), None)
    try:
        return Workspace() if file is None else read_workspace(file)
    except OppnbError:
        return Workspace()


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
