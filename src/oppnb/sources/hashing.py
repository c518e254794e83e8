"""Hashes of an export, the same wherever its folder lies, and of the code that reads it."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from oppnb.sources.seen import FileSeen

__all__ = ["code_hash", "data_hash"]


def data_hash(files: Iterable[FileSeen]) -> str:
    """Hash the names and contents of files; where they lie and in which order they are given makes no difference.

    Parameters
    ----------
    files : iterable of FileSeen
        From `find_files`; the sheets of a workbook share the hash of its file.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.

    Examples
    --------
    >>> from pathlib import Path
    >>> deals = FileSeen("deals.csv", Path("a/deals.csv"), None, None, "csv", "utf-8", ",", ("id",), 4, "ab")
    >>> moved = FileSeen("deals.csv", Path("b/deals.csv"), None, None, "csv", "utf-8", ",", ("id",), 4, "ab")
    >>> data_hash([deals]) == data_hash([moved])
    True
    """
    digest = hashlib.sha256()
    for name, content in sorted((file.name, file.sha256) for file in files):
        digest.update(f"{len(name)}:{name}\0{content}\n".encode())
    return digest.hexdigest()


@cache
def code_hash() -> str:
    """Hash of the installed package: its modules and its words.

    Examples
    --------
    >>> len(code_hash())
    64
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    files = [*root.rglob("*.py"), *(root / "locale").rglob("*.yaml")]
    for path in sorted(files):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
