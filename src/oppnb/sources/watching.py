"""Files that change while they are read are refused, never half read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oppnb.errors import DataError, UsageError

__all__ = ["being_written", "stamp_of", "unchanged"]


def stamp_of(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def being_written(name: str, detail: str) -> DataError:
    """Make the error for a file that is not complete."""
    return DataError(f"'{name}' is being written; try again when that is done ({detail}).")


@contextmanager
def unchanged(path: Path, stamp: tuple[int, int] | None = None) -> Iterator[tuple[int, int]]:
    """Read inside this: raise if `path` changes meanwhile or changed since `stamp`.

    Raises
    ------
    DataError
        "is being written; try again".
    UsageError
        If the file may not be opened.
    """
    try:
        before = stamp_of(path)
        if stamp is not None and before != stamp:
            raise being_written(path.name, "it changed since it was first looked at")
        with path.open("rb"):
            pass
    except PermissionError as error:
        raise UsageError(f"'{path}' may not be read: permission denied.\nAsk its owner, or copy it.") from error
    except FileNotFoundError as error:
        raise being_written(path.name, "it is gone") from error
    try:
        yield before
    finally:
        # Also when reading failed: a file cut in mid-write fails in many ways, and this is the reason to name.
        try:
            after: tuple[int, int] | None = stamp_of(path)
        except OSError:
            after = None
        if after != before:
            raise being_written(path.name, "it changed while it was read")
