"""An export as it lies on the disk becomes canonical tables; nothing else changes.

The names are loaded when they are first used: who makes the sample needs no mapping.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oppnb.sources.files import FileSeen, find_files, read_raw
    from oppnb.sources.inspection import Inspection, inspect_path
    from oppnb.sources.mapping_draft import MappingDraft
    from oppnb.sources.open_export import OpenExport
    from oppnb.sources.proposals import Proposal
    from oppnb.sources.reading import Reading, read_tables
    from oppnb.sources.saved_mapping import mapping_text

__all__ = [
    "FileSeen",
    "Inspection",
    "MappingDraft",
    "OpenExport",
    "Proposal",
    "Reading",
    "find_files",
    "inspect_path",
    "mapping_text",
    "read_raw",
    "read_tables",
]

_MODULE_OF = {
    "FileSeen": "files",
    "Inspection": "inspection",
    "MappingDraft": "mapping_draft",
    "OpenExport": "open_export",
    "Proposal": "proposals",
    "Reading": "reading",
    "find_files": "files",
    "inspect_path": "inspection",
    "mapping_text": "saved_mapping",
    "read_raw": "files",
    "read_tables": "reading",
}


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(import_module(f"oppnb.sources.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'oppnb.sources' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULE_OF])
