"""Files of the run catalogue: JSON written beside its place and renamed, so that none is ever half-written."""

import gzip
import json
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from oppnb.errors import ReportFailedError

__all__ = ["read_json", "read_packed", "write_bytes", "write_json", "write_packed"]


def write_json(tree: Mapping[str, Any], path: Path) -> None:
    """Write a record as a whole or not at all.

    Raises
    ------
    ReportFailedError
        If the disk is full or the folder cannot be written.
    """
    text = json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    write_bytes(text.encode(), path)


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file under another name, flush it to the disk, give it its name."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise ReportFailedError(
            f"The run catalogue could not be written to '{path.parent}': {error.strerror or error}.\n"
            "Reports that are complete stay; once there is room, oppnb run --resume makes the rest."
        ) from error


def read_json(path: Path) -> dict[str, Any] | None:
    """A record; None if there is none or it cannot be read."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tree if isinstance(tree, dict) else None


def write_packed(content: bytes, path: Path) -> None:
    """Write bytes packed; the same bytes give the same file."""
    write_bytes(gzip.compress(content, mtime=0), path)


def read_packed(path: Path) -> bytes | None:
    """What `write_packed` wrote; None if it is not there."""
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError):
        return None
