"""What speaks against a field, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Evidence"]


@dataclass(frozen=True)
class Evidence:
    """One reason, `Words(locale)("leakage." + code, **values)`."""

    code: str
    values: Mapping[str, float | int | str] = field(default_factory=dict)
