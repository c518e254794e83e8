"""A report's folder: written beside its place, moved there when it is complete, kept apart when it failed."""

import contextlib
import errno
import hashlib
import os
import platform
import re
import shutil
import time
import uuid
from pathlib import Path

from oppnb.errors import UsageError

__all__ = ["make_staging", "publish", "remove", "remove_dead", "set_failed"]

_A_DAY = 24 * 60 * 60
_MOST_TRIES = 200
_NEEDED_BYTES = 64 * 1024 * 1024
_HERE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
_STAGING = re.compile(r"\.tmp-(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]+)-[0-9a-f]{12}")
_MOVED_ASIDE = re.compile(r"\.old-(?P<target>.+)-[0-9a-f]{12}")


def make_staging(parent: Path) -> Path:
    """Make a folder beside the reports of one template, and try that it can hold one.

    Raises
    ------
    UsageError
        If the folder cannot be made or written, or the disk is nearly full.
    """
    staging = parent / f".tmp-{_HERE}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
    try:
        staging.mkdir(parents=True)
        _sweep(parent)
        (staging / "probe").write_bytes(b"0" * 4096)
        (staging / "probe").unlink()
        free = shutil.disk_usage(staging).free
    except OSError as error:
        remove(staging)
        raise UsageError(
            f"Reports cannot be written to '{parent}': {os.strerror(error.errno) if error.errno else error}.\n"
            "Name another folder with --out."
        ) from error
    if free < _NEEDED_BYTES:
        remove(staging)
        raise UsageError(
            f"The disk of '{parent}' has {free // 2**20} MB left; a report needs {_NEEDED_BYTES // 2**20}.\n"
            "Free some, or name another folder with --out."
        )
    return staging


def _sweep(parent: Path) -> None:
    """Put back reports that a killed run moved aside; remove what runs left that are dead, or a day ago."""
    _put_back(parent)
    for left in [*parent.glob(".tmp-*"), *parent.glob(".old-*")]:
        with contextlib.suppress(FileNotFoundError):
            is_old = time.time() - left.stat().st_mtime > _A_DAY and not _is_last_report(left)
            if is_old or _is_of_a_dead_run(left):
                remove(left)


def remove_dead(folder: Path, *patterns: str) -> int:
    """Remove what processes of this machine that are no more left half-made; gives how many folders it was.

    Parameters
    ----------
    folder : Path
        Where it is looked for; what a living process, or one of another machine, is at work on stays.
    patterns : str
        Folders below it, as `*/*`.
    """
    found = {left for pattern in patterns for left in folder.glob(f"{pattern}/.tmp-*")}
    dead = [left for left in found if _is_of_a_dead_run(left)]
    for left in dead:
        remove(left)
    return len(dead)


def _is_of_a_dead_run(folder: Path) -> bool:
    """Whether a staging folder was made on this machine by a process that is no more."""
    found = _STAGING.fullmatch(folder.name)
    if found is None or found["host"] != _HERE or os.name != "posix":
        return False
    try:
        os.kill(int(found["pid"]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _put_back(parent: Path) -> None:
    """Move aside reports back whose place is empty, the latest first.

    The run that moved one aside may still be alive: it then finds its place taken and moves it aside once more.
    """
    aside = [(_moved_at(folder), folder) for folder in parent.glob(".old-*")]
    for _, folder in sorted(aside, reverse=True):
        if _is_last_report(folder):
            _move_if_free(folder, _target_of(folder) or folder)


def _is_last_report(folder: Path) -> bool:
    """Whether a folder was moved aside and nothing came to its place: it is all there is of that day."""
    target = _target_of(folder)
    return target is not None and not target.exists()


def _aside_of(target: Path) -> Path:
    return target.with_name(f".old-{target.name}-{uuid.uuid4().hex[:12]}")


def _target_of(folder: Path) -> Path | None:
    """Where a report that was moved aside belongs; None for any other folder."""
    found = _MOVED_ASIDE.fullmatch(folder.name)
    return None if found is None else folder.with_name(found["target"])


def _moved_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:  # another run was quicker
        return 0.0


def _move_if_free(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
            raise


def publish(staging: Path, target: Path) -> None:
    """Move a complete folder to its place; one that is there is replaced as a whole, never mixed with it.

    Raises
    ------
    OSError
        If the folder cannot be moved; what was there before is there again.
    """
    for _ in range(_MOST_TRIES):  # each try that fails is another run that published
        try:
            staging.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
        _swap(staging, target)
        if not staging.exists():
            return
    raise OSError(errno.EBUSY, f"'{target}' is replaced by other runs all the time")


def _swap(staging: Path, target: Path) -> None:
    old = _aside_of(target)
    with contextlib.suppress(OSError):  # renaming keeps the time of the report itself, which may be old
        os.utime(target)
    with contextlib.suppress(FileNotFoundError):  # another run moved it away a moment ago
        target.rename(old)
    try:
        staging.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            remove(old)  # another run published in between: try again
            return
        _move_if_free(old, target)
        raise
    remove(old)


def set_failed(staging: Path, parent: Path, name: str) -> Path:
    """Keep what a failed run left, apart from the good reports; gives its place."""
    (parent / "failed").mkdir(parents=True, exist_ok=True)
    for number in range(1, _MOST_TRIES):
        target = parent / "failed" / (name if number == 1 else f"{name}-{number}")
        try:
            staging.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return target
    return staging


def remove(folder: Path) -> None:
    """Remove a folder of ours, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
