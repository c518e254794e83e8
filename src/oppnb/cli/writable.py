"""Whether what a command is to write can be written, asked before the work."""

import os
import tempfile
from pathlib import Path

from oppnb.errors import UsageError

__all__ = ["check_folder", "check_writable"]


def check_writable(*paths: Path | None) -> None:
    """Refuse a file that cannot be written, before any work is done; its folder is made.

    Raises
    ------
    UsageError
        If it is a folder, lies where nothing can be written, or is named twice.
    """
    named = [path for path in paths if path is not None]
    for path in named:
        if path.is_dir():
            raise UsageError(f"'{path}' is a folder: name a file in it.")
        _made(path.parent, wanted=path)
        is_refused = path.exists() and not os.access(path, os.W_OK)
        if is_refused or not _takes_a_file(path.parent):
            raise UsageError(f"'{path}' cannot be written: name another file, in a folder that takes files.")
    if len({path.resolve() for path in named}) < len(named):
        raise UsageError(f"'{named[-1]}' is asked for twice: name two files.")


def check_folder(path: Path | None) -> None:
    """Refuse a folder that files cannot be written to, before any work is done; it is made.

    Raises
    ------
    UsageError
        If it is a file, cannot be made, or takes no files.
    """
    if path is None:
        return
    _made(path, wanted=path)
    if not _takes_a_file(path):
        raise UsageError(f"Nothing can be written to '{path}': name another folder.")


def _made(folder: Path, *, wanted: Path) -> None:
    file = next((place for place in (folder, *folder.parents) if place.is_file()), None)
    if file is not None:
        raise UsageError(f"'{wanted}' cannot be written: '{file}' is a file, not a folder. Name another place.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"'{wanted}' cannot be written: {error.strerror}. Name another place.") from None


def _takes_a_file(folder: Path) -> bool:
    """Whether a file can be made in a folder: tried, as rights alone do not say it (/proc, a full disk)."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0" * 4096)
            file.flush()
    except OSError:
        return False
    return True
