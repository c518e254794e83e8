"""Hashes that say whether data, configuration, model or code of a report are still the same."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from oppnb.sources.hashing import code_hash
from oppnb.workspace import Workspace

__all__ = ["code_hash", "hash_of", "model_hash", "settings_tree", "template_hash", "workspace_hash"]

_NOT_IN_REPORTS = {"reports", "delivery"}
"""Parts of the workspace that say which reports are made and where they go, not what they say."""


def hash_of(tree: Any) -> str:
    """SHA-256 of a tree of plain values.

    Examples
    --------
    >>> hash_of({"a": 1, "b": None}) == hash_of({"b": None, "a": 1})
    True
    """
    text = json.dumps(tree, ensure_ascii=False, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def workspace_hash(workspace: Workspace) -> str:
    """Of everything in `oppnb.yaml` that a report can show; where the store lies makes no difference.

    Examples
    --------
    >>> workspace_hash(Workspace(store="here")) == workspace_hash(Workspace(store="there"))
    True
    """
    return hash_of(settings_tree(workspace))


def settings_tree(workspace: Workspace) -> dict[str, Any]:
    """What of `oppnb.yaml` a report can show; of the store only whether there is one.

    Examples
    --------
    >>> settings_tree(Workspace(store="here"))["store"]
    True
    """
    tree = workspace.model_dump(mode="json", exclude=_NOT_IN_REPORTS)
    tree["store"] = workspace.store is not None
    return tree


def model_hash(workspace: Workspace, *, file: Path, parameters: Mapping[str, Any]) -> str | None:
    """Of the file of the trained model that a report uses; None where none is named."""
    named = str(parameters.get("scoring") or "auto")
    model = workspace.scoring.model if named == "auto" else named
    path = file.parent / model if model else None
    if path is None or not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()


def template_hash(template: Path) -> str:
    """Of a notebook's text."""
    return hashlib.sha256(template.read_bytes()).hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)
