"""Make a client's workspace: all of it or nothing."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from oppnb import __version__
from oppnb.errors import UsageError
from oppnb.projects.answers import Answers
from oppnb.projects.names import check_name
from oppnb.projects.record import MADE, RECORD, Record, write_file, write_record
from oppnb.projects.rendering import files_below, render_project
from oppnb.workspace import read_workspace

__all__ = ["MadeProject", "check_place", "init_project"]


@dataclass(frozen=True)
class MadeProject:
    """A workspace that was made: its folder, its files by path, the answers it was made from."""

    folder: Path
    files: tuple[str, ...]
    answers: Answers


def init_project(name: str, answers: Answers, *, inside: str | Path = ".") -> MadeProject:
    """Make a client's workspace.

    Parameters
    ----------
    name : str
        The folder's name; see `check_name`.
    answers : Answers
        What is said of the client; `complete_answers` makes it.
    inside : path
        The folder in which it is made; there already.

    Returns
    -------
    MadeProject

    Raises
    ------
    UsageError
        If the name cannot be that of a folder, the folder is there and holds something, or cannot be written.
    ExtraMissingError
        If copier is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from oppnb.projects import complete_answers
    >>> made = init_project("client-a", complete_answers({}, folder="client-a"), inside=tempfile.mkdtemp())
    >>> "oppnb.yaml" in made.files
    True
    """
    target = check_place(name, inside=inside)
    try:
        staging = Path(tempfile.mkdtemp(prefix=".oppnb-init-", dir=target.parent))
    except OSError as error:
        raise UsageError(f"Nothing can be made in '{target.parent}': {error.strerror}.") from error
    try:
        return _make(staging / "made", target, answers)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def check_place(name: str, *, inside: str | Path) -> Path:
    """The folder to make, where it may be made."""
    parent = Path(inside).resolve()
    if not parent.is_dir():
        raise UsageError(f"There is no folder '{inside}' to make a client's workspace in.")
    target = parent / check_name(name)
    if (target / RECORD).exists():
        raise UsageError(f"'{target}' is a client's workspace already. To bring it up to date:  oppnb update '{name}'")
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise UsageError(f"'{target}' is there already and is not an empty folder. Nothing was changed.")
    return target


def _make(staged: Path, target: Path, answers: Answers) -> MadeProject:
    render_project(answers, staged, folder=target.name, version=__version__)
    read_workspace(staged / "oppnb.yaml")
    files = files_below(staged)
    for path, content in files.items():
        write_file(staged / MADE / path, content)
    (staged / "data" / "export").mkdir()  # git keeps no empty folder, so that the template cannot hold it
    write_record(staged, Record(__version__, target.name, answers.to_dict()))
    try:
        if target.exists():
            target.rmdir()  # empty, as seen before; if it no longer is, this fails and nothing is lost
        staged.rename(target)
    except OSError as error:
        raise UsageError(f"'{target}' cannot be made: {error.strerror}.") from error
    return MadeProject(target, tuple(files), answers)
