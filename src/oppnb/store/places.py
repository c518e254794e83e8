"""Where the files of a store lie: a folder, or an object store behind a URL (fsspec)."""

import errno
import os
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from uuid import uuid4

from oppnb.errors import ExtraMissingError, StoreError

__all__ = ["Folder", "Place", "Remote"]


class Place(Protocol):
    """A tree of folders with files that are written once and never changed."""

    def names(self, folder: str) -> list[str]:
        """Complete Parquet files of a folder, sorted; none if the folder is not there."""
        ...

    def open(self, folder: str, name: str) -> BinaryIO:
        """A file to read."""
        ...

    def write_new(self, folder: str, name: str, content: bytes) -> None:
        """Write a file under a temporary name and rename it; FileExistsError if there is one of that name."""
        ...


def _is_complete(name: str) -> bool:
    return name.endswith(".parquet") and not name.startswith((".", "_"))


def _unfinished(name: str) -> str:
    return f".{name}.{uuid4().hex[:8]}.unfinished"


class Folder:
    """A folder on this machine or a mounted one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self, folder: str) -> list[str]:
        """Complete files."""
        place = self.root / folder
        return sorted(file.name for file in place.iterdir() if _is_complete(file.name)) if place.is_dir() else []

    def open(self, folder: str, name: str) -> BinaryIO:
        """A file to read."""
        return (self.root / folder / name).open("rb")

    def write_new(self, folder: str, name: str, content: bytes) -> None:
        """Write, flush to the disk, then give the file its name in one step that never replaces another."""
        place = self.root / folder
        try:
            place.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, "there is a file where the folder should be") from error
        unfinished, target = place / _unfinished(name), place / name
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._name(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)

    @staticmethod
    def _name(unfinished: Path, target: Path) -> None:
        try:
            target.hardlink_to(unfinished)
        except FileExistsError:
            raise
        except OSError:  # no hard links here: some network folders
            if target.exists():
                raise FileExistsError(str(target)) from None
            unfinished.rename(target)


class Remote:
    """An object store or another file system that fsspec knows.

    An object appears when it is complete, and renaming is copying: so the name is looked at before, and two runs of one
    name at the same moment could both get through. Names made by `new_run_id` do not meet.
    """

    def __init__(self, url: str) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise ExtraMissingError.for_extra("store", what="A store behind a URL") from error
        self.system: Any
        try:
            self.system, self.root = url_to_fs(url)
        except ImportError as error:
            raise StoreError(f"The store's kind of URL needs another package: {error}") from error
        except ValueError as error:
            raise StoreError("The store's URL is of a kind that fsspec does not know.") from error

    def names(self, folder: str) -> list[str]:
        """Complete files."""
        self.system.invalidate_cache()
        try:
            found = self.system.ls(f"{self.root}/{folder}", detail=False)
        except FileNotFoundError:
            return []
        return sorted(name for name in (str(path).rsplit("/", 1)[-1] for path in found) if _is_complete(name))

    def open(self, folder: str, name: str) -> BinaryIO:
        """A file to read."""
        file: BinaryIO = self.system.open(f"{self.root}/{folder}/{name}", "rb")
        return file

    def write_new(self, folder: str, name: str, content: bytes) -> None:
        """Write under a temporary name, then rename."""
        place = f"{self.root}/{folder}"
        unfinished, target = f"{place}/{_unfinished(name)}", f"{place}/{name}"
        self.system.invalidate_cache()
        if self.system.exists(target):
            raise FileExistsError(target)
        self.system.makedirs(place, exist_ok=True)
        try:
            self.system.pipe_file(unfinished, content)
            self.system.mv(unfinished, target)
        finally:
            if self.system.exists(unfinished):
                self.system.rm_file(unfinished)
