"""One run of a name at a time: a lock that the system gives back when the process that holds it dies."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from oppnb.errors import UsageError

__all__ = ["is_held", "lock"]

_TRIES, _PAUSE = 3, 0.05
"""A look at the lock, as a list of runs takes, holds it for less than a pause."""


@contextmanager
def lock(folder: Path, *, name: str) -> Iterator[dict[str, Any] | None]:
    """Hold the lock of a run.

    The lock is the system's own (flock), so a killed process holds nothing. What the file says of its holder is for
    the message only.

    Yields
    ------
    dict or None
        `pid`, `host` and `since` of who was killed while holding it; None if the last run ended by itself.

    Raises
    ------
    UsageError
        If another run holds it, or the folder cannot be written.
    """
    file = _open(folder / ".lock", name=name)
    try:
        _take(file, name=name)
        left = _holder(file)
        _write(
            file, {"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        )
        try:
            yield left
        finally:  # a run that failed has ended too; only one that was killed leaves its name
            _write(file, None)
    finally:
        file.close()


def is_held(folder: Path) -> bool:
    """Whether a living process holds the lock of a folder; also where that cannot be seen.

    Examples
    --------
    >>> is_held(Path("no/such/folder"))
    False
    """
    path = folder / ".lock"
    try:
        with path.open("r+" if os.access(path, os.W_OK) else "r", encoding="utf-8") as file:
            _lock_at_once(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _open(path: Path, *, name: str) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The run '{name}' cannot be kept in '{path.parent}': {error.strerror or error}.\n"
            "Name another folder with --out."
        ) from error


def _take(file: IO[str], *, name: str) -> None:
    try:
        _lock_soon(file)
    except OSError as error:
        raise UsageError(
            f"'{name}' is being run already{_by(_holder(file))}. Two runs of one name would write the same reports: "
            "wait for its end."
        ) from error


def _lock_soon(file: IO[str]) -> None:
    for _ in range(_TRIES):
        with suppress(OSError):
            return _lock_at_once(file)
        time.sleep(_PAUSE)
    return _lock_at_once(file)


def _lock_at_once(file: IO[str]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        file.seek(1 << 20)  # far behind what is written, so that others can read who holds it
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(file: IO[str]) -> dict[str, Any] | None:
    with suppress(OSError, ValueError):
        file.seek(0)
        said = json.loads(file.read() or "null")
        return said if isinstance(said, dict) else None
    return None


def _write(file: IO[str], holder: dict[str, Any] | None) -> None:
    file.seek(0)
    file.truncate()
    if holder is not None:
        json.dump(holder, file)
    file.flush()


def _told(holder: dict[str, Any]) -> str:
    return f"process {holder.get('pid')} on {holder.get('host')}, since {holder.get('since')}"


def _by(holder: dict[str, Any] | None) -> str:
    return "" if holder is None else f" ({_told(holder)})"
