"""A store by its path or URL."""

import os
import re
from pathlib import Path

from oppnb.errors import StoreError
from oppnb.store.places import Folder, Place, Remote
from oppnb.store.store import Store

__all__ = ["open_store"]

_NAME = re.compile(r"\$\{(\w+)\}")


def open_store(location: str | Path) -> Store:
    """The store at a path or URL; nothing is made there before the first rows are written.

    Parameters
    ----------
    location : path or str
        A folder, or a URL that fsspec knows (`s3://bucket/oppnb`). `${NAME}` is filled in from the environment, so that
        no secret stands in a file; messages show it unfilled.

    Returns
    -------
    Store
        To append to and read from.

    Raises
    ------
    StoreError
        If a `${NAME}` is not set, or the path is a file.
    ExtraMissingError
        If the location is a URL and fsspec is not installed.
    """
    shown = str(location)
    return Store(shown, _place(_filled_in(shown), shown))


def _filled_in(location: str) -> str:
    missing = [name for name in _NAME.findall(location) if name not in os.environ]
    if missing:
        raise StoreError(f"The store '{location}' needs the environment variable {missing[0]}, which is not set.")
    return _NAME.sub(lambda found: os.environ[found[1]], location)


def _place(location: str, shown: str) -> Place:
    if "://" in location and not location.startswith("file://"):
        return Remote(location)
    folder = Path(location.removeprefix("file://")).expanduser()
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"The store '{shown}' is a file; a store is a folder.")
    return Folder(folder)
