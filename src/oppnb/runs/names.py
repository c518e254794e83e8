"""Names of slices as names of folders: nothing that leaves the folder, no two that become one."""

import hashlib
import os
import re
import sys
import unicodedata
from collections.abc import Iterable

__all__ = ["folder_names", "not_a_name_here", "safe_name"]

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]+')
_OF_WINDOWS = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_OF_OURS = {"runs", "jobs", "failed", "reruns", "index.html"}
_MOST_BYTES = 80


def safe_name(name: str) -> str:
    r"""A name that is a folder everywhere and never another place.

    Examples
    --------
    >>> safe_name("North"), safe_name("../../etc/passwd"), safe_name(""), safe_name("华东 / 上海")
    ('North', '_.._etc_passwd', '_none', '华东 _ 上海')
    """
    folded = unicodedata.normalize("NFC", name)
    shown = "".join(letter if letter.isprintable() else "_" for letter in _UNSAFE.sub("_", folded))
    shown = shown.strip().lstrip(".-").rstrip(". ")
    if not shown:
        return "_none" if not name else f"_{_short_hash(name)}"
    if shown.split(".")[0].casefold() in _OF_WINDOWS or shown.casefold() in _OF_OURS:
        shown = f"_{shown}"
    if len(shown.encode()) > _MOST_BYTES:
        shown = shown.encode()[:_MOST_BYTES].decode(errors="ignore") + f"-{_short_hash(name)}"
    return shown


def folder_names(names: Iterable[str]) -> dict[str, str]:
    """Each name's folder; of two that would become one folder, the later one gets a number.

    Folders that differ in case alone are one on some disks. The order of the names does not matter.

    Examples
    --------
    >>> folder_names(["a/b", "a_b", "A:B"])
    {'A:B': 'A_B', 'a/b': 'a_b-2', 'a_b': 'a_b-3'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        folder = wanted = safe_name(name)
        number = 1
        while folder.casefold() in taken:
            number += 1
            folder = f"{wanted}-{number}"
        taken.add(folder.casefold())
        found[name] = folder
    return found


def not_a_name_here(folder: str) -> str | None:
    """Why the environment's encoding has no such folder, as under cron with a locale of one language; None if it has.

    Examples
    --------
    >>> not_a_name_here("North") is None
    True
    """
    try:
        os.fsencode(folder)
    except UnicodeEncodeError:
        return (
            f"Files are named in {sys.getfilesystemencoding()} here, which cannot write '{folder}'. "
            "Set PYTHONUTF8=1 or a UTF-8 locale (LANG=C.UTF-8) where the run is started."
        )
    return None


def _short_hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
