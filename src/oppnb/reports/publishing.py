"""A report's folder: written beside its place, moved there when it is complete, kept apart when it failed."""

import contextlib
import errno
import os
import shutil
import time
import uuid
from pathlib import Path

from oppnb.errors import UsageError

__all__ = ["make_staging", "publish", "remove", "set_failed"]

_A_DAY = 24 * 60 * 60
_MOST_TRIES = 200
_NEEDED_BYTES = 64 * 1024 * 1024


def make_staging(parent: Path) -> Path:
    """Make a folder beside the reports of one template, and try that it can hold one.

    Raises
    ------
    UsageError
        If the folder cannot be made or written, or the disk is nearly full.
    """
    staging = parent / f".tmp-{uuid.uuid4().hex[:12]}"
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
    """Remove what runs that were killed left more than a day ago."""
    for left in [*parent.glob(".tmp-*"), *parent.glob(".old-*")]:
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _A_DAY:
                remove(left)


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
    old = target.with_name(f".old-{uuid.uuid4().hex[:12]}")
    with contextlib.suppress(FileNotFoundError):  # another run moved it away a moment ago
        target.rename(old)
    try:
        staging.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            remove(old)  # another run published in between: try again
            return
        if old.exists():
            old.rename(target)
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
