"""What was said while an export was read, as JSON and back: notes, findings, files, rules; never a pickle."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from oppnb.sources.proposals import Proposal
from oppnb.sources.seen import FileSeen, TextLayout
from oppnb.tables import Finding, Note
from oppnb.workspace import MappingRule

__all__ = ["from_plain", "to_plain"]

_KINDS = {kind.__name__: kind for kind in (FileSeen, Finding, Note, Proposal, TextLayout)}
_KIND = "$kind"
_AS_THEY_ARE = (str, bool, int, float, type(None))


def to_plain(value: Any) -> Any:
    """A tree that `json` writes and `from_plain` turns back.

    Raises
    ------
    TypeError
        For a value of any other kind.

    Examples
    --------
    >>> note = Note("audit_currencies", {"n": 2, "base": "CNY"})
    >>> from_plain(to_plain((note, date(2024, 3, 1)))) == (note, date(2024, 3, 1))
    True
    """
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, list):
        return [to_plain(one) for one in value]
    if isinstance(value, Mapping):
        if _KIND in value or not all(type(key) is str for key in value):
            raise TypeError("only texts are keys in JSON")
        return {key: to_plain(one) for key, one in value.items()}
    kind, told = _told(value)
    return {_KIND: kind, "value": told}


def from_plain(tree: Any) -> Any:
    """What `to_plain` was given."""
    if isinstance(tree, list):
        return [from_plain(one) for one in tree]
    if not isinstance(tree, dict):
        return tree
    if _KIND not in tree:
        return {key: from_plain(one) for key, one in tree.items()}
    kind, told = str(tree[_KIND]), tree["value"]
    if kind in _KINDS:
        return _KINDS[kind](**{name: from_plain(one) for name, one in told.items()})
    return _MADE[kind](told)


def _told(value: Any) -> tuple[str, Any]:
    name = type(value).__name__
    if _KINDS.get(name) is type(value):
        return name, {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, MappingRule):
        return "MappingRule", value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if type(value) is tuple:
        return "tuple", [to_plain(one) for one in value]
    if isinstance(value, np.generic):
        return "numpy", [value.dtype.str, to_plain(value.item())]
    if type(value) in (date, datetime):
        return name, value.isoformat()
    if isinstance(value, Path):
        return "Path", str(value)
    raise TypeError(f"a value of the kind {name} is not kept")


_MADE: Mapping[str, Callable[[Any], Any]] = {
    "MappingRule": MappingRule.model_validate,
    "tuple": lambda told: tuple(from_plain(one) for one in told),
    "numpy": lambda told: np.dtype(told[0]).type(from_plain(told[1])),
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Path": Path,
}
