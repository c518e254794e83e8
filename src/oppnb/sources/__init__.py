"""An export as it lies on the disk becomes canonical tables; nothing else changes.

The names are loaded when they are first used: who makes the sample needs no mapping.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oppnb.sources.files import FileSeen, find_files, read_raw
    from oppnb.sources.inspection import Inspection, inspect_path
    from oppnb.sources.proposals import Proposal
    from oppnb.sources.reading import Reading, read_tables

__all__ = [
    "FileSeen",
    "Inspection",
    "Proposal",
    "Reading",
    "find_files",
    "inspect_path",
    "read_raw",
    "read_tables",
]

_MODULE_OF = {
    "FileSeen": "files",
    "Inspection": "inspection",
    "Proposal": "proposals",
    "Reading": "reading",
    "find_files": "files",
    "inspect_path": "inspection",
    "read_raw": "files",
    "read_tables": "reading",
}


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(import_module(f"oppnb.sources.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'oppnb.sources' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULE_OF])
