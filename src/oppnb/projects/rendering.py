"""The files of a client's workspace as the installed version makes them: copier renders the package's template."""

from pathlib import Path
from typing import Any

from oppnb.errors import ExtraMissingError, UsageError
from oppnb.projects.answers import Answers
from oppnb.projects.config_parts import mapping_example, processes_block

__all__ = ["files_below", "render_project"]


def render_project(answers: Answers, into: Path, *, folder: str, version: str) -> None:
    """Write the template's files for these answers; the same answers give the same bytes.

    Parameters
    ----------
    answers : Answers
        What is said of the client.
    into : path
        A folder that is not there yet.
    folder : str
        What the client's folder is called; it stands in the README and the crontab line.
    version : str
        The version of oppnb that the CI file installs.

    Raises
    ------
    ExtraMissingError
        If copier is not installed.
    UsageError
        If a file cannot be written.
    """
    try:
        from copier import run_copy
    except ImportError as error:
        raise ExtraMissingError.for_extra("init", what="Making or updating a client's workspace") from error
    data = _context(answers, folder=folder, version=version)
    try:
        # Nothing of the user's own settings for copier counts here, and the template runs no code of its own.
        run_copy(str(_template()), into, data=data, defaults=True, overwrite=True, quiet=True, unsafe=False)
    except OSError as error:
        raise UsageError(f"'{into}' cannot be written: {error.strerror}.") from error


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path with `/`, sorted; links are left out."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _template() -> Path:
    """In the wheel beside this file; in a copy of the repository in its folder `client`."""
    here = Path(__file__).resolve()
    packed = here.parent / "_client"
    return packed if packed.is_dir() else here.parents[3] / "client"


def _context(answers: Answers, *, folder: str, version: str) -> dict[str, Any]:
    return {
        **answers.to_dict(),
        "dot": ".",
        "folder": folder,
        "version": version,
        "name_as_text": _as_markdown(answers.name),
        "source_label": _source_label(answers.source),
        "processes_block": processes_block(answers.processes, locale=answers.locale),
        "mapping_example": mapping_example(answers.source),
    }


def _as_markdown(text: str) -> str:
    """A client's name is text: no tag, link or emphasis of Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>()#+!|~&" else sign for sign in text)


def _source_label(source: str) -> str | None:
    from oppnb.sources.proposals_presets import presets

    return next((preset.label for preset in presets() if preset.name == source), None)
