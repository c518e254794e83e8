"""The path a user gives: is it there, may it be read, which files lie under it."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from oppnb.errors import NothingToReadError, UsageError, path_hint

__all__ = ["existing_path", "files_under", "is_hidden"]

_MOST_FILES = 5000
_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".lock", ".swp", ".bak", "~")
_SYSTEM = {"thumbs.db", "desktop.ini", "__macosx"}


def existing_path(path: str | Path) -> Path:
    """Give the path as one that exists.

    Raises
    ------
    NothingToReadError
        If nothing is there; names the nearest file in the folder that is.
    UsageError
        If it may not be looked at, or is neither a file nor a folder.
    """
    wanted = Path(path).expanduser()
    try:
        if wanted.is_dir() or wanted.is_file():
            return wanted
        exists = wanted.exists()
    except (PermissionError, ValueError) as error:
        raise UsageError(f"'{path}' may not be read: {getattr(error, 'strerror', None) or error}.") from error
    if exists:
        raise UsageError(f"'{path}' is neither a file nor a folder. Save the data to a file first.")
    raise NothingToReadError(_not_there(wanted))


def files_under(top: Path) -> Iterator[tuple[str, Path]]:
    """Give the name inside `top` and the path of each file, sorted; hidden and temporary ones left out.

    A single file is given under its own name, whatever it is called.

    Raises
    ------
    UsageError
        If a folder may not be read, or holds more than 5,000 files.
    """
    if top.is_file():
        yield top.name, top
        return
    found: list[tuple[str, Path]] = []
    for folder, folders, names in os.walk(top, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in names:
            file = Path(folder, name)
            if not is_hidden(name) and file.is_file():
                found.append((file.relative_to(top).as_posix(), file))
        if len(found) > _MOST_FILES:
            raise UsageError(f"'{top}' holds more than {_MOST_FILES:,} files. Give the folder of one export.")
    yield from sorted(found)


def is_hidden(name: str) -> bool:
    """Whether a file or any folder above it is hidden, a lock or a half-finished download.

    Examples
    --------
    >>> is_hidden("~$book.xlsx"), is_hidden(".git/config"), is_hidden("deals.csv")
    (True, True, False)
    """
    parts = PurePosixPath(name).parts
    return any(
        part.startswith((".", "~$")) or part.casefold().endswith(_TEMPORARY) or part.casefold() in _SYSTEM
        for part in parts
    )


def _refuse(error: OSError) -> None:
    raise UsageError(f"'{error.filename}' may not be read: {error.strerror}.") from error


def _not_there(wanted: Path) -> str:
    folder = wanted.absolute().parent
    while not folder.is_dir():
        folder = folder.parent
    hint = path_hint(wanted) or f" '{folder}' has nothing of a similar name."
    return f"There is nothing at '{wanted}'.{hint}"
