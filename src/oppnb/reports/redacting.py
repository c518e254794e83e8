"""Keep secrets out of what a report leaves behind, also when it fails."""

import os
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["redact", "redact_tree"]

_IN_URL = re.compile(r"([a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"((?:password|passwd|secret|token|api[_-]?key)['\"]?\s*[=:]\s*)(['\"]?)[^\s'\",;)&]+", re.IGNORECASE
)
_SECRET_NAME = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|CREDENTIAL)", re.IGNORECASE)


def redact(text: str) -> str:
    """Text without passwords: in addresses, behind names such as `token=`, and values of secret environment variables.

    Examples
    --------
    >>> redact("cannot reach postgresql://ann:pw1@db/crm?password=pw2")
    'cannot reach postgresql://***@db/crm?password=***'
    """
    for value in _environment_secrets():
        text = text.replace(value, "***")
    return _ASSIGNED.sub(r"\1\2***", _IN_URL.sub(r"\1***@", text))


def redact_tree(node: Any) -> Any:
    """The same tree of dicts and lists with every text redacted."""
    if isinstance(node, dict):
        return {key: redact_tree(value) for key, value in node.items()}
    if isinstance(node, list):
        return [redact_tree(value) for value in node]
    return redact(node) if isinstance(node, str) else node


def _environment_secrets() -> Iterator[str]:
    values = (value for name, value in os.environ.items() if _SECRET_NAME.search(name))
    return (value for value in sorted(values, key=len, reverse=True) if len(value) >= 6)
