"""What an update could lose: changes that no commit holds, and files that an editor holds open."""

import os
from collections.abc import Iterable
from pathlib import Path

from oppnb.errors import UsageError, first_keys
from oppnb.projects.merging import run_git

__all__ = ["check_editors", "is_in_git", "uncommitted"]

_LOCKS = (".{name}.swp", ".#{name}", ".~lock.{name}#")  # Vim, Emacs, LibreOffice


def check_editors(project: Path, paths: Iterable[str]) -> None:
    """Refuse files that an editor holds with changes of its own.

    Raises
    ------
    UsageError
        If one is open; names the first three.
    """
    held = [path for path in paths if any(os.path.lexists(lock) for lock in _locks(project / path))]
    if held:
        raise UsageError(
            f"{len(held)} files to update are open in an editor: {first_keys(held)}.\n"
            "Save and close them, then update. Nothing was changed."
        )


def _locks(file: Path) -> list[Path]:
    return [file.with_name(lock.format(name=file.name)) for lock in _LOCKS]


def is_in_git(project: Path) -> bool:
    """Whether a commit of this folder can be asked for; False where git is missing or has no repository here."""
    try:
        done = run_git("rev-parse", "--verify", "--quiet", "HEAD", cwd=project)
    except UsageError:
        return False
    return done.returncode == 0


def uncommitted(project: Path, paths: Iterable[str]) -> list[str]:
    """Those files whose present content no commit holds: changed, only staged, not tracked, or ignored."""
    asked = ("--literal-pathspecs", "status", "--porcelain", "--ignored", "--untracked-files=all", "--")
    found = []
    for path in paths:
        done = run_git(*asked, path, cwd=project)
        if done.returncode != 0 or done.stdout.strip():
            found.append(path)
    return found
