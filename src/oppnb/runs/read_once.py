"""The export is read and audited once a run: the plan reads it, the kernels get what was read."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from oppnb.errors import OppnbError
from oppnb.reports.publishing import remove
from oppnb.stages import NO_DAY, OpenedData, open_data, with_presets
from oppnb.stages.kept import keep, key_of
from oppnb.workspace import Workspace

__all__ = ["ReadOnce", "keep_for_kernels", "kept_place", "read_once"]

_FOLDER = ".read"


@dataclass(frozen=True)
class ReadOnce:
    """An export as the plan of a run has read it.

    Attributes
    ----------
    opened : OpenedData
        The whole of it.
    data_hash : str
    key : str or None
        Under which it can be kept; None where its files changed meanwhile.
    """

    opened: OpenedData
    data_hash: str
    key: str | None


def read_once(data: Path, settings: Workspace) -> ReadOnce:
    """Read and audit an export.

    Raises as `oppnb.stages.open_data`.
    """
    meant = Path.cwd() / data  # as the kernels name it
    before = _key(meant, settings)
    opened = open_data(meant, workspace=settings, default_day=NO_DAY)
    if opened.reading is None:
        raise AssertionError("an export is read from its path")
    is_still = before is not None and before == _key(meant, settings)
    return ReadOnce(opened, opened.reading.data_hash, before if is_still else None)


def _key(data: Path, settings: Workspace) -> str | None:
    with suppress(OppnbError, OSError):
        return key_of(data, with_presets(settings))
    return None


@contextmanager
def kept_place(folder: Path) -> Iterator[None]:
    """Inside this, what was read may be kept in the folder of a run; before it what a killed run left is removed.

    The lock says that no other run is at work here.
    """
    _remove(folder)
    try:
        yield
    finally:
        _remove(folder)


def keep_for_kernels(read: ReadOnce | None, folder: Path) -> Path | None:
    """Keep what was read in the folder of a run; None where that is not possible, and every kernel reads the export."""
    if read is None or read.key is None or read.opened.reading is None:
        return None
    place = folder / _FOLDER
    return place if keep(read.key, read.opened.reading, read.opened.audit, place) else None


def _remove(folder: Path) -> None:
    with suppress(OSError):
        remove(folder / _FOLDER)
