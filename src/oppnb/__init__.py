"""Opportunity notebook: a sales pipeline from a CRM export to a review that can be checked.

Nothing heavy is loaded here; each name below is imported from its room when it is first used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOM_OF = {
    "as_of": "oppnb.history",
    "snapshots": "oppnb.history",
    "spells": "oppnb.history",
    "labels": "oppnb.history",
    "audit_tables": "oppnb.tables",
    "read_tables": "oppnb.sources",
    "inspect_path": "oppnb.sources",
    "read_workspace": "oppnb.workspace",
    "open_review": "oppnb.review",
    "run_review": "oppnb.reports",
}

__all__ = [*sorted(_ROOM_OF), "__version__"]


def __getattr__(name: str) -> Any:
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    raise AttributeError(f"module 'oppnb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOM_OF])
