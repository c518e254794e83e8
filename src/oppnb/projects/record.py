"""What a project remembers of how it was made: the answers, the version, and each file as oppnb last wrote it.

It lies in `.oppnb/` beside `oppnb.yaml` and belongs in git: `project.yaml`, and `made/` with the files as made.
These are the common ancestor of an update's three-way merge, so that no network, tag or remote is needed.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oppnb.errors import UsageError
from oppnb.projects.answers import check_answer
from oppnb.projects.asking import complete_answers
from oppnb.projects.rendering import files_below

__all__ = ["MADE", "RECORD", "Record", "find_project", "read_record", "write_file", "write_record"]

RECORD = Path(".oppnb", "project.yaml")
MADE = Path(".oppnb", "made")
_HEAD = "# What `oppnb init` was told, for `oppnb update`. Keep this folder in git; change answers here, then update.\n"


@dataclass(frozen=True)
class Record:
    """How a project was made.

    Attributes
    ----------
    version : str
        The oppnb that last made or updated it.
    folder : str
        What its folder was called.
    answers : mapping of str to object
        As in `Answers`; may lack questions that came later.
    templates : tuple of str
        Templates of the package that were copied to be adapted.
    made : mapping of str to bytes
        Each file as oppnb last wrote it, by its path with `/`.
    """

    version: str
    folder: str
    answers: dict[str, Any]
    templates: tuple[str, ...] = ()
    made: dict[str, bytes] = field(default_factory=dict)


def find_project(start: Path) -> Path:
    """The project that holds a folder: the nearest one upwards.

    Raises
    ------
    UsageError
        If there is none.
    """
    place = start.resolve()
    for folder in (place, *place.parents):
        if (folder / RECORD).is_file():
            return folder
    raise UsageError(f"'{start}' lies in no project that `oppnb init` made: there is no {RECORD.as_posix()} above it.")


def read_record(project: Path) -> Record:
    """Read what a project remembers.

    Raises
    ------
    UsageError
        If its record cannot be read or is damaged.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML(typ="safe", pure=True).load((project / RECORD).read_text(encoding="utf-8"))
        given = {str(key): check_answer(str(key), value) for key, value in tree["answers"].items()}
        templates = tuple(str(name) for name in tree.get("templates") or ())
        made = files_below(project / MADE)
        return Record(str(tree["version"]), str(tree["folder"]), given, templates, made)
    except (OSError, UnicodeDecodeError, YAMLError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"The project's record '{project / RECORD}' is damaged ({type(error).__name__}). Take it back from git."
        ) from error


def write_record(project: Path, record: Record) -> None:
    """Write answers and version; the files as made are written one by one beside the files themselves."""
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width, yaml.allow_unicode = 1_000_000, True
    stream = StringIO()
    answers = complete_answers(record.answers, folder=record.folder).to_dict()
    said = {"version": record.version, "folder": record.folder, "answers": answers, "templates": list(record.templates)}
    yaml.dump(said, stream)
    write_file(project / RECORD, (_HEAD + stream.getvalue()).encode())


def write_file(path: Path, content: bytes | None) -> None:
    """Write a file beside its place and rename it, so that none is ever half written; None removes it.

    Raises
    ------
    UsageError
        If the folder or file cannot be written.
    """
    beside = path.with_name(f".{path.name}.oppnb-new")
    try:
        if content is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"'{path}' cannot be written: {error.strerror}.") from error
